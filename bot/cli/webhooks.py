"""``sunline webhook``: other systems that are told of changes."""

from typing import Annotated

import typer

from bot.cli.base import Build, opened, out, print_alone
from core.audit import OPERATOR
from notify.webhooks.service import shown_secret


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    webhook = typer.Typer(help="Other systems that are told of changes.")
    app.add_typer(webhook, name="webhook", no_args_is_help=True)

    @webhook.command("add")
    def add(
        name: str,
        url: str,
        event: Annotated[list[str], typer.Option("--event", help="matter.*, document.issue …; may be repeated.")],
    ) -> None:
        """Tell a system of what happens from now on; prints its signing secret alone on the last line."""
        with opened(build) as house:
            made = house.db.write_now(house.webhooks.add, name, url, event, OPERATOR)
            out.print(f"{made.id} is told of {', '.join(made.events)}. Its webhooks are signed with:")
            print_alone(shown_secret(url))

    @webhook.command("list")
    def listed() -> None:
        """Who is told of what."""
        with opened(build) as house:
            for row in house.db.read_now(house.webhooks.listed):
                out.print(f"{row.id}  {row.name}  {', '.join(row.events)}")

    @webhook.command("remove")
    def remove(endpoint: str) -> None:
        """Tell it nothing more."""
        with opened(build) as house:
            house.db.write_now(house.webhooks.remove, endpoint, OPERATOR)
            out.print("Removed.")

    @webhook.command("test")
    def test(endpoint: str) -> None:
        """Send a test event."""
        with opened(build) as house:
            message = house.db.write_now(house.webhooks.test, endpoint)
            out.print(f"Message {message} is in the outbox.")
