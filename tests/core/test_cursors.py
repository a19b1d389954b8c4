"""Cursors: where the next page of a list begins."""

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.web import decode_cursor, encode_cursor

keys = st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.none(), st.booleans()), max_size=4)


@given(keys)
def test_a_cursor_gives_back_its_key_and_fits_into_an_address(key: list[Any]) -> None:
    cursor = encode_cursor(*key)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#% ")
    assert decode_cursor(cursor) == key


@given(st.text(max_size=60))
def test_a_cursor_not_made_here_is_bad_input_and_nothing_worse(cursor: str) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(decode_cursor(cursor), list)
