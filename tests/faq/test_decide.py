"""Outcomes and thresholds."""

import pytest

from faq.decide import DOWN, UP, Thresholds, decide, thresholds
from faq.lexicon import Lexicon
from faq.messages import follow_up, is_bare, split_questions
from faq.question import prepare

LIMITS = Thresholds(answer=0.6, choices=0.3)


@pytest.mark.parametrize(
    ("scores", "sure", "outcome"),
    [
        ([], 0.0, "none"),
        ([0.9, 0.2], 0.7, "answer"),
        ([0.9, 0.2], 0.5, "choices"),
        ([0.9, 0.899], 0.7, "choices"),
        ([0.31, 0.1], 0.1, "choices"),
        ([0.29, 0.1], 0.1, "none"),
        ([0.0], 0.0, "none"),
    ],
)
def test_the_outcome_follows_scores_and_thresholds(scores: list[float], sure: float, outcome: str) -> None:
    assert decide(scores, sure, LIMITS) == outcome


def test_a_bare_noun_is_never_an_answer_unless_an_entry_says_just_that() -> None:
    assert decide([0.99], 0.99, LIMITS, bare=True) == "choices"
    assert decide([0.99], 0.99, LIMITS, bare=True, exact=True) == "answer"


def test_thresholds_stay_near_the_fitted_one_whatever_the_entries_say() -> None:
    assert thresholds([(0.0, 0.0)] * 50, 0.6).answer == pytest.approx(0.6 - DOWN)
    assert thresholds([(1.0, 1.0)] * 50, 0.6).answer == pytest.approx(0.6 + UP)
    assert thresholds([(1.0, 1.0)] * 3, 0.6).answer == 0.6


@pytest.mark.parametrize(("text", "bare"), [
    ("医保", True), ("社保卡", True), ("公积金", True), ("医保怎么交", False), ("社保卡丢了", False), ("", False),
    ("passport", True), ("how to renew a passport", False),
])  # fmt: skip
def test_a_bare_noun_is_recognised(text: str, bare: bool) -> None:
    assert is_bare(prepare(text, Lexicon([]))) is bare


@pytest.mark.parametrize(("text", "follows"), [
    ("那要多少钱", True), ("在哪里办", True), ("需要什么材料呢", True), ("那周末能办吗", True),
    ("社保卡丢了怎么补办", False), ("那拖走的车怎么领回来", False), ("谢谢", False), ("", False),
])  # fmt: skip
def test_a_follow_up_names_no_matter_of_its_own(text: str, follows: bool) -> None:
    assert follow_up(text) is follows


@pytest.mark.parametrize(("text", "count"), [
    ("社保卡怎么办？公积金怎么提取？", 2),
    ("社保卡怎么办理，另外居住证在哪里领", 2),
    ("我昨天去了大厅。人太多了。社保卡怎么办？", 1),
    ("社保卡怎么办", 1),
    ("", 1),
])  # fmt: skip
def test_a_message_is_split_where_each_part_asks_for_a_matter(text: str, count: int) -> None:
    assert len(split_questions(text)) == count
