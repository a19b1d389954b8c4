"""A follow-up gets the sentences that tell it."""

import pytest

from faq.passage import passage

ANSWER = (
    "先挂失，再补卡。带身份证到社保卡网点补办，能即时制卡的当场取。代办的带双方身份证。补卡收工本费15元。可打12333问。"
)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("那要多少钱", "补卡收工本费15元。"),
        ("要带什么", "带身份证到社保卡网点补办，能即时制卡的当场取。代办的带双方身份证。"),
        ("电话多少", "可打12333问。"),
        ("要多久", "带身份证到社保卡网点补办，能即时制卡的当场取。"),
    ],
)
def test_the_sentences_that_tell_what_was_asked_stand_alone(question: str, told: str) -> None:
    assert passage(ANSWER, question) == told


def test_traditional_questions_and_answers_are_understood() -> None:
    assert (
        passage("先掛失，再補卡。補卡收工本費15元。可以由別人代辦，請帶雙方的身分證。", "那要多少錢")
        == "補卡收工本費15元。"
    )


def test_a_question_that_names_no_wish_has_no_passage() -> None:
    assert passage(ANSWER, "还有呢") is None


def test_an_answer_that_does_not_tell_it_has_no_passage() -> None:
    assert passage("先挂失，再补卡。代办的带双方身份证。", "那要多少钱") is None


def test_an_answer_that_tells_of_little_else_is_not_shortened() -> None:
    assert passage("工本费15元，加急费用40元。", "那要多少钱") is None


def test_a_passage_ends_as_a_sentence() -> None:
    told = passage("补卡收工本费15元；代办的带双方身份证和委托书，能即时制卡的当场取。", "多少钱")
    assert told == "补卡收工本费15元。"
