"""A matter as staff see it, each as far as the barrier lets them: in a list, and whole."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, select

from bot.hotline import barrier, clocks, letters, moves, record, sending, states
from bot.hotline.citizen_view import LimitsOut
from bot.hotline.models import Dispatch, Matter, MatterReply
from bot.hotline.office import Desk
from bot.hotline.reply_models import SupervisionOrder
from bot.hotline.words import Action
from bot.hotline.work_models import SiteVisit
from core.auth import Principal
from core.people import Person, Role
from core.text import mask_name, mask_phone
from notify.outbox.models import OutboxMessage


class Row(BaseModel):
    """A matter in a list. ``title`` is empty for a protected one."""

    number: str
    version: int
    kind: str
    state: str
    lamp: str
    title: str
    unit: str | None
    owner: str
    source: str
    priority: int
    emergency: str
    confidential: bool
    received_at: datetime
    due_at: datetime
    limits: LimitsOut


class Whole(Row):
    """A matter opened. ``identity`` says whether sender's name and phone are shown masked, hidden or not there."""

    text: str
    place: dict[str, Any] | None
    identity: str
    name: str | None
    phone: str | None
    for_person: str | None
    for_phone: str | None
    visits: list[dict[str, Any]]
    channel: str
    transcript: list[list[str]]
    extra: dict[str, Any] | None
    anonymous: bool
    silent: bool
    merged_into: str | None
    offered_to: str
    statutory_by: datetime
    call_by: datetime | None
    asked_for: list[str]
    can: list[str]
    events: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    dispatches: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    notified: bool | None


def row(desk: Desk, matter: Matter) -> Row:
    """One line of a list."""
    return Row(**_common(desk, matter))


def whole(desk: Desk, matter: Matter, who: Principal) -> Whole:
    """Everything this reader may see."""
    gate = moves.guarded(desk, matter)
    hidden = matter.protected
    insider = who.has(*barrier.HOTLINE)
    into = desk.session.get(Matter, matter.merged_into) if matter.merged_into else None
    messages = _messages(desk, matter)
    return Whole(
        **_common(desk, matter),
        text=matter.body,
        place=matter.place,
        identity="none" if matter.anonymous else "hidden" if hidden else "masked",
        name=mask_name(matter.name) if matter.name and not hidden else None,
        phone=mask_phone(matter.phone) if matter.phone and not hidden else None,
        for_person=mask_name(matter.for_person) if matter.for_person and not hidden else None,
        for_phone=mask_phone(matter.for_phone) if matter.for_phone and not hidden else None,
        visits=_visits(desk, matter),
        channel=matter.reply_channel if insider or not hidden else "",
        transcript=matter.transcript or [] if insider or not hidden else [],
        extra=matter.extra,
        anonymous=matter.anonymous,
        silent=matter.silent,
        merged_into=into.number if into else None,
        offered_to=matter.offered_to,
        statutory_by=matter.statutory_by,
        call_by=matter.call_by,
        asked_for=matter.asked_for.split(",") if matter.asked_for else [],
        can=can(desk, matter, who) if barrier.may_see(who, gate) else [],
        events=[_event(event) for event in record.events(desk, matter)],
        replies=_replies(desk, matter),
        dispatches=_dispatches(desk, matter),
        orders=_orders(desk, matter),
        messages=messages,
        notified=_notified(messages),
    )


def can(desk: Desk, matter: Matter, who: Principal) -> list[str]:
    """The actions open to this reader now."""
    mine = frozenset(action for action, roles in states.ROLES.items() if who.has(*roles))
    if barrier.only_a_handler(who) and not (who.person_id and who.person_id in moves.guarded(desk, matter).checkers):
        mine -= {Action.CHECK}
    facts = moves.facts(desk, matter, supervisor=who.has(Role.SUPERVISOR))
    return [action.value for action in states.allowed(facts, mine - {Action.SET_ASIDE})]


def _common(desk: Desk, matter: Matter) -> dict[str, Any]:
    return {
        "number": matter.number,
        "version": matter.version,
        "kind": matter.kind,
        "state": matter.state,
        "lamp": clocks.lamp(matter, desk.now).value,
        "title": matter.title,
        "unit": letters.unit_name(desk, matter.unit_id) if matter.unit_id else None,
        "owner": matter.owner_name,
        "source": matter.source,
        "priority": matter.priority,
        "emergency": matter.emergency,
        "confidential": matter.protected,
        "received_at": matter.received_at,
        "due_at": matter.due_at,
        "limits": LimitsOut(accept=matter.accept_by, answer=matter.answer_by),
    }


def _event(event: Any) -> dict[str, Any]:
    kept = event.model_dump(include={"at", "what", "actor_name", "via", "before", "after", "public", "text", "data"})
    return {**kept, "by": kept.pop("actor_name") or event.actor}


def _replies(desk: Desk, matter: Matter) -> list[dict[str, Any]]:
    found = select(MatterReply).where(MatterReply.matter_id == matter.id).order_by(col(MatterReply.at))
    fields = {"id", "text", "finding", "details", "state", "supplement", "forced", "at", "sends_at"}
    return [{**reply.model_dump(include=fields), "by": reply.by_name} for reply in desk.session.exec(found)]


def _dispatches(desk: Desk, matter: Matter) -> list[dict[str, Any]]:
    found = select(Dispatch).where(Dispatch.matter_id == matter.id).order_by(col(Dispatch.at))
    times = {"at", "sign_by", "return_by", "due", "signed_at", "returned_at", "opinion_at"}
    fields = {"lead", "designated", "reason"} | times
    return [
        {**dispatch.model_dump(include=fields), "unit": letters.unit_name(desk, dispatch.unit_id)}
        for dispatch in desk.session.exec(found)
    ]


def _visits(desk: Desk, matter: Matter) -> list[dict[str, Any]]:
    found = select(SiteVisit, Person).outerjoin(Person, col(Person.id) == col(SiteVisit.person_id))
    fields = {"id", "purpose", "state", "at", "result", "note", "asked_at", "done_at"}
    rows = desk.session.exec(found.where(SiteVisit.matter_id == matter.id).order_by(col(SiteVisit.asked_at)))
    return [{**row.model_dump(include=fields), "person": person.name if person else None} for row, person in rows]


def _orders(desk: Desk, matter: Matter) -> list[dict[str, Any]]:
    found = select(SupervisionOrder).where(SupervisionOrder.matter_id == matter.id)
    fields = {"id", "at", "why", "text", "due", "done_at", "feedback"}
    return [order.model_dump(include=fields) for order in desk.session.exec(found.order_by(col(SupervisionOrder.at)))]


def _messages(desk: Desk, matter: Matter) -> list[dict[str, Any]]:
    """What was said to the citizen about it, and what became of each message."""
    said = []
    for message in sending.messages_of(desk, matter):
        if message.audience == sending.CITIZEN:
            row = desk.session.get(OutboxMessage, message.outbox_id) if message.outbox_id else None
            state = row.state if row else "not notified"
            said.append({"at": message.at, "kind": message.kind, "state": state, "reply": message.reply_id or None})
    return said


_NEVER_ARRIVED = frozenset({"not notified", "failed", "undeliverable", "suppressed"})


def _notified(messages: list[dict[str, Any]]) -> bool | None:
    """Whether the citizen has been told of the latest answer; None when there is no answer yet."""
    of_replies = [message for message in messages if message["reply"] and message["state"] != "cancelled"]
    if not of_replies:
        return None
    return of_replies[-1]["state"] not in _NEVER_ARRIVED
