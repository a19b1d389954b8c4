"""Words about a matter one has handed in: look, urge, add, withdraw, rate, take up again, contest. Pure.

Each becomes an ``Act`` of the citizens' service, which knows the matters; here is only what was said.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from bot.choosing import Picked, fold, number_in, pick
from bot.commands import Command, command_in
from bot.dialogue.base import Act, Heard, Memory, Question, Say, Turn
from bot.dialogue.details import tells
from core.expectations import Asked

OWNER = "citizen"
RATE = "matter.rate"
MISSING = "matter.missing"
LIST = "matter.list"
PICK = "matter.pick"
WORDS = "matter.words"
WITHDRAW = "matter.withdraw"
AFTER_DANGER = "danger.after"

GRADES = ("very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied")
"""Best first, as in the list that is read out: a number there is a place, what is kept is the name."""
_FOLLOWING = frozenset({"status", "urge", "append", "withdraw", "rate", "reopen", "contest", "call_back"})
_NUMBER = re.compile(r"^[\s:：,，]*([A-Za-z]?\s?\d(?:[\s-]?\d){7})(?!\d)")
_CODE = re.compile(r"^[\s:：,，]*(?:查询码|查詢碼|code)?[\s:：]*(\d{6})(?!\d)", re.IGNORECASE)
_MARK = re.compile(
    r"^\s*([1-5一二三四五])(?:\s*[\s,，、。.;；:：]\s*|(?=[^\s\d号號楼樓路栋棟单單元个個月天日年点點岁歲%组組村]))(.*)$",
    re.DOTALL,
)
_SOLVED = re.compile(r"^\s*([12一二])(?:\s*[\s,，、。.;；:：]\s*(.*))?$", re.DOTALL)
_HAN = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}


def words(command: Command, heard: Heard, memory: Memory) -> Turn | None:
    """What a command of this family asks the service to do; None for any other command."""
    if command.name.startswith("new.") and command.rest:
        return _open(command.name.removeprefix("new."), heard.tail(command.rest), heard, memory)
    if command.name in {"anonymous", "confidential"}:
        inner = command_in(command.rest)
        if inner is None or not inner.name.startswith("new.") or not inner.rest:
            return None
        flags = {command.name: True}
        return _open(inner.name.removeprefix("new."), heard.tail(inner.rest), heard, memory, **flags)
    if command.name not in _FOLLOWING:
        return None
    number, rest = take_number(command.rest)
    code, rest = _take_code(rest) if number else ("", rest)
    rest = heard.tail(rest)
    act = Act(OWNER, command.name, {"number": number, "code": code, "text": rest})
    return with_files(Turn(memory, (), (act,)), heard)


_TAKES_FILES = frozenset({"append", "complete"})


def with_files(turn: Turn, heard: Heard) -> Turn:
    """A turn that adds to a matter, with the pictures or voice that came in the same message."""
    if not heard.media:
        return turn
    effects = tuple(
        replace(effect, data={**effect.data, "files": _files(heard)})
        if isinstance(effect, Act) and effect.owner == OWNER and effect.what in _TAKES_FILES
        else effect
        for effect in turn.effects
    )
    return replace(turn, effects=effects)


def media_alone(heard: Heard, memory: Memory) -> Turn:
    """Pictures or voice without a word: they may belong to a matter one has."""
    return Turn(memory, (), (Act(OWNER, "files", {"number": "", "code": "", "text": "", "files": _files(heard)}),))


def _files(heard: Heard) -> list[dict[str, Any]]:
    return [{"ref": m.ref, "mime": m.mime, "name": m.name, "size": m.size} for m in heard.media]


def _open(kind: str, text: str, heard: Heard, memory: Memory, **flags: bool) -> Turn:
    for flag, said in (("anonymous", ("匿名",)), ("confidential", ("保密",))):
        if text.startswith(said) and len(text) > 4:
            text, flags = text[2:].strip(" ：:，,"), {**flags, flag: True}
    files = _files(heard)
    place = {"lat": heard.place.lat, "lon": heard.place.lon} if heard.place else {}
    data = {"kind": kind, "text": text, "files": files, "place": place, **flags}
    return Turn(replace(memory, misses=0), (), (Act(OWNER, "open", data),))


def take_number(text: str) -> tuple[str, str]:
    """A matter's number at the head of a text, and what follows it."""
    match = _NUMBER.match(fold(text))
    if match is None:
        return "", text.strip()
    return re.sub(r"[\s-]", "", match[1]).upper(), fold(text)[match.end() :].strip(" \n:：，,")


def _take_code(text: str) -> tuple[str, str]:
    match = _CODE.match(text)
    return (match[1], text[match.end() :].strip(" \n:：，,")) if match else ("", text)


# --- answers to our questions --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer to the question after an answer: what of it was told. ``grade`` is a name of ``GRADES``."""

    solved: bool | None = None
    grade: str = ""
    comment: str = ""
    person: bool = False
    unclear: bool = False


def read_rating(text: str, asked: Asked) -> Rated | None:
    """``1``, ``2 4 原因``, ``不满意 太慢``: solved, grade and reason in one message, or one after the other."""
    plain = fold(text)
    if number_in(plain) == 0:
        return Rated(person=True)
    if asked.data.get("step") == "grade":
        return _read_grade(plain)
    if match := _SOLVED.match(plain):
        solved, rest = match[1] in "1一", (match[2] or "").strip()
        return _with_grade(solved, rest)
    for solved, said in ((False, ("没解决", "沒解決", "未解决", "no")), (True, ("解决了", "解決了", "已解决", "yes"))):
        for word in said:
            if plain.lower().startswith(word) and (len(plain) == len(word) or not plain[len(word)].isalnum()):
                return _with_grade(solved, plain[len(word) :].strip(" ，,。."))
    return Rated(unclear=True) if number_in(plain) is not None else None


def _with_grade(solved: bool, rest: str) -> Rated:
    graded = _read_grade(rest) if rest else None
    if graded and graded.grade:
        return replace(graded, solved=solved)
    return Rated(solved=solved, comment=rest)


def _read_grade(plain: str) -> Rated | None:
    if match := _MARK.match(plain + " "):
        place = _HAN.get(match[1]) or int(match[1])
        return Rated(grade=GRADES[place - 1], comment=match[2].strip())
    if number_in(plain) is not None:
        return Rated(unclear=True)
    for words_of, grade in _GRADE_WORDS:
        if plain.startswith(words_of):
            return Rated(grade=grade, comment=plain[len(words_of) :].strip(" ，,。."))
    return None


_GRADE_WORDS = (
    ("非常不满意", "very_dissatisfied"), ("非常不滿意", "very_dissatisfied"), ("不满意", "dissatisfied"),
    ("不滿意", "dissatisfied"), ("非常满意", "very_satisfied"), ("非常滿意", "very_satisfied"),
    ("基本满意", "fair"), ("基本滿意", "fair"), ("满意", "satisfied"), ("滿意", "satisfied"),
)  # fmt: skip
"""Longest first where one begins like another."""


def read_words(text: str, _asked: Asked) -> str | None:
    """Free words that answer a question of ours (what is missing, a reason): not a command, a number, a question."""
    plain = fold(text)
    if not plain or number_in(plain) is not None or command_in(plain) is not None:
        return None
    return None if tells("question", plain) and not tells("where", plain) else plain


def read_safe(text: str, _asked: Asked) -> str | None:
    """After an emergency: that help was called or came."""
    plain = fold(text)
    return plain if plain and command_in(plain) is None and tells("safe", plain) else None


def read_list(text: str, asked: Asked) -> Picked | None:
    """A number of a list of one's own matters; a number outside leaves it to an older question."""
    picked = pick(text, tuple(asked.data.get("labels", ())))
    return picked if picked and (picked.fits or asked.data.get("only")) else None


READERS = {
    RATE: read_rating,
    MISSING: read_words,
    WORDS: read_words,
    LIST: read_list,
    PICK: read_list,
    WITHDRAW: read_list,
    AFTER_DANGER: read_safe,
}


def answered(memory: Memory, asked: Asked, value: Any) -> Turn:
    """What an answer to one of these questions asks the service to do."""
    data = dict(asked.data)
    number = str(data.get("number", asked.ref))
    if asked.owner == RATE:
        return _rated(memory, number, data, value)
    if asked.owner in {LIST, PICK, WITHDRAW}:
        return _chosen(memory, asked, data, value)
    what = {MISSING: "complete", AFTER_DANGER: "safe"}.get(asked.owner, str(data.get("what", "append")))
    return Turn(memory, (), (Act(OWNER, what, {"number": number, "code": "", "text": value, "asked": True}),))


def _chosen(memory: Memory, asked: Asked, data: dict[str, Any], picked: Picked) -> Turn:
    if picked.number == 0:
        return Turn(memory, (), (Act(OWNER, "person", {"number": str(data.get("number", ""))}),))
    if not picked.fits:
        return Turn(memory, (Say("ask.out_of_range"),))
    if asked.owner == WITHDRAW:
        return Turn(memory, (), (Act(OWNER, "withdraw", {**data["act"], "sure": True}),))
    if picked.number > len(data["numbers"]):
        return Turn(memory, (), (Act(OWNER, "status", {"number": "", "start": int(data.get("next", 0))}),))
    number = data["numbers"][picked.number - 1]
    what, given = ("status", {}) if asked.owner == LIST else (data["what"], data.get("act", {}))
    return Turn(memory, (), (Act(OWNER, what, {"code": "", "text": "", **given, "number": number}),))


def _rated(memory: Memory, number: str, data: dict[str, Any], value: Any) -> Turn:
    rated = _pressed(value, data) if isinstance(value, Picked) else value
    if rated.person:
        return Turn(memory, (), (Act(OWNER, "person", {"number": number}),))
    solved = rated.solved if rated.solved is not None else data.get("solved")
    if rated.unclear:
        return Turn(memory, (ask_grade(number, data, solved) if data.get("step") == "grade" else ask_solved(data),))
    comment = " ".join(part for part in (data.get("comment", ""), rated.comment) if part)
    if not rated.grade:
        return Turn(memory, (ask_grade(number, data, solved, comment),))
    given = {"number": number, "code": "", "solved": solved, "grade": rated.grade, "text": comment}
    return Turn(memory, (), (Act(OWNER, "rate", given),))


def _pressed(picked: Picked, data: dict[str, Any]) -> Rated:
    if picked.number == 0:
        return Rated(person=True)
    if data.get("step") == "grade":
        return Rated(grade=GRADES[picked.number - 1]) if 1 <= picked.number <= len(GRADES) else Rated(unclear=True)
    return Rated(solved=picked.number == 1) if picked.number in {1, 2} else Rated(unclear=True)


def ask_solved(data: dict[str, Any]) -> Say:
    """Was it solved?"""
    number = str(data.get("number", ""))
    kept = {"number": number, "reply": data.get("reply", ""), "step": "solved"}
    question = Question(RATE, ("solved", "unsolved"), zero="person", ref=number, data=kept, said=True)
    return Say("follow.solved", {"number": number}, question)


def ask_grade(number: str, data: dict[str, Any], solved: bool | None, comment: str = "") -> Say:
    """How content? All five grades, none preset."""
    kept = {"number": number, "reply": data.get("reply", ""), "step": "grade", "solved": solved, "comment": comment}
    labels = tuple(f"grade.{grade}" for grade in GRADES)
    question = Question(RATE, labels, ref=number, data=kept, said=True)
    return Say("follow.grade" if solved is not False else "follow.grade_unsolved", {}, question)
