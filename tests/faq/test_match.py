"""Lexicon, features and weights."""

import numpy as np
import pytest

from faq.index import FaqIndex
from faq.lexicon import Lexicon, LexiconRow, parse_rows, shipped_rows
from faq.match import TRUST_NAMES, best_of_entries, shipped_weights, vector
from faq.names import COUNT, NAMES
from faq.question import prepare
from faq.topics import shipped_topics
from tests.faq.bank import ENTRIES, TODAY


def test_rows_are_read_from_plain_tables_with_comments_and_blanks() -> None:
    rows = parse_rows(
        "colloquial\tofficial\tweight\tcategory\n# a comment\n\n牵车|領車\t领回被拖吊车辆\t0.9\t交通\nbroken\n"
    )
    assert rows == [LexiconRow(("牵车", "领车"), ("领回被拖吊车辆",), 0.9, "交通")]


def test_the_shipped_rows_all_have_two_sides_and_a_weight_between_0_and_1() -> None:
    assert len(shipped_rows()) >= 2000
    for row in shipped_rows():
        assert row.colloquial
        assert row.official
        assert 0 < row.weight <= 1, row


def test_a_wording_wakes_its_row_also_with_other_words_in_between() -> None:
    lexicon = Lexicon([LexiconRow(("骨灰撒海",), ("海葬",), 0.9)])
    loans = prepare("想把爸爸的骨灰撒到大海里", lexicon).loans
    assert [lexicon.wordings[n.wording] for n in loans] == ["海葬"]


def test_nothing_is_lent_to_a_question_that_only_shares_a_character() -> None:
    lexicon = Lexicon([LexiconRow(("骨灰撒海",), ("海葬",), 0.9)])
    assert prepare("上海怎么去", lexicon).loans == ()


def test_an_offices_own_rows_bridge_what_shares_no_word() -> None:
    extra = [LexiconRow(("铁疙瘩被拎走",), ("车辆被拖吊",), 1.0)]
    without, with_row = FaqIndex(ENTRIES), FaqIndex(ENTRIES, Lexicon(extra=extra))
    text = "我那铁疙瘩被拎走了"
    before = {m.id: m.score for m in without.ask(text, today=TODAY, limit=10).matches}
    after = with_row.ask(text, today=TODAY, limit=10).matches
    assert after[0].id == "tow"
    assert after[0].score > before.get("tow", 0.0)


def test_an_empty_lexicon_is_allowed() -> None:
    index = FaqIndex(ENTRIES, Lexicon([]))
    assert index.ask("社保卡丢了怎么办", today=TODAY).matches[0].id == "card-lost"


def test_every_candidate_has_every_feature_and_all_are_finite() -> None:
    index = FaqIndex(ENTRIES)
    for text in ("社保卡丢了怎么办", "a", "卡", "2024", "社", "WiFi密码 😀"):
        _, found = index.gather(text)
        assert found.features.shape[1] == COUNT == len(NAMES)
        assert np.isfinite(found.features).all()
        assert np.isfinite(found.mass).all()


def test_weights_name_known_features_only() -> None:
    assert vector(("a", "b"), {"b": 2.0}).tolist() == [0.0, 2.0]
    with pytest.raises(ValueError, match="Unknown features: c"):
        vector(("a", "b"), {"c": 1.0})


def test_coverage_never_speaks_against_a_candidate_in_the_shipped_weights() -> None:
    for linear in (shipped_weights().zh, shipped_weights().latin):
        for names, weights in ((NAMES, linear.rank), (TRUST_NAMES, linear.trust), (TRUST_NAMES, linear.sure)):
            for name, weight in zip(names, weights.tolist(), strict=True):
                assert weight >= 0 or not name.startswith(("cover", "topic", "lent", "bm25", "mass")), name


def test_only_the_best_row_of_an_entry_counts() -> None:
    rank = np.array([0.1, 0.9, 0.5, 0.7], np.float32)
    assert best_of_entries(rank, ["a", "b", "a", "b"]) == [1, 2]


def test_every_topic_has_words_and_every_word_points_somewhere() -> None:
    topics = shipped_topics()
    assert (topics.weights.max(axis=1) > 0).all()
    assert (topics.weights.max(axis=0) > 0).all()
