"""One message handled: what it means, what the knowledge base says, and the turn that follows.

Only this module joins the pure dialogues with the slow knowledge base; nothing here holds a transaction open.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from bot import routing
from bot.choosing import Picked, fold
from bot.commands import Command
from bot.dialogue import ask, follow, intake, notice, official, reception, staff
from bot.dialogue.base import Heard, Memory, OpenMatter, Question, Say, SetConsent, Turn
from bot.ports import Knowledge
from bot.routing import Answer, Consent, Emergency, InFlow, Keyword, Meaning, Policy, Stale, Unreadable
from core import i18n
from core.expectations import Asked
from core.messages import Inbound
from core.people import EVERYTHING
from core.ports import Can
from core.text import sign

ALERTS = "alert"
"""Topic of notices and mass alerts: what a first 退订 stops."""

LONGEST_MATTER = 5000
"""Characters the register takes; of a longer cry for help the beginning is enough."""
_SHORTEST_MATTER = 2
"""Letters that a matter needs to say anything."""

READERS: dict[str, routing.Reader] = {
    ask.CHOICE: routing.read_choice,
    ask.HELPFUL: routing.read_choice,
    ask.OFFER: routing.read_choice,
    **follow.READERS,
    **official.READERS,
    **staff.READERS,
    **reception.READERS,
    **notice.READERS,
}

_ANSWERED: Mapping[str, Callable[[Memory, Asked, Any], Turn]] = {
    **dict.fromkeys(follow.READERS, follow.answered),
    **dict.fromkeys(reception.READERS, reception.answered),
    **dict.fromkeys(notice.READERS, notice.answered),
}


def hear(message: Inbound, can: Collection[Can], kept_locale: str) -> Heard:
    """A message as the dialogues see it."""
    return Heard(
        text=fold(message.text),
        raw=message.text,
        choice=message.choice,
        media=message.media,
        place=message.place,
        locale=kept_locale or i18n.pick(message.locale),
        buttons=Can.BUTTONS in can and Can.SPOKEN not in can,
        metered=Can.METERED in can or Can.SPOKEN in can,
        files=Can.FILES in can,
        at=message.sent_at,
    )


class Handler:
    """Decides what to say and do about one message."""

    def __init__(self, knowledge: Knowledge, office: str) -> None:
        self._knowledge = knowledge
        self._office = sign("", office)

    async def turn(self, heard: Heard, memory: Memory, standing: list[Asked], message: Inbound) -> Turn:
        """The turn that answers a message."""
        if turn := staff.press(heard, memory):
            return turn
        meaning = routing.route(heard, memory, standing, READERS, now_at_provider=message.opt_out)
        if isinstance(meaning, InFlow) and (memory.flow or {}).get("name") == "intake":
            return await self._intake(meaning, heard, memory, standing, message)
        return await self._by_meaning(meaning, heard, replace(memory, opted_out=False), message, memory)

    async def _intake(
        self, meaning: InFlow, heard: Heard, memory: Memory, standing: list[Asked], message: Inbound
    ) -> Turn:
        """A step of the form; what is no answer to it is dealt with aside and the question asked again."""
        memory = replace(memory, opted_out=False)
        match intake.step(heard, memory, meaning.command, meaning.number):
            case Turn() as turn:
                return turn
            case intake.Aside(text):
                return await self._aside(text, heard, memory, message)
            case intake.Elsewhere(again):
                if meaning.command is None:
                    return Turn(memory, (intake.repeated(heard, memory),))
                turn = await self._keyword(meaning.command, heard, memory)
                say = (*turn.say, intake.repeated(heard, memory)) if again and not turn.effects else turn.say
                return replace(turn, say=say, memory=replace(turn.memory, flow=memory.flow))
            case intake.Leave():
                return await self.turn(heard, replace(memory, flow=None), standing, message)

    async def _aside(self, text: str, heard: Heard, memory: Memory, message: Inbound) -> Turn:
        result = await self._knowledge.ask(text[: routing.MAX_TEXT], locale=heard.locale, channel=message.channel)
        known = result.found[0].answer if result.outcome == "answer" else ""
        return intake.aside(heard, memory, text, known)

    async def _by_meaning(  # noqa: PLR0911 - one line for each meaning
        self, meaning: Meaning, heard: Heard, memory: Memory, message: Inbound, before: Memory
    ) -> Turn:
        match meaning:
            case Consent(command):
                return consent(command, before, silent=bool(message.opt_out))
            case Emergency(danger):
                matter = OpenMatter("help", heard.text[:LONGEST_MATTER], danger.kind)
                memory = ask.remember(memory, "citizen", heard.text)
                call = Say(f"emergency.{danger.kind}", question=Question(follow.AFTER_DANGER))
                return Turn(memory, (call,), (matter,))
            case InFlow(command):
                return in_flow(heard, memory, command)
            case Answer(asked, value):
                return await self._answered(heard, memory, asked, value)
            case Stale():
                return Turn(memory, (Say("ask.stale"),))
            case Keyword(command):
                return await self._keyword(command, heard, memory)
            case Policy(text, danger):
                return await self._policy(text, heard, memory, danger.call if danger else "", message.channel)
            case Unreadable("media") if heard.media:
                return follow.media_alone(heard, memory)
            case Unreadable(why):
                return Turn(memory, (Say(f"unreadable.{why}"),))

    async def _policy(self, text: str, heard: Heard, memory: Memory, call: str, channel: str) -> Turn:
        within = (memory.last.entry,) if memory.last else ()
        result = await self._knowledge.ask(text, locale=heard.locale, channel=channel, within=within)
        turn = ask.respond(heard, memory, text, result, self._office)
        if call:
            turn = replace(turn, say=(*turn.say, Say("ask.danger", {"call": call})))
        return turn

    async def _answered(self, heard: Heard, memory: Memory, asked: Asked, picked: Picked) -> Turn:
        if answered := _ANSWERED.get(asked.owner):
            return follow.with_files(answered(memory, asked, picked), heard)
        if asked.owner in staff.READERS:
            return staff.answered(heard, memory, asked, picked)
        if asked.owner in official.READERS:
            return official.answered(heard, memory, asked, picked)
        query = str(asked.data.get("query", ""))
        if asked.owner == ask.HELPFUL:
            return ask.judged(memory, picked, query or (memory.last.query if memory.last else ""))
        if asked.owner == ask.OFFER:
            return ask.offered(memory, picked, zero_is_person=not asked.data.get("labels"))
        ids = asked.data.get("ids", [])
        entry = await self._knowledge.entry(ids[picked.number - 1]) if 0 < picked.number <= len(ids) else None
        return ask.chosen(heard, memory, picked, query, entry, self._office)

    async def _keyword(self, command: Command, heard: Heard, memory: Memory) -> Turn:
        if command.name in i18n.LOCALES:
            return Turn(memory, (Say("language.set"),), locale=command.name)
        for words in (notice.words, follow.words, official.words, staff.words, reception.words):
            if turn := words(command, heard, memory):
                return turn
        if command.name == "ticket" or command.name.startswith("new."):
            return intake.begin(heard, memory, command.name.removeprefix("ticket").removeprefix("new."))
        if command.name not in _KEYWORDS:
            return await self._policy(heard.text[: routing.MAX_TEXT], heard, memory, "", "")
        return _KEYWORDS[command.name](heard, memory, self._office)


def consent(command: Command, memory: Memory, *, silent: bool) -> Turn:
    """退订 once stops notices and reminders, twice stops everything; 恢复 brings all back.

    ``silent``: the provider has answered already, a second answer would only confuse.
    """
    reason = f"provider:{command.name}" if silent else command.name
    settled = replace(memory, opted_out=False, flow=None)
    if command.name == "opt_in":
        back = SetConsent(EVERYTHING, True, reason)
        return Turn(settled, (), (back,) if silent else (back, notice.coming_back()))
    if command.name == "opt_out_topic":
        return Turn(settled, (), (notice.leaving(command.rest),))
    if command.name == "opt_out_all" or memory.opted_out:
        topic = "provider" if silent else EVERYTHING
        effect, said = SetConsent(topic, False, reason), Say("consent.all_off")
    else:
        effect, said = SetConsent(ALERTS, False, reason), Say("consent.alerts_off")
    opted_out = command.name == "opt_out" and not memory.opted_out
    return Turn(replace(memory, opted_out=opted_out, flow=None), () if silent else (said,), (effect,))


def in_flow(heard: Heard, memory: Memory, command: Command | None) -> Turn:
    """The next step of the open dialogue: at present the question for a person."""
    if command and command.name in {"exit", "back"}:
        return Turn(replace(memory, flow=None), (Say("human.cancelled"),))
    if command and command.name == "help":
        return Turn(memory, (Say("help.sms" if heard.metered else "help.chat"), Say("human.what")))
    if sum(char.isalnum() for char in heard.text) < _SHORTEST_MATTER:
        return Turn(memory, (Say("human.what"),))
    if len(heard.text) > LONGEST_MATTER:
        return Turn(memory, (Say("intake.too_long", {"most": LONGEST_MATTER}),))
    return ask.told(memory, heard.text)


def _human(_heard: Heard, memory: Memory, _office: str) -> Turn:
    return ask.hand_over(memory)


def _more(_heard: Heard, memory: Memory, office: str) -> Turn:
    return ask.rest(memory, office)


def _help(heard: Heard, memory: Memory, _office: str) -> Turn:
    return Turn(memory, (Say("help.sms" if heard.metered else "help.chat"),))


def _thanks(heard: Heard, memory: Memory, _office: str) -> Turn:
    """By SMS a courtesy costs money and is not answered."""
    return Turn(memory, () if heard.metered else (Say("small.thanks"),))


def _says(key: str) -> "Callable[[Heard, Memory, str], Turn]":
    return lambda _heard, memory, _office: Turn(memory, (Say(key),))


def _verdict(number: int) -> "Callable[[Heard, Memory, str], Turn]":
    def judge(_heard: Heard, memory: Memory, _office: str) -> Turn:
        if memory.last is None:
            return Turn(memory, (Say("ask.go_on"),))
        return ask.judged(memory, Picked(number), memory.last.query)

    return judge


_KEYWORDS: Mapping[str, Callable[[Heard, Memory, str], Turn]] = {
    "human": _human,
    "more": _more,
    "help": _help,
    "thanks": _thanks,
    "greeting": _says("small.greeting"),
    "exit": _says("small.nothing_open"),
    "back": _says("small.nothing_open"),
    "language": _says("language.which"),
    "helpful": _verdict(1),
    "unhelpful": _verdict(2),
}
