"""Short names of choices by SMS."""

import pytest

from bot.dialogue.labels import short_label, short_labels


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("城乡居民医保怎么参保缴费？", "城乡居民医保参保缴费"),
        ("医保码（医保电子凭证）怎么激活使用？", "医保码激活使用"),
        ("职工医保要缴多少年，退休后还要继续交吗？", "职工医保要缴多少年"),
        ("耕地地力保护补贴发给谁、怎么领？", "耕地地力保护补贴发给谁"),
        ("医保", "医保"),
        ("怎么？", "怎么？"),
    ],
)
def test_a_label_says_what_a_question_is_about(question: str, label: str) -> None:
    assert short_label(question, 12) == label


def test_labels_that_would_be_alike_keep_more_of_their_words() -> None:
    labels = short_labels(("医保怎么缴费？", "医保缴费吗？"), 12)
    assert len(set(labels)) == 2
