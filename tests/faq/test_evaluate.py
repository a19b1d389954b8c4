"""Figures of the matching, and the learning loop in fast time."""

from faq.evaluate import Labelled, ask_all, auroc, learn, report, split_writers
from faq.index import FaqIndex, IndexEntry
from tests.faq.bank import ENTRIES, TODAY


def test_a_labelled_line_may_name_other_right_entries_or_none() -> None:
    assert Labelled.parse('{"q": "甲", "id": "a", "alt": ["b"], "tag": "t"}') == Labelled("甲", frozenset("ab"), "t")
    assert Labelled.parse('{"q": "甲", "id": null}').right == frozenset()


def test_auroc_counts_pairs_and_halves_ties() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([], [0.5]) == 0.0


def test_a_report_counts_by_tag_and_over_thresholds() -> None:
    questions = [
        Labelled("社保卡丢了怎么办", frozenset({"card-lost"}), "plain"),
        Labelled("車輛被拖吊後如何領回", frozenset({"tow"}), "script"),
        Labelled("王者荣耀怎么上王者", frozenset(), "outside"),
    ]
    figures = report(ask_all(FaqIndex(ENTRIES), questions, TODAY))
    assert (figures.questions, figures.answerable) == (3, 2)
    assert figures.recall[1] == figures.mrr == figures.auroc == figures.refused == 1.0
    assert figures.wrong_among_answers == 0.0
    assert [tag for tag, _ in figures.by_tag] == ["outside", "plain", "script"]
    assert figures.curve[0].threshold < figures.curve[-1].threshold


def test_learning_one_persons_wording_helps_anothers() -> None:
    entries = [
        *ENTRIES,
        IndexEntry("heat", "供热温度不达标如何处理？", (), "室温低于18度可以申请测温退费。", "住房"),
    ]
    lessons = [Labelled("屋里冻得跟冰窖一样咋整", frozenset({"heat"}))]
    later = [Labelled("家里跟冰窖似的冻死个人", frozenset({"heat"}))]
    weeks = learn(entries, lessons, later, TODAY, weeks=2)
    assert [w.week for w in weeks] == [0, 1, 2]
    assert weeks[-1].learned <= 1
    assert weeks[-1].recall_1 == 1.0


def test_the_first_wording_teaches_and_the_others_are_asked_later() -> None:
    a, b = frozenset({"a"}), frozenset({"b"})
    lessons, later = split_writers(
        [Labelled("一", a), Labelled("二", a), Labelled("三", b), Labelled("四", frozenset())]
    )
    assert [q.text for q in lessons] == ["一"]
    assert [q.text for q in later] == ["二"]
