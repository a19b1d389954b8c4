"""``sunline keys``: new keys, what each key sealed, and bringing everything under the first."""

import base64
import secrets
from collections import Counter

import typer
from rich.progress import Progress

from bot.cli.base import Build, err, opened, out, print_alone
from bot.house import House
from core import audit, rotation
from core.audit import OPERATOR
from core.crypto import CannotDecrypt


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    keys = typer.Typer(help="Keys of what is encrypted in the database.")
    app.add_typer(keys, name="keys", no_args_is_help=True)

    @keys.command("new")
    def new() -> None:
        """Print a new key for SUNLINE_DATA_KEYS or SUNLINE_INDEX_KEY, alone on the last line."""
        print_alone(base64.b64encode(secrets.token_bytes(32)).decode())

    @keys.command("status")
    def status() -> None:
        """How many values each key sealed; exit 1 while an older key is still needed."""
        with opened(build) as house:
            found = _counted(house)
            for key, count in sorted(found.items()):
                out.print(f"{key}\t{count}")
            if set(found) - {"current"}:
                err.print("An older key is still needed: run `sunline keys rotate`.")
                raise typer.Exit(1)

    @keys.command("rotate")
    def rotate() -> None:
        """Bring every value under the first key of SUNLINE_DATA_KEYS. May run beside the service, and again."""
        with opened(build) as house:
            try:
                changed = _rotate(house)
            except CannotDecrypt as error:
                err.print(f"Stopped: {error}. Put the missing key back into SUNLINE_DATA_KEYS and run this again.")
                raise typer.Exit(1) from error
            after = {"values": changed}
            house.db.write_now(audit.record, house.clock(), OPERATOR, "keys.rotate", "keys", after=after)
            out.print(f"{changed} values sealed anew. When `sunline keys status` agrees, take the old key away.")


def _counted(house: House) -> Counter[str]:
    found: Counter[str] = Counter()
    for place in rotation.places():
        found += house.db.read_now(rotation.by_key, place)
    return found


def _rotate(house: House) -> int:
    changed = 0
    with Progress(console=err, transient=True) as progress:
        for place in progress.track(rotation.places(), description="Sealing anew"):
            after = None
            while True:
                count, after = house.db.write_now(rotation.rotate, place, after)
                changed += count
                if after is None:
                    break
    return changed
