"""Answers that leave from a chat or by SMS: shown back, held for 20 seconds, taken back, sent at once.

A text that says nothing and a complaint's answer without a finding are asked about first; meanwhile the draft is
kept with whoever wrote it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from bot import staff_canned
from bot.choosing import fold
from bot.dialogue import staff as spoken
from bot.dialogue.base import Done, Question, Say
from bot.dialogue.staff import button
from bot.hotline import canned, replies, sending
from bot.hotline.errors import BrushOffAnswer, IllegalMove, PastedRemains
from bot.hotline.models import Matter, MatterReply
from bot.hotline.rules import KindRule
from bot.hotline.words import Action, Finding, Kind, State
from bot.staff_case import StaffCase
from core.errors import BadInput, StaleVersion
from core.expectations import expect, forget, standing
from core.people import address_index
from core.wake import wake
from notify.outbox.models import OutboxMessage
from notify.outbox.service import TOPIC
from notify.outbox.states import State as OutboxState

DRAFT = "staff.draft"
"""Kept like a question: what somebody wrote and has not sent, by person and matter."""
_DRAFT_KEPT = timedelta(hours=1)
LABELS = ("b_now", "b_undo", "b_edit")


def reply(case: StaffCase) -> Done:
    """答复：the words go to the citizen, after they were shown back."""
    matter = case.matter()
    if matter.protected and case.in_group:
        return Done((case.say("protected", number=matter.number, link=case.link(matter)),))
    if not case.text:
        return ask_for_it(case, matter)
    if matter.state == State.DISPATCHED and not matter.protected:
        # Whoever answers has it: a reply signs for the matter as well.
        matter = case.perform(matter, Action.SIGN)
        if fold(case.text).strip("。.! ") in {"签收", "簽收", "sign"}:
            values = {"name": case.who.name, "unit": case.unit(matter.unit_id), "time": case.clock(case.desk.now)}
            return Done((Say("ready", {"text": case.words("done_sign", **values)}),))
    finding, text = spoken.finding_in(case.text)
    if kept := staff_canned.named_in(case, matter, text):
        return _with_kept(case, matter, kept.id, finding)
    return _try(case, matter, {"text": text, "finding": finding, "force": False})


def use_canned(case: StaffCase) -> Done:
    """A kept reply was pressed: shown back and held like one that was written."""
    matter = case.matter()
    if matter.protected and case.in_group:
        return Done((case.say("protected", number=matter.number, link=case.link(matter)),))
    if matter.state == State.DISPATCHED:
        matter = case.perform(matter, Action.SIGN)
    return _with_kept(case, matter, str(case.data.get("more", "")), "")


def _with_kept(case: StaffCase, matter: Matter, canned_id: str, finding: str) -> Done:
    text = canned.take(case.desk, case.who, matter, canned_id)
    if shown := staff_canned.with_blanks(case, text):
        return Done((shown,))
    return _try(case, matter, {"text": text, "finding": finding, "force": False})


def ask_for_it(case: StaffCase, matter: Matter) -> Done:
    """How to answer, for somebody who pressed the button."""
    if case.situation.metered:
        return Done((case.say("how_to_reply_sms", number=matter.number),))
    kept = staff_canned.offered(case, matter)
    if case.in_group:
        return Done((case.say("how_to_reply", options=kept),))
    question = Question(spoken.ANSWER, ref=matter.number, data={"number": matter.number})
    asked = case.say("how_to_reply_private", question=question)
    return Done((asked, case.say("canned", options=kept)) if kept else (asked,))


def found(case: StaffCase) -> Done:
    """The finding of a complaint, chosen after the answer was written."""
    return _go_on(case, {"finding": str(case.data.get("more", ""))})


def force(case: StaffCase) -> Done:
    """Send it against advice; it is listed for the supervisor."""
    return _go_on(case, {"force": True})


def _go_on(case: StaffCase, more: dict[str, Any]) -> Done:
    matter = case.matter()
    draft = _draft(case, matter)
    if draft is None:
        return Done((case.say("draft_gone"),))
    return _try(case, matter, draft | more)


def _try(case: StaffCase, matter: Matter, draft: dict[str, Any]) -> Done:
    if busy := _somebody_else(case, matter):
        return busy
    rule: KindRule = case.desk.rules.kinds[Kind(matter.kind)]
    if rule.finding and not draft["finding"]:
        _keep_draft(case, matter, draft)
        return Done((_ask_finding(case, matter),))
    try:
        with case.session.begin_nested():
            finding = Finding(draft["finding"]) if draft["finding"] else None
            moved = case.perform(matter, Action.REPLY, text=draft["text"], finding=finding, force=bool(draft["force"]))
    except (BrushOffAnswer, PastedRemains) as error:
        _keep_draft(case, matter, draft)
        return Done((_ask_to_rewrite(case, matter, error),))
    except (StaleVersion, IllegalMove):
        case.session.refresh(matter)
        if busy := _somebody_else(case, matter):
            return busy
        raise
    _forget_draft(case, matter)
    if moved.state != State.REPLIED:
        return Done((case.say("waits_check", number=moved.number),))
    return Done((shown_back(case, moved),))


def _somebody_else(case: StaffCase, matter: Matter) -> Done | None:
    """The second of two at once is told who was faster, and that nothing is sent twice."""
    if matter.state not in {State.REPLIED, State.FOLLOWED_UP}:
        return None
    last = replies.last(case.desk, matter)
    if last is None:
        return None
    options = case.buttons(matter.number, "supplement")
    left = int((last.sends_at - case.desk.now).total_seconds()) if last.sends_at else 0
    if left > 0:
        return Done((case.say("somebody", name=last.by_name, seconds=left, options=options),))
    return Done((case.say("somebody_sent", name=last.by_name, options=options),))


def shown_back(case: StaffCase, matter: Matter, *, bare: bool = False) -> Say:
    """The very text that leaves, and (not ``bare``) how it is taken back."""
    row = _leaving(case, matter)
    if row is None:
        head, body = case.words("held_page"), ""
        last = replies.last(case.desk, matter)
        body = last.text if last else ""
    else:
        key = "held_sms" if row.text.startswith("【") else "held_chat"
        head, body = case.words(key, count=row.segments), row.text
    text = f"{head}\n{body}"
    if bare:
        return Say("ready", {"text": text})
    if not case.situation.metered:
        return Say("ready", {"text": text}, options=case.buttons(matter.number, "now", "undo", "edit"))
    labels = tuple(case.words(label) for label in LABELS)
    question = Question(spoken.HELD, labels, ref=matter.number, data={"number": matter.number}, said=True)
    return Say("ready", {"text": f"{text}\n{case.words('held_choice')}"}, question)


def _leaving(case: StaffCase, matter: Matter) -> OutboxMessage | None:
    last = replies.last(case.desk, matter)
    found_ids = [one.outbox_id for one in sending.messages_of(case.desk, matter, reply_id=last.id)] if last else []
    rows = [case.session.get(OutboxMessage, one) for one in found_ids if one]
    return rows[0] if rows else None


def now(case: StaffCase) -> Done:
    """现在发: the rest of the 20 seconds is given up."""
    matter = case.matter()
    last = replies.last(case.desk, matter)
    if last is None or not _holds(case, last):
        return Done((case.say("too_late"),))
    ids = [one.outbox_id for one in sending.messages_of(case.desk, matter, reply_id=last.id) if one.outbox_id]
    case.session.execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id).in_(ids), col(OutboxMessage.state) == OutboxState.QUEUED.value)
        .values(not_before=case.desk.now)
    )
    last.sends_at = case.desk.now
    case.session.add(last)
    case.session.flush()
    wake(case.session, TOPIC)
    return Done((case.say("sent_now"),))


def _holds(case: StaffCase, last: MatterReply) -> bool:
    return last.by_ref == case.who.identity and bool(last.sends_at and last.sends_at > case.desk.now)


def undo(case: StaffCase) -> Done:
    """撤回."""
    return _take_back(case, "undone")


def edit(case: StaffCase) -> Done:
    """修改: taken back, to be written again. A draft that never left is simply written again."""
    matter = case.matter()
    if _draft(case, matter) is not None:
        _forget_draft(case, matter)
        return ask_for_it(case, matter)
    return _take_back(case, "edit")


def _take_back(case: StaffCase, key: str) -> Done:
    matter = case.matter()
    try:
        with case.session.begin_nested():
            case.perform(matter, Action.UNDO)
    except IllegalMove:
        return Done((case.say("too_late"),))
    return Done((case.say(key, number=matter.number),))


def supplement(case: StaffCase) -> Done:
    """追加: something more after the answer."""
    matter = case.matter()
    if matter.protected and case.in_group:
        return Done((case.say("protected", number=matter.number, link=case.link(matter)),))
    if not case.text:
        return Done((case.say("somebody_sent", name=matter.owner_name or case.who.name),))
    try:
        with case.session.begin_nested():
            case.perform(matter, Action.SUPPLEMENT, text=case.text)
    except BrushOffAnswer:
        return Done((case.say("brush"),))
    return Done((case.say("done_supplement"),))


# --- questions and drafts ------------------------------------------------------------------------------------------


def _ask_finding(case: StaffCase, matter: Matter) -> Say:
    values = [("true", "属实"), ("partly", "部分属实"), ("untrue", "不属实"), ("unverifiable", "无法核实")]
    options = tuple((button("find", matter.number, value), label) for value, label in values)
    return _asking(case, matter, "finding", spoken.FINDING, options)


def _ask_to_rewrite(case: StaffCase, matter: Matter, error: BadInput) -> Say:
    pasted = isinstance(error, PastedRemains)
    options = (
        (button("edit", matter.number), case.words("b_rewrite")),
        (button("force", matter.number), case.words("b_force_pasted" if pasted else "b_force")),
    )
    left = error.fields["text"] if pasted else ""
    return _asking(case, matter, "pasted" if pasted else "brush", spoken.BRUSH, options, left=left)


def _asking(
    case: StaffCase, matter: Matter, key: str, owner: str, options: tuple[tuple[str, str], ...], **values: Any
) -> Say:
    """Buttons where there are buttons, a numbered list elsewhere."""
    if not case.situation.metered:
        return case.say(key, options=options, **values)
    question = Question(owner, tuple(label for _, label in options), ref=matter.number, data={"number": matter.number})
    return case.say(key, question=question, **values)


def _place(case: StaffCase) -> tuple[str, str]:
    """Where a person's drafts are kept: with the person, whichever chat they write in."""
    message = case.situation.message
    return message.channel, f"person:{case.who.identity}:{address_index(message.channel, message.address)}"


def _keep_draft(case: StaffCase, matter: Matter, draft: dict[str, Any]) -> None:
    channel, place = _place(case)
    expect(case.session, case.desk.now, channel, place, DRAFT, draft, ref=matter.number, lifetime=_DRAFT_KEPT)


def _draft(case: StaffCase, matter: Matter) -> dict[str, Any] | None:
    channel, place = _place(case)
    kept = standing(case.session, case.desk.now, channel, place)
    return next((dict(one.data) for one in kept if one.owner == DRAFT and one.ref == matter.number), None)


def _forget_draft(case: StaffCase, matter: Matter) -> None:
    channel, place = _place(case)
    forget(case.session, channel, place, DRAFT, ref=matter.number)
