"""``sunline duty import``: the duty roster (值班表) from a sheet."""

import csv
from pathlib import Path
from typing import Annotated

import openpyxl
import typer
from sqlmodel import Session

from bot.cli.base import Build, err, opened, out
from bot.hotline import duty
from bot.hotline.office import Doer
from core.audit import OPERATOR
from core.errors import BadInput

MAX_BYTES = 5_000_000


def commands(app: typer.Typer, build: Build) -> None:
    """Add the command to ``app``."""
    group = typer.Typer(help="The duty roster.")
    app.add_typer(group, name="duty", no_args_is_help=True)

    @group.callback()
    def roster() -> None:
        """The duty roster."""

    @group.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="CSV or XLSX: person, unit, starts, ends, position.")],
    ) -> None:
        """Add shifts; good lines are kept, bad ones named; exit 1 when there are any."""
        with opened(build) as house:
            rows = read_rows(file)

            def load(session: Session) -> tuple[int, list[str]]:
                return duty.load(house.hotline.desk(session), rows, Doer(OPERATOR.ref, "operator", OPERATOR))

            added, bad = house.db.write_now(load)
            for sentence in bad:
                err.print(sentence, markup=False)
            out.print(f"{added} shifts added, {len(bad)} bad lines.")
        if bad:
            raise typer.Exit(1)


def read_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a small CSV or XLSX sheet by their headings; raises BadInput naming what is wrong."""
    if not file.is_file():
        raise BadInput(f"There is no file {str(file)!r}.")
    if file.stat().st_size > MAX_BYTES:
        raise BadInput("A duty roster has at most 5 MB.")
    if file.suffix.lower() == ".xlsx":
        return _workbook(file)
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return [{k or "": v or "" for k, v in row.items() if k} for row in csv.DictReader(text.splitlines())]


def _workbook(file: Path) -> list[dict[str, str]]:
    sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
    lines = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:] if any(line)] if lines else []
