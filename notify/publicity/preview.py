"""What a notice will look like and cost, before anybody approves it: real rows, every segment, what is strange."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel

from core.auth import Principal
from core.errors import BadInput
from core.people import address_index, contacts_of, refusals_of
from core.ports import Can
from core.text import mask_phone, segments, sign
from notify.kinds import KINDS
from notify.outbox.cost import price_of
from notify.outbox.quiet_hours import end_of_quiet
from notify.outbox.service import Message, held_back
from notify.publicity import moves, sending
from notify.publicity.editing import WITH_ROWS, digest, facts_of
from notify.publicity.models import Notice
from notify.publicity.office import Work
from notify.publicity.sending import Draft
from notify.publicity.text import MANY, Template, warnings_about

SAMPLES = 5
_B: Any = SQLModel.metadata.tables["beneficiary"]
_PAGE = 2000


@dataclass(slots=True)
class Count:
    """What all messages of a notice come to."""

    messages: int = 0
    segments: int = 0
    by_segments: Counter[int] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    missing_rows: list[int] = field(default_factory=list)
    longest: Draft | None = None
    longest_size: int = 0
    first: list[Draft] = field(default_factory=list)

    def add(self, draft: Draft, size: int, price: Decimal | None) -> None:
        """One more message of this size."""
        self.messages += 1
        self.segments += size
        self.by_segments[size] += 1
        if price is None:
            self.unpriced += size
        else:
            self.cost += price * size
        if len(self.first) < SAMPLES:
            self.first.append(draft)
        if size > self.longest_size:
            self.longest, self.longest_size = draft, size


def estimate(work: Work, notice_id: str) -> dict[str, Any]:
    """Everything the preview shows, as data for JSON; what costs time is kept with the notice (``remember``)."""
    notice = moves.find(work, notice_id)
    if notice.estimate.get("digest") == digest(notice):
        return notice.estimate
    template = sending.template_of(notice)
    count = Count()
    for page in _pages(work, notice, template):
        _count_page(work, notice, page, count)
    recipients = sending.count_targets(work, notice)
    if notice.audience in WITH_ROWS and template.used:
        _missing(work, notice, template, count)
    rate = _rate(work)
    return {
        "digest": digest(notice), "recipients": recipients, "messages": count.messages,
        "without_phone": _without_phone(work, notice), "segments": count.segments,
        "by_segments": {str(size): number for size, number in sorted(count.by_segments.items())},
        "estimated_cost": str(count.cost), "unpriced_segments": count.unpriced,
        "refused": dict(count.refused), "seconds": round(count.segments / rate) if rate else None,
        "missing": dict(count.missing), "missing_rows": count.missing_rows,
        "samples": [_shown(work, draft) for draft in _samples(count)],
        "warnings": _warnings(notice, count),
    }  # fmt: skip


def remember(work: Work, notice_id: str, found: dict[str, Any]) -> None:
    """Keep an estimate with its notice, unless the content has changed meanwhile. Does not count as a change."""
    notice = moves.held(work, notice_id)
    if digest(notice) == found["digest"] and notice.estimate != found:
        notice.estimate = found
        work.session.add(notice)
        work.session.flush()


def _pages(work: Work, notice: Notice, template: Template) -> Iterator[list[Draft]]:
    if notice.audience in WITH_ROWS:
        if notice.list_id:
            for page, _ in sending.row_pages(work.session, notice.list_id, "", _PAGE):
                yield list(sending.drafts_of_rows(notice, template, page, work.office.phone_channel))
        return
    audience, after, first = work.office.audiences.get(notice.audience), "", 1
    while audience and (targets := audience.page(work.session, notice, after, _PAGE)):
        yield list(sending.drafts_of_targets(notice, template, targets, first))
        after, first = targets[-1].key, first + len(targets)


def _count_page(work: Work, notice: Notice, page: Sequence[Draft], count: Count) -> None:
    kind = KINDS[sending.kind_name(notice, sending.PUBLICITY)]
    indexes: dict[str, list[str]] = {}
    for draft in page:
        indexes.setdefault(draft.channel, []).append(address_index(draft.channel, draft.address))
    refused = {name: refusals_of(work.session, name, found) for name, found in indexes.items()}
    for draft in page:
        topics = refused[draft.channel].get(address_index(draft.channel, draft.address), frozenset())
        if reason := held_back(kind, topics):
            count.refused[reason.value] += 1
        size = _size(work, kind.render(draft.locale, {"text": draft.text}), draft)
        count.add(draft, size, price_of(draft.address, work.office.prices))


def _size(work: Work, text: str, draft: Draft) -> int:
    channel = work.channels.get(draft.channel)
    if channel is None or Can.METERED not in channel.can:
        return 1
    return segments(sign(text, work.office.name))


def _rate(work: Work) -> float | None:
    channel = work.channels.get(work.office.phone_channel)
    return channel.limits.rate if channel else None


def _without_phone(work: Work, notice: Notice) -> int:
    if notice.audience not in WITH_ROWS or not notice.list_id:
        return 0
    query = select(func.count()).select_from(_B).where(_B.c.list_id == notice.list_id, _B.c.phone_index.is_(None))
    return int(work.session.execute(query).scalar_one())


def _missing(work: Work, notice: Notice, template: Template, count: Count) -> None:
    """Fields the text names and a row does not have."""
    columns = {"amount": _B.c.amount_cents.is_(None), "quantity": _B.c.quantity == "", "rate": _B.c.rate == ""}
    columns["area"] = _B.c.area == ""
    for name in sorted(template.used & columns.keys()):
        rows = select(_B.c.number).where(_B.c.list_id == notice.list_id, columns[name])
        total = work.session.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
        if total:
            count.missing[name] = int(total)
            found = work.session.execute(rows.order_by(_B.c.number).limit(10)).scalars()
            count.missing_rows = sorted({*count.missing_rows, *found})[:20]
    facts = facts_of(notice, notice.number, notice.round).values()
    for name in sorted(template.used & facts.keys()):
        if not facts[name]:
            count.missing[name] = count.messages


def _samples(count: Count) -> list[Draft]:
    """The first few, and the longest of all."""
    longest = [count.longest] if count.longest and count.longest not in count.first else []
    return [*count.first, *longest]


def _shown(work: Work, draft: Draft) -> dict[str, Any]:
    price = price_of(draft.address, work.office.prices)
    text = sign(draft.text, work.office.name)
    size = _size(work, draft.text, draft)
    return {
        "rows": [number for number, _ in draft.rows], "channel": draft.channel,
        "to": mask_phone(draft.address) if draft.address.startswith("+") else "***", "text": text,
        "segments": size, "cost": None if price is None else str(price * size),
    }  # fmt: skip


def _warnings(notice: Notice, count: Count) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"code": code, "count": None} for code in warnings_about(notice.text)]
    long = sum(number for size, number in count.by_segments.items() if size > MANY)
    if long:
        found.append({"code": "long", "count": long})
    if count.missing:
        found.append({"code": "missing_field", "count": max(count.missing.values())})
    if not count.messages and notice.audience != "nobody":
        found.append({"code": "nobody", "count": None})
    if count.unpriced and count.cost:
        found.append({"code": "unpriced", "count": count.unpriced})
    return found


def quiet_until(work: Work, notice: Notice, at: datetime | None) -> datetime | None:
    """When quiet hours would end that hold at the time of sending; None when they do not, or do not count."""
    if notice.emergency:
        return None
    return end_of_quiet(at or work.now, work.office.rules.quiet, work.office.zone)


def try_out(work: Work, notice_id: str, who: Principal) -> str:
    """Send the first sample to whoever asks, on the first of their contacts; the id of the message.

    Raises BadInput when the account is no person's, or the person has no contact we can use.
    """
    notice = moves.find(work, notice_id)
    contacts = contacts_of(work.session, who.person_id) if who.person_id else []
    usable = [contact for contact in contacts if contact.channel in work.channels]
    if not usable:
        raise BadInput("Your account has no verified contact to send a test to.", fields={"to": "no contact"})
    template = sending.template_of(notice)
    page = next(_pages(work, notice, template), [])
    text = page[0].text if page else template.fill(facts_of(notice, notice.number, notice.round).values(), [])
    message = Message(
        kind="notice_trial", channel=usable[0].channel, address=usable[0].address, person_id=who.person_id,
        payload={"text": text},
    )  # fmt: skip
    return work.outbox.put(work.session, message)
