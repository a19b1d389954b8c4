"""Asking the index: what people type, and which entry they get."""

import threading
from datetime import date

import pytest

from faq.index import FaqIndex, IndexEntry
from tests.faq.bank import ENTRIES, TODAY


@pytest.fixture(scope="module")
def index() -> FaqIndex:
    return FaqIndex(ENTRIES)


def first(index: FaqIndex, text: str) -> str:
    matches = index.ask(text, today=TODAY).matches
    return matches[0].id if matches else ""


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("社保卡丢了怎么办", "card-lost"),
        ("如何辦理社會保障卡", "card-new"),
        ("設保卡丟了怎麼補辦", "card-lost"),
        ("异地就依怎么备案", "med-where"),
        ("路边停车废怎么交", "park-fee"),
        ("路边停费如何缴纳", "park-fee"),
        ("车车辆被拖吊后如何领领回", "tow"),
        ("我的车被拖走了去哪里领", "tow"),
        ("外地来打工的，孩子上学怎么报名", "school-move"),
        ("想把老人的骨灰撒到树下", "tree"),
        ("六十五岁坐公交要钱吗", "old-65"),
        ("满八十岁老人每个月的钱怎么领", "old-80"),
        ("80歲以上老人津貼", "old-80"),
        ("您好打扰了，麻烦问一下公租房要什么条件才能申请呀，谢谢", "rent"),
        ("半夜工地吵死人找谁", "noise"),
        ("how can i renew an expired passport", "passport"),
        ("when does teh service hall open", "hours"),
    ],
)
def test_the_right_entry_comes_first(index: FaqIndex, text: str, entry: str) -> None:
    assert first(index, text) == entry


def test_the_very_words_of_a_phrasing_are_an_answer(index: FaqIndex) -> None:
    for text in ("社保卡怎么申请", "社會保障卡丟失怎麼補辦？", "How do I renew my passport?"):
        assert index.ask(text, today=TODAY).outcome == "answer"


@pytest.mark.parametrize("noun", ["医保", "社保卡", "停车", "社保"])
def test_a_bare_noun_gives_choices_never_a_guess(index: FaqIndex, noun: str) -> None:
    answered = index.ask(noun, today=TODAY)
    assert answered.outcome == "choices"
    assert len(answered.matches) > 1


@pytest.mark.parametrize("text", ["", "😀😀", "？", "   ", "\u200b", "你好"])
def test_a_message_without_a_matter_is_not_answered(index: FaqIndex, text: str) -> None:
    assert index.ask(text, today=TODAY).outcome == "none"


@pytest.mark.parametrize(
    "text", ["王者荣耀怎么上王者", "推荐一部好看的电影", "股票今天涨了吗", "who won the football game"]
)
def test_what_nothing_here_answers_is_not_answered(index: FaqIndex, text: str) -> None:
    assert index.ask(text, today=TODAY).outcome != "answer"


def test_five_thousand_characters_are_handled(index: FaqIndex) -> None:
    answered = index.ask("社保卡丢了怎么补办" + "我就是想问这个事情" * 600, today=TODAY)
    assert answered.matches


def test_the_order_is_best_first_and_the_limit_holds(index: FaqIndex) -> None:
    for limit in (1, 3, 10):
        matches = index.ask("社保卡丢了怎么补办", today=TODAY, limit=limit).matches
        assert 1 <= len(matches) <= limit
        assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)
        assert all(0 <= m.score <= 1 for m in matches)


def test_weak_candidates_are_listed_even_when_the_outcome_is_none(index: FaqIndex) -> None:
    answered = index.ask("股票今天涨了吗", today=TODAY)
    assert all(m.score < 0.5 for m in answered.matches)


def test_an_expired_entry_is_never_shown(index: FaqIndex) -> None:
    assert first(index, "2024年购车补贴怎么申请？") != "gone"
    inside = index.ask("2024年购车补贴怎么申请？", today=date(2024, 6, 1))
    assert (inside.outcome, inside.matches[0].id) == ("answer", "gone")
    assert index.ask("2024年购车补贴怎么申请？", today=date(2024, 12, 31)).matches[0].id == "gone"


def test_an_entry_that_is_not_yet_valid_waits(index: FaqIndex) -> None:
    assert first(index, "明年的春风招聘会几点开始？") != "soon"
    assert index.ask("明年的春风招聘会几点开始？", today=date(2027, 1, 15)).matches[0].id == "soon"


def test_can_and_cannot_are_told_apart(index: FaqIndex) -> None:
    assert first(index, "养老保险费可以退吗") == "refund-yes"
    assert first(index, "养老保险费哪些情形不能退") == "refund-no"


def test_two_questions_in_one_message_get_both() -> None:
    index = FaqIndex(ENTRIES)
    answered = index.ask("社会保障卡丢失怎么补办？另外，路边停车费如何缴纳？", today=TODAY)
    assert [p.matches[0].id for p in answered.parts] == ["card-lost", "park-fee"]
    assert all(p.outcome == "answer" for p in answered.parts)


def test_one_question_in_two_sentences_has_no_parts(index: FaqIndex) -> None:
    assert index.ask("我昨天把社保卡弄丢了。社保卡丢了怎么办？", today=TODAY).parts == ()


@pytest.mark.parametrize("text", ["那要多少钱", "要带什么材料", "在哪里办？", "那多久能办好呢"])
def test_a_follow_up_stays_within_the_entry_just_shown(index: FaqIndex, text: str) -> None:
    answered = index.ask(text, today=TODAY, within=("card-lost",))
    assert (answered.outcome, [m.id for m in answered.matches]) == ("answer", ["card-lost"])


def test_a_new_question_leaves_the_entry_just_shown(index: FaqIndex) -> None:
    assert index.ask("车辆被拖吊后如何领回", today=TODAY, within=("card-lost",)).matches[0].id == "tow"


def test_an_entry_put_in_is_found_at_once_and_one_removed_is_gone() -> None:
    index = FaqIndex(ENTRIES)
    index.put(IndexEntry("dog", "犬只登记怎么办理？", ("养狗要办证吗",), "带犬只免疫证明到派出所登记。", "其他"))
    assert first(index, "养狗办证") == "dog"
    index.put(IndexEntry("dog", "猫咪绝育有补助吗？", (), "", "其他"))
    assert first(index, "母猫绝育补助") == "dog"
    assert first(index, "犬只登记怎么办理") != "dog"
    index.remove("dog")
    assert first(index, "猫咪绝育有补助吗？") != "dog"
    index.remove("never-there")
    assert len(index) == len(ENTRIES)


def test_many_changes_end_in_the_same_index_as_a_fresh_one() -> None:
    index = FaqIndex(ENTRIES[:3])
    for entry in ENTRIES[3:]:
        index.put(entry)
    for number in range(100):
        index.put(IndexEntry(f"x{number}", f"第{number}号公园几点开放？", (), "", "其他"))
    for number in range(100):
        index.remove(f"x{number}")
    index.compact()
    fresh = FaqIndex(ENTRIES)
    for text in ("社保卡丢了怎么办", "停车费怎么交", "老人的津贴"):
        mine, other = index.ask(text, today=TODAY).matches, fresh.ask(text, today=TODAY).matches
        assert [m.id for m in mine] == [m.id for m in other]
        assert [m.score for m in mine] == pytest.approx([m.score for m in other], abs=1e-3)


def test_a_new_phrasing_is_learned() -> None:
    index = FaqIndex(ENTRIES)
    odd = "我家小祖宗的卡找不着了"
    entry = next(e for e in ENTRIES if e.id == "card-lost")
    index.put(IndexEntry(entry.id, entry.question, (*entry.aliases, odd), entry.answer, entry.category))
    answered = index.ask(odd, today=TODAY)
    assert (answered.outcome, answered.matches[0].id) == ("answer", "card-lost")


def test_asking_goes_on_while_entries_change() -> None:
    index = FaqIndex(ENTRIES)
    stop = threading.Event()
    failures: list[str] = []

    def ask() -> None:
        while not stop.is_set():
            if first(index, "车辆被拖吊后如何领回") != "tow":
                failures.append("lost")

    reader = threading.Thread(target=ask)
    reader.start()
    for number in range(150):
        index.put(IndexEntry(f"y{number}", f"{number}路公交车末班车几点？", (), "", "交通"))
    for number in range(150):
        index.remove(f"y{number}")
    stop.set()
    reader.join()
    assert not failures


def test_an_empty_index_answers_nothing_and_can_grow() -> None:
    index = FaqIndex([])
    assert index.ask("社保卡丢了怎么办", today=TODAY).outcome == "none"
    for entry in ENTRIES:
        index.put(entry)
    assert first(index, "社保卡丢了怎么办") == "card-lost"


def test_explaining_shows_the_forms_the_loans_the_candidates_and_the_reason(index: FaqIndex) -> None:
    told = index.explain("请问我的車被拖走了去哪裡領", today=TODAY)
    assert told.canon == "我的车被拖走了去哪里领"
    assert told.candidates[0].id == "tow"
    assert told.candidates[0].features["cover_all"] > 0
    assert "sure" in told.reason
    assert told.outcome == index.ask("请问我的車被拖走了去哪裡領", today=TODAY).outcome


def test_similar_finds_near_duplicates_also_among_expired_entries(index: FaqIndex) -> None:
    assert index.similar("2024年买车补贴怎么申请")[0].id == "gone"


def test_a_locale_decides_only_between_equals() -> None:
    index = FaqIndex(
        [
            IndexEntry("zh", "WiFi 密码", (), "", locale="zh-Hans"),
            IndexEntry("en", "WiFi 密码", (), "", locale="en"),
        ]
    )
    assert index.ask("WiFi 密码是什么", today=TODAY, locale="en").matches[0].id == "en"
    assert index.ask("WiFi 密码是什么", today=TODAY, locale="zh-Hant").matches[0].id == "zh"
