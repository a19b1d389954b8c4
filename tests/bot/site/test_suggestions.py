"""What a chat begins with."""

from datetime import timedelta

from bot.site.suggestions import FRESH, Answerable, common_questions
from core import i18n
from core.clock import ManualClock
from tests.bot.site.world import SmallKnowledge


async def test_only_questions_with_an_answer_are_offered(clock: ManualClock) -> None:
    offered = await Answerable(SmallKnowledge(), clock, "webchat")("zh-Hans")
    assert list(offered) == [question for question in common_questions("zh-Hans") if "社保卡" in question]


async def test_the_knowledge_base_is_asked_once_a_minute(clock: ManualClock) -> None:
    class Counting(SmallKnowledge):
        asked = 0

        async def ask(self, text: str, **more: object) -> object:  # type: ignore[override]
            Counting.asked += 1
            return await super().ask(text, **more)  # type: ignore[arg-type]

    suggest = Answerable(Counting(), clock, "webchat")  # type: ignore[arg-type]
    for _ in range(3):
        await suggest("zh-Hans")
    once = len(common_questions("zh-Hans"))
    assert Counting.asked == once
    clock.advance(FRESH + timedelta(seconds=1))
    await suggest("zh-Hans")
    assert Counting.asked == 2 * once


def test_there_are_a_few_in_every_language() -> None:
    assert all(2 <= len(common_questions(locale)) <= 6 for locale in i18n.LOCALES)
