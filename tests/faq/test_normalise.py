"""Raw and canonical text."""

import pytest

from faq.normalise import MAX_CHARS, digits, fold, normalise, stem, to_units
from faq.pinyin import near_syllable


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("臺北車站", "台北车站"),
        ("ＡＢＣ１２３", "abc123"),
        ("Hello", "hello"),
        ("您", "你"),
        ("停車！", "停车 "),
    ],
)
def test_one_script_one_width_one_case(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "in_digits"),
    [
        ("十六岁", "16岁"),
        ("三百五十元", "350元"),
        ("一〇六年", "106年"),
        ("两万三千块", "23000块"),
        ("二十八", "28"),
        ("七十多了", "70多了"),
        ("到六十了", "到60了"),
        ("一百多", "100多"),
        ("十来个", "10来个"),
        ("十字路口", "十字路口"),
        ("千万别", "千万别"),
        ("一下", "一下"),
        ("第三方支付", "第三方支付"),
        ("万一", "万一"),
    ],
)
def test_numbers_in_characters_become_digits_only_where_they_are_numbers(written: str, in_digits: str) -> None:
    assert digits(written) == in_digits


def test_politeness_goes_and_the_matter_stays() -> None:
    form = normalise("不好意思打扰了，想请教一下社保卡丢了怎么办，麻烦尽快回复一下，非常感谢")
    assert form.canon == "社保卡丢了怎么办"
    assert "想请教" in form.raw


def test_a_message_of_politeness_alone_keeps_its_words() -> None:
    assert normalise("你好").canon == "你好"


def test_traditional_and_simplified_have_one_canonical_form() -> None:
    assert normalise("請問車輛被拖吊怎麼領回？").canon == normalise("请问车辆被拖吊怎么领回").canon


@pytest.mark.parametrize("text", ["", "   ", "😀😀😀", "？？？", "\x00\x07", "……"])
def test_nothing_is_left_of_blanks_marks_and_emoji(text: str) -> None:
    assert normalise(text).canon == ""


def test_only_the_head_of_a_very_long_message_is_looked_at() -> None:
    assert len(normalise("长" * 5000).canon) == MAX_CHARS


@pytest.mark.parametrize(
    ("word", "root"), [("cards", "card"), ("renewing", "renew"), ("cities", "city"), ("bus", "bus"), ("2024", "2024")]
)
def test_english_words_lose_their_endings(word: str, root: str) -> None:
    assert stem(word) == root


def test_a_latin_word_is_one_unit_whatever_its_ending() -> None:
    assert to_units("cards") == to_units("card")


@pytest.mark.parametrize(("one", "other"), [("zhī", "zī"), ("lán", "nán"), ("yīng", "yīn"), ("shǎng", "sān")])
def test_sounds_that_people_confuse_are_alike(one: str, other: str) -> None:
    assert near_syllable(one) == near_syllable(other)
