"""The fan-out: from a published notice to rows of the outbox, a batch in each firing of a timer.

A batch, how far it came (``Notice.cursor``) and the timer of the next one are one transaction, and every message has
a key made of notice, revision, purpose, row and channel: killed at any moment, nobody is left out or told twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, String, case, func, insert, literal, select, tuple_
from sqlmodel import Session, SQLModel

from core.bulk import insert_rows
from core.messages import Lane
from notify.outbox.service import Message
from notify.publicity.audience import refusable_topic
from notify.publicity.editing import WITH_ROWS, facts_of
from notify.publicity.models import Notice
from notify.publicity.office import Work
from notify.publicity.ports import Target
from notify.publicity.rows import yuan
from notify.publicity.states import State
from notify.publicity.text import AT_ONCE, Template, row_values

PUBLICITY, CONFIRM = "publicity", "confirm"
BATCH = 2000
"""Rows in one transaction: a tenth of a second or two, so that nothing urgent waits for longer."""
NO_PHONE = "no_phone"
CONFIRM_TEXT = (
    "{name}户{programme}登记：{quantity}×{rate}元＝{amount}元。对的回“确认”，不对回“有误”加原因，疑问打{report_phone}"
)
"""What a household is asked before the notice is public (DIALOGUES 10 has the tone)."""
KIND_OF = {"subsidy": "notice_row", "alert": "notice_alert", "consultation": "notice_alert"}
_B: Any = SQLModel.metadata.tables["beneficiary"]
_R: Any = SQLModel.metadata.tables["notice_recipient"]
_RECIPIENT = ("notice_id", "revision", "purpose", "row", "channel", "area", "message_id", "excluded")
_ROW = (_B.c.number, _B.c.name, _B.c.phone, _B.c.phone_index, _B.c.area, _B.c.quantity, _B.c.rate, _B.c.amount_cents)


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to be: the rows it speaks of (or the target), its address and text."""

    key: str
    channel: str
    address: str
    text: str
    locale: str
    sender: str
    rows: Sequence[tuple[int, str]]


def purpose_of(notice: Notice) -> str:
    """What the messages of the notice are for, as it stands."""
    return CONFIRM if notice.state == State.CONFIRMING.value else PUBLICITY


def template_of(notice: Notice) -> Template:
    """The text that goes out now."""
    text = CONFIRM_TEXT if purpose_of(notice) == CONFIRM else notice.text
    return Template(text, rows=notice.audience in WITH_ROWS)


# --- which rows, which targets ---------------------------------------------------------------------------------


def row_pages(session: Session, list_id: str, cursor: str, size: int) -> Iterator[tuple[list[Any], str]]:
    """Rows with a phone, those of one phone together, page by page; with the cursor behind each page."""
    while page := _page(session, list_id, cursor, size):
        cursor = f"{page[-1].phone_index}:{page[-1].number}"
        yield page, cursor


def _page(session: Session, list_id: str, cursor: str, size: int) -> list[Any]:
    found = list(session.execute(_rows_after(list_id, cursor, size)))
    if len(found) < size:
        return found
    last = found[-1].phone_index
    whole = [row for row in found if row.phone_index != last]
    return whole or found


def _rows_after(list_id: str, cursor: str, size: int) -> Select[Any]:
    query = select(*_ROW).where(_B.c.list_id == list_id, _B.c.phone_index.is_not(None))
    if cursor:
        phone, _, number = cursor.partition(":")
        query = query.where(tuple_(_B.c.phone_index, _B.c.number) > tuple_(literal(phone), literal(int(number))))
    return query.order_by(_B.c.phone_index, _B.c.number).limit(size)


def drafts_of_rows(notice: Notice, template: Template, rows: Iterable[Any], channel: str) -> Iterator[Draft]:
    """One message for each phone; a phone of very many rows gets several."""
    filled = template.bind(facts_of(notice, notice.number, notice.round).values())
    for _, together in groupby(rows, key=lambda row: row.phone_index):
        household = list(together)
        for start in range(0, len(household), AT_ONCE):
            some = household[start : start + AT_ONCE]
            yield Draft(
                key=f"{some[0].number}", channel=channel, address=some[0].phone,
                text=filled.of([_values(row) for row in some]), locale="zh-Hans", sender="",
                rows=[(row.number, row.area) for row in some],
            )  # fmt: skip


def _values(row: Any) -> dict[str, str]:
    return row_values(row.name, yuan(row.amount_cents), row.quantity, row.rate, row.area)


def drafts_of_targets(notice: Notice, template: Template, targets: Sequence[Target], first: int) -> Iterator[Draft]:
    """One message for each target of an audience; ``first`` is the number of the first of them."""
    text = template.fill(facts_of(notice, notice.number, notice.round).values(), [])
    for place, target in enumerate(targets, first):
        yield Draft(
            str(place), target.channel, target.address, text, target.locale, target.sender, [(place, target.area)]
        )


# --- one batch -------------------------------------------------------------------------------------------------


def fan(work: Work, notice: Notice) -> int:
    """Put the next batch into the outbox; returns how many messages. Sets ``fanned`` when it was the last."""
    template = template_of(notice)
    if notice.audience in WITH_ROWS and notice.list_id:
        return _fan_rows(work, notice, template)
    audience = work.office.audiences.get(notice.audience)
    if audience is None:
        notice.fanned = True
        return 0
    number, _, after = notice.cursor.partition(":")
    first = int(number or 0) + 1
    targets = audience.page(work.session, notice, after, BATCH)
    if not targets:
        notice.fanned = True
        return 0
    notice.cursor = f"{first + len(targets) - 1}:{targets[-1].key}"
    return _put(work, notice, list(drafts_of_targets(notice, template, targets, first)))


def _fan_rows(work: Work, notice: Notice, template: Template) -> int:
    list_id = notice.list_id or ""
    page, cursor = next(row_pages(work.session, list_id, notice.cursor, BATCH), ([], ""))
    if not page:
        _without_phone(work, notice)
        notice.fanned = True
        return 0
    notice.cursor = cursor
    return _put(work, notice, list(drafts_of_rows(notice, template, page, work.office.phone_channel)))


def _put(work: Work, notice: Notice, drafts: Sequence[Draft]) -> int:
    purpose = purpose_of(notice)
    topic = refusable_topic(work.session, notice)
    messages = [message_of(notice, purpose, draft, topic) for draft in drafts]
    ids = work.outbox.put_many(work.session, messages)
    recipients = [
        (notice.id, notice.revision, purpose, number, draft.channel, area, message_id, "")
        for draft, message_id in zip(drafts, ids, strict=True)
        for number, area in draft.rows
    ]
    insert_rows(work.session, "notice_recipient", _RECIPIENT, recipients)
    return len(drafts)


def message_of(notice: Notice, purpose: str, draft: Draft, topic: str = "") -> Message:
    """The message as the outbox takes it. Unique on notice, revision, purpose, row and channel."""
    urgent = notice.emergency and purpose == PUBLICITY
    return Message(
        kind=kind_name(notice, purpose), channel=draft.channel, address=draft.address, payload={"text": draft.text},
        dedup_key=f"notice:{notice.id}:{notice.revision}:{purpose}:{draft.key}:{draft.channel}",
        locale=draft.locale, sender=draft.sender, batch=notice.batch,
        lane=Lane.URGENT if urgent else Lane.BULK, quiet=False if urgent else None, topic=topic,
    )  # fmt: skip


def kind_name(notice: Notice, purpose: str) -> str:
    """The kind of message that carries it."""
    if purpose == CONFIRM:
        return "notice_confirm"
    return "notice_emergency" if notice.emergency else KIND_OF[notice.kind]


def _without_phone(work: Work, notice: Notice) -> None:
    """Rows nobody can send to: recipients too, with the reason, to be told in person (入户告知)."""
    reason = case((_B.c.phone_gone != "", _B.c.phone_gone), else_=NO_PHONE)
    texts = [literal(value, String) for value in (notice.id, purpose_of(notice), "")]
    rows = select(texts[0], literal(notice.revision), texts[1], _B.c.number, texts[2], _B.c.area, reason).where(
        _B.c.list_id == notice.list_id, _B.c.phone_index.is_(None)
    )
    names = [name for name in _RECIPIENT if name != "message_id"]
    work.session.execute(insert(_R).from_select(names, rows))


def count_targets(work: Work, notice: Notice) -> int:
    """How many recipients there will be."""
    if notice.audience in WITH_ROWS and notice.list_id:
        rows = select(func.count()).select_from(_B).where(_B.c.list_id == notice.list_id)
        return int(work.session.execute(rows).scalar_one())
    audience = work.office.audiences.get(notice.audience)
    return audience.count(work.session, notice) if audience else 0
