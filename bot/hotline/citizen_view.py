"""A matter as its citizen sees it: state, unit, limits, what happened, what can be done now."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import select

from bot.hotline import citizens, clocks, letters, moves, record, replies, states
from bot.hotline.models import Matter, MatterEvent, MatterReply
from bot.hotline.office import Desk
from bot.hotline.reply_models import Rating
from bot.hotline.words import Action, Kind, State
from bot.hotline.work_models import SiteVisit
from core.people import Unit

_TEXT_SHOWN = frozenset(
    {"reply", "supplement", "append", "progress", "rate", "reject", "reopen", "contest", "withdraw"}
)
"""Lines of the record whose text the citizen may read; the reasons staff give each other are not among them."""


_TO_A_UNIT = frozenset({Action.DISPATCH.value, Action.DESIGNATE.value})
_ABOUT = frozenset({"missing", "reason", "into", "grade", "solved", "unrated"})
"""Particulars of a line that the citizen may read; the rest is the staff's."""


class LimitsOut(BaseModel):
    """Until when it is accepted and answered."""

    accept: datetime
    answer: datetime


class EventOut(BaseModel):
    """One thing that happened; ``text`` where there is something to read.

    ``about`` is what a sentence about it names: the unit it went to, what was missing, the reason, the rating.
    """

    at: datetime
    what: str
    text: str | None = None
    about: dict[str, Any] = {}


class CitizenView(BaseModel):
    """What the citizen sees. ``unit`` is the name of the unit that has it; ``can`` are the actions open now.

    ``visit`` is when somebody comes to them (上门服务).
    """

    number: str
    kind: str
    state: str
    lamp: str
    subject: str = ""
    unit: str | None = None
    limits: LimitsOut
    events: list[EventOut]
    can: list[str]
    received_at: datetime
    merged_into: str | None = None
    visit: datetime | None = None


def view(desk: Desk, matter: Matter) -> CitizenView:
    """The whole of it, for somebody who showed that it is theirs; an answer is read once it has left."""
    state = State.WITHDRAWN.value if matter.silent else matter.state
    unit = desk.session.get(Unit, matter.unit_id) if matter.unit_id else None
    into = desk.session.get(Matter, matter.merged_into) if matter.merged_into else None
    return CitizenView(
        number=matter.number,
        kind=matter.kind,
        state=state,
        lamp=clocks.lamp(matter, desk.now).value,
        subject=letters.subject(matter, matter.locale),
        unit=unit.name if unit else None,
        limits=LimitsOut(accept=matter.accept_by, answer=matter.answer_by),
        events=_events(desk, matter),
        can=can(desk, matter),
        received_at=matter.received_at,
        merged_into=into.number if into else None,
        visit=_visit(desk, matter),
    )


def _visit(desk: Desk, matter: Matter) -> datetime | None:
    """When somebody comes to them, while that lies ahead."""
    found = select(SiteVisit.at).where(
        SiteVisit.matter_id == matter.id, SiteVisit.purpose == "service", SiteVisit.state == "booked"
    )
    at = desk.session.exec(found).first()
    return at if at and at > desk.now else None


def can(desk: Desk, matter: Matter) -> list[str]:
    """What the citizen may do now."""
    if matter.silent:
        return [Action.APPEND.value] if State(matter.state) in states.WORKING else []
    open_now = states.allowed(moves.facts(desk, matter), states.CITIZEN)
    closed_to = set()
    if not rateable(desk, matter):
        closed_to.add(Action.RATE)
    if citizens.urged_today(desk, matter) or Kind(matter.kind) is Kind.INFORMATION_REQUEST:
        closed_to.add(Action.URGE)
    return [action.value for action in open_now if action not in closed_to]


def rateable(desk: Desk, matter: Matter) -> bool:
    """Whether there is an answer nobody has rated."""
    reply = replies.last(desk, matter)
    if reply is None:
        return False
    return desk.session.exec(select(Rating.id).where(Rating.reply_id == reply.id)).first() is None


def _events(desk: Desk, matter: Matter) -> list[EventOut]:
    shown = []
    for event in record.events(desk, matter):
        if event.public and not _held_back(desk, event):
            text = event.text if event.what in _TEXT_SHOWN else None
            shown.append(EventOut(at=event.at, what=event.what, text=text, about=_about(desk, event)))
    return shown


def _about(desk: Desk, event: MatterEvent) -> dict[str, Any]:
    known = {name: value for name, value in event.data.items() if name in _ABOUT}
    if unit := desk.session.get(Unit, event.data["unit"]) if event.what in _TO_A_UNIT else None:
        known["unit"] = unit.name
    return known


def _held_back(desk: Desk, event: MatterEvent) -> bool:
    """Whether a line speaks of an answer that has not left yet, or was taken back."""
    reply_id = event.data.get("reply") if event.what in {"reply", "supplement"} else None
    reply = desk.session.get(MatterReply, reply_id) if reply_id else None
    return reply is not None and (reply.state != "held" or (reply.sends_at or desk.now) > desk.now)
