"""``sunline areas``: the county's townships, villages and village groups from a file."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.base import Build, err, opened, out
from core.audit import OPERATOR
from core.errors import BadInput
from notify.publicity import areas as service

_SHOWN = 100


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    areas = typer.Typer(help="Townships, villages and village groups.")
    app.add_typer(areas, name="areas", no_args_is_help=True)

    @areas.callback()
    def _group() -> None:
        """Townships, villages and village groups."""

    @areas.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="CSV or XLSX: 县 乡镇 村 村民小组 (county township village group).")],
    ) -> None:
        """Bring in the tree of areas. Good lines are kept, bad ones listed; exit 1 when there are any."""
        with opened(build) as house:
            if not file.is_file():
                raise BadInput(f"There is no file {str(file)!r}.")
            report = house.db.write_now(service.import_areas, house.clock(), OPERATOR, file.read_bytes())
            out.print(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged.")
            if report.unknown_columns:
                err.print(f"Columns nobody knows, ignored: {', '.join(report.unknown_columns)}", markup=False)
            for bad in report.bad[:_SHOWN]:
                err.print(f"line {bad.line}: {bad.column} {bad.reason}", markup=False)
            if len(report.bad) > _SHOWN:
                err.print(f"… and {len(report.bad) - _SHOWN} more", markup=False)
        if report.bad:
            raise typer.Exit(1)

    @areas.command("list")
    def list_() -> None:
        """Print every area, one to a line."""
        with opened(build) as house:
            for area in house.db.read_now(service.listed):
                out.print("  " * area.path.count("/") + area.name + (f" ({area.code})" if area.code else ""))
