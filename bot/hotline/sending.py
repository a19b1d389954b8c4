"""What leaves for the citizen and for staff: who is told, on which channel, and that it was tried.

Order for a citizen (ARCHITECTURE, "An answer goes out"): where the matter came from, the person's verified
contacts, an unverified phone (receipt and answer only), else the page alone, shown to staff as *not notified*.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select

from bot.hotline.intake import verified_contacts
from bot.hotline.models import Matter, MatterMessage
from bot.hotline.office import Desk
from core.expectations import expect, forget
from core.messages import Option
from core.office_hours import wall_to_utc
from core.people import Person
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, history_line
from notify.outbox.states import Reason
from notify.outbox.states import State as OutboxState

CITIZEN, STAFF = "citizen", "staff"
RATE = "matter.rate"
"""Owner of the question after an answer: solved or not, and the grade. ``data``: number, reply, labels, step."""

RECEIPT = "received"
UNVERIFIED_MAY_GET = frozenset(
    {
        "matter_received", "matter_received_answer", "matter_received_private",
        "matter_replied", "matter_answered", "matter_rejected",
    }
)  # fmt: skip
"""A phone nobody verified gets receipt and answer, nothing else (PRODUCT 2)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address to write to. ``verified`` is False for a phone that was only given."""

    channel: str
    address: str
    locale: str
    sender: str = ""
    thread: str = ""
    person_id: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """One message about a matter, before it has an address.

    ``payload`` gives the values for a locale. ``dedup`` makes it the same message within its matter. ``counts``:
    a status message, of which there are at most two a day. ``asks``: owner and data of the question it puts.
    ``final``: the answer or a rejection, whatever its kind. ``buttons`` gives the choices for a locale and the
    number of the question; ``chat_kind`` is the kind to take where they are shown, whose text lists no numbers.
    """

    kind: str
    payload: Callable[[str], Mapping[str, Any]]
    dedup: str
    at: datetime | None = None
    counts: bool = False
    reply_id: str = ""
    asks: tuple[str, Mapping[str, Any]] | None = None
    final: bool = False
    buttons: Callable[[str, int], Sequence[Option]] | None = None
    chat_kind: str = ""


def target_of(desk: Desk, matter: Matter) -> Target | None:
    """Where the citizen of this matter is written to; None: by the page only."""
    if matter.reply_channel and matter.reply_address:
        return Target(
            matter.reply_channel,
            matter.reply_address,
            matter.locale,
            matter.reply_sender,
            matter.reply_thread,
            matter.person_id,
        )
    if matter.person_id and (contacts := verified_contacts(desk.session, matter.person_id)):
        first = contacts[0]
        return Target(first.channel, first.address, matter.locale, person_id=matter.person_id)
    if matter.phone and desk.office.phone_channel:
        return Target(desk.office.phone_channel, matter.phone, matter.locale, verified=False)
    return None


def tell(desk: Desk, matter: Matter, letter: Letter) -> bool:
    """Write to the citizen; False when nobody could be told, or when today's two status messages are out."""
    to = target_of(desk, matter)
    if to and not to.verified and not (letter.kind in UNVERIFIED_MAY_GET or letter.final):
        to = None
    if to and not to.verified and letter.dedup == RECEIPT and _receipts_today(desk, matter):
        to = None
    if letter.counts and _said_today(desk, matter) >= desk.rules.counts["status_messages_a_day"]:
        return False
    outbox_id = ""
    if to:
        asked = 0
        if letter.asks:
            owner, data = letter.asks
            asked = expect(desk.session, desk.now, to.channel, to.address, owner, dict(data), ref=matter.number)
        outbox_id = put(desk, matter, letter, to, asked)
    _remember(desk, matter, letter, CITIZEN, outbox_id)
    return bool(outbox_id)


def put(desk: Desk, matter: Matter, letter: Letter, to: Target, asked: int = 0) -> str:
    """One row of the outbox; ``asked`` is the question the buttons answer."""
    pressed = letter.buttons is not None and to.channel in desk.office.button_channels
    return desk.outbox.put(
        desk.session,
        Message(
            kind=letter.chat_kind if pressed and letter.chat_kind else letter.kind,
            channel=to.channel,
            address=to.address,
            payload=letter.payload(to.locale),
            dedup_key=f"matter:{matter.id}:{letter.dedup}:{to.channel}"[:160],
            locale=to.locale,
            at=letter.at,
            sender=to.sender,
            thread=to.thread,
            person_id=to.person_id,
            options=tuple(letter.buttons(to.locale, asked)) if pressed and letter.buttons else (),
        ),
    )


def tell_person(desk: Desk, matter: Matter, letter: Letter, person: Person) -> bool:
    """Write to a member of staff on the first of their verified contacts."""
    contacts = verified_contacts(desk.session, person.id)
    outbox_id = ""
    if contacts:
        to = Target(contacts[0].channel, contacts[0].address, person.locale, person_id=person.id)
        mine = replace(letter, dedup=f"{letter.dedup}:{person.id}")
        outbox_id = put(desk, matter, mine, to)
        _remember(desk, matter, mine, STAFF, outbox_id)
    return bool(outbox_id)


def tell_office(desk: Desk, letter: Letter, person: Person) -> bool:
    """Write to a member of staff about no matter in particular."""
    contacts = verified_contacts(desk.session, person.id)
    if not contacts:
        return False
    first = contacts[0]
    message = Message(
        kind=letter.kind,
        channel=first.channel,
        address=first.address,
        payload=letter.payload(person.locale),
        dedup_key=f"{letter.dedup}:{person.id}",
        locale=person.locale,
        person_id=person.id,
    )
    desk.outbox.put(desk.session, message)
    return True


def _remember(desk: Desk, matter: Matter, letter: Letter, audience: str, outbox_id: str) -> None:
    known = select(MatterMessage).where(MatterMessage.matter_id == matter.id, MatterMessage.dedup == letter.dedup)
    if desk.session.exec(known).first():
        return
    desk.session.add(
        MatterMessage(
            matter_id=matter.id,
            at=desk.now,
            kind=letter.kind,
            audience=audience,
            dedup=letter.dedup[:100],
            outbox_id=outbox_id,
            reply_id=letter.reply_id,
            counts=letter.counts,
        )
    )
    desk.session.flush()


def _midnight(desk: Desk) -> datetime:
    zone = desk.office.hours.zone
    return wall_to_utc(desk.now.astimezone(zone).date(), time(0), zone)


def _receipts_today(desk: Desk, matter: Matter) -> bool:
    """Whether a phone that anyone may type in has had its receipts of today: the form must not flood a stranger."""
    found = (
        select(func.count())
        .select_from(MatterMessage)
        .join(Matter, col(Matter.id) == col(MatterMessage.matter_id))
        .where(
            col(Matter.phone_index) == matter.phone_index,
            col(MatterMessage.dedup) == RECEIPT,
            col(MatterMessage.outbox_id) != "",
            col(MatterMessage.at) >= _midnight(desk),
        )
    )
    return int(desk.session.exec(found).one()) >= desk.rules.counts["receipts_a_day"]


def _said_today(desk: Desk, matter: Matter) -> int:
    found = select(func.count()).where(
        col(MatterMessage.matter_id) == matter.id,
        col(MatterMessage.counts).is_(True),
        col(MatterMessage.outbox_id) != "",
        col(MatterMessage.at) >= _midnight(desk),
    )
    return int(desk.session.exec(found).one())


def messages_of(desk: Desk, matter: Matter, *, reply_id: str = "") -> list[MatterMessage]:
    """What was put into the outbox for a matter, or for one answer."""
    found = select(MatterMessage).where(MatterMessage.matter_id == matter.id)
    if reply_id:
        found = select(MatterMessage).where(MatterMessage.reply_id == reply_id)
    return list(desk.session.exec(found.order_by(col(MatterMessage.id))))


def take_back(desk: Desk, outbox_ids: list[str]) -> bool:
    """Cancel messages that no worker has taken yet, all or none; False when one is on its way already.

    The state is tested in the very UPDATE, so this and a worker's claim never both succeed.
    """
    if not outbox_ids:
        return True
    table: Any = OutboxMessage.__table__  # type: ignore[attr-defined]
    done = desk.session.execute(
        update(table)
        .where(table.c.id.in_(outbox_ids), table.c.state.in_([OutboxState.QUEUED, OutboxState.SUPPRESSED]))
        .values(
            state=OutboxState.CANCELLED.value,
            reason=Reason.WITHDRAWN.value,
            changed_at=desk.now,
            history=table.c.history + history_line(desk.now, OutboxState.CANCELLED, Reason.WITHDRAWN),
        )
    )
    return int(done.rowcount) == len(outbox_ids)  # type: ignore[attr-defined]


def stop_asking(desk: Desk, matter: Matter, owner: str) -> None:
    """A question put to the citizen stands no more."""
    if to := target_of(desk, matter):
        forget(desk.session, to.channel, to.address, owner, ref=matter.number)


def replace_waiting(desk: Desk, matter: Matter, prefix: str) -> bool:
    """Take back a message that has not left yet, because a later one says it all; False when there was none."""
    found = select(MatterMessage).where(
        MatterMessage.matter_id == matter.id,
        col(MatterMessage.dedup).startswith(prefix),
        col(MatterMessage.counts).is_(True),
    )
    taken = False
    for row in desk.session.exec(found).all():
        if not row.outbox_id or take_back(desk, [row.outbox_id]):
            row.counts, taken = False, True
            desk.session.add(row)
    desk.session.flush()
    return taken
