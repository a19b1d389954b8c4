"""``sunline areas``: the county's townships, villages and village groups from a file."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.base import Build, content_of, opened, out, print_rejects
from core.audit import OPERATOR
from notify.publicity import areas as service


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
            report = house.db.write_now(service.import_areas, house.clock(), OPERATOR, content_of(file))
            out.print(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged.")
            print_rejects(report.bad, report.unknown_columns)
        if report.bad:
            raise typer.Exit(1)

    @areas.command("list")
    def list_() -> None:
        """Print every area, one to a line."""
        with opened(build) as house:
            for area in house.db.read_now(service.listed):
                out.print("  " * area.path.count("/") + area.name + (f" ({area.code})" if area.code else ""))
