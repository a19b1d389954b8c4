"""Answers: written, checked, held for 20 seconds, taken back, sent to everyone concerned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.hotline import letters, paging, record, sending
from bot.hotline.brush_off import says_nothing
from bot.hotline.errors import BrushOffAnswer, PastedRemains, illegal
from bot.hotline.merging import merged_into
from bot.hotline.models import Matter, MatterReply
from bot.hotline.office import Desk, Doer
from bot.hotline.pasted import remains
from bot.hotline.words import Finding, Kind, State
from core.auth import Principal
from core.errors import BadInput, Conflict, SamePerson
from core.ids import new_id
from core.people import Person

HELD_FOR = timedelta(seconds=20)
MAX_ANSWER = 2000
PASTED = "pasted: "
"""How the reason begins for which a text with remains of pasting was let through."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wants to answer.

    ``finding`` and ``details`` (``done``, ``contacted_by``, ``contacted_at``) belong to complaints and reports;
    ``force`` sends a text that says nothing, which is then listed.
    """

    text: str
    finding: Finding | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    force: bool = False


def checked_text(desk: Desk, answer: Answer) -> tuple[str, str]:
    """The text to send and why it was let through against advice (empty: it needed no force)."""
    text = answer.text.strip()
    if not text or len(text) > MAX_ANSWER:
        raise BadInput(f"An answer has 1 to {MAX_ANSWER} characters.", fields={"text": "length"})
    if "___" in text:
        raise BadInput("There is a blank left to fill in.", fields={"text": "___ is a blank"})
    if (left := remains(text)) and not answer.force:
        raise PastedRemains(
            f"Something was left over from pasting: {left}. Clean it up, or send it with force.",
            fields={"text": left, "force": "true sends it as it is"},
        )
    why = says_nothing(text, desk.rules.brush_off) or (f"{PASTED}{left}"[:20] if left else "")
    if why and not answer.force:
        raise BrushOffAnswer(
            "It does not say who does what by when; people will ask again. Rewrite it, or send it with force.",
            fields={"text": why, "force": "true sends it and lists it for the supervisor"},
        )
    return text, why


def need_finding(desk: Desk, matter: Matter, answer: Answer) -> None:
    """Complaints and reports end with a finding; raises BadInput without one."""
    if desk.rules.kinds[Kind(matter.kind)].finding and answer.finding is None:
        raise BadInput(
            "An answer to a complaint or report says what was found.",
            fields={"finding": f"one of: {', '.join(Finding)}"},
        )


def write(desk: Desk, matter: Matter, answer: Answer, doer: Doer, *, wait_for_check: bool) -> MatterReply:
    """Write an answer down and, unless it waits to be checked, let it go in 20 seconds."""
    need_finding(desk, matter, answer)
    text, forced = checked_text(desk, answer)
    reply = MatterReply(
        id=new_id(),
        matter_id=matter.id,
        text=text,
        details=dict(answer.details),
        finding=answer.finding.value if answer.finding else "",
        direct=matter.state == State.ACCEPTED,
        forced=forced,
        unit_id=matter.unit_id,
        by_ref=doer.ref,
        by_name=doer.name,
        state="check" if wait_for_check else "held",
        from_state=matter.state,
        at=desk.now,
    )
    if wait_for_check:
        if waiting(desk, matter):
            raise Conflict("An answer is waiting to be checked already.")
        record.change(desk, matter, "reply_waits", doer, text=text, data={"reply": reply.id})
        desk.session.add(reply)
        desk.session.flush()
        return reply
    let_go(desk, matter, reply, doer)
    return reply


def let_go(desk: Desk, matter: Matter, reply: MatterReply, doer: Doer) -> None:
    """Move the matter to *replied* and put the answer into the outbox, to leave in 20 seconds."""
    reply.state, reply.sends_at, reply.from_state = "held", desk.now + HELD_FOR, matter.state
    rated = desk.rules.kinds[Kind(matter.kind)].rated
    record.change(
        desk,
        matter,
        "reply",
        doer,
        {
            "state": State.REPLIED.value,
            "replied_at": desk.now,
            "follow_up_by": desk.due_in("follow_up") if rated else None,
            "follow_up_tries": 0,
            "call_by": None,
        },
        text=reply.text,
        public=True,
        data={"reply": reply.id, "finding": reply.finding, "forced": reply.forced},
    )
    desk.session.add(reply)
    desk.session.flush()
    sending.replace_waiting(desk, matter, "accepted:")
    for one in (matter, *merged_into(desk, matter)):
        if not one.silent:
            sending.tell(desk, one, letters.answer(desk, one, matter, reply, rated=rated))
        if one.id != matter.id:
            record.note(desk, one, "reply", doer, text=reply.text, public=True, data={"reply": reply.id})


def last(desk: Desk, matter: Matter) -> MatterReply | None:
    """The latest answer that went out or is about to; supplements are not counted."""
    return desk.session.exec(
        select(MatterReply)
        .where(
            MatterReply.matter_id == matter.id,
            MatterReply.state == "held",
            col(MatterReply.supplement).is_(False),
        )
        .order_by(col(MatterReply.at).desc(), col(MatterReply.id).desc())
        .limit(1)
    ).first()


def waiting(desk: Desk, matter: Matter) -> MatterReply | None:
    """The answer that waits to be checked."""
    return desk.session.exec(
        select(MatterReply).where(MatterReply.matter_id == matter.id, MatterReply.state == "check")
    ).first()


def undo(desk: Desk, matter: Matter, doer: Doer) -> None:
    """Take an answer back before it leaves. Raises IllegalMove when it has left or somebody else wrote it."""
    reply = last(desk, matter)
    if reply is None or reply.sends_at is None:
        raise illegal(matter, "There is no answer to take back.")
    ids = [row.outbox_id for row in sending.messages_of(desk, matter, reply_id=reply.id) if row.outbox_id]
    if desk.now >= reply.sends_at or not sending.take_back(desk, ids):
        raise illegal(matter, "The answer has left; write a supplement instead.")
    for one in (matter, *merged_into(desk, matter)):
        sending.stop_asking(desk, one, sending.RATE)
    changes: dict[str, Any] = {"state": reply.from_state, "replied_at": None, "follow_up_by": None}
    record.change(desk, matter, "undo", doer, changes, data={"reply": reply.id})
    reply.state = "undone"
    desk.session.add(reply)
    desk.session.flush()


def supplement(desk: Desk, matter: Matter, answer: Answer, doer: Doer) -> MatterReply:
    """Something more after the answer: sent in 20 seconds as well, changes no state, asks for no rating."""
    text, forced = checked_text(desk, answer)
    reply = MatterReply(
        id=new_id(),
        matter_id=matter.id,
        text=text,
        details={},
        supplement=True,
        forced=forced,
        unit_id=matter.unit_id,
        by_ref=doer.ref,
        by_name=doer.name,
        state="held",
        from_state=matter.state,
        at=desk.now,
        sends_at=desk.now + HELD_FOR,
    )
    record.change(desk, matter, "supplement", doer, text=text, public=True, data={"reply": reply.id})
    desk.session.add(reply)
    desk.session.flush()
    for one in (matter, *merged_into(desk, matter)):
        sending.tell(desk, one, letters.answer(desk, one, matter, reply, rated=False))
    return reply


def ask_for_check(desk: Desk, matter: Matter, reply: MatterReply) -> None:
    """Tell the owner, and the leader of whoever wrote it, that an answer waits (审核)."""
    writer = desk.session.get(Person, reply.by_ref)
    people = paging.owner(desk, matter) + (paging.leaders(desk.session, [writer]) if writer else [])
    text = letters.sentence(reply.text)
    paging.page(desk, matter, people, "staff_check", f"check:{reply.id}", text=text)


def checked(desk: Desk, matter: Matter, reply: MatterReply, doer: Doer, *, ok: bool, why: str) -> None:
    """Let a handler's answer go, or send it back with a reason."""
    if ok:
        let_go(desk, matter, reply, doer)
        return
    record.change(desk, matter, "check", doer, text=why or None, data={"reply": reply.id, "ok": False})
    reply.state = "refused"
    desk.session.add(reply)
    desk.session.flush()
    text = f"答复没有通过，请修改：{why}"
    paging.page(desk, matter, paging.handlers(desk, matter), "staff_decided", f"refused:{reply.id}", text=text)


def may_handle(matter: Matter, who: Principal) -> None:
    """Who accepts a complaint or report never handles it (OFFICE); raises SamePerson.

    A complaint the hotline itself answers at once was handled by nobody else, so it is not concerned.
    """
    handled = matter.state != State.ACCEPTED or matter.kind == Kind.REPORT
    if handled and matter.kind in {Kind.COMPLAINT, Kind.REPORT} and matter.accepted_by == who.identity:
        raise SamePerson("Who accepted a complaint or report never handles it: let somebody else.")
