"""Numbers of matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hotline import numbers


def test_a_number_is_short_and_tells_year_and_month() -> None:
    assert numbers.make("", 2026, 11, 7)[:7] == "2611007"
    assert len(numbers.make("", 2026, 11, 999)) == 8
    assert numbers.make("X", 2026, 11, 1)[0] == "X"


@given(st.integers(1, 99_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_never_another_number(sequence: int, place: int, shift: int) -> None:
    number = numbers.make("", 2026, 11, sequence)
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert numbers.normal(number) == number
    assert numbers.normal(wrong) is None


@given(st.integers(1, 99_999), st.integers(0, 8))
def test_two_neighbours_swapped_are_never_another_number(sequence: int, place: int) -> None:
    number = numbers.make("", 2026, 11, sequence)
    place %= len(number) - 1
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or numbers.normal(swapped) is None


@pytest.mark.parametrize("typed", ["２６１１０００１４", " 2611 0001 ", "abc", "", "12", "9" * 40])
def test_what_people_type_is_read_or_refused_but_never_an_error(typed: str) -> None:
    numbers.normal(typed)


def test_full_width_and_spaces_are_read() -> None:
    number = numbers.make("", 2026, 11, 1)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    assert numbers.normal(f" {wide[:4]} {wide[4:]} ") == number
