"""After the answer: following up, rating, doing over, closing."""

from typing import Any

from sqlmodel import col, select

from bot.hotline import alerts, clocks, handling, merging, paging, record, replies, sending
from bot.hotline.errors import illegal
from bot.hotline.given import Given
from bot.hotline.models import Matter, MatterReply
from bot.hotline.office import Desk, Doer
from bot.hotline.reply_models import FollowUpTry, Rating, SupervisionOrder
from bot.hotline.words import Grade, State
from core.errors import BadInput, Conflict, NotFound


class RatedAlready(Conflict):
    """An answer is rated once."""


def follow_up(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """A recorded call (回访). Without reaching anybody it counts as a try; a rating needs a note of the call."""
    rating = given.rating()
    if rating and not given.text.strip():
        raise BadInput("A rating told on the phone needs a note of the call.", fields={"text": "is needed"})
    add_try(desk, matter, doer, "call", reached=given.reached, note=given.text)
    changes: dict[str, Any] = {"follow_up_tries": matter.follow_up_tries + 1}
    if given.reached:
        changes |= {"state": State.FOLLOWED_UP.value, "call_by": None}
    data = {"reached": given.reached}
    record.change(desk, matter, "follow_up", doer, changes, text=given.text or None, public=given.reached, data=data)
    if given.reached:
        sending.stop_asking(desk, matter, sending.RATE)
    if rating and given.reached:
        _keep(desk, _unrated(desk, matter), *rating, given.text, via="call", by_call=True)
        _judge(desk, matter, doer, *rating)


def add_try(desk: Desk, matter: Matter, doer: Doer, how: str, *, reached: bool, note: str = "") -> None:
    """Record one try to hear what the citizen thinks."""
    reply = replies.last(desk, matter)
    desk.session.add(
        FollowUpTry(
            matter_id=matter.id,
            reply_id=reply.id if reply else "",
            at=desk.now,
            by_ref=doer.ref,
            how=how,
            reached=reached,
            note=note or None,
        )
    )
    desk.session.flush()


def rate(desk: Desk, matter: Matter, doer: Doer, *, solved: bool, grade: Grade, comment: str, via: str) -> Rating:
    """The citizen's rating (评价), once for each answer: content closes it, discontent brings a call."""
    reply = _unrated(desk, matter)
    content = solved and grade.satisfied
    changes: dict[str, Any] = {}
    if matter.state != State.CLOSED:
        changes["state"] = (State.CLOSED if content else State.FOLLOWED_UP).value
        if content:
            changes["closed_at"] = desk.now
    if not content:
        changes["call_by"] = desk.due_in("call_back")
    data = {"grade": grade.value, "solved": solved}
    record.change(desk, matter, "rate", doer, changes, text=comment or None, public=True, data=data)
    row = _keep(desk, reply, solved, grade, comment, via=via)
    sending.stop_asking(desk, matter, sending.RATE)
    _judge(desk, matter, doer, solved, grade)
    if not content:
        people, due = paging.owner(desk, matter), matter.call_by
        paging.page(desk, matter, people, "staff_call", f"call:{row.id}", due, text=comment or grade.value)
    return row


def _unrated(desk: Desk, matter: Matter) -> MatterReply:
    """The answer that is to be rated; raises IllegalMove when there is none, RatedAlready after a rating."""
    reply = replies.last(desk, matter)
    if reply is None:
        raise illegal(matter, "There is no answer to rate yet.")
    if desk.session.exec(select(Rating).where(Rating.reply_id == reply.id)).first():
        raise RatedAlready("This answer was rated already.")
    return reply


def _keep(
    desk: Desk, reply: MatterReply, solved: bool, grade: Grade, comment: str, *, via: str, by_call: bool = False
) -> Rating:
    row = Rating(
        matter_id=reply.matter_id,
        reply_id=reply.id,
        solved=solved,
        grade=grade.value,
        comment=comment or None,
        by_call=by_call,
        via=via[:20],
        at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def _judge(desk: Desk, matter: Matter, doer: Doer, solved: bool, grade: Grade) -> None:
    """Dissatisfied again after it was done over: no third round; a supervisor decides, and a person calls."""
    if (solved and grade.satisfied) or matter.redone < desk.rules.counts["redos"]:
        return
    if alerts.reach(desk, matter, "twice_dissatisfied", key=f"{matter.id}:{matter.redone}"):
        handling.order(desk, matter, doer, "dissatisfied", "重办后市民仍不满意，请决定督办或解释办结，并打电话说明。")


def redo(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Do it over (重办), 15 working days from now; with ``unit`` it goes there at once. The citizen is told."""
    given.need("reason")
    changes = {
        "state": State.REDO.value,
        "redone": matter.redone + 1,
        "replied_at": None,
        "call_by": None,
        "follow_up_by": None,
        "dispatches": 0,
        "designated": False,
        **clocks.restarted(desk, matter, desk.rules.limits["redo"]),
    }
    changes = clocks.after(desk, matter, **changes)
    record.change(desk, matter, "redo", doer, changes, text=given.reason, public=True)
    if given.unit:
        handling.dispatch(desk, matter, doer, given)
    merging.tell_everyone(desk, matter, "matter_redo", f"redo:{matter.redone}")


def close(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Close it (办结). Nobody reached and nothing rated is an alert point."""
    changes = {"state": State.CLOSED.value, "closed_at": desk.now, "call_by": None, "follow_up_by": None}
    record.change(desk, matter, "close", doer, changes, text=given.text or None, public=True)
    sending.stop_asking(desk, matter, sending.RATE)
    end_orders(desk, matter)
    if not was_reached(desk, matter):
        alerts.reach(desk, matter, "closed_without_contact", key=f"{matter.id}:{matter.version}")


def was_reached(desk: Desk, matter: Matter) -> bool:
    """Whether the citizen was spoken to, rated, or could at least be written to about the answer."""
    reply = replies.last(desk, matter)
    if reply is None or desk.session.exec(select(Rating).where(Rating.reply_id == reply.id)).first():
        return reply is not None
    tries = select(FollowUpTry).where(FollowUpTry.reply_id == reply.id, col(FollowUpTry.reached).is_(True))
    return desk.session.exec(tries).first() is not None


def end_orders(desk: Desk, matter: Matter) -> None:
    """Supervision orders end with the matter."""
    found = select(SupervisionOrder).where(
        SupervisionOrder.matter_id == matter.id, col(SupervisionOrder.done_at).is_(None)
    )
    for row in desk.session.exec(found).all():
        row.done_at = desk.now
        desk.session.add(row)
    desk.session.flush()


def set_aside(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Keep a rating out of the adjusted rates (重复, 不合理), with a reason; both rates stay visible."""
    given.need("reason")
    row = desk.session.exec(
        select(Rating).where(Rating.matter_id == matter.id).order_by(col(Rating.at).desc()).limit(1)
    ).first()
    if row is None:
        raise NotFound("There is no rating.")
    row.set_aside = given.reason[:60]
    desk.session.add(row)
    record.change(desk, matter, "set_aside", doer, text=given.reason, data={"rating": row.id})
