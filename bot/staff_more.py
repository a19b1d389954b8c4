"""Further things staff do in chats: opinions, decisions of supervisors, visits, and matters handed in from the grid."""

from bot import attachments, staff_replies
from bot.choosing import fold
from bot.dialogue.base import Done
from bot.dialogue.details import subject_of, tells
from bot.hotline import site_visits
from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.office import Doer as Acting
from bot.hotline.site_visits import CHECK, FAULTY, SERVICE, SOUND, ReportIn
from bot.hotline.words import Action, Kind
from bot.staff_case import StaffCase

GRID = "网格上报"
"""Source of what is handed in from a grid."""
_SHORTEST = 4
_KINDS = (("投诉", Kind.COMPLAINT), ("建议", Kind.SUGGESTION), ("咨询", Kind.CONSULTATION), ("求助", Kind.HELP))
_FAULTY = ("没办好", "沒辦好", "未办好", "没有办好", "没修好", "没解决", "不好", "faulty", "not done")
_SOUND = ("已办好", "办好", "辦好", "修好", "已解决", "解决了", "属实办好", "sound", "done")
_MISSED = ("没人", "没见到人", "無人", "无人", "敲门没人", "nobody")


def opinion(case: StaffCase) -> Done:
    """意见：what a helping unit has to say, to the unit that answers."""
    matter = case.matter()
    if not case.text:
        return Done((case.say("how_to_opinion"),))
    case.perform(matter, Action.OPINION, text=case.text[:2000])
    return Done((case.say("done_opinion", unit=case.unit(matter.unit_id)),))


def grant(case: StaffCase) -> Done:
    """同意 a return or more time."""
    matter = case.perform(case.matter(), Action.GRANT, text=case.text[:500])
    return Done((case.say("done_grant", number=matter.number, state=case.state(matter)),))


def refuse(case: StaffCase) -> Done:
    """驳回: with a reason, which whoever asked will read."""
    matter = case.matter()
    if not case.text:
        return Done((case.say("how_to_refuse", number=matter.number),))
    case.perform(matter, Action.REFUSE, text=case.text[:500])
    return Done((case.say("done_refuse", number=matter.number),))


def check(case: StaffCase) -> Done:
    """审核 by words: 通过, or 退回 and what to change."""
    plain = fold(case.text)
    if plain in {"通过", "通過", "ok", "pass"}:
        matter = case.matter()
        case.perform(matter, Action.CHECK, ok=True)
        return Done((staff_replies.shown_back(case, matter, bare=True),))
    for word in ("退回", "send back"):
        if plain.startswith(word) and plain.removeprefix(word).strip(" :,，"):
            case.perform(case.matter(), Action.CHECK, ok=False, text=plain.removeprefix(word).strip(" :,，")[:500])
            return Done((case.say("done_send_back"),))
    return Done((case.say("how_to_check", number=case.data.get("number", "")),))


def visited(case: StaffCase) -> Done:
    """上门 or 核查, with what was found; a button says the same."""
    purpose = SERVICE if case.data.get("verb") == "visit" else CHECK
    row = site_visits.mine(case.desk, case.who, str(case.data.get("number", "")), purpose)
    said = str(case.data.get("more", "")) or case.text
    result = _result(said) if purpose == CHECK else ""
    missed = any(word in said for word in _MISSED)
    if not said or (purpose == CHECK and not result and not missed):
        return Done((case.say(f"how_to_{'visit' if purpose == SERVICE else 'checked'}", number=case.data["number"]),))
    note = case.text or case.words(f"b_{said}") if f"b_{said}" in case.texts.keys else case.text or said
    site_visits.report(case.desk, case.who, row.id, ReportIn(note=note[:1000], result=result, missed=missed))
    return Done((case.say("done_visit", number=case.data["number"]),))


def _result(said: str) -> str:
    if any(word in said for word in _FAULTY):
        return FAULTY
    return SOUND if any(word in said for word in _SOUND) else ""


def hand_in(case: StaffCase) -> Done:
    """网格上报: what somebody saw on their round, registered as theirs."""
    text = case.text
    if sum(char.isalnum() for char in text) < _SHORTEST:
        return Done((case.say("how_to_hand_in"),))
    kind = next((kind for word, kind in _KINDS if text.startswith(word)), Kind.HELP)
    message = case.situation.message
    new = NewMatter(
        kind=kind,
        text=text,
        title=subject_of(text),
        source=GRID,
        reply_to=ReplyTo(message.channel, message.address, message.to, message.thread) if message.private else None,
        locale=case.situation.locale,
        place=case.data.get("place") or None,
        vulnerable=tells("vulnerable", text),
        home_visit=tells("visit", text),
        dedup_key=case.situation.dedup_key,
        tell=False,
    )
    opened = case.hotline.open(case.session, new, Acting.staff(case.who))
    if files := case.data.get("files"):
        attachments.queue(case.session, case.situation.at, opened.id, message.channel, files, case.who.identity)
    due = case.desk.due_words(opened.accept_by, case.situation.locale)
    return Done((case.say("done_hand_in", number=opened.number, due=due),))
