"""The questions a chat begins with: common ones, and only those that this office's knowledge base can answer."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.ports import Knowledge
from bot.site.pages import texts
from core.clock import Clock

Suggest = Callable[[str], Awaitable[Sequence[str]]]
"""A few questions to begin with, for a locale."""

FRESH = timedelta(minutes=1)
"""How long one look at the knowledge base serves every visitor."""


def common_questions(locale: str) -> tuple[str, ...]:
    """What people ask everywhere, in their own words."""
    return tuple(texts()(locale, "chat.first").split("|"))


class Answerable:
    """Common questions without those nobody could answer here."""

    def __init__(self, knowledge: Knowledge, clock: Clock, channel: str) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._channel = channel
        self._known: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    async def __call__(self, locale: str) -> Sequence[str]:
        """The questions for a locale; asking for them records nothing."""
        looked, questions = self._known.get(locale, (None, ()))
        if looked and self._clock() - looked < FRESH:
            return questions
        found = [question for question in common_questions(locale) if await self._has_answer(question, locale)]
        self._known[locale] = self._clock(), tuple(found)
        return found

    async def _has_answer(self, question: str, locale: str) -> bool:
        result = await self._knowledge.ask(question, locale=locale, channel=self._channel)
        return result.outcome != "none"
