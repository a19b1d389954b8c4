"""Words about notices: object (异议), confirm or dispute one's row (确认, 有误), not my number, subscribe. Pure.

Each becomes an ``Act`` of the notices' service, which knows the notices, lists and areas; here is only what was said.
"""

from collections.abc import Mapping
from typing import Any

from bot.choosing import Picked, fold, number_in, pick
from bot.commands import Command, command_in
from bot.dialogue import follow
from bot.dialogue.base import Act, Heard, Memory, Say, Turn
from core.expectations import Asked

OWNER = "notice"
WHICH, WHAT = "notice.which", "notice.what"
ROW_WHICH, ROW_WHAT = "notice.row_which", "notice.row_what"
TOPIC, AREA, PLACE = "notice.topic", "notice.area", "notice.place"
CONFIRM = "notice.subscribe"
"""As ``notify.publicity.subscriptions`` names the question whether a number typed into a page wants a topic."""

_COMMANDS: Mapping[str, str] = {
    "contest": "object",
    "confirm": "confirm",
    "dispute": "dispute",
    "notice_not_me": "not_me",
    "subscribe": "subscribe",
    "case_status": "case",
}
_YES = frozenset(
    {"确认", "確認", "是", "是的", "好", "好的", "对", "同意", "订阅", "訂閱", "yes", "y", "ok", "confirm"}
)


def words(command: Command, heard: Heard, memory: Memory) -> Turn | None:
    """What a command of this family asks the service to do; None for any other command.

    异议 with a matter's number is about that matter, see ``follow``.
    """
    what = _COMMANDS.get(command.name)
    if what is None or (what == "object" and follow.take_number(command.rest)[0]):
        return None
    return Turn(memory, (), (Act(OWNER, what, {"text": heard.tail(command.rest)}),))


def leaving(rest: str) -> Act:
    """退订 with a name behind it: whether that is one of the topics, the service finds out."""
    return Act(OWNER, "leave", {"text": rest})


def coming_back() -> Act:
    """恢复: what will come again, the service knows."""
    return Act(OWNER, "back", {})


# --- answers to our questions


def read_list(text: str, asked: Asked) -> Picked | None:
    """A number of a list that stands, or the words of a choice."""
    picked = pick(text, tuple(asked.data.get("labels", ())))
    return picked if picked and picked.fits else None


def read_place(text: str, asked: Asked) -> Picked | str | None:
    """The name of a village, or a number where there is a list."""
    if picked := read_list(text, asked):
        return picked
    plain = fold(text)
    too_long = len(plain) > 20
    return None if not plain or too_long or number_in(plain) is not None or command_in(plain) else plain


def read_yes(text: str, _asked: Asked) -> bool | None:
    """``1``, ``确认``, yes."""
    plain = fold(text).lower().rstrip("。.!！")
    return True if plain in _YES or number_in(plain) == 1 else None


READERS = {
    WHICH: read_list,
    WHAT: follow.read_words,
    ROW_WHICH: read_list,
    ROW_WHAT: follow.read_words,
    TOPIC: read_list,
    AREA: read_list,
    PLACE: read_place,
    CONFIRM: read_yes,
}


def answered(memory: Memory, asked: Asked, value: Any) -> Turn:
    """What an answer to one of these questions asks the service to do."""
    data = dict(asked.data)
    if asked.owner == CONFIRM:
        return _act(memory, "subscribed", {"id": str(data["id"])})
    if isinstance(value, Picked):
        return _picked(memory, asked, data, value)
    if asked.owner == WHAT:
        return _act(memory, "object", {"text": value, "notice": data["notice"]})
    if asked.owner == ROW_WHAT:
        return _act(memory, "dispute", {"text": value, "row": data["row"]})
    return _act(memory, "subscribe", {"text": "", "topic": data["topic"], "place": value})


def _picked(  # noqa: PLR0911 - one line for each question
    memory: Memory, asked: Asked, data: dict[str, Any], picked: Picked
) -> Turn:
    if picked.number == 0:
        return Turn(memory, (), (Act(follow.OWNER, "person", {"number": ""}),))
    choices = data.get("choices", ())
    if not 0 < picked.number <= len(choices):
        return Turn(memory, (Say("ask.stale"),))
    one, text = choices[picked.number - 1], str(data.get("text", ""))
    if asked.owner == WHICH and one[0] == "matter":
        return Turn(memory, (), (Act(follow.OWNER, "contest", {"number": one[1], "code": "", "text": text}),))
    if asked.owner == WHICH:
        return _act(memory, "object", {"text": text, "notice": one[1]})
    if asked.owner == ROW_WHICH:
        return _act(memory, "dispute", {"text": text, "row": one})
    if asked.owner == TOPIC:
        return _act(memory, "subscribe", {"text": "", "topic": one, "place": data.get("place", "")})
    return _act(memory, "subscribe", {"text": "", "topic": data["topic"], "area": one})


def _act(memory: Memory, what: str, data: dict[str, Any]) -> Turn:
    return Turn(memory, (), (Act(OWNER, what, data),))
