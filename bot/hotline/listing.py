"""Lists for staff: the queue with its filters, the refusals that were reported, the calls to make."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from bot.hotline import barrier, numbers, states
from bot.hotline.models import Dispatch, Matter, MatterEvent, MatterReply
from bot.hotline.office import Desk
from bot.hotline.units import find_unit
from bot.hotline.words import Kind, State
from core.auth import Principal
from core.errors import BadInput
from core.lamps import Lamp

_RUNNING = [state.value for state in states.WORKING]


class Filter(BaseModel, frozen=True):
    """What a list is narrowed to; empty fields do not narrow. ``q`` is a number or words of the text."""

    state: str = ""
    unit: str = ""
    lamp: str = ""
    kind: str = ""
    source: str = ""
    owner: str = ""
    q: str = ""


Key = tuple[int, datetime, str]
"""Where a page begins: priority, limit, id."""


def matters(desk: Desk, who: Principal, wanted: Filter, limit: int, after: Key | None = None) -> list[Matter]:
    """The matters this reader may see: emergencies first, then the old, ill and disabled, then what is due first."""
    found = select(Matter).where(*_visible(who), *wanted_conditions(desk, wanted))
    if after:
        found = found.where(_beyond(after))
    order = (col(Matter.priority), col(Matter.due_at), col(Matter.id))
    return list(desk.session.exec(found.order_by(*order).limit(limit)))


def count(desk: Desk, who: Principal, wanted: Filter) -> int:
    """How many matters a list would have."""
    found = select(func.count()).select_from(Matter).where(*_visible(who), *wanted_conditions(desk, wanted))
    return int(desk.session.exec(found).one())


def _beyond(after: Key) -> ColumnElement[bool]:
    priority, due, last_id = after
    same = and_(col(Matter.priority) == priority, col(Matter.due_at) == due, col(Matter.id) > last_id)
    later = and_(col(Matter.priority) == priority, col(Matter.due_at) > due)
    return or_(col(Matter.priority) > priority, later, same)


def _visible(who: Principal) -> list[ColumnElement[bool]]:
    """The barrier as a condition; ``barrier.may_see`` decides the same for one matter."""
    conditions: list[ColumnElement[bool]] = []
    if barrier.only_a_handler(who):
        mine = select(Dispatch.matter_id).where(Dispatch.unit_id == who.unit_id, col(Dispatch.ended_at).is_(None))
        conditions.append(col(Matter.id).in_(mine))
    if who.unit_id:
        about = or_(col(Matter.about_unit_id).is_(None), col(Matter.about_unit_id) != who.unit_id)
        if barrier.only_a_handler(who):
            conditions.append(about)
    return conditions


def wanted_conditions(desk: Desk, wanted: Filter) -> list[ColumnElement[bool]]:
    """A filter as conditions; raises BadInput for a word that is none."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.state == "open":
        conditions.append(col(Matter.state).in_(_RUNNING))
    elif wanted.state:
        conditions.append(col(Matter.state) == _known(State, wanted.state, "state"))
    if wanted.kind:
        conditions.append(col(Matter.kind) == _known(Kind, wanted.kind, "kind"))
    if wanted.unit:
        conditions.append(col(Matter.unit_id) == find_unit(desk.session, wanted.unit).id)
    if wanted.lamp:
        conditions.append(_lamp(desk, Lamp(_known(Lamp, wanted.lamp, "lamp"))))
    if wanted.source:
        conditions.append(col(Matter.source) == wanted.source)
    if wanted.owner:
        conditions.append(col(Matter.owner_ref) == wanted.owner)
    if wanted.q.strip():
        conditions.append(_search(wanted.q.strip()))
    return conditions


def _known(words: Any, value: str, field: str) -> str:
    if value not in {word.value for word in words}:
        allowed = ", ".join(word.value for word in words)
        raise BadInput(f"{value!r} is none of: {allowed}.", fields={field: "unknown"})
    return value


def _search(q: str) -> ColumnElement[bool]:
    if number := numbers.normal(q):
        return col(Matter.number) == number
    return or_(
        col(Matter.text).contains(q, autoescape=True),
        col(Matter.title).contains(q, autoescape=True),
        col(Matter.number).startswith(q, autoescape=True),
        col(Matter.outside_number) == q,
    )


def _lamp(desk: Desk, lamp: Lamp) -> ColumnElement[bool]:
    """The lamp as a condition, the same as ``limits.lamp_of``."""
    running = col(Matter.state).in_(_RUNNING)
    moment: Any = func.coalesce(col(Matter.paused_at), desk.now)
    done = func.coalesce(col(Matter.replied_at), col(Matter.closed_at), col(Matter.changed_at))
    match lamp:
        case Lamp.RED:
            return and_(running, moment >= col(Matter.due_at))
        case Lamp.YELLOW:
            return and_(running, moment >= col(Matter.yellow_at), moment < col(Matter.due_at))
        case Lamp.GREEN:
            return and_(running, moment < col(Matter.yellow_at))
        case Lamp.DONE:
            return and_(~running, done <= col(Matter.due_at))
        case Lamp.DONE_LATE:
            return and_(~running, done > col(Matter.due_at))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rejection, a return or an answer sent against advice, as reported (否定报备)."""

    at: datetime
    number: str
    what: str
    reason: str
    text: str | None
    by: str


def refusals(desk: Desk, since: datetime, limit: int = 200) -> list[Refusal]:
    """Everything that was refused since then, latest first, for the supervisor."""
    found = (
        select(MatterEvent, Matter.number)
        .join(Matter, col(Matter.id) == col(MatterEvent.matter_id))
        .where(col(MatterEvent.what).in_(["reject", "return"]), col(MatterEvent.at) >= since)
        .order_by(col(MatterEvent.at).desc())
        .limit(limit)
    )
    listed = [
        Refusal(event.at, number, event.what, str(event.data.get("reason", "")), event.text, event.actor_name)
        for event, number in desk.session.exec(found)
    ]
    forced = (
        select(MatterReply, Matter.number)
        .join(Matter, col(Matter.id) == col(MatterReply.matter_id))
        .where(MatterReply.forced != "", col(MatterReply.at) >= since, MatterReply.state == "held")
        .limit(limit)
    )
    listed += [
        Refusal(reply.at, number, "brush_off", reply.forced, reply.text, reply.by_name)
        for reply, number in desk.session.exec(forced)
    ]
    return sorted(listed, key=lambda refusal: refusal.at, reverse=True)[:limit]


def calls(desk: Desk, limit: int = 200) -> list[Matter]:
    """The citizens to be called (回访名单), the most urgent first."""
    found = select(Matter).where(col(Matter.call_by).is_not(None)).order_by(col(Matter.call_by)).limit(limit)
    return list(desk.session.exec(found))
