"""Encryption at rest: what is sealed opens only where it belongs, keys rotate, and look-up reveals nothing."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select

from core import crypto
from core.crypto import CannotDecrypt, EncryptedJSON, EncryptedText, Keyring, derive, keyring_from
from core.errors import StartupError
from tests.conftest import SECRET

OLD, NEW, INDEX = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))


def _b64(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_is_sealed_opens_again(plain: bytes, context: str) -> None:
    ring = Keyring([NEW], INDEX)
    assert ring.open(ring.seal(plain, context), context) == plain


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_changed_byte_anywhere_is_noticed(plain: bytes, data: st.DataObject) -> None:
    ring = Keyring([NEW], INDEX)
    sealed = bytearray(ring.seal(plain, "a"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotDecrypt):
        ring.open(bytes(sealed), "a")


@pytest.mark.parametrize("stump", [b"", b"\x01", b"\x01abcd", b"\x02" + bytes(40)])
def test_what_was_never_sealed_does_not_open(stump: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        Keyring([NEW], INDEX).open(stump, "a")


@pytest.mark.parametrize("length", [5, 10, 17, 20, 32])
def test_a_value_cut_short_does_not_open(length: int) -> None:
    ring = Keyring([NEW], INDEX)
    with pytest.raises(CannotDecrypt):
        ring.open(ring.seal(b"twelve bytes", "a")[:length], "a")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    ring = Keyring([NEW], INDEX)
    with pytest.raises(CannotDecrypt, match="moved"):
        ring.open(ring.seal(b"x", "person.name"), "contact.address")


def test_the_same_value_sealed_twice_does_not_look_the_same() -> None:
    ring = Keyring([NEW], INDEX)
    assert ring.seal(b"x", "a") != ring.seal(b"x", "a")


def test_a_new_key_put_first_seals_and_the_old_one_still_opens() -> None:
    before = Keyring([OLD], INDEX).seal(b"x", "a")
    both = Keyring([NEW, OLD], INDEX)
    assert both.open(before, "a") == b"x"
    assert not both.current(before)
    assert both.current(both.seal(b"x", "a"))
    with pytest.raises(CannotDecrypt):
        Keyring([NEW], INDEX).open(before, "a")


@given(st.text(max_size=50), st.text(max_size=50))
def test_an_index_finds_exactly_the_same_value(one: str, other: str) -> None:
    ring = Keyring([NEW], INDEX)
    assert (ring.index(one, "a") == ring.index(other, "a")) == (one == other)


def test_an_index_depends_on_its_place_and_its_key_and_not_on_the_data_key() -> None:
    value = "+12025550101"
    assert Keyring([NEW], INDEX).index(value, "a") != Keyring([NEW], INDEX).index(value, "b")
    assert Keyring([NEW], INDEX).index(value, "a") != Keyring([NEW], OLD).index(value, "a")
    assert Keyring([NEW], INDEX).index(value, "a") == Keyring([OLD], INDEX).index(value, "a")
    assert value not in Keyring([NEW], INDEX).index(value, "a")


def test_keys_of_different_purposes_differ_and_stay_the_same_over_restarts() -> None:
    assert derive(SECRET, "data") == derive(SECRET, "data") != derive(SECRET, "index")
    assert len(derive(SECRET, "data")) == 32


@pytest.mark.parametrize("secret", ["", "short", "a" * 40, "abc" * 20, "x" * 31 + "y"])
def test_a_missing_or_weak_secret_is_named(secret: str) -> None:
    with pytest.raises(StartupError, match="SUNLINE_SECRET_KEY"):
        keyring_from(secret)


@pytest.mark.parametrize(
    ("data", "index", "named"),
    [
        ("not base64!", "", "SUNLINE_DATA_KEYS"),
        ("密钥", "", "SUNLINE_DATA_KEYS"),
        (_b64(b"short"), "", "SUNLINE_DATA_KEYS"),
        ("", "not base64!", "SUNLINE_INDEX_KEY"),
        ("", _b64(b"short"), "SUNLINE_INDEX_KEY"),
    ],
)
def test_a_key_that_would_not_do_is_named_and_not_repeated(data: str, index: str, named: str) -> None:
    with pytest.raises(StartupError, match=named) as caught:
        keyring_from(SECRET, data, index)
    assert (data or index) not in str(caught.value)


def test_explicit_keys_win_over_those_derived_from_the_secret() -> None:
    ring = keyring_from(SECRET, f"{_b64(NEW)}, {_b64(OLD)}", _b64(INDEX))
    assert Keyring([NEW], INDEX).open(ring.seal(b"x", "a"), "a") == b"x"
    assert ring.open(Keyring([OLD], INDEX).seal(b"x", "a"), "a") == b"x"
    assert ring.index("v", "a") == Keyring([NEW], INDEX).index("v", "a")


def test_columns_hold_ciphertext_and_give_back_what_was_put_in() -> None:
    table = Table(
        "t", MetaData(),
        Column("id", Integer, primary_key=True),
        Column("text", EncryptedText("t.text")),
        Column("json", EncryptedJSON("t.json")),
    )  # fmt: skip
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        rows = [{"id": 1, "text": "示例甲", "json": {"答": ["x", 1, None]}}, {"id": 2, "text": None, "json": None}]
        connection.execute(insert(table), rows)
        assert [row._asdict() for row in connection.execute(select(table).order_by(table.c.id))] == rows
        raw = connection.exec_driver_sql("SELECT text, json FROM t WHERE id = 1").one()
        assert all("示例甲".encode() not in value and "答".encode() not in value for value in raw)
    engine.dispose()


def test_without_keys_nothing_is_written_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto._Installed, "ring", None)
    with pytest.raises(StartupError, match="keys"):
        EncryptedText("t.text").process_bind_param("secret", None)  # type: ignore[arg-type]
