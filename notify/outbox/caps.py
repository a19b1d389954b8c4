"""Limits on metered messages by day: all of them, numbers that begin alike, one number.

They stand against a mistake that sends too much and against SMS pumping (somebody has us text numbers that pay
them). What is over the office's own daily limit waits for the next day; what is over the limit of a prefix or a
number ends, and can be tried again by hand.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from notify.outbox.models import SegmentCount
from notify.outbox.rules import DeliveryRules
from notify.outbox.states import Reason
from notify.outbox.taken import Taken

_T = SQLModel.metadata.tables["segment_count"]
KEPT_DAYS = 62
PREFIX_CHARACTERS = 7
ALL = "all"


class Caps:
    """The counts of one day, loaded for the messages at hand; ``spend`` them in the same transaction."""

    def __init__(self, session: Session, now: datetime, rules: DeliveryRules, candidates: Sequence[Taken]) -> None:
        self._rules = rules
        self._day = now.astimezone(rules.zone).date()
        self._scopes = {taken.id: self._scopes_of(taken) for taken in candidates}
        self._left = self._load(session)
        self._used: dict[str, int] = {}
        self.hit: set[Reason] = set()

    def _scopes_of(self, taken: Taken) -> list[tuple[str, int, Reason]]:
        scopes = [(ALL, self._rules.daily_cap, Reason.CAP)]
        if self._rules.prefix_cap:
            prefix = taken.address[:PREFIX_CHARACTERS]
            scopes.append((f"prefix:{prefix}", self._rules.prefix_cap, Reason.CAP_PREFIX))
        if self._rules.address_cap:
            scopes.append((f"address:{taken.address_index}", self._rules.address_cap, Reason.CAP_ADDRESS))
        return [scope for scope in scopes if scope[1]]

    def _load(self, session: Session) -> dict[str, int]:
        limits = {scope: limit for scopes in self._scopes.values() for scope, limit, _ in scopes}
        if limits:
            rows = session.execute(
                select(_T.c.scope, _T.c.segments).where(_T.c.day == self._day, _T.c.scope.in_(limits))
            )
            for scope, segments in rows:
                limits[scope] -= segments
        return limits

    def check(self, taken: Taken) -> tuple[Reason, datetime | None]:
        """Why this message may not go today, and until when it waits; takes its segments when it may."""
        scopes = self._scopes[taken.id]
        for scope, _, reason in scopes:
            if self._left[scope] < taken.segments:
                self.hit.add(reason)
                return reason, self._tomorrow() if reason is Reason.CAP else None
        for scope, _, _ in scopes:
            self._left[scope] -= taken.segments
        return Reason.NONE, None

    def _tomorrow(self) -> datetime:
        return datetime.combine(self._day + timedelta(days=1), time(0), self._rules.zone)

    def spend(self, session: Session, started: Iterable[Taken]) -> None:
        """Count what really started."""
        used: dict[str, int] = {}
        for taken in started:
            for scope, _, _ in self._scopes[taken.id]:
                used[scope] = used.get(scope, 0) + taken.segments
        add(session, self._day, used)


def add(session: Session, day: date, used: dict[str, int]) -> None:
    """Add segments to the counts of a day, in one order everywhere so that workers never wait in a circle."""
    if not used:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(_T)
    statement = statement.on_conflict_do_update(
        index_elements=["day", "scope"], set_={"segments": _T.c.segments + statement.excluded.segments}
    )
    rows = [{"day": day, "scope": scope, "segments": used[scope]} for scope in sorted(used)]
    session.connection().execute(statement, rows)


def purge(session: Session, now: datetime) -> int:
    """Forget counts older than two months; returns how many."""
    old = (now - timedelta(days=KEPT_DAYS)).date()
    return int(session.execute(delete(SegmentCount).where(col(SegmentCount.day) < old)).rowcount)  # type: ignore[attr-defined]
