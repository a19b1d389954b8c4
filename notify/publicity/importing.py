"""From an uploaded file to a list: read in a thread, written in batches, attached to its notice whole or not at all.

Rows go into the database under the list's own id while the file is read, so memory stays flat; nobody sees them until
the last transaction attaches the list to its notice. One bad line, and none of them stays.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from sqlalchemy import case, delete, insert, update
from sqlmodel import Session, SQLModel, col, select

from core.audit import record
from core.auth import Principal
from core.bulk import insert_rows
from core.clock import Clock
from core.crypto import ring
from core.db import Database
from core.errors import AppError, BadInput
from core.sheet import OpenTable, open_table
from notify.publicity import moves, rows
from notify.publicity.checks import Checks, Flag, Former, content_of, household
from notify.publicity.editing import note_writer, stop_asking, void
from notify.publicity.errors import UploadRunning
from notify.publicity.models import Beneficiary, NoticeBadRow, NoticeList, NoticeRevision, OfficeListEntry
from notify.publicity.office import Work
from notify.publicity.reading import HEADS, REQUIRED, Problem, read_line
from notify.publicity.rows import Line
from notify.publicity.rows_store import published, rows_of
from notify.publicity.states import Move

BATCH = 1000
MAX_ROWS = 200_000
"""A county's list; more is several notices."""
STALE = timedelta(minutes=2)
"""An upload that has not moved for so long belongs to a process that is gone."""
READING, DONE, REFUSED, FAILED = "reading", "done", "refused", "failed"
_SHOWN_BAD = 50
_COLUMNS = (
    "list_id", "number", "line", "name", "phone", "phone_index", "entry_index", "area", "quantity", "rate",
    "amount_cents", "flags", "confirmation", "confirmed_via", "review", "phone_gone",
)  # fmt: skip
_ROWS: Any = SQLModel.metadata.tables["beneficiary"]
_BROKEN = (zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError, OSError, EOFError)


@dataclass(slots=True)
class Reading:
    """One file on its way in: what was decided at the start, and what has been found so far."""

    list_id: str
    notice_id: str
    required: tuple[str, ...]
    checks: Checks
    use_lists: bool
    number: int = 0
    lines: int = 0
    bad: int = 0
    good: list[tuple[Any, ...]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def begin(work: Work, notice_id: str, who: Principal, name: str, version: int = 0) -> str:
    """Note that a list is being read; its id. Raises UnknownNotice, StaleVersion, IllegalMove, UploadRunning."""
    notice = moves.begin(work, notice_id, Move.EDIT, version)
    running = work.session.exec(
        select(NoticeList).where(NoticeList.notice_id == notice_id, NoticeList.state == READING)
    ).all()
    for other in running:
        if other.seen_at > work.now - STALE:
            raise UploadRunning(
                f"A list is being read for this notice already ({other.lines} lines so far); wait until it is done.",
                fields={"upload": other.id},
            )
        other.state, other.ended_at = FAILED, work.now
        work.session.add(other)
    row = NoticeList(
        notice_id=notice.id, name=rows.clean(name)[:120], by=who.identity, started_at=work.now, seen_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    return row.id


def prepare(session: Session, notice_id: str, list_id: str, audience: str, previous_id: str | None) -> Reading:
    """What the checks need: the office's own lists and the round before."""
    lists: dict[Flag, dict[str, frozenset[str]]] = {}
    for kind, name_index, area in session.exec(
        select(OfficeListEntry.kind, OfficeListEntry.name_index, OfficeListEntry.area)
    ):
        names = lists.setdefault(Flag(kind), {})
        names[name_index] = names.get(name_index, frozenset()) | {area}
    former = _former(session, previous_id) if previous_id else None
    return Reading(
        list_id, notice_id, REQUIRED.get(audience, ("name",)), Checks(on_lists=lists, former=former), bool(lists)
    )


def _former(session: Session, previous_id: str) -> Former | None:
    revision = published(session, previous_id)
    if revision is None or revision.list_id is None:
        return None
    found: dict[bytes, bytes] = {}
    after = 0
    while batch := rows_of(session, revision.list_id, after, BATCH):
        for row in batch:
            amount = "" if row.amount_cents is None else str(row.amount_cents)
            found[household(row.name, row.area)] = content_of((row.name, row.area, row.quantity, row.rate, amount))
        after = batch[-1].number
        session.expunge_all()
    return Former(found)


def read(db: Database, clock: Clock, reading: Reading, data: bytes) -> None:
    """Read the whole file into the database, in the calling thread. Raises BadInput and TooLarge.

    Good rows stop being written at the first bad line: then nothing will be imported, and the rest is only checked.
    """
    table = open_table(data, HEADS, reading.required)
    reading.unknown = [head[:40] for head in table.unknown][:20]
    db.write_now(_progress, clock(), reading, table.expected)
    for _ in _taken(reading, table):
        if len(reading.good) >= BATCH or len(reading.refused) >= BATCH:
            db.write_now(_flush, clock(), reading)
    db.write_now(_flush, clock(), reading)
    if not reading.lines:
        raise BadInput("This file has heads and no line below them.", fields={"file": "empty"})


def _taken(reading: Reading, table: OpenTable) -> Iterator[None]:
    try:
        for row in table.rows:
            reading.lines += 1
            if reading.lines > MAX_ROWS:
                raise BadInput(f"A list has at most {MAX_ROWS} lines.", fields={"file": "too many lines"})
            line, problems = read_line(row.number, row.cells, row.formulas, reading.required)
            if line is None:
                _refuse(reading, row.number, problems, row.cells)
            else:
                _take(reading, line)
            yield
    except _BROKEN as error:
        raise BadInput("This file cannot be read to its end; save it again.", fields={"file": "broken"}) from error


def _refuse(reading: Reading, line: int, problems: list[Problem], cells: Mapping[str, str]) -> None:
    if not reading.bad:
        reading.good.clear()
    reading.bad += 1
    reading.refused.append({
        "list_id": reading.list_id, "line": line,
        "cells": {key: rows.clean(value)[:200] for key, value in cells.items()},
        "problems": [[problem.column, problem.code, problem.place] for problem in problems],
    })  # fmt: skip


def _take(reading: Reading, line: Line) -> None:
    reading.number += 1
    by_phone = rows.phone_index(line.phone) if line.phone else None
    by_name = rows.name_index(line.name) if reading.use_lists else ""
    flags = reading.checks.look(line, by_name, by_phone)
    if reading.bad:
        return
    keys = ring()
    reading.good.append((
        reading.list_id, reading.number, line.line, keys.seal(line.name.encode(), "beneficiary.name"),
        keys.seal(line.phone.encode(), "beneficiary.phone") if line.phone else None,
        by_phone, rows.entry_index(line.name, line.phone) if line.phone else None,
        line.area, rows.plain(line.quantity), rows.plain(line.rate), line.amount_cents, ",".join(flags),
        "", "", "", "",
    ))  # fmt: skip


def take_lines(session: Session, now: datetime, reading: Reading, lines: Sequence[Line]) -> None:
    """Lines that are no file's, in the caller's transaction: for a few made-up ones."""
    for line in lines:
        reading.lines += 1
        _take(reading, line)
    _flush(session, now, reading)


def _flush(session: Session, now: datetime, reading: Reading) -> None:
    if reading.good:
        insert_rows(session, "beneficiary", _COLUMNS, reading.good)
        reading.good = []
    if reading.refused:
        session.execute(insert(NoticeBadRow), reading.refused)
        reading.refused = []
    _progress(session, now, reading)


def _progress(session: Session, now: datetime, reading: Reading, expected: int | None = None) -> None:
    values: dict[str, Any] = {"lines": reading.lines, "bad": reading.bad, "seen_at": now}
    if expected is not None:
        values["expected"] = expected
    session.execute(update(NoticeList).where(col(NoticeList.id) == reading.list_id).values(values))


def finish(work: Work, reading: Reading, who: Principal) -> NoticeList:
    """Attach the list to its notice, or note why it was refused. Raises IllegalMove when the notice moved meanwhile."""
    checks = reading.checks
    found = work.session.get(NoticeList, reading.list_id, populate_existing=True)
    assert found is not None  # noqa: S101 - begun in a transaction before
    shared = checks.shared()
    _flag_shared(work.session, reading.list_id, list(shared))
    if shared:
        checks.flags[Flag.SHARED_PHONE.value] = sum(shared.values())
    found.ended_at, found.lines, found.bad, found.rows = work.now, reading.lines, reading.bad, checks.rows
    found.with_phone, found.amount_cents, found.digest = checks.with_phone, checks.amount_cents, checks.digest()
    found.summary = {
        "unknown_columns": reading.unknown, "quantity": rows.plain(checks.quantity), "flags": dict(checks.flags),
        "lines": checks.examples, "duplicates": checks.duplicates[:_SHOWN_BAD], "gone": checks.gone(),
    }  # fmt: skip
    found.state = REFUSED if reading.bad else DONE
    work.session.add(found)
    if not reading.bad:
        _attach(work, reading, found, who)
    work.session.flush()
    return found


def _attach(work: Work, reading: Reading, found: NoticeList, who: Principal) -> None:
    notice = moves.begin(work, reading.notice_id, Move.EDIT)
    stop_asking(work, notice)
    notice.list_id = found.id
    notice.reviewed_at = notice.reviewed_by = None
    void(notice)
    note_writer(notice, who.identity)
    facts = {"list": found.id, "rows": found.rows, "amount_cents": found.amount_cents}
    moves.go(work, notice, Move.EDIT, who.actor, note=facts)


def _flag_shared(session: Session, list_id: str, phones: list[str]) -> None:
    flag = Flag.SHARED_PHONE.value
    for start in range(0, len(phones), 500):
        session.execute(
            update(_ROWS)
            .where(_ROWS.c.list_id == list_id, _ROWS.c.phone_index.in_(phones[start : start + 500]))
            .values(flags=case((_ROWS.c.flags == "", flag), else_=_ROWS.c.flags.concat(f",{flag}")))
        )


def fail(work: Work, list_id: str, error: AppError, who: Principal) -> None:
    """The file could not be read at all."""
    found = work.session.get(NoticeList, list_id, populate_existing=True)
    if found is not None:
        found.state, found.ended_at, found.summary = FAILED, work.now, {"error": error.detail[:300]}
        work.session.add(found)
    record(work.session, work.now, who.actor, "notice.list_failed", f"notice-list:{list_id}")


def unused(session: Session, now: datetime, limit: int = 5000) -> int:
    """Remove rows of lists that neither a notice nor anything published uses, some thousand at a time; how many."""
    old = now - timedelta(hours=1)
    used = select(NoticeRevision.list_id).where(col(NoticeRevision.list_id).is_not(None))
    current = select(_NOTICE.c.list_id).where(_NOTICE.c.list_id.is_not(None))
    idle = select(NoticeList.id).where(
        col(NoticeList.seen_at) < old, col(NoticeList.id).not_in(used), col(NoticeList.id).not_in(current)
    )
    some = select(Beneficiary.id).where(col(Beneficiary.list_id).in_(idle)).limit(limit)
    return int(getattr(session.execute(delete(Beneficiary).where(col(Beneficiary.id).in_(some))), "rowcount", 0))


_NOTICE: Any = SQLModel.metadata.tables["notice"]
