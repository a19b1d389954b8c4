"""``sunline people``: units and officials from a file."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.base import Build, content_of, opened, out, print_rejects
from core.audit import OPERATOR
from core.people_import import Ways, import_people
from core.ports import Can
from core.staffing import EMAIL


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    people = typer.Typer(help="Units and officials.")
    app.add_typer(people, name="people", no_args_is_help=True)

    @people.callback()
    def _group() -> None:
        """Units and officials."""

    @people.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="CSV or XLSX; docs/signoff.md names the columns.")],
        unverified: Annotated[
            bool, typer.Option("--unverified", help="Addresses count only once their owner has proved them by a code.")
        ] = False,
    ) -> None:
        """Bring in a roster. Good rows are kept, bad ones listed; exit 1 when there are any."""
        with opened(build) as house:
            data = content_of(file)
            phone = next((name for name, channel in house.channels.items() if Can.METERED in channel.can), "sms")
            ways = Ways(phone=phone, email=EMAIL, telegram="telegram", verified=not unverified)
            report = house.db.write_now(import_people, house.clock(), OPERATOR, data, ways)
            out.print(
                f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
                f"{report.units_added} new units."
            )
            print_rejects(report.bad, report.unknown_columns)
        if report.bad:
            raise typer.Exit(1)
