"""Absence (外出) as documents feel it: running plans go on with whoever stands in, and come back by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from core import absence as absences
from core.absence import Absence, acting, away_now
from core.audit import SERVICE, Actor
from core.people import Person
from notify.signoff import away_words, firing, roster, signing
from notify.signoff.away_words import Meanwhile
from notify.signoff.firing import Faces, Fired
from notify.signoff.models import OPEN, Recipient, Reminder
from notify.signoff.office import Work
from notify.signoff.plan import Planned, Step, To
from notify.signoff.reminding import Due, Wrap, remind
from notify.signoff.wording import Item
from notify.timers import Timer, set_timers

OWNER = "signoff.away"


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who would stand in: the person, whether that is the deputy, and why not the deputy if somebody else."""

    person: Person | None
    deputy: Person | None
    deputy_back: datetime | None


def stand_in_for(work: Work, person: Person, chosen: str | None = None) -> StandIn:
    """Who stands in when somebody goes away now: whom they choose, their B, or their leader."""
    away = away_now(work.session, work.now) | {person.id: ""}
    line = (chosen,) if chosen else (person.deputy_id, person.leader_id)
    found = acting(line, away)
    deputy = work.session.get(Person, person.deputy_id) if person.deputy_id else None
    theirs = absences.absence_of(work.session, work.now, deputy.id) if deputy else None
    return StandIn(work.session.get(Person, found) if found else None, deputy, theirs.ends_at if theirs else None)


def go(work: Work, person: Person, ends_at: datetime, actor: Actor, *, stand_in_id: str | None = None) -> StandIn:
    """Somebody goes away. Whoever stands in is told at once what they have to sign. Raises BadInput."""
    absence = absences.set_away(work.session, work.now, actor, person, ends_at, stand_in_id=stand_in_id)
    set_timers(work.session, [Timer(OWNER, absence.id, ends_at, {})])
    items = [item for item in signing.to_sign_as_a(work, person.id) if item.state == OPEN]
    faces = firing.faces_of(work, items)
    dues = [due for item in items for due in _dues(work, item, faces)]
    for due in dues:
        work.event(due.item.document_id, "handed", recipient_id=due.item.recipient_id, by=person.id, to=due.person.id)
    remind(work, dues, _handed(work, person, ends_at))
    lost = len(items) - len({due.item.recipient_id for due in dues})
    if lost:
        first = min(item.due_at for item in items)
        payload = {"unit": "", "name": person.name, "count": lost}
        firing.tell_supervisors(work, "document_nobody", payload, due=first)
    found = stand_in_for(work, person, stand_in_id)
    if found.person and not items:
        _tell_stand_in(work, found.person, person, ends_at)
    return found


def _dues(work: Work, item: Item, faces: Faces) -> list[Due]:
    return firing.dues_of(Fired(item, Planned(work.now, Step.ISSUED, (To.A,))), faces)


def _handed(work: Work, person: Person, ends_at: datetime) -> Wrap:
    def wrap(dues: Sequence[Due]) -> tuple[str, dict[str, Any]]:
        until = work.due_words(ends_at, dues[0].person.locale).removesuffix("前")
        return "document_handed", {"name": person.name, "due": until}

    return wrap


def _tell_stand_in(work: Work, stand_in: Person, person: Person, ends_at: datetime) -> None:
    official = roster.officials(work.session, [stand_in.id], work.channels).get(stand_in.id)
    if official:
        due = work.due_words(ends_at, official.locale).removesuffix("前")
        firing.tell(work, official, "document_stand_in", {"name": person.name, "due": due})


def back(work: Work, absence: Absence, actor: Actor, *, tell: bool = True) -> Meanwhile:
    """Somebody is back (销假, or the time is over). Both sides hear what was signed and what is theirs again.

    ``tell`` is False for somebody who is answered in a conversation anyway.
    """
    person = work.session.get(Person, absence.person_id)
    if not absences.end_absence(work.session, work.now, actor, absence) or person is None:
        return Meanwhile()
    items = [item for item in signing.to_sign_as_a(work, person.id) if item.state == OPEN]
    for item in items:
        work.event(item.document_id, "handed_back", recipient_id=item.recipient_id, by=person.id)
    signed = _signed_meanwhile(work, absence)
    others = _stood_in(work, absence, [item.recipient_id for item in items]) | set(signed)
    known = roster.officials(work.session, {person.id, *others}, work.channels)
    names = "、".join(known[other].name for other in sorted(others) if other in known)
    found = _meanwhile(work, absence, person, items, Meanwhile(names=names, signed=sum(signed.values())))
    if tell and person.id in known:
        firing.tell(work, known[person.id], "document_back", {"text": away_words.handed_back(found, person.locale)})
    for other in sorted(others & set(known)):
        values = {"numbers": str(len(items)), "name": person.name, "count": signed.get(other, 0)}
        firing.tell(work, known[other], "document_back_other", values)
    return found


def _meanwhile(work: Work, absence: Absence, person: Person, items: Sequence[Item], so_far: Meanwhile) -> Meanwhile:
    """With the matters, and the next limit of all that is the person's own again."""
    matters = work.office.matters.in_hand(work.session, person.id)
    dues = sorted([item.due_at for item in items] + [matter.due_at for matter in matters])
    return replace(
        so_far,
        answered=work.office.matters.answered_for(work.session, person.id, absence.starts_at),
        left=len(items),
        matters=len(matters),
        due=work.due_words(dues[0], person.locale).removesuffix("前") if dues else "",
    )


def _signed_meanwhile(work: Work, absence: Absence) -> dict[str, int]:
    """How many documents others signed in the absent person's place, by signer."""
    rows = work.session.execute(
        select(col(Recipient.signed_by), func.count())
        .where(
            col(Recipient.in_place_of) == absence.person_id,
            col(Recipient.signed_at) >= absence.starts_at,
            col(Recipient.signed_at) <= work.now,
        )
        .group_by(col(Recipient.signed_by))
    )
    return {row[0]: row[1] for row in rows}


def _stood_in(work: Work, absence: Absence, recipient_ids: list[str]) -> set[str]:
    """Whoever was asked in the absent person's place about what is still open, or was named by them."""
    rows = work.session.execute(
        select(col(Reminder.person_id))
        .where(
            col(Reminder.recipient_id).in_(recipient_ids),
            col(Reminder.role) == To.A.value,
            col(Reminder.at) >= absence.starts_at,
            col(Reminder.person_id) != absence.person_id,
        )
        .distinct()
    ).scalars()
    return set(rows) | ({absence.stand_in_id} if absence.stand_in_id else set())


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """Absences whose time is over."""
    for timer in timers:
        found = work.session.get(Absence, timer.ref)
        if found and found.ended_at is None and found.ends_at <= work.now:
            back(work, found, SERVICE)
