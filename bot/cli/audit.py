"""``sunline audit``: prove the trail, hand it to an auditor, anchor it outside the database."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from bot.cli.base import Build, err, opened, out
from core import anchors, audit
from core.audit import OPERATOR, AuditEntry
from core.errors import BadInput
from core.sheet_out import plain

_COLUMNS = ("n", "at", "actor", "via", "action", "subject", "before", "after", "digest")

DAY = ["%Y-%m-%d"]


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    trail = typer.Typer(help="The audit trail.")
    app.add_typer(trail, name="audit", no_args_is_help=True)

    @trail.command("verify")
    def verify(
        anchor_file: Annotated[Path | None, typer.Option("--anchors", help="Anchors to check by.")] = None,
    ) -> None:
        """Walk the chain and compare it with its anchors; exit 1 and the first broken link when it is not whole."""
        with opened(build) as house:
            verdict = house.db.read_now(audit.verify)
            if not verdict.whole:
                err.print(
                    f"The chain is broken at link {verdict.broken_at}; {verdict.sealed} links before it are whole."
                )
                raise typer.Exit(1)
            known = anchors.read(anchor_file or house.settings.anchors)
            gone = house.db.read_now(anchors.torn, known)
            if gone:
                err.print(
                    f"Link {gone.n}, anchored {gone.at.isoformat()}, is gone or another: rows were cut off or forged."
                )
                raise typer.Exit(1)
            out.print(
                f"{verdict.sealed} links, all whole. {len(known)} anchors agree. Not sealed yet: {verdict.unsealed}."
            )

    @trail.command("anchor")
    def anchor() -> None:
        """Write the chain's head to the anchors' file now, and print it."""
        with opened(build) as house:
            newest = house.db.read_now(anchors.head, house.clock())
            if newest is None:
                out.print("The chain is empty: nothing to anchor.")
                return
            anchors.append(house.settings.anchors, newest)
            out.print(newest.line)

    @trail.command("export")
    def export(
        file: Annotated[Path, typer.Argument(help="A .csv or .jsonl file.")],
        since: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First day, office time.")] = None,
        until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day, office time.")] = None,
    ) -> None:
        """Write the trail to a file for an auditor. Protected values in it stay protected."""
        with opened(build) as house:
            zone = house.settings.zone
            begin = since.replace(tzinfo=zone) if since else None
            end = datetime.combine(until, time.max, zone) if until else None
            count = house.db.read_now(_write, file, begin, end)
            house.db.write_now(audit.record, house.clock(), OPERATOR, "audit.export", "audit", after={"rows": count})
            out.print(f"{count} rows written to {file}.")


def _write(session: Session, file: Path, begin: datetime | None, end: datetime | None) -> int:
    rows = _rows(session, begin, end)
    if file.suffix == ".jsonl":
        with file.open("w", encoding="utf-8") as target:
            return sum(1 for row in rows if target.write(json.dumps(row, ensure_ascii=False) + "\n"))
    if file.suffix != ".csv":
        raise BadInput("The file must end in .csv or .jsonl.", fields={"file": file.name})
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        table = csv.writer(target)
        table.writerow(_COLUMNS)
        return sum(1 for row in rows if table.writerow([_cell(row[name]) for name in _COLUMNS]))


def _rows(session: Session, begin: datetime | None, end: datetime | None) -> Iterator[dict[str, Any]]:
    wanted = select(AuditEntry).order_by(col(AuditEntry.id)).execution_options(yield_per=1000)
    if begin:
        wanted = wanted.where(col(AuditEntry.at) >= begin)
    if end:
        wanted = wanted.where(col(AuditEntry.at) <= end)
    for entry in session.exec(wanted):
        row = {name: getattr(entry, name) for name in _COLUMNS}
        yield row | {"at": entry.at.isoformat()}


def _cell(value: Any) -> Any:
    return plain(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value)
