"""Many entries at once: a file in, with every bad line named and none of the good ones lost.

The same line imported again changes nothing, also after editors worked on the entry. Columns a file does not have
keep what the entry says. Work goes to the database in batches, each a transaction of its own.
"""

import asyncio
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session

from core.audit import record
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.ids import new_id
from faq import store
from faq.content import FIELDS, Content, check, check_id, digest
from faq.lines import Line
from faq.models import FaqEntry, FaqVersion
from faq.review import ARCHIVED, DRAFT, PUBLISHED, Author
from faq.sheet import open_sheet

STARTER = "starter"
_BATCH = 500
_TABLE = FaqEntry.__table__  # type: ignore[attr-defined]
_FEW = 200
"""A batch that publishes more entries than this tells the indexes to read everything instead of naming each."""

Progress = Callable[[int], None]
"""Called with the number of the last line that was written."""


@dataclass(frozen=True, slots=True)
class LineNote:
    """Something about one line of the file: a reason to leave it out, or a warning. ``column`` may be empty."""

    line: int
    column: str
    reason: str
    file: str = ""


@dataclass(slots=True)
class ImportReport:
    """What an import did. ``unknown_columns`` were ignored."""

    id: str = field(default_factory=new_id)
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[LineNote] = field(default_factory=list)
    warnings: list[LineNote] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Good lines."""
        return self.added + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class Row:
    """A good line: the entry's id and the values its columns give."""

    number: int
    id: str
    values: dict[str, Any]
    digest: str


async def import_file(
    db: Database,
    source: Path | bytes,
    clock: Clock,
    author: Author,
    *,
    name: str = "",
    publish: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """As ``import_now``, in a thread."""
    return await asyncio.to_thread(import_now, db, source, clock, author, name=name, publish=publish, progress=progress)


def import_now(
    db: Database,
    source: Path | bytes,
    clock: Clock,
    author: Author,
    *,
    name: str = "",
    publish: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file (or its bytes); ``publish`` makes entries live at once, else drafts. Not within an event loop.

    Raises BadInput or TooLarge when the file as a whole cannot be used; nothing was changed then.
    """
    report = ImportReport()
    for file_name, opened in _files(source, name):
        with opened as file:
            sheet = open_sheet(file, file_name)
            rows = good_rows(sheet.lines, report, file_name if source == Path(STARTER) else "")
            for batch in _batches(rows):
                done = db.write_now(_write_batch, clock(), author, batch, Act(report.id, file_name, publish))
                report.added += done[0]
                report.changed += done[1]
                report.unchanged += done[2]
                if progress:
                    progress(batch[-1].number)
            report.unknown_columns.extend(c for c in sheet.unknown if c not in report.unknown_columns)
    return report


def _files(source: Path | bytes, name: str) -> Iterator[tuple[str, BinaryIO]]:
    if isinstance(source, bytes):
        yield name or "upload", io.BytesIO(source)
    elif source == Path(STARTER) and not source.exists():
        folder = resources.files("faq").joinpath("starter")
        for file in sorted((f for f in folder.iterdir() if f.name.endswith(".jsonl")), key=lambda f: f.name):
            yield file.name, io.BytesIO(file.read_bytes())
    else:
        try:
            yield name or source.name, source.open("rb")
        except OSError as error:
            raise BadInput(f"{source} cannot be read: {error.strerror}.", fields={"file": "unreadable"}) from error


def good_rows(lines: Iterator[Line], report: ImportReport, file: str = "") -> Iterator[Row]:
    """The lines that can be used; what is wrong with the others goes into the report."""
    seen: dict[str, int] = {}
    for line in lines:
        if line.problem:
            report.bad.append(LineNote(line.number, line.column, line.problem, file))
            continue
        values = dict(line.cells)
        entry_id = str(values.pop("id", None) or "").strip()
        problem = check_id(entry_id)
        if not problem and entry_id in seen:
            problem = f"is the same as in line {seen[entry_id]}"
        result = check(values)
        if problem or result.content is None:
            found = ({"id": problem} if problem else {}) | result.problems
            report.bad.extend(LineNote(line.number, column, reason, file) for column, reason in found.items())
            continue
        seen[entry_id] = line.number
        report.warnings.extend(LineNote(line.number, c, warning, file) for c, warning in result.warnings.items())
        clean = result.content.pack()
        given = {name: clean[name] for name in FIELDS if name in values}
        yield Row(line.number, entry_id, {n: getattr(result.content, n) for n in given}, digest(given))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _write_batch(
    session: Session, now: datetime, author: Author, batch: Sequence[Row], act: "Act"
) -> tuple[int, int, int]:
    """Write one batch; returns how many were added, changed and unchanged."""
    store.lock(session)
    known = store.existing(session, [row.id for row in batch])
    writes, counts = _Writes(act, author, now), [0, 0, 0]
    for row in batch:
        counts[writes.plan(row, known.get(row.id))] += 1
    writes.carry_out(session)
    if counts[_ADDED] or counts[_CHANGED]:
        after = {
            "file": Path(act.file).name[:100], "publish": act.publish, "added": counts[_ADDED],
            "changed": counts[_CHANGED], "lines": [batch[0].number, batch[-1].number],
        }  # fmt: skip
        record(session, now, author.actor, "faq.import", f"faq-import:{act.id}", after=after)
    return counts[_ADDED], counts[_CHANGED], counts[_UNCHANGED]


_ADDED, _CHANGED, _UNCHANGED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Act:
    """One import: the versions it writes name its id (``why``), and so does the audit trail."""

    id: str
    file: str
    publish: bool


@dataclass(slots=True)
class _Writes:
    """Rows for the database, collected over one batch."""

    act: Act
    author: Author
    now: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    approved: list[tuple[str, int]] = field(default_factory=list)
    live: list[str] = field(default_factory=list)

    def plan(self, row: Row, known: dict[str, Any] | None) -> int:
        """Collect what one line asks for; returns whether it adds, changes or leaves its entry."""
        if known is None:
            content = Content(**row.values)
            self.entries.append(self._columns(row, content, 1) | {"id": row.id, "created_at": self.now})
            self._new_version(row.id, 1, content)
            return _ADDED
        present = Content(**{name: known[name] for name in FIELDS} | {"aliases": tuple(known["aliases"])})
        wanted = replace(present, **row.values)
        as_it_is = wanted.digest() == known["digest"] and known["state"] != ARCHIVED
        waits = self.act.publish and as_it_is and known["state"] != PUBLISHED
        if (as_it_is or known["imported"] == row.digest) and not waits:
            if known["imported"] != row.digest:
                self.updates.append({"entry": row.id, "imported": row.digest})
            return _UNCHANGED
        version = known["version"] if as_it_is else known["version"] + 1
        if as_it_is:
            self.approved.append((row.id, version))
            self.live.append(row.id)
        else:
            self._new_version(row.id, version, wanted)
        changes = self._columns(row, wanted, version)
        if not self.act.publish:  # what is live stays live while the draft waits
            del changes["live_version"], changes["published_at"]
        self.updates.append(changes | {"entry": row.id})
        return _CHANGED

    def carry_out(self, session: Session) -> None:
        """Write everything that was collected."""
        if self.entries:
            session.execute(insert(FaqEntry), self.entries)
        if self.versions:
            session.execute(insert(FaqVersion), self.versions)
        for names in {tuple(sorted(values)) for values in self.updates}:
            alike = [values for values in self.updates if tuple(sorted(values)) == names]
            changes: dict[str, Any] = {name: bindparam(name) for name in names if name != "entry"}
            session.execute(update(_TABLE).where(_TABLE.c.id == bindparam("entry")).values(changes), alike)
        for entry_id, version in self.approved:
            store.mark_approved(session, entry_id, version, self.author.identity, self.now)
        if self.live:
            store.log_change(session, self.now, self.live if len(self.live) <= _FEW else [store.EVERYTHING])

    def _columns(self, row: Row, content: Content, version: int) -> dict[str, Any]:
        publish = self.act.publish
        return content.columns() | {
            "state": PUBLISHED if publish else DRAFT,
            "version": version,
            "live_version": version if publish else None,
            "author": self.author.identity,
            "reviewer": self.author.identity if publish else "",
            "imported": row.digest,
            "changed_at": self.now,
            "published_at": self.now if publish else None,
        }

    def _new_version(self, entry_id: str, version: int, content: Content) -> None:
        approved = {"approved_by": self.author.identity, "approved_at": self.now}
        self.versions.append(
            {
                "entry_id": entry_id,
                "version": version,
                "content": content.pack(),
                "author": self.author.identity,
                "at": self.now,
                "why": f"import {self.act.id}",
                **(approved if self.act.publish else {"approved_by": "", "approved_at": None}),
            }
        )
        if self.act.publish:
            self.live.append(entry_id)
