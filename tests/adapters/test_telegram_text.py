"""How one message becomes posts on Telegram."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram_text import PHOTO_BYTES, POST_UNITS, TEXT_MAX, keyboard_at, plan, rows, way_of
from core.errors import Rejected
from core.messages import File, Option, Outgoing
from core.text import utf16_length


def outgoing(text: str, options: tuple[Option, ...] = (), files: tuple[File, ...] = ()) -> Outgoing:
    return Outgoing("row", "attempt", "telegram", "1001", text, options=options, files=files)


def test_a_short_text_is_one_post_with_its_buttons() -> None:
    [step] = plan(outgoing("办好了吗？", (Option("y", "是"), Option("n", "否"))))
    assert step.text == "办好了吗？"
    assert [[option.label for option in row] for row in step.keyboard] == [["是", "否"]]


def test_a_long_text_is_divided_between_paragraphs() -> None:
    paragraph = "第一条。" * 300
    steps = plan(outgoing("\n\n".join([paragraph] * 4)))
    assert [step.text.strip() for step in steps] == [f"{paragraph}\n\n{paragraph}\n\n{paragraph}", paragraph]


def test_a_long_paragraph_is_divided_between_sentences() -> None:
    steps = plan(outgoing("这是一句不短的话。" * 900))
    assert len(steps) == 2
    assert all(step.text.endswith("。") for step in steps)


def test_an_emoji_counts_two_as_telegram_counts() -> None:
    assert len(plan(outgoing("🙏" * (POST_UNITS // 2)))) == 1
    assert len(plan(outgoing("🙏" * (POST_UNITS // 2) + "谢"))) == 2


@given(st.text(min_size=1, max_size=60), st.integers(1, 200))
def test_no_piece_is_too_long_or_blank_and_nothing_is_lost(text: str, times: int) -> None:
    if not text.strip() or len(text * times) > TEXT_MAX:
        return
    steps = plan(outgoing(text * times))
    assert all(0 < utf16_length(step.text) <= POST_UNITS and step.text.strip() for step in steps)
    assert "".join("".join(step.text for step in steps).split()) == "".join((text * times).split())


def test_the_keyboard_hangs_on_the_end_of_the_text_and_files_follow() -> None:
    files = (File("a.pdf", "application/pdf", b"a"), File("b.jpg", "image/jpeg", b"b"))
    steps = plan(outgoing("长。" * 3000, (Option("y", "知道了"),), files))
    assert [bool(step.keyboard) for step in steps] == [False, True, False, False]
    assert keyboard_at(steps) == 1
    assert [step.file.name for step in steps if step.file] == ["a.pdf", "b.jpg"]


def test_without_text_the_last_file_carries_the_keyboard() -> None:
    files = (File("a.pdf", "application/pdf", b"a"), File("b.pdf", "application/pdf", b"b"))
    steps = plan(outgoing("", (Option("y", "知道了"),), files))
    assert [bool(step.keyboard) for step in steps] == [False, True]


def test_long_labels_get_a_line_each_and_short_ones_share() -> None:
    assert [len(row) for row in rows(tuple(Option(str(n), str(n)) for n in range(6)))] == [4, 2]
    assert [len(row) for row in rows((Option("a", "社保卡挂失与补办"), Option("b", "医保")))] == [1, 1]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (Option("值" * 22, "标签"), "option_value_size"),
        (Option("", "标签"), "option_value_size"),
        (Option("ok", "  "), "option_label_empty"),
    ],
)
def test_a_choice_that_telegram_cannot_carry_is_refused_by_name(option: Option, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        plan(outgoing("?", (option,)))
    assert caught.value.provider_code == code


def test_a_value_of_exactly_64_bytes_passes() -> None:
    assert plan(outgoing("?", (Option("值" * 21 + "x", "标签"),)))


@pytest.mark.parametrize(
    ("file", "way"),
    [
        (File("a.jpg", "image/jpeg", b"x"), "photo"),
        (File("a.jpg", "image/jpeg", bytes(PHOTO_BYTES + 1)), "document"),
        (File("a.ogg", "audio/ogg", b"x"), "voice"),
        (File("a.svg", "image/svg+xml", b"x"), "document"),
        (File("a.pdf", "application/pdf", b"x"), "document"),
    ],
)
def test_a_file_travels_the_way_it_is_shown_best(file: File, way: str) -> None:
    assert way_of(file) == way
