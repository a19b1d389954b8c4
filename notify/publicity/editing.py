"""Writing a notice and having it approved by another person (审批分离).

Approval belongs to one content: whatever changes it makes the notice a draft (or a correction) again. Who wrote any
part of the present content may not approve it; an emergency needs two people, none of them an author.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from core.audit import record
from core.auth import Principal
from core.errors import BadInput, SamePerson
from notify.outbox import hands
from notify.publicity import moves, period
from notify.publicity.errors import NothingToSend
from notify.publicity.models import (
    ALERT,
    AUDIENCES,
    BENEFICIARIES,
    CONSULTATION,
    KINDS,
    LIST,
    NOBODY,
    SUBSCRIBERS,
    SUBSIDY,
    Notice,
    NoticeList,
    NoticeRevision,
    NoticeSeries,
)
from notify.publicity.office import Work
from notify.publicity.period import Period
from notify.publicity.rows import clean
from notify.publicity.states import Move, State
from notify.publicity.text import MAX_TEXT, Facts, Template

WITH_ROWS = frozenset({BENEFICIARIES, LIST})
NEEDED = {False: 1, True: 2}
"""Approvals needed, by whether it is an emergency (PRODUCT 4: an emergency needs two approvers)."""


@dataclass(frozen=True, slots=True)
class Content:
    """What an author writes. ``audience`` empty: as the kind has it."""

    title: str
    text: str
    kind: str = SUBSIDY
    programme: str = ""
    area: str = ""
    area_id: str | None = None
    topic: str = ""
    audience: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    report_phone: str = ""
    emergency: bool = False
    confirm_first: bool = False
    previous_id: str | None = None
    round: str = ""


FIELDS = tuple(Content.__dataclass_fields__)
_DEFAULT_AUDIENCE = {SUBSIDY: BENEFICIARIES, ALERT: SUBSCRIBERS, CONSULTATION: NOBODY}
_LENGTHS = {"title": 200, "programme": 100, "area": 120, "report_phone": 40, "round": 40, "topic": 40}


def checked(work: Work, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are stored; raises BadInput naming each field that does not fit."""
    found = {name: clean(value).strip() if isinstance(value, str) else value for name, value in values.items()}
    found["audience"] = found.get("audience") or _DEFAULT_AUDIENCE.get(found.get("kind", SUBSIDY), NOBODY)
    problems = dict(_problems(found))
    if found.get("previous_id") and work.session.get(Notice, found["previous_id"]) is None:
        problems["previous_id"] = "there is no such notice"
    if problems:
        raise BadInput("Something in this notice does not fit; see fields.", fields=problems)
    _template(found)
    return found


def _problems(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems = [(name, "must not be empty") for name in ("title", "text") if not found.get(name)]
    problems += [(n, f"at most {most} characters") for n, most in _LENGTHS.items() if len(found.get(n) or "") > most]
    if len(found["text"]) > MAX_TEXT:
        problems.append(("text", f"at most {MAX_TEXT} characters"))
    if found["kind"] not in KINDS:
        problems.append(("kind", f"one of {', '.join(KINDS)}"))
    if found["audience"] not in AUDIENCES:
        problems.append(("audience", f"one of {', '.join(AUDIENCES)}"))
    if found["kind"] == SUBSIDY:
        problems += [(name, "must not be empty") for name in ("programme", "report_phone") if not found.get(name)]
    if found["kind"] == SUBSIDY and found["emergency"]:
        problems.append(("emergency", "a subsidy notice is no emergency; write an alert"))
    return problems + _period_problems(found)


def _period_problems(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    starts_on, ends_on = found.get("starts_on"), found.get("ends_on")
    if found["kind"] == ALERT and starts_on is None and ends_on is None:
        return []
    missing = [(name, "must be given") for name in ("starts_on", "ends_on") if found.get(name) is None]
    if missing or starts_on is None or ends_on is None:
        return missing
    if found["kind"] == ALERT:
        return [("ends_on", "ends before it starts")] if ends_on < starts_on else []
    problem = period.problem(Period(starts_on, ends_on))
    return [problem] if problem else []


def _template(found: Mapping[str, Any]) -> Template:
    return Template(found["text"], rows=found["audience"] in WITH_ROWS)


def create(work: Work, content: Content, who: Principal) -> Notice:
    """A new notice as a draft, with its public number. Raises BadInput naming each field that does not fit."""
    values = checked(work, {name: getattr(content, name) for name in FIELDS})
    notice = Notice(
        **values, number=_number(work), author=who.identity, writers=[who.identity], unit_id=who.unit_id,
        created_at=work.now, changed_at=work.now,
    )  # fmt: skip
    work.session.add(notice)
    work.session.flush()
    record(
        work.session, work.now, who.actor, "notice.create", f"notice:{notice.id}",
        after={"number": notice.number, "kind": notice.kind, "title": notice.title},
    )  # fmt: skip
    return notice


def _number(work: Work) -> str:
    """公示〔2026〕12号: counted by the year of the office's day, without gaps."""
    table = NoticeSeries.__table__  # type: ignore[attr-defined]
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    counted = dialect.insert(table).values(year=work.today.year, last=1)
    statement = counted.on_conflict_do_update(index_elements=["year"], set_={"last": table.c.last + 1})
    last = work.session.execute(statement.returning(table.c.last)).scalar_one()
    return f"公示〔{work.today.year}〕{last}号"


def edit(work: Work, notice_id: str, changes: Mapping[str, Any], who: Principal, version: int = 0) -> Notice:
    """Change the content; the same again changes nothing. What was approved no longer is.

    Raises BadInput, IllegalMove, StaleVersion.
    """
    notice = moves.begin(work, notice_id, Move.EDIT, version)
    values = checked(work, {**{name: getattr(notice, name) for name in FIELDS}, **changes})
    changed = [name for name in FIELDS if getattr(notice, name) != values[name]]
    if not changed:
        return notice
    if notice.revision > 1 and "kind" in changed:
        raise BadInput("The kind of a published notice stays.", fields={"kind": "stays as it was published"})
    for name in changed:
        setattr(notice, name, values[name])
    stop_asking(work, notice)
    void(notice)
    note_writer(notice, who.identity)
    return moves.go(work, notice, Move.EDIT, who.actor, note={"changed": changed})


def void(notice: Notice) -> None:
    """The content has changed: nothing that was said about the former one holds any more."""
    notice.approvals, notice.estimate, notice.publish_at = [], {}, None


def stop_asking(work: Work, notice: Notice) -> None:
    """Households are no longer asked: what waits of the questions is not sent."""
    if notice.state == State.CONFIRMING.value and notice.batch:
        hands.cancel_batch(work.session, work.now, notice.batch)


def note_writer(notice: Notice, identity: str) -> None:
    """Remember who had a hand in the present content."""
    if identity not in notice.writers:
        notice.writers = [*notice.writers, identity]


def submit(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """Ask for approval. Raises NothingToSend when the list is missing, and whatever does not fit any more."""
    notice = moves.begin(work, notice_id, Move.SUBMIT, version)
    checked(work, {name: getattr(notice, name) for name in FIELDS})
    if notice.audience in WITH_ROWS and listed(work, notice) is None:
        raise NothingToSend("Upload the list first.", fields={"beneficiaries": "missing"})
    note_writer(notice, who.identity)
    return moves.go(work, notice, Move.SUBMIT, who.actor)


def listed(work: Work, notice: Notice) -> NoticeList | None:
    """The list of a notice, None when there is none."""
    return work.session.get(NoticeList, notice.list_id) if notice.list_id else None


def approve(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """Approve the present content; an emergency is approved when the second person has said so.

    Raises SamePerson for whoever wrote a part of it or has approved it already, IllegalMove, StaleVersion.
    """
    notice = moves.begin(work, notice_id, Move.APPROVE, version)
    if who.identity in {notice.author, *notice.writers}:
        raise SamePerson("You wrote a part of this notice; another person has to approve it.")
    if any(approval["by"] == who.identity for approval in notice.approvals):
        raise SamePerson("You have approved this already; a second person has to.")
    notice.approvals = [*notice.approvals, {"by": who.identity, "at": work.now.isoformat()}]
    facts = {"digest": digest(notice), "approvals": len(notice.approvals)}
    if len(notice.approvals) < NEEDED[notice.emergency]:
        notice.version += 1
        notice.changed_at = work.now
        work.session.add(notice)
        record(work.session, work.now, who.actor, "notice.approve_first", f"notice:{notice.id}", after=facts)
        work.session.flush()
        return notice
    return moves.go(work, notice, Move.APPROVE, who.actor, note=facts)


def reject(work: Work, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
    """Send it back to its author with a reason. Raises IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.REJECT, version)
    void(notice)
    notice.why = clean(reason).strip()[:500]
    return moves.go(work, notice, Move.REJECT, who.actor, note={"reason": notice.why})


def digest(notice: Notice) -> str:
    """A digest of everything an approval is given for."""
    parts = [str(getattr(notice, name)) for name in FIELDS] + [notice.list_id or ""]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def facts_of(notice: Notice | NoticeRevision, number: str, round_name: str = "") -> Facts:
    """What the notice itself puts into its text."""
    return Facts(
        notice.programme, notice.title, number, notice.starts_on, notice.ends_on, notice.report_phone, round_name
    )


def last_published(work: Work, notice: Notice) -> NoticeRevision | None:
    """The revision that was published last, None for a notice that never was."""
    return work.session.exec(
        select(NoticeRevision)
        .where(NoticeRevision.notice_id == notice.id)
        .order_by(col(NoticeRevision.revision).desc())
        .limit(1)
    ).first()


def published_digest(work: Work, notice: Notice) -> str:
    """A digest over what the public reads: the columns of the list, and the notice's own published words."""
    found = listed(work, notice)
    parts = (notice.title, notice.programme, notice.area, notice.report_phone, found.digest if found else "")
    return sha256("\x1f".join(parts).encode()).hexdigest()
