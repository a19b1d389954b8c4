"""What the public sees of notices: names masked, never a telephone number, totals only once the period is over.

Everything the public reads goes through here, pages and API alike, so that it is masked in one place.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel
from sqlmodel import Session, col, select

from core.errors import BadInput, NotFound
from core.text import mask_name, mask_personal
from notify.publicity import rows, rows_store
from notify.publicity.consult_models import PUBLISHED, ConsultationFeedback
from notify.publicity.models import CONSULTATION, Beneficiary, Notice, NoticeList, NoticeRevision
from notify.publicity.states import State

CURRENT, OVER, FINAL, CORRECTING = "current", "over", "final", "correcting"
"""What a notice is to its readers: in its period, past it, closed (公示结束), being corrected."""
PAGE = 50
MOST_PAGES = 40
"""How far back a search in titles looks at once: 2,000 notices; the next page goes on from there."""
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


class NoticeLine(BaseModel):
    """A notice in the public list. Money in 元 as people write it; ``rows`` are households."""

    id: str
    number: str
    kind: str
    title: str
    programme: str
    area: str
    starts_on: date | None
    ends_on: date | None
    stage: str
    emergency: bool
    published_at: datetime
    rows: int
    amount: str


class EntryLine(BaseModel):
    """One household as the public sees it."""

    number: int
    name: str
    area: str
    quantity: str
    rate: str
    amount: str


class FeedbackView(BaseModel):
    """What became of the opinions (采纳情况反馈)."""

    text: str
    opinions: int
    adopted: int
    published_at: datetime | None


class PublicNotice(NoticeLine):
    """A notice opened. ``entries`` is a part of the list, ``next_entry`` where the next begins; both empty once over.

    ``corrected`` is the reason of the latest correction.
    """

    text: str
    report_phone: str
    corrected: str
    revision: int
    areas: list[str]
    entries: list[EntryLine]
    next_entry: int | None
    can_object: bool
    feedback: FeedbackView | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices: a kind, words in title, number or area; ``before`` is the last id of the page before."""

    kind: str = ""
    words: str = ""
    before: str = ""


def listed(session: Session, today: date, wanted: Wanted, limit: int = 20) -> tuple[list[NoticeLine], str | None]:
    """Public notices, the newest first, and where the next page begins."""
    lines: list[NoticeLine] = []
    before, more = wanted.before, True
    for _ in range(MOST_PAGES):
        if len(lines) > limit or not more:
            break
        found = rows_store.published_notices(session, before, PAGE)
        more = len(found) == PAGE
        for notice, revision in found:
            before = notice.id
            if _fits(notice, revision, wanted):
                lines.append(NoticeLine(**_line(session, notice, revision, today)))
    if len(lines) > limit:
        return lines[:limit], lines[limit - 1].id
    return lines, before if more else None


def _fits(notice: Notice, revision: NoticeRevision, wanted: Wanted) -> bool:
    if wanted.kind and revision.kind != wanted.kind:
        return False
    words = wanted.words.strip().lower()
    return not words or any(words in text.lower() for text in (revision.title, notice.number, revision.area))


def one(session: Session, notice_id: str, today: date, *, after: int = 0, area: str = "") -> PublicNotice:
    """A notice with a part of its list, from behind row ``after``, of one village or group only. Raises NotFound."""
    notice, revision = find(session, notice_id)
    line = _line(session, notice, revision, today)
    shown = line["stage"] in {CURRENT, CORRECTING} and revision.list_id
    found = _rows(session, revision.list_id or "", after, area) if shown else []
    more = len(found) > PAGE
    return PublicNotice(
        **line,
        text=_text(revision),
        report_phone=revision.report_phone,
        corrected=revision.why,
        revision=revision.revision,
        areas=rows_store.areas_of(session, revision.list_id or "")[:200] if shown else [],
        entries=[entry(row) for row in found[:PAGE]],
        next_entry=found[PAGE - 1].number if more else None,
        can_object=line["stage"] != FINAL,
        feedback=_feedback(session, notice_id),
    )


def find(session: Session, notice_id: str) -> tuple[Notice, NoticeRevision]:
    """A notice and what the public may read of it. Raises NotFound."""
    notice, revision = session.get(Notice, notice_id), rows_store.published(session, notice_id)
    if notice is None or revision is None or notice.state == State.CANCELLED.value:
        raise NotFound("There is no such notice.")
    return notice, revision


def own_entries(session: Session, notice_id: str, name: str, last4: str) -> list[EntryLine]:
    """One's own entry, by full name and the last four digits of the number on the list. Raises NotFound, BadInput."""
    digits = "".join(char for char in last4 if char.isdecimal())
    if len(digits) != 4 or not name.strip():
        raise BadInput("Give the full name and the last four digits of the number.", fields={"last4": "four digits"})
    _, revision = find(session, notice_id)
    if not revision.list_id:
        return []
    return [entry(row) for row in rows_store.own_row(session, revision.list_id, name, digits)]


def entry(row: Beneficiary) -> EntryLine:
    """A household as the public sees it. Pure."""
    return EntryLine(
        number=row.number,
        name=mask_name(row.name),
        area=mask_personal(row.area),
        quantity=row.quantity,
        rate=row.rate,
        amount=rows.yuan(row.amount_cents),
    )


def _rows(session: Session, list_id: str, after: int, area: str) -> list[Beneficiary]:
    if not area:
        return rows_store.rows_of(session, list_id, after, PAGE + 1)
    query = select(Beneficiary).where(
        Beneficiary.list_id == list_id, Beneficiary.area == area, Beneficiary.number > after
    )
    return list(session.exec(query.order_by(col(Beneficiary.number)).limit(PAGE + 1)))


def _line(session: Session, notice: Notice, revision: NoticeRevision, today: date) -> dict[str, object]:
    kept = session.get(NoticeList, revision.list_id) if revision.list_id else None
    public = revision.model_dump(include={"kind", "programme", "area", "starts_on", "ends_on", "emergency"})
    return {
        **public,
        "id": notice.id,
        "number": notice.number,
        "title": mask_personal(revision.title),
        "stage": stage_of(notice, revision, today),
        "published_at": revision.published_at,
        "rows": kept.rows if kept else 0,
        "amount": rows.yuan(kept.amount_cents) if kept and kept.amount_cents else "",
    }


def stage_of(notice: Notice, revision: NoticeRevision, today: date) -> str:
    """What a notice is to its readers. Pure."""
    if notice.state == State.FINAL.value:
        return FINAL
    if revision.ends_on and today > revision.ends_on:
        return OVER
    return CORRECTING if notice.state == State.CORRECTED.value else CURRENT


def _text(revision: NoticeRevision) -> str:
    """The words of a notice; those made for each household (with placeholders) are messages, not for the page."""
    return "" if _PLACEHOLDER.search(revision.text) else mask_personal(revision.text)


def _feedback(session: Session, notice_id: str) -> FeedbackView | None:
    row = session.get(ConsultationFeedback, notice_id)
    if row is None or row.state != PUBLISHED:
        return None
    return FeedbackView(text=row.text, opinions=row.opinions, adopted=row.adopted, published_at=row.published_at)


def takes_opinions(notice: PublicNotice) -> bool:
    """Whether it is a consultation whose time is not over. Pure."""
    return notice.kind == CONSULTATION and notice.stage == CURRENT
