"""People and consent: numbers in one form, addresses found without being readable, what somebody refused."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput
from core.people import (
    Consent,
    ConsentChange,
    Contact,
    Person,
    address_index,
    clear_consents,
    normal_phone,
    person_at,
    refusals,
    refusals_of,
    set_consent,
)

ADDRESS = ("sms", "+12025550101")


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("+1 202 555 0101", "CN", "+12025550101"),
        ("＋１２０２５５５０１０１", "CN", "+12025550101"),
        ("(202) 555-0101", "US", "+12025550101"),
        ("07700 900123", "GB", "+447700900123"),
        ("0044 7700 900123", "CN", "+447700900123"),
        ("+44 7700 900123", "CN", "+447700900123"),
    ],
)
def test_a_number_is_kept_in_one_form_however_it_was_written(written: str, region: str, number: str) -> None:
    assert normal_phone(written, region) == number


@pytest.mark.parametrize("written", ["", "abc", "+", "12", "+1202555010199999999", "+999 1", "示例甲"])
def test_what_is_no_number_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(BadInput) as refused:
        normal_phone(written)
    assert list(refused.value.fields) == ["phone"]


def test_an_address_is_found_only_on_its_own_channel_and_cannot_be_read() -> None:
    assert address_index("sms", "1001") != address_index("telegram", "1001")
    assert "12025550101" not in address_index(*ADDRESS)


async def test_refusing_and_allowing_again_keeps_the_history(db: Database, clock: ManualClock) -> None:
    assert await db.write(set_consent, clock(), *ADDRESS, "notices", allowed=False, reason="退订")
    assert await db.write(set_consent, clock(), *ADDRESS, "notices", allowed=True, reason="恢复")
    assert not await db.write(set_consent, clock(), *ADDRESS, "notices", allowed=True, reason="恢复")
    changes = await db.read(lambda s: [(c.allowed, c.reason) for c in s.exec(select(ConsentChange))])
    assert changes == [(False, "退订"), (True, "恢复")]
    assert len(await db.read(lambda s: s.exec(select(Consent)).all())) == 1


async def test_back_in_means_back_in_for_everything_that_was_refused(db: Database, clock: ManualClock) -> None:
    for topic in ("*", "notices"):
        await db.write(set_consent, clock(), *ADDRESS, topic, allowed=False, reason="退订")
    await db.write(set_consent, clock(), *ADDRESS, "alerts", allowed=True, reason="订阅")
    assert await db.write(clear_consents, clock(), *ADDRESS, "恢复") == ("*", "notices")
    assert await db.write(clear_consents, clock(), *ADDRESS, "恢复") == ()
    assert await db.read(refusals, *ADDRESS) == frozenset()


async def test_refusals_of_many_addresses_are_read_at_once(db: Database, clock: ManualClock) -> None:
    await db.write(set_consent, clock(), *ADDRESS, "notices", allowed=False, reason="退订")
    await db.write(set_consent, clock(), "chat", "anna", "*", allowed=False, reason="退订")
    one, other = address_index(*ADDRESS), address_index("sms", "+12025550102")
    assert await db.read(refusals_of, "sms", [one, other]) == {one: frozenset({"notices"})}
    assert await db.read(refusals_of, "sms", []) == {}


def _person(session: Session, clock: ManualClock, *, verified: bool = True, active: bool = True) -> str:
    person = Person(name="示例甲", created_at=clock(), active=active)
    session.add(person)
    session.flush()
    session.add(
        Contact(
            person_id=person.id, channel="sms", address=ADDRESS[1], address_index=address_index(*ADDRESS),
            verified_at=clock() if verified else None,
        )
    )  # fmt: skip
    return person.id


@pytest.mark.parametrize(
    ("verified", "active", "found"), [(True, True, True), (False, True, False), (True, False, False)]
)
async def test_only_a_verified_contact_of_an_active_person_says_who_writes(
    verified: bool, active: bool, found: bool, db: Database, clock: ManualClock
) -> None:
    wanted = await db.write(_person, clock, verified=verified, active=active)
    person = await db.read(person_at, *ADDRESS)
    assert (person.id if person else None) == (wanted if found else None)


async def test_names_and_addresses_are_ciphertext_in_the_database(db: Database, clock: ManualClock) -> None:
    await db.write(_person, clock)
    raw = await db.read(lambda s: (s.execute(text("SELECT name FROM person")).scalar_one(),
                                   s.execute(text("SELECT address FROM contact")).scalar_one()))  # fmt: skip
    assert "示例甲".encode() not in bytes(raw[0])
    assert b"12025550101" not in bytes(raw[1])
    person = await db.read(person_at, *ADDRESS)
    assert person is not None
    assert person.name == "示例甲"
