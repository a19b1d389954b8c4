"""Absence (外出) and who stands in: rows, and the pure question who acts for whom.

A is stood in for by whom they chose, else by B (AB岗), else by the leader. A chain of absences ends at the leader
and never turns in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from core import audit
from core.audit import Actor
from core.columns import UTCDateTime
from core.errors import BadInput, Conflict, NotFound, SamePerson
from core.ids import new_id
from core.people import Person


class Absence(SQLModel, table=True):
    """Somebody is away. ``stand_in_id`` is whom they chose; None leaves it to their deputy or leader.

    ``ended_at`` is when they were back: by their own word (销假) or when the time was over. The row stays.
    """

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_open", "ended_at", "ends_at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=32)
    stand_in_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    starts_at: datetime = Field(sa_type=UTCDateTime)
    ends_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)


class DeputyChange(SQLModel, table=True):
    """A wish to give somebody another deputy (B岗) or leader, for another person to decide.

    ``state``: asked, approved, refused.
    """

    __tablename__ = "deputy_change"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=32)
    deputy_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    leader_id: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    state: str = Field(default="asked", max_length=10)
    asked_by: str = Field(max_length=80)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=80)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


Away = Mapping[str, str]
"""Who is away now → whom they chose to stand in for them, empty when they chose nobody."""


def acting(line: Sequence[str | None], away: Away) -> str | None:
    """The first person of a line (A, B, leader) who is there, or whom one of the line sends; None: nobody.

    Whoever is away and chose a stand-in sends that one, who may in turn have chosen another. Pure; ends always,
    because nobody is looked at twice.
    """
    seen: set[str] = set()
    for holder in line:
        person = holder
        while person and person in away and person not in seen:
            seen.add(person)
            person = away[person]
        if person and person not in away:
            return person
    return None


def away_now(session: Session, now: datetime) -> dict[str, str]:
    """Everybody who is away at this moment, as ``acting`` wants it."""
    rows = session.exec(_open(now).order_by(col(Absence.created_at)))
    return {row.person_id: row.stand_in_id or "" for row in rows}


def away_until(session: Session, now: datetime, ids: Collection[str]) -> dict[str, datetime]:
    """Until when those of these people are away who are."""
    return {row.person_id: row.ends_at for row in session.exec(_open(now).where(col(Absence.person_id).in_(ids)))}


def absence_of(session: Session, now: datetime, person_id: str) -> Absence | None:
    """The absence somebody is in now, None when they are there."""
    return session.exec(_open(now).where(Absence.person_id == person_id)).first()


def _open(now: datetime) -> SelectOfScalar[Absence]:
    return select(Absence).where(
        col(Absence.ended_at).is_(None), col(Absence.starts_at) <= now, col(Absence.ends_at) > now
    )


def set_away(
    session: Session,
    now: datetime,
    actor: Actor,
    person: Person,
    ends_at: datetime,
    *,
    stand_in_id: str | None = None,
) -> Absence:
    """Somebody is away from now on. An absence they are in already is replaced. Raises BadInput."""
    if ends_at <= now:
        raise BadInput("An absence must end later than now.", fields={"ends_at": "in the past"})
    if stand_in_id == person.id:
        raise BadInput("Nobody can stand in for themselves.", fields={"stand_in": "the same person"})
    if former := absence_of(session, now, person.id):
        former.ended_at = now
        session.add(former)
    absence = Absence(person_id=person.id, stand_in_id=stand_in_id, starts_at=now, ends_at=ends_at, created_at=now)
    session.add(absence)
    after = {"ends_at": ends_at.isoformat(), "stand_in": stand_in_id}
    audit.record(session, now, actor, "absence.set", f"person:{person.id}", after=after)
    session.flush()
    return absence


def end_absence(session: Session, now: datetime, actor: Actor, absence: Absence) -> bool:
    """Somebody is back; False when they were already."""
    if absence.ended_at is not None:
        return False
    absence.ended_at = now
    session.add(absence)
    audit.record(session, now, actor, "absence.end", f"person:{absence.person_id}")
    session.flush()
    return True


def ask_change(
    session: Session,
    now: datetime,
    actor: Actor,
    asker: str,
    person: Person,
    *,
    deputy_id: str | None,
    leader_id: str | None,
) -> DeputyChange:
    """Ask for another deputy and leader (both as they shall be); another person approves. Raises BadInput."""
    if person.id in {deputy_id, leader_id}:
        raise BadInput("Nobody is their own deputy or leader.", fields={"deputy": "the same person"})
    change = DeputyChange(person_id=person.id, deputy_id=deputy_id, leader_id=leader_id, asked_by=asker, asked_at=now)
    session.add(change)
    session.flush()
    values = {"deputy_id": deputy_id, "leader_id": leader_id}
    audit.record(session, now, actor, "deputy.ask", f"person:{person.id}", after=values)
    return change


def decide_change(
    session: Session, now: datetime, actor: Actor, decider: str, change_id: str, *, approve: bool
) -> DeputyChange:
    """Approve or refuse a change. Raises NotFound, Conflict when decided already, SamePerson for the asker."""
    change = session.get(DeputyChange, change_id)
    if change is None:
        raise NotFound("There is no such change.")
    if change.state != "asked":
        raise Conflict("This change has been decided already.")
    if decider == change.asked_by:
        raise SamePerson("Another person must approve a change of A or B.")
    change.state, change.decided_by, change.decided_at = "approved" if approve else "refused", decider, now
    session.add(change)
    person = session.get(Person, change.person_id)
    if approve and person:
        before = {"deputy_id": person.deputy_id, "leader_id": person.leader_id}
        person.deputy_id, person.leader_id = change.deputy_id, change.leader_id
        session.add(person)
        after = {"deputy_id": change.deputy_id, "leader_id": change.leader_id}
        audit.record(session, now, actor, "deputy.change", f"person:{person.id}", before=before, after=after)
    session.flush()
    return change


def open_changes(session: Session) -> list[DeputyChange]:
    """Changes that wait for a decision, oldest first."""
    found = select(DeputyChange).where(DeputyChange.state == "asked")
    return list(session.exec(found.order_by(col(DeputyChange.asked_at))))


def staff(session: Session, wanted: str) -> Person:
    """An active person by id or staff number (工号); raises NotFound."""
    found = session.exec(
        select(Person).where(or_(Person.id == wanted, Person.staff_no == wanted), col(Person.active).is_(True))
    ).first()
    if found is None:
        raise NotFound(f"There is no person {wanted!r}.")
    return found
