"""``sunline privacy``: retention, a person's data, erasure."""

import json
from typing import Annotated

import typer

from bot.cli.base import Build, err, opened, out, print_alone
from bot.house import House
from bot.personal import holdings as held
from bot.personal.holding import Purge

Contact = Annotated[
    str, typer.Option("--contact", help="A telephone number, or channel:address such as telegram:123456.")
]


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    privacy = typer.Typer(help="Personal data: how long it is kept, handing it out, erasing it.")
    app.add_typer(privacy, name="privacy", no_args_is_help=True)

    @privacy.command("purge")
    def purge(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False) -> None:
        """Forget what is older than it is kept; the service does the same each night."""
        with opened(build) as house:
            for holding in held.holdings(house):
                if holding.purge:
                    count = purge_all(house, holding.purge, dry_run=dry_run)
                    out.print(f"{holding.name}: {count} {'would go' if dry_run else 'gone'} (kept {holding.kept})")
                else:
                    out.print(f"{holding.name}: nothing to forget by time (kept {holding.kept})")

    @privacy.command("export")
    def export(contact: Contact) -> None:
        """Print everything kept about a person as JSON."""
        with opened(build) as house:
            people = held.parse_contact(contact, house.channels)
            found = house.db.write_now(held.export, house, people)
            print_alone(json.dumps(found, ensure_ascii=False, indent=1))

    @privacy.command("erase")
    def erase(contact: Contact, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
        """Erase a person's data. Matters and messages still at work stay and are named; exit 1 when any do."""
        with opened(build) as house:
            people = held.parse_contact(contact, house.channels)
            if not yes:
                typer.confirm("This cannot be undone. Erase?", abort=True)
            done = house.db.write_now(held.erase, house, people)
            for name, erased in done.items():
                out.print(f"{name}: {erased.count} erased")
            left = [f"{name}: {line}" for name, erased in done.items() for line in erased.left]
            for line in left:
                err.print(f"Left {line}")
            if left:
                raise typer.Exit(1)


def purge_all(house: House, purge: Purge, *, dry_run: bool) -> int:
    """Batch after batch, each a transaction of its own, until nothing is left to forget."""
    total = 0
    while count := house.db.write_now(purge, house.clock(), dry_run):
        total += count
        if dry_run:
            break
    return total
