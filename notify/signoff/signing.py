"""Signing (签收): by whom, when, on which channel, in whose place; late recorded as late; and what takes it back.

A refusal is a result, not an error: it is recorded, so the transaction must commit. Signing means *received*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core import audit
from core.absence import acting, away_now
from core.audit import Actor
from notify.signoff import firing, roster, settling, store, wording
from notify.signoff.models import OPEN, RETURNING, SIGNED, Recipient, Reminder
from notify.signoff.office import Work
from notify.signoff.roster import Official
from notify.signoff.wording import Item

RECENT = timedelta(hours=72)
"""How long somebody is told "you have signed that already" rather than "there is no such document"."""
_MINUTE = timedelta(minutes=1)


class Outcome(StrEnum):
    """What came of an attempt to sign."""

    SIGNED = "signed"
    ALREADY = "already"
    NOT_YOURS = "not_yours"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs and how: ``via`` is the channel, "link" or "console"; ``actor`` what the audit trail names."""

    person_id: str
    via: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of it, with the recipient as it stands now."""

    outcome: Outcome
    item: Item
    at: datetime | None = None
    by: str | None = None
    in_place_of: str | None = None
    late_minutes: int | None = None


def late_minutes(due_at: datetime, signed_at: datetime) -> int | None:
    """Whole minutes past the limit, at least one; None when signed in time. At the very moment is in time. Pure."""
    if signed_at <= due_at:
        return None
    return max(1, (signed_at - due_at) // _MINUTE)


def sign(work: Work, recipient_id: str, signer: Signer) -> Signed:
    """Sign one recipient. Raises NotFound for an unknown one; everything else is a result."""
    row = store.recipient(work.session, recipient_id)
    item = store.items(work.session, [recipient_id])[0]
    if signer.person_id not in allowed(work, item):
        refuse(work, item, signer)
        return Signed(Outcome.NOT_YOURS, item)
    if row.state == SIGNED:
        return _already(row, item)
    if row.state not in {OPEN, RETURNING}:
        return Signed(Outcome.WITHDRAWN, item)
    row.state, row.signed_at, row.signed_by, row.signed_via = SIGNED, work.now, signer.person_id, signer.via
    row.in_place_of = row.a_id if signer.person_id != row.a_id else None
    row.late_minutes = late_minutes(row.due_at, work.now)
    row.return_due_at, row.waiting = None, False
    settling.stop_reminders(work, [row])
    settling.close_orders(work, [row.id])
    facts = {"in_place_of": row.in_place_of, "late_minutes": row.late_minutes}
    _record(work, item, "signed", signer, **facts)
    return Signed(Outcome.SIGNED, item, row.signed_at, row.signed_by, row.in_place_of, row.late_minutes)


def _already(row: Recipient, item: Item) -> Signed:
    return Signed(Outcome.ALREADY, item, row.signed_at, row.signed_by, row.in_place_of, row.late_minutes)


def allowed(work: Work, item: Item) -> set[str]:
    """Who may sign: A, B, the leader, and whoever stands in for one of them now."""
    away = away_now(work.session, work.now)
    leader = roster.officials(work.session, [item.leader_id], work.channels).get(item.leader_id or "")
    lines = roster.lines(item.a_id, item.b_id, leader).values()
    return {
        person for person in (item.a_id, item.b_id, item.leader_id, *(acting(line, away) for line in lines)) if person
    }


def refuse(work: Work, item: Item, signer: Signer) -> None:
    """Somebody who may not tried to; the record and the audit trail say so."""
    _record(work, item, "sign_refused", signer)


def _record(work: Work, item: Item, what: str, signer: Signer, **facts: Any) -> None:
    work.event(item.document_id, what, recipient_id=item.recipient_id, by=signer.person_id, via=signer.via, **facts)
    subject = f"document:{item.document_id}"
    after = {"recipient": item.recipient_id, "by": signer.person_id, **facts}
    audit.record(work.session, work.now, signer.actor, f"document.{what}", subject, after=after)


def to_sign(work: Work, person_id: str) -> list[Item]:
    """What a person has to sign now, by limit: their own, what they were told of, what they stand in for."""
    away = away_now(work.session, work.now)
    found = []
    for item, roles in store.items_asked_of(work.session, person_id, work.now):
        own = item.a_id == person_id
        # Deputy and leader have it on their list once they were told of the red lamp.
        told = bool(roles - {"a"})
        standing_in = acting((item.a_id, item.b_id, item.leader_id), away) == person_id
        if item.state == OPEN and (own or told or standing_in):
            found.append(item)
    return found


def bundled(work: Work, person_id: str, bundle: str) -> set[str]:
    """The recipients one message to this person listed."""
    rows = work.session.execute(
        select(col(Reminder.recipient_id)).where(col(Reminder.bundle) == bundle, col(Reminder.person_id) == person_id)
    )
    return set(rows.scalars())


def to_sign_as_a(work: Work, person_id: str) -> list[Item]:
    """What is open where this person is A."""
    return [item for item, _ in store.items_asked_of(work.session, person_id, work.now) if item.a_id == person_id]


def lately(work: Work, person_id: str) -> list[Item]:
    """What concerned a person lately, whatever became of it, latest first: for codes of documents already signed."""
    return [item for item, _ in reversed(store.items_asked_of(work.session, person_id, work.now - RECENT))]


def by_code(items: Sequence[Item], wanted: str) -> list[Item]:
    """The documents a code or a whole number means. Pure."""
    number = wording.plain_number(wanted)
    whole = [
        item
        for item in items
        if number in {wording.plain_number(item.number), wording.plain_number(wording.short_number(item.number))}
    ]
    return whole or [item for item in items if item.code == number.removesuffix("号").lstrip("0")]


def not_me(work: Work, recipient_id: str, signer: Signer) -> Signed:
    """非本人: whoever is named as the signer says it was somebody else. Open again; supervisors are told by name.

    Only the person named, or somebody else who may sign, can say so; others are refused and recorded.
    """
    row = store.recipient(work.session, recipient_id)
    item = store.items(work.session, [recipient_id])[0]
    if signer.person_id not in allowed(work, item) | {row.signed_by}:
        refuse(work, item, signer)
        return Signed(Outcome.NOT_YOURS, item)
    if row.state != SIGNED or row.signed_at is None:
        return Signed(Outcome.ALREADY if row.state == OPEN else Outcome.WITHDRAWN, item)
    said_at, former = row.signed_at, {"by": row.signed_by, "via": row.signed_via, "at": row.signed_at.isoformat()}
    row.state, row.signed_at, row.signed_by, row.signed_via = OPEN, None, None, None
    row.in_place_of = row.late_minutes = None
    settling.stop_reminders(work, [row])
    settling.remind_from_now(work, row, since=said_at)
    _record(work, item, "not_me", signer, former=former)
    faces = firing.faces_of(work, [item])
    name = faces.people[signer.person_id].name if signer.person_id in faces.people else ""
    payload = {"unit": faces.units.get(item.unit_id, ""), "name": name, "number": item.number}
    firing.tell_supervisors(work, "document_not_me", {**payload, "at": work.clock_words(said_at)})
    return Signed(Outcome.SIGNED, item, said_at)


def receipt(work: Work, signed: Signed, person: Official) -> None:
    """The receipt (回执) to whoever signed by link or console: on their first contact, with 非本人 in it."""
    if signed.outcome is not Outcome.SIGNED or signed.at is None:
        return
    late = signed.late_minutes
    values = {
        "number": signed.item.number,
        "code": signed.item.code,
        "at": work.clock_words(signed.at),
        "text": on_time_words(late, person.locale),
        "phone": work.office.phone,
    }
    firing.tell(work, person, "document_signed", values)


def on_time_words(late: int | None, locale: str) -> str:
    """按时, or how late."""
    if locale == "en":
        return "in time" if late is None else f"{late} minutes late"
    traditional = locale == "zh-Hant"
    if late is None:
        return "按時" if traditional else "按时"
    return f"超時{late}分鐘" if traditional else f"超时{late}分钟"
