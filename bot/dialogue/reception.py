"""Words about reception days (接访日): see the days, choose one, say what it is about, give the place back. Pure.

Each becomes an ``Act`` of the receptions' service, which knows the days; here is only what was said.
"""

from typing import Any

from bot.choosing import Picked, pick
from bot.commands import Command
from bot.dialogue import follow
from bot.dialogue.base import Act, Heard, Memory, Say, Turn
from core.expectations import Asked

OWNER = "reception"
DAY, TOPIC, CANCEL = "reception.day", "reception.topic", "reception.cancel"

_COMMANDS = {"book": "list", "book_cancel": "cancel"}


def words(command: Command, _heard: Heard, memory: Memory) -> Turn | None:
    """What a command of this family asks the service to do; None for any other command."""
    what = _COMMANDS.get(command.name)
    return Turn(memory, (), (Act(OWNER, what, {}),)) if what else None


def read_list(text: str, asked: Asked) -> Picked | None:
    """A number of a list that stands; a number outside it is left to an older question."""
    picked = pick(text, tuple(asked.data.get("labels", ())))
    return picked if picked and picked.fits else None


READERS = {DAY: read_list, CANCEL: read_list, TOPIC: follow.read_words}


def answered(memory: Memory, asked: Asked, value: Any) -> Turn:
    """What an answer to one of these questions asks the service to do."""
    if asked.owner == TOPIC and not isinstance(value, Picked):
        return Turn(memory, (), (Act(OWNER, "book", {"day": asked.data["day"], "text": value}),))
    chosen = asked.data.get("days" if asked.owner == DAY else "numbers", ())
    if value.number == 0:
        return Turn(memory, (), (Act(follow.OWNER, "person", {"number": ""}),))
    if not 0 < value.number <= len(chosen):
        return Turn(memory, (Say("ask.stale"),))
    one = chosen[value.number - 1]
    what, given = ("choose", {"day": one}) if asked.owner == DAY else ("cancel", {"number": one})
    return Turn(memory, (), (Act(OWNER, what, given),))
