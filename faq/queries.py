"""Questions as they were asked, masked: written cheaply, judged by the people who asked, kept for a while."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from core.db import Database
from core.errors import BadInput, NotFound
from faq.models import FaqMiss, FaqQuery

UNANSWERED, UNHELPFUL = "unanswered", "unhelpful"
_TOGETHER = 256
"""Questions in one statement at the most."""

_TABLE = FaqQuery.__table__  # type: ignore[attr-defined]


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep questions; rows as ``FaqService.row`` makes them."""
    session.execute(insert(_TABLE), list(rows))


class Recorder:
    """Writes the questions of many requests in one transaction: whoever waits longest takes the others along.

    At 800 questions a second a transaction for each would cost more than finding the answers.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, row: dict[str, Any]) -> None:
        """Returns once the row is committed; raises what the commit raises."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_all())
        await future

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
            try:
                await self._db.write(add, [row for row, _ in group])
            except Exception as error:  # handed on to everybody who waits for this group
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
            else:
                for _, future in group:
                    if not future.done():
                        future.set_result(None)


def feedback(session: Session, query_id: str, *, helpful: bool, chosen: str | None = None) -> FaqQuery:
    """What the person said of an answer. "Not helpful" makes the question a missed one; it may be taken back.

    Raises NotFound, and BadInput when the chosen entry was not among those shown.
    """
    query = session.get(FaqQuery, query_id, with_for_update=True) if query_id.isalnum() else None
    if query is None:
        raise NotFound("There is no such question.")
    if chosen is not None:
        if chosen not in query.entry_ids:
            raise BadInput("This entry was not among those shown.", fields={"chosen": "not shown"})
        query.entry_id = chosen
    query.helpful = helpful
    if query.missed != UNANSWERED and query.miss_id is None:
        query.missed = "" if helpful else UNHELPFUL
    session.add(query)
    session.flush()
    return query


@dataclass(frozen=True, slots=True)
class Counts:
    """Questions in a span of time by what came of them."""

    asked: int
    answered: int
    choices: int
    unanswered: int
    helpful: int
    unhelpful: int


def counts(session: Session, begin: datetime, end: datetime) -> Counts:
    """The numbers an office reports (PRODUCT 6), from begin up to but not including end."""
    inside = (col(FaqQuery.at) >= begin, col(FaqQuery.at) < end)
    by_outcome = _counted(session, col(FaqQuery.outcome), inside)
    by_feedback = _counted(session, col(FaqQuery.helpful), inside)
    return Counts(
        asked=sum(by_outcome.values()),
        answered=by_outcome.get("answer", 0),
        choices=by_outcome.get("choices", 0),
        unanswered=by_outcome.get("none", 0),
        helpful=by_feedback.get(True, 0),
        unhelpful=by_feedback.get(False, 0),
    )


def _counted(session: Session, column: Any, inside: Sequence[Any]) -> dict[Any, int]:
    rows = session.execute(select(column, func.count()).where(*inside).group_by(column))
    return {value: count for value, count in rows}  # noqa: C416 - rows are Row objects


def purge(session: Session, now: datetime, keep: timedelta, *, dry_run: bool = False) -> int:
    """Delete questions older than ``keep``, and groups nobody asked for since; returns how many questions."""
    old = col(FaqQuery.at) < now - keep
    if dry_run:
        count: int = session.execute(select(func.count()).select_from(FaqQuery).where(old)).scalar_one()
        return count
    gone = session.execute(delete(FaqQuery).where(old))
    session.execute(delete(FaqMiss).where(col(FaqMiss.last_at) < now - keep))
    return int(getattr(gone, "rowcount", 0))
