"""``sunline duty import``: the duty roster (值班表) from a sheet."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from bot.cli.base import Build, content_of, err, opened, out
from bot.hotline import duty
from bot.hotline.office import Doer
from core.audit import OPERATOR


def commands(app: typer.Typer, build: Build) -> None:
    """Add the command to ``app``."""
    group = typer.Typer(help="The duty roster.")
    app.add_typer(group, name="duty", no_args_is_help=True)

    @group.callback()
    def roster() -> None:
        """The duty roster."""

    @group.command("import")
    def import_(
        file: Annotated[
            Path, typer.Argument(help="CSV or XLSX: person, unit, starts, ends, position (工号 单位 开始 结束 顺序).")
        ],
    ) -> None:
        """Add shifts; good lines are kept, bad ones named; exit 1 when there are any."""
        with opened(build) as house:
            sheet = content_of(file)

            def load(session: Session) -> tuple[int, list[str]]:
                return duty.load(house.hotline.desk(session), sheet, Doer(OPERATOR.ref, "operator", OPERATOR))

            added, bad = house.db.write_now(load)
            for sentence in bad:
                err.print(sentence, markup=False)
            out.print(f"{added} shifts added, {len(bad)} bad lines.")
        if bad:
            raise typer.Exit(1)
