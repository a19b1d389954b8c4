"""SMS costs, cutting, folding, signing and masking: tables first, then properties over any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import (
    Encoding,
    encoding,
    fold_punctuation,
    graphemes,
    mask_name,
    mask_personal,
    mask_phone,
    segments,
    sign,
    split_message,
    trim,
    utf16_length,
)

FAMILY = "👨‍👩‍👧‍👦"
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("abc XYZ019{}[]€^~…“”‘’—，。！、：；【】好的社保卡\n\u00a0\u200b\u200d\ufe0f😀🇨🇳👍🏽é"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=400,
)


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("", Encoding.GSM7, 0),
        ("a", Encoding.GSM7, 1),
        ("a" * 160, Encoding.GSM7, 1),
        ("a" * 161, Encoding.GSM7, 2),
        ("a" * 306, Encoding.GSM7, 2),
        ("a" * 307, Encoding.GSM7, 3),
        ("£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", Encoding.GSM7, 1),
        ("€" * 80, Encoding.GSM7, 1),
        ("€" * 81, Encoding.GSM7, 2),
        ("€" * 76 + "a" + "€" * 4, Encoding.GSM7, 2),
        ("€" * 153, Encoding.GSM7, 3),
        ("a" * 152 + "€" + "a" * 10, Encoding.GSM7, 2),
        ("a" * 152 + "€" + "a" * 151, Encoding.GSM7, 2),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 3),
        ("ç", Encoding.UCS2, 1),
        ("好" * 70, Encoding.UCS2, 1),
        ("好" * 71, Encoding.UCS2, 2),
        ("好" * 134, Encoding.UCS2, 2),
        ("好" * 135, Encoding.UCS2, 3),
        ("a" * 159 + "好", Encoding.UCS2, 3),
        ("😀" * 35, Encoding.UCS2, 1),
        ("😀" * 36, Encoding.UCS2, 2),
        ("好" * 66 + "😀" + "好" * 66, Encoding.UCS2, 3),
        ("好" * 66 + "😀" + "好" * 65, Encoding.UCS2, 2),
        ("𠮷" * 35, Encoding.UCS2, 1),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, kind: Encoding, count: int) -> None:
    assert encoding(text) is kind
    assert segments(text) == count


def test_an_emoji_counts_as_two_units() -> None:
    assert utf16_length("好😀a") == 4


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("“It’s done” – soon…", '"It\'s done" - soon...'),
        ("ＳＴＯＰ　ｎｏｗ！", "STOP now!"),
        ("cafe\u0301 open", "café open"),
        ("a\u00a0b\u200bc", "a bc"),
        ("【示例办】请带“身份证”——复印件…", "【示例办】请带“身份证”——复印件…"),
        ("编号\u200b１２３\u00a0号", "编号１２３ 号"),
        ("ok 😀…", "ok 😀…"),
        (FAMILY, FAMILY),
        ("…" * 70, "…" * 70),
    ],
)
def test_only_what_makes_a_text_cheaper_is_folded(text: str, folded: str) -> None:
    assert fold_punctuation(text) == folded


@given(TEXTS)
def test_folding_never_costs_more_and_never_makes_a_question_mark(text: str) -> None:
    folded = fold_punctuation(text)
    assert segments(folded) <= segments(text)
    assert folded.count("?") <= text.count("?") + text.count("？") + text.count("\u037e")
    assert fold_punctuation(folded) == folded


@given(TEXTS)
def test_folding_keeps_every_chinese_character(text: str) -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    assert han.findall(fold_punctuation(text)) == han.findall(text)


@pytest.mark.parametrize(
    ("text", "limits", "short"),
    [
        ("短", {"segments_max": 1}, "短"),
        ("好" * 71, {"segments_max": 1}, "好" * 69 + "…"),
        ("a" * 161, {"segments_max": 1}, "a" * 157 + "..."),
        ("a" * 161, {"chars_max": 160}, "a" * 159 + "…"),
        ("您好{name}同志", {"chars_max": 8}, "您好…"),
        ("您好{name}同志", {"chars_max": 9}, "您好{name}…"),
        ("ab" + FAMILY, {"chars_max": 10}, "ab…"),
        ("🇨🇳🇨🇳", {"chars_max": 7}, "🇨🇳…"),
        ("👍🏽👍🏽", {"chars_max": 5}, "👍🏽…"),
        ("one two", {"chars_max": 5}, "one…"),
        ("abc", {"chars_max": 1}, "…"),
        ("abc", {"chars_max": 0}, ""),
        ("abc", {}, "abc"),
    ],
)
def test_trimming_cuts_between_characters_and_shows_it(text: str, limits: dict[str, int], short: str) -> None:
    assert trim(text, **limits) == short


@given(TEXTS, st.integers(1, 3), st.integers(1, 200))
def test_a_trimmed_text_fits_and_is_a_whole_beginning(text: str, most: int, chars: int) -> None:
    short = trim(text, segments_max=most, chars_max=chars)
    assert segments(short) <= most
    assert utf16_length(short) <= chars
    if short not in ("", text):
        kept = short.removesuffix("…").removesuffix("...").rstrip()
        assert text.startswith(kept)
        starts = {0}
        for cluster in graphemes(text):
            starts.add(max(starts) + len(cluster))
        assert len(kept) in starts or text[len(kept) :].lstrip() != text[len(kept) :]
        assert not any(match.start() < len(kept) < match.end() for match in re.finditer(r"\{[^{}]*\}", text))


@given(TEXTS)
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(TEXTS, st.integers(1, 120))
def test_pieces_of_a_long_text_fit_and_join_to_the_text_again(text: str, limit: int) -> None:
    pieces = split_message(text, limit)
    assert "".join(pieces) == text
    assert all(pieces)
    assert all(utf16_length(piece) <= max(limit, 2) for piece in pieces)


def test_a_long_text_is_divided_after_a_sentence() -> None:
    text = "请携带身份证到大厅办理，当天办结。" * 120
    pieces = split_message(text)
    assert len(pieces) == 2
    assert all(piece.endswith("。") for piece in pieces)


def test_a_long_text_is_divided_after_a_line_rather_than_a_sentence() -> None:
    text = "甲" * 80 + "\n" + "乙" * 10 + "。" + "丙" * 20
    assert split_message(text, 100) == ["甲" * 80 + "\n", "乙" * 10 + "。" + "丙" * 20]


def test_a_division_never_opens_a_placeholder_or_an_emoji() -> None:
    assert split_message("甲乙丙{amount}丁", 8) == ["甲乙丙", "{amount}", "丁"]
    assert split_message("😀😀😀", 3) == ["😀", "😀", "😀"]


@pytest.mark.parametrize(
    ("text", "office", "signed"),
    [
        ("已受理。", "示例办", "【示例办】已受理。"),
        ("【示例办】已受理。", "示例办", "【示例办】已受理。"),
        ("已受理。【示例办】", "【示例办】", "【示例办】已受理。"),
        ("【示例办】【示例办】 已受理。", "示例办", "【示例办】已受理。"),
        ("【别处】已受理。", "示例办", "【示例办】【别处】已受理。"),
        ("已受理。", " ", "已受理。"),
    ],
)
def test_the_signature_stands_first_and_once(text: str, office: str, signed: str) -> None:
    assert sign(text, office) == signed


@given(TEXTS)
def test_signing_twice_is_signing_once(text: str) -> None:
    once = sign(text, "好的")
    assert once.startswith("【好的】")
    assert once.count("【好的】") == 1
    assert sign(once, "好的") == once


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小明", "张*明"),
        ("张三", "张*"),
        ("欧阳小明", "欧阳**"),
        ("欧阳明", "欧阳*"),
        ("歐陽小明", "歐陽**"),
        ("张王小明", "张**明"),
        ("示例甲", "示*甲"),
        ("张", "*"),
        ("𠮷小明", "𠮷*明"),
        ("买买提·艾力", "买*提·艾*"),
        ("John Smith", "J*** S***"),
        ("Ana-Maria O", "A***-M*** O***"),
        ("  ", ""),
    ],
)
def test_a_name_is_masked_as_the_public_may_see_it(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+12025550133", "+1202***0133"),
        ("202-555-0133", "202***0133"),
        ("+447700900123", "+4477****0123"),
        ("+44 7700 900123", "+4477****0123"),
        ("whatsapp:+12025550133", "whatsapp:+1202***0133"),
        ("12345", "***5"),
        ("", "***"),
    ],
)
def test_a_phone_number_loses_its_middle(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


def _mobile(tail: str = "1234") -> str:
    """A made-up number in the shape of a mainland mobile, put together so that none stands in the file."""
    return "138" + "0" * 4 + tail


def test_a_mainland_mobile_keeps_three_and_four_digits() -> None:
    assert mask_phone(_mobile()) == "138****1234"
    assert mask_phone("+86" + _mobile()) == "+86138****1234"


@pytest.mark.parametrize("shape", ["{}", "+86{}", "86 {}", "电话{}。", "a{}b"])
def test_a_mobile_in_a_sentence_is_masked(shape: str) -> None:
    assert _mobile() not in mask_personal(shape.format(_mobile()))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("我的电话是138" + " 0000 1234", "0000"),
        ("call +1 202-555-0133 please", "555"),
        ("call +44 7700 900123", "7700 900"),
        ("身份证" + "110101" + "19900101" + "123X" + "丢了", "19900101"),
        ("身份证" + "110101" + "19900101" + "1234" + "丢了", "19900101"),
        ("卡号" + "6222" * 4 + "345", "6222"),
        ("卡号 6222 0000 0000 1234", "0000"),
        ("写信到somebody@example.com", "somebody"),
        ("电话＋１２０２５５５０１３３", "５５５"),
        ("座机0571-8000" + "1234", "8000"),
    ],
)
def test_personal_numbers_in_free_text_are_masked(text: str, secret: str) -> None:
    assert secret not in mask_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "社保卡丢了怎么补办？",
        "编号202611210001",
        "补贴金额1234.56元，面积3.5亩",
        "拨打12345或110",
        "2026年11月21日 9:30-17:00",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask_personal(text) == text


@given(TEXTS)
def test_masking_personal_data_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal(text)
    assert mask_personal(once) == once
