"""``sunline backup`` and ``restore``."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.base import Build, err, opened, out
from core import anchors, audit, backup, schema
from core.audit import OPERATOR


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""

    @app.command("backup")
    def save(file: Annotated[Path, typer.Argument(help="The file to write; must not exist.")]) -> None:
        """Write the whole database into one file, while the service goes on. Keys are not in it: keep them apart."""
        with opened(build) as house:
            size = backup.save(house.db, file)
            house.db.write_now(audit.record, house.clock(), OPERATOR, "backup", "database", after={"bytes": size})
            out.print(f"{file}: {size / 1_000_000:.1f} MB.")

    @app.command("restore")
    def restore(file: Annotated[Path, typer.Argument(help="A file written by `sunline backup`.")]) -> None:
        """Fill an empty database from a backup, bring it to the newest schema and verify its audit trail."""
        with opened(build) as house:
            backup.restore(house.db, file)
            before = schema.current(house.db)
            schema.upgrade(house.db)
            house.db.write_now(audit.record, house.clock(), OPERATOR, "restore", "database", after={"schema": before})
            verdict = house.db.read_now(audit.verify)
            out.print(f"Restored at {before}, now at {schema.current(house.db)}; {verdict.sealed} audit links.")
            if not verdict.whole:
                err.print(f"The audit chain is broken at link {verdict.broken_at}.")
                raise typer.Exit(1)
            later = house.db.read_now(anchors.torn, anchors.read(house.settings.anchors))
            if later:
                err.print(f"The backup is older than the anchor of {later.at.isoformat()}: later acts are missing.")
