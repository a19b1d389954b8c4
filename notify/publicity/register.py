"""The publication register (公开台账): what must be public, by when, who approved it, and what is overdue or stale.

15 working days are promised, 20 are the law's (政府信息公开条例 第二十六条: within 20 working days of its making). Who
edits it is reminded by the same deadlines as for publications elsewhere (``notify.signoff``), supervisors at the end.
"""

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlmodel import Session, col, or_, select

from core import audit
from core.auth import Principal
from core.calendar import load_days
from core.clock import Clock, office_day
from core.errors import BadInput, Conflict, NotFound, SamePerson
from core.office_hours import OfficeHours
from core.people import Person
from core.terms import Limit, begin
from notify.publicity.register_models import (
    ACTIVE_OPEN,
    AS_NEEDED,
    CLOSED,
    LASTING,
    ON_REQUEST,
    PERIODIC,
    RegisterEntry,
)

PROMISED, STATUTORY = Limit.parse("15 working days"), Limit.parse("20 working days")
ATTRIBUTES = {ACTIVE_OPEN: "主动公开", ON_REQUEST: "依申请公开", CLOSED: "不予公开"}
CYCLES = {LASTING: "长期", PERIODIC: "定期", AS_NEEDED: "随时"}
STATES = ("waiting", "overdue", "published", "stale", "closed")
HEAD = (
    "文号", "标题", "主题", "期", "公开属性", "不予公开理由", "公开范围", "公开形式", "公开周期", "责任单位",
    "形成时间", "承诺期限", "法定期限", "审核人", "审核时间", "公开时间", "公开位置", "下次更新", "状态",
)  # fmt: skip
_LISTED = 500
_EDITABLE = frozenset(
    (
        "number", "title", "topic", "issue", "summary", "attribute", "reason", "scope", "form", "cycle", "cycle_days",
        "unit",
    )
)  # fmt: skip


class Deadlines(Protocol):
    """What keeps the editor's deadline: ``notify.signoff.service.SignOff``."""

    def open_publication(
        self, session: Session, subject: str, person_id: str, who: Principal, formed_at: datetime | None
    ) -> Any:
        """A deadline with its reminders; has an ``id`` and a ``due_at``."""

    def deadline_done(self, session: Session, deadline_id: str, who: Principal) -> Any:
        """It is met. Raises Conflict when it was already."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: one of ``STATES``, an attribute, words of title, number or topic."""

    state: str = ""
    attribute: str = ""
    words: str = ""


class Register:
    """The register of one office."""

    def __init__(self, clock: Clock, hours: OfficeHours, deadlines: Deadlines) -> None:
        self._clock = clock
        self._hours = hours
        self._deadlines = deadlines

    @property
    def today(self) -> date:
        """The day it is where the office stands."""
        return office_day(self._clock(), self._hours.zone)

    def add(self, session: Session, values: Mapping[str, Any], who: Principal) -> RegisterEntry:
        """Enter something. ``editor`` is a person's id or staff number. Raises BadInput, NotFound."""
        now, given = self._clock(), dict(values)
        editor = _person(session, str(given.pop("editor", "") or ""))
        formed = given.pop("formed_at", None) or now
        days = load_days(session)
        row = RegisterEntry(
            **{name: value for name, value in given.items() if name in _EDITABLE},
            number_key=number_key(str(given.get("number", ""))),
            editor_id=editor,
            formed_at=formed,
            due_at=begin(formed, PROMISED, self._hours, days).due,
            statutory_by=begin(formed, STATUTORY, self._hours, days).due,
            author=who.identity,
            made_at=now,
            changed_at=now,
        )
        check(row)
        session.add(row)
        session.flush()
        self._remind(session, row, who, formed)
        audit.record(session, now, who.actor, "register.add", f"register:{row.id}", after=_facts(row))
        return row

    def change(self, session: Session, entry_id: str, changes: Mapping[str, Any], who: Principal) -> RegisterEntry:
        """Change what is not public yet; an approval is void. Raises NotFound, Conflict, BadInput."""
        row = self.find(session, entry_id)
        if row.published_at:
            raise Conflict("This is public already; enter the new version as its next issue.")
        before = _facts(row)
        for name, value in changes.items():
            if name in _EDITABLE:
                setattr(row, name, value)
        row.number_key, row.changed_at = number_key(row.number), self._clock()
        row.approver, row.approver_name, row.approved_at, row.author = "", "", None, who.identity
        check(row)
        session.add(row)
        subject, after = f"register:{row.id}", _facts(row)
        audit.record(session, row.changed_at, who.actor, "register.change", subject, before=before, after=after)
        session.flush()
        return row

    def approve(self, session: Session, entry_id: str, who: Principal) -> RegisterEntry:
        """Another person than the author approves attribute and content (保密审查). Raises SamePerson, Conflict."""
        row = self.find(session, entry_id)
        if row.author == who.identity:
            raise SamePerson("Whoever entered it cannot approve it.")
        if row.approved_at:
            raise Conflict("This is approved already.")
        row.approver, row.approver_name, row.approved_at = who.identity, who.name[:60], self._clock()
        if row.attribute != ACTIVE_OPEN:
            self._done(session, row, who)
        session.add(row)
        audit.record(session, self._clock(), who.actor, "register.approve", f"register:{row.id}", after=_facts(row))
        session.flush()
        return row

    def publish(self, session: Session, entry_id: str, where: str, who: Principal) -> RegisterEntry:
        """It is public now, there. Raises Conflict unless it is approved and to be made public."""
        row = self.find(session, entry_id)
        if row.attribute != ACTIVE_OPEN:
            raise Conflict(f"This is {ATTRIBUTES[row.attribute]}: it is not published.")
        if not row.approved_at:
            raise Conflict("Another person has to approve it first.")
        row.published_at, row.published_where = self._clock(), where.strip()
        row.review_on = self.today + timedelta(days=row.cycle_days) if row.cycle == PERIODIC else None
        self._done(session, row, who)
        session.add(row)
        audit.record(session, self._clock(), who.actor, "register.publish", f"register:{row.id}", after=_facts(row))
        session.flush()
        return row

    def find(self, session: Session, entry_id: str) -> RegisterEntry:
        """One entry. Raises NotFound."""
        row = session.get(RegisterEntry, entry_id)
        if row is None:
            raise NotFound("There is no such entry.")
        return row

    def listed(self, session: Session, wanted: Filter) -> list[RegisterEntry]:
        """Entries, those due first before the others."""
        query = select(RegisterEntry).order_by(col(RegisterEntry.due_at), col(RegisterEntry.id)).limit(_LISTED)
        if wanted.attribute:
            query = query.where(RegisterEntry.attribute == wanted.attribute)
        if wanted.words:
            query = query.where(_says(wanted.words))
        rows = session.exec(query).all()
        return [row for row in rows if not wanted.state or self.state(row) == wanted.state]

    def public(self, session: Session, words: str, before: str, limit: int) -> list[RegisterEntry]:
        """What is public, the latest first; a 文号 is found however it is written."""
        query = select(RegisterEntry).where(
            RegisterEntry.attribute == ACTIVE_OPEN, col(RegisterEntry.published_at).is_not(None)
        )
        if words.strip():
            query = query.where(_says(words))
        if before:
            query = query.where(RegisterEntry.id < before)
        return list(session.exec(query.order_by(col(RegisterEntry.id).desc()).limit(limit)))

    def state(self, row: RegisterEntry) -> str:
        """One of ``STATES``. Pure but for the time."""
        if row.published_at:
            return "stale" if row.review_on and self.today > row.review_on else "published"
        if row.attribute != ACTIVE_OPEN and row.approved_at:
            return "closed"
        return "overdue" if self._clock() >= row.due_at else "waiting"

    def sweep(self, session: Session) -> int:
        """Once a day: whoever edits something that was to be renewed gets a deadline for it; how many."""
        query = select(RegisterEntry).where(
            col(RegisterEntry.review_on) < self.today,
            or_(col(RegisterEntry.stale_told).is_(None), RegisterEntry.stale_told != RegisterEntry.review_on),
        )
        rows = session.exec(query.limit(200)).all()
        for row in rows:
            row.stale_told = row.review_on
            self._remind(session, row, SERVICE, self._clock(), "更新：")
            session.add(row)
        session.flush()
        return len(rows)

    def lines(self, rows: Sequence[RegisterEntry]) -> list[list[Any]]:
        """Entries as lines of a file under ``HEAD``."""
        return [self._line(row) for row in rows]

    def _line(self, row: RegisterEntry) -> list[Any]:
        day = self._day
        return [
            row.number, row.title, row.topic, row.issue or None, ATTRIBUTES[row.attribute], row.reason, row.scope,
            row.form, CYCLES[row.cycle], row.unit, day(row.formed_at), day(row.due_at), day(row.statutory_by),
            row.approver_name, day(row.approved_at), day(row.published_at), row.published_where,
            row.review_on.isoformat() if row.review_on else "", self.state(row),
        ]  # fmt: skip

    def _day(self, at: datetime | None) -> str:
        """The day of a moment; a limit that ends at midnight belongs to the day it ends."""
        return f"{(at - timedelta(seconds=1)).astimezone(self._hours.zone):%Y-%m-%d}" if at else ""

    def _remind(self, session: Session, row: RegisterEntry, who: Principal, since: datetime, head: str = "") -> None:
        if row.editor_id:
            subject = f"{head}{row.title} {row.number}".strip()[:200]
            made = self._deadlines.open_publication(session, subject, row.editor_id, who, since)
            row.deadline_id = made.id
            session.add(row)

    def _done(self, session: Session, row: RegisterEntry, who: Principal) -> None:
        if row.deadline_id:
            with contextlib.suppress(Conflict):  # somebody ticked it off already
                self._deadlines.deadline_done(session, row.deadline_id, who)
            row.deadline_id = None


SERVICE = Principal(ref="service", name="service", roles=frozenset(), via="clock")
"""The passing of time: a periodic publication has to be renewed."""


def number_key(number: str) -> str:
    """A 文号 for comparing: 示发〔2026〕12号, 示发[2026]12号 and 示发2026 12 are one. Pure."""
    plain = unicodedata.normalize("NFKC", number).lower()
    return re.sub(r"[^\w]|_|号$|號$", "", plain)[:60]


def check(row: RegisterEntry) -> None:
    """Raises BadInput naming what does not fit together. Pure."""
    if row.attribute not in ATTRIBUTES:
        raise BadInput("An attribute is one of three.", fields={"attribute": ", ".join(ATTRIBUTES)})
    if row.attribute == CLOSED and not row.reason.strip():
        raise BadInput("What is not made public needs a reason.", fields={"reason": "is needed"})
    if row.cycle not in CYCLES:
        raise BadInput("A cycle is one of three.", fields={"cycle": ", ".join(CYCLES)})
    if row.cycle == PERIODIC and row.cycle_days < 1:
        raise BadInput("A periodic publication says after how many days.", fields={"cycle_days": "is needed"})
    if not row.title.strip():
        raise BadInput("A title is needed.", fields={"title": "is needed"})


def _says(words: str) -> Any:
    like = f"%{words.strip()}%"
    found: list[Any] = [col(RegisterEntry.title).like(like), col(RegisterEntry.topic).like(like)]
    if key := number_key(words):
        found.append(col(RegisterEntry.number_key).contains(key, autoescape=True))
    return or_(*found)


def _facts(row: RegisterEntry) -> dict[str, Any]:
    return row.model_dump(mode="json", include={"number", "title", "attribute", "cycle", "published_where"})


def _person(session: Session, given: str) -> str | None:
    if not given:
        return None
    same = (col(Person.id) == given) | (col(Person.staff_no) == given)
    found = session.exec(select(Person.id).where(same, col(Person.active).is_(True))).first()
    if found is None:
        raise BadInput("There is no such person.", fields={"editor": "unknown"})
    return found
