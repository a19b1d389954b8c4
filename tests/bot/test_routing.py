"""Which meaning a message has: one order, by tables."""

from datetime import UTC, datetime

import pytest

from bot.choosing import Picked, number_in, pick
from bot.commands import Command, command_in
from bot.dialogue import ask
from bot.dialogue.base import Heard, Memory
from bot.emergency import detect
from bot.handle import READERS
from bot.routing import Answer, Consent, Emergency, InFlow, Keyword, Meaning, Policy, Stale, Unreadable, route
from bot.texts import load_texts
from core.expectations import Asked
from core.messages import Media
from core.text import segments, sign

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _list(number: int = 7, labels: tuple[str, ...] = ("老人缴费", "看病报销", "异地就医")) -> Asked:
    return Asked(number, ask.CHOICE, "", {"labels": list(labels), "ids": ["a", "b", "c"], "query": "q"}, AT)


def _helpful(number: int = 8) -> Asked:
    return Asked(number, ask.HELPFUL, "", {"labels": [], "query": "q"}, AT)


def _route(text: str, *standing: Asked, memory: Memory | None = None, **heard: object) -> Meaning:
    return route(Heard(text, **heard), memory or Memory(), standing, READERS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["退订", "退訂", "TD", "td", "Ｔ", " 退订。", "全部退订", "STOP", "恢复", "START", "退订 惠农补贴"]
)
def test_opt_out_words_come_first(text: str) -> None:
    in_flow = Memory(flow={"name": "human"})
    assert isinstance(_route(text, _list(), memory=in_flow), Consent)


@pytest.mark.parametrize("text", ["你们老发短信怎么退订", "退订怎么弄？", "不想退订，想问医保", "tda", "startup补贴"])
def test_only_the_whole_message_is_an_opt_out(text: str) -> None:
    assert not isinstance(_route(text), Consent)


def test_cancel_is_an_opt_out_by_sms_and_leaves_the_dialogue_in_a_chat() -> None:
    assert isinstance(_route("CANCEL", metered=True), Consent)
    assert _route("CANCEL") == Keyword(Command("exit"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("救命 隔壁着火了 东街12号", "fire"),
        ("家裡瓦斯漏氣", "fire"),
        ("活着没意思 不想活了", "despair"),
        ("我妈晕倒了怎么办", "medical"),
        ("有人拿刀砍人", "crime"),
        ("刚刚出车祸了", "traffic"),
        ("救命啊", "help"),
        ("my child is missing", "crime"),
    ],
)
def test_danger_comes_before_dialogue_list_and_question(text: str, kind: str) -> None:
    meaning = _route(text, _list(), memory=Memory(flow={"name": "human"}))
    assert isinstance(meaning, Emergency)
    assert meaning.danger.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "119路末班车几点",
        "房子120平米要交多少契税",
        "打120要收费吗",
        "消防演练什么时候",
        "12345是什么电话",
        "110号楼怎么走",
        "买了120元",
    ],
)
def test_numbers_that_only_look_like_danger_are_harmless(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    "text", ["我爸去年火灾后能申请救助吗", "煤气泄漏怎么预防", "出车祸了保险怎么赔", "被骗了怎么办"]
)
def test_a_question_about_danger_is_answered_and_the_number_added(text: str) -> None:
    meaning = _route(text)
    assert isinstance(meaning, Policy)
    assert meaning.danger is not None


def test_the_open_dialogue_comes_before_lists_and_keywords() -> None:
    memory = Memory(flow={"name": "human"})
    assert _route("1", _list(), memory=memory) == InFlow(None)
    assert _route("取消", _list(), memory=memory) == InFlow(Command("exit"))


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("２", 2), ("2、", 2), (" 3 ", 3), ("第二个", 2), ("选1", 1), ("0", 0), ("看病报销", 2)],
)
def test_a_number_or_the_words_of_a_choice_answer_the_latest_list(text: str, number: int) -> None:
    meaning = _route(text, _list())
    assert isinstance(meaning, Answer)
    assert meaning.value.number == number


def test_a_number_outside_the_list_is_an_answer_that_does_not_fit() -> None:
    meaning = _route("9", _list())
    assert isinstance(meaning, Answer)
    assert meaning.value == Picked(9, fits=False)


def test_a_number_belongs_to_the_latest_question_that_expects_it() -> None:
    newer, older = _list(9, ("甲", "乙")), _list(7)
    meaning = _route("1", newer, older)
    assert isinstance(meaning, Answer)
    assert meaning.asked.id == 9


def test_after_an_answer_the_list_before_it_still_takes_its_numbers() -> None:
    meaning = _route("2", _helpful(), _list())
    assert isinstance(meaning, Answer)
    assert meaning.asked.owner == ask.CHOICE
    zero = _route("0", _helpful(), _list())
    assert isinstance(zero, Answer)
    assert zero.asked.owner == ask.HELPFUL


def test_a_button_names_its_list_even_when_another_came_later() -> None:
    meaning = _route("看病报销", _list(9, ("甲", "乙")), _list(7), choice="e:7:2")
    assert isinstance(meaning, Answer)
    assert (meaning.asked.id, meaning.value.number) == (7, 2)


def test_a_button_of_a_list_that_stands_no_more_says_so() -> None:
    assert _route("甲", choice="e:5:1") == Stale()
    assert _route("1") == Stale()


@pytest.mark.parametrize("text", ["东街12号", "1998年的房子", "2个孩子能上户口吗", "12岁办身份证"])
def test_numbers_inside_words_are_words(text: str) -> None:
    assert isinstance(_route(text, _list()), Policy)


@pytest.mark.parametrize(
    ("text", "name"),
    [("帮助", "help"), ("？", "help"), ("/start", "help"), ("人工", "human"), ("轉人工", "human"),
     ("中文", "zh-Hans"),
     ("繁體", "zh-Hant"), ("English", "en"), ("更多", "more"), ("谢谢！", "thanks"), ("您好", "greeting")],
)  # fmt: skip
def test_keywords_are_whole_messages(text: str, name: str) -> None:
    assert _route(text) == Keyword(Command(name))


def test_slash_ask_carries_the_question() -> None:
    assert _route("/ask 社保卡丢了") == Policy("社保卡丢了")


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("😀😀", "empty"), ("。。。", "empty"), ("问" * 1001, "long")]
)
def test_what_cannot_be_read_is_said_to_be_so(text: str, why: str) -> None:
    assert _route(text) == Unreadable(why)


def test_a_picture_without_words_is_asked_for_words() -> None:
    assert _route("", media=(Media("x"),)) == Unreadable("media")


@pytest.mark.parametrize("text", ["医保", "社保卡丢了咋补", "how do I get a passport", "娃上学户口不在这边行不行"])
def test_everything_else_is_a_policy_question(text: str) -> None:
    assert _route(text) == Policy(text)


def test_a_stop_the_provider_handled_is_about_everything_on_that_sender() -> None:
    meaning = route(Heard("STOP", metered=True), Memory(), (), READERS, now_at_provider="stop")
    assert meaning == Consent(Command("opt_out_all", "provider"))


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("两", 2), ("1 2", None), ("一二", None), ("12", 12), ("123", None)]
)
def test_bare_numbers(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_words_that_fit_two_choices_choose_neither() -> None:
    assert pick("缴费", ("缴费", "缴费")) is None


def test_words_behind_a_command_need_a_gap_in_latin_script() -> None:
    assert command_in("/asking") is None
    assert command_in("leave alerts") == Command("opt_out_topic", "alerts")


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("kind", ["fire", "crime", "medical", "traffic", "despair", "help"])
def test_the_answer_to_danger_is_one_sms(kind: str, locale: str) -> None:
    text = load_texts()(locale, f"emergency.{kind}", number="26112105")
    assert segments(sign(text, "阳光热线")) == 1
