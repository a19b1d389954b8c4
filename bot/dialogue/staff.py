"""What members of staff write and press: in a group's topic, in a private chat, by SMS. Pure.

Words in a topic are among staff; only what begins with 答复： or /reply goes to the citizen (DIALOGUES 7). Each
becomes an ``Act`` of the staff's service, which knows who may do what.
"""

import re
from typing import Any

from bot.choosing import Picked, fold, pick
from bot.commands import Command, command_in
from bot.dialogue.base import Act, Heard, Memory, Turn
from bot.dialogue.follow import take_number
from core.expectations import Asked

OWNER = "staff"
HELD, FINDING, BRUSH, ANSWER = "staff.held", "staff.finding", "staff.brush", "staff.answer"
_PRESS = "s:"
_CODE = re.compile(r"^[\s:：,，]*(\d{4})(?!\d)[\s:：,，]*")

_WITH_WORDS = {
    "reply": ("/reply", "答复:", "答覆:", "回复:", "回覆:", "reply:"),
    "supplement": ("/more", "追加:", "supplement:"),
    "return": ("退单:", "退單:", "退单 ", "退單 ", "return:"),
    "extend": ("延期:", "延期 ", "extend:"),
    "dispatch": ("派单:", "派單:", "派单 ", "派單 ", "dispatch:"),
    "reject": ("不予受理:", "不予受理 ", "reject:"),
    "claim": ("/claim", "认领", "認領"),
    "send_back": ("退回:", "send back:"),
    "unit": ("/unit", "本群单位:", "本群單位:"),
    "opinion": ("协办意见:", "協辦意見:", "意见:", "意見:", "opinion:"),
    "refuse": ("驳回:", "駁回:", "refuse:"),
    "queue": ("/queue", "队列", "隊列"),
    "canned": ("/canned", "常用答复", "常用答覆", "常用"),
    "hand_in": ("网格上报", "網格上報", "/handin"),
}
_ALONE = {
    "签收": "sign", "簽收": "sign", "受理": "accept", "认领": "claim", "認領": "claim", "/queue": "queue",
    "审核通过": "check", "審核通過": "check", "队列": "queue", "隊列": "queue", "/help": "help", "帮助": "help",
    "同意": "grant", "常用": "canned", "常用答复": "canned", "常用答覆": "canned",
}  # fmt: skip
_KEYWORDS = {
    "staff.reply": "reply",
    "staff.queue": "queue",
    "staff.queue_word": "queue",
    "staff.claim": "claim",
    "staff.sign": "sign",
    "staff.return": "return",
    "staff.extend": "extend",
    "staff.take": "take",
    "staff.canned": "canned",
    "staff.opinion": "opinion",
    "staff.grant": "grant",
    "staff.refuse": "refuse",
    "staff.check": "checking",
    "staff.visit": "visit",
    "staff.checked": "checked",
    "staff.hand_in": "hand_in",
}
_FINDINGS = {"属实": "true", "部分属实": "partly", "不属实": "untrue", "无法核实": "unverifiable"}


def button(verb: str, number: str, more: str = "") -> str:
    """The value behind a button of a matter."""
    return f"{_PRESS}{verb}:{number}" + (f":{more}" if more else "")


def pressed(choice: str) -> dict[str, Any] | None:
    """What a button of a matter means; None for any other button."""
    if not choice.startswith(_PRESS):
        return None
    verb, _, rest = choice.removeprefix(_PRESS).partition(":")
    number, _, more = rest.partition(":")
    return {"verb": verb, "number": number, "more": more}


def press(heard: Heard, memory: Memory) -> Turn | None:
    """A pressed button of a matter, in whatever chat."""
    meant = pressed(heard.choice)
    return Turn(memory, (), (Act(OWNER, "press", meant),)) if meant else None


def group(heard: Heard, memory: Memory) -> Turn:
    """A message in a group of staff."""
    if turn := press(heard, memory):
        return turn
    if not heard.text:
        return Turn(memory)
    verb, rest = _verb(heard)
    number, words = take_number(rest) if verb != "note" else ("", rest)
    data = {"verb": verb, "number": number, "text": words, "group": True, **_sent_along(verb, heard)}
    return Turn(memory, (), (Act(OWNER, verb, data),))


def _sent_along(verb: str, heard: Heard) -> dict[str, Any]:
    """Pictures and place of what is handed in."""
    if verb != "hand_in":
        return {}
    files = [{"ref": m.ref, "mime": m.mime, "name": m.name, "size": m.size} for m in heard.media]
    place = {"lat": heard.place.lat, "lon": heard.place.lon} if heard.place else {}
    return {"files": files, "place": place}


def _verb(heard: Heard) -> tuple[str, str]:
    plain = heard.text
    if alone := _ALONE.get(plain.lower()):
        return alone, ""
    for verb, heads in _WITH_WORDS.items():
        for head in heads:
            if plain.lower().startswith(head) and (
                head[0] != "/" or plain[len(head) : len(head) + 1] in {"", " ", "\n"}
            ):
                return verb, heard.tail(plain[len(head) :].strip(" \n:"))
    return "note", heard.tail(plain)


def words(command: Command, heard: Heard, memory: Memory) -> Turn | None:
    """Words of staff in a private chat or by SMS, where a code shows that the sender is no forgery."""
    verb = _KEYWORDS.get(command.name)
    if verb is None:
        return None
    number, rest = take_number(command.rest) if verb not in {"hand_in", "queue"} else ("", command.rest)
    code = ""
    if heard.metered and (match := _CODE.match(rest)):
        code, rest = match[1], rest[match.end() :]
    data = {"verb": verb, "number": number, "code": code, "text": heard.tail(rest), **_sent_along(verb, heard)}
    return Turn(memory, (), (Act(OWNER, verb, data),))


def finding_in(text: str) -> tuple[str, str]:
    """A finding at the head of an answer (``属实：…``), and the answer."""
    plain = fold(text)
    for word in sorted(_FINDINGS, key=len, reverse=True):
        if plain.startswith(word) and plain[len(word) : len(word) + 1] in {":", ",", " ", "。", "，"}:
            return _FINDINGS[word], text[len(word) + 1 :].strip()
    return "", text.strip()


def days_in(text: str) -> tuple[int, str]:
    """``5 灯杆要从外地调``, ``5天：…``: working days and the reason; 0 when no number is there."""
    match = re.match(r"^\s*(\d{1,2})\s*(?:个)?(?:工作)?(?:日|天|days?)?[\s:：,，]*(.*)$", fold(text), re.DOTALL)
    return (int(match[1]), match[2].strip()) if match else (0, text.strip())


def read_pick(text: str, asked: Asked) -> Picked | None:
    """A number of what was offered; others leave it."""
    picked = pick(text, tuple(asked.data.get("labels", ())))
    return picked if picked and picked.fits and picked.number else None


def read_answer(text: str, _asked: Asked) -> str | None:
    """The answer itself, asked for with a button."""
    plain = fold(text)
    return text if plain and command_in(plain) is None else None


READERS = {HELD: read_pick, FINDING: read_pick, BRUSH: read_pick, ANSWER: read_answer}
_VERBS = {HELD: ("now", "undo", "edit"), BRUSH: ("edit", "force")}


def answered(heard: Heard, memory: Memory, asked: Asked, value: Any) -> Turn:
    """An answer to a question of the staff's service."""
    number = str(asked.data.get("number", asked.ref))
    if asked.owner == ANSWER and not isinstance(value, Picked):
        data = {"verb": "reply", "number": number, "text": heard.tail(heard.text), "asked": True}
        return Turn(memory, (), (Act(OWNER, "reply", data),))
    if asked.owner == FINDING:
        data = {"verb": "find", "number": number, "more": tuple(_FINDINGS.values())[value.number - 1]}
    else:
        data = {"verb": _VERBS[asked.owner][value.number - 1], "number": number}
    return Turn(memory, (), (Act(OWNER, "press", data),))
