"""Who hears of an alert: a topic's subscribers in an area, and in an emergency everybody known there, each once."""

import pytest
from sqlmodel import Session

from core.clock import ManualClock
from core.db import Database
from core.people import Contact, Person, Unit, address_index
from notify.publicity import areas
from notify.publicity.audience import AreaAudience, SubscriberAudience, audience_of_area
from notify.publicity.models import Notice
from tests.bot.posted import ME, NEIGHBOUR, ROWS, post
from tests.conftest import MONDAY
from tests.notify.publicity_audience.town import FIRST, SECOND, THIRD, Town, made_town

FOURTH, OFFICIAL = "+12025550104", "+12025550151"
LISTED = (*ROWS, ("示例己", FOURTH, "西河村二组", "1", 100), ("示例庚", THIRD, "石桥村", "1", 100))


def _village_people(session: Session, clock: ManualClock) -> None:
    """A member of the village committee whose number is verified, and one elsewhere."""
    for unit, name, phone in (("u-1", "示例镇西河村村委会", OFFICIAL), ("u-2", "水务局", "+12025550152")):
        session.add(Unit(id=unit, name=name))
        session.flush()
        session.add(Person(id=f"p-{unit}", name="示例丁", unit_id=unit, roles=["official"], created_at=clock()))
        session.flush()
        key = address_index("sms", phone)
        session.add(
            Contact(person_id=f"p-{unit}", channel="sms", address=phone, address_index=key, verified_at=clock())
        )
    session.flush()


def _notice(area: str, topic: str = "") -> Notice:
    return Notice(
        number="x", title="x", text="x", area=area, topic=topic, author="a", created_at=MONDAY, changed_at=MONDAY
    )


def _all(session: Session, audience: AreaAudience | SubscriberAudience, notice: Notice, limit: int) -> list[str]:
    found: list[str] = []
    after = ""
    while page := audience.page(session, notice, after, limit):
        assert len(page) <= limit
        found += [target.address for target in page]
        after = page[-1].key
    return found


@pytest.fixture
async def town(db: Database, clock: ManualClock) -> Town:
    made = await made_town(db, clock)
    await made.subscribe(FIRST, "停水停电", "西河村")
    await made.subscribe(FIRST, "天气预警", "示例镇")
    await made.subscribe(SECOND, "停水停电")
    await made.subscribe(THIRD, "停水停电", "石桥村")
    return made


@pytest.mark.parametrize("limit", [1, 2, 500])
async def test_subscribers_come_page_by_page_each_once(town: Town, limit: int) -> None:
    audience = SubscriberAudience()
    found = await town.db.read(_all, audience, _notice("西河村", "outage"), limit)
    assert sorted(found) == [FIRST, SECOND]
    assert await town.db.read(audience.count, _notice("西河村", "outage")) == 2
    assert sorted(await town.db.read(_all, audience, _notice("", "停水停电"), limit)) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("limit", [1, 3, 500])
async def test_in_an_emergency_everybody_known_in_the_area_is_reached_once(town: Town, limit: int) -> None:
    await town.db.write(_village_people, town.clock)
    await town.db.write(lambda s: post(s, town.clock, rows=LISTED))
    found = await town.db.read(_all, AreaAudience("sms"), _notice("西河村"), limit)
    assert (ME, NEIGHBOUR) == (FIRST, SECOND), "both subscribers stand on the list as well"
    assert sorted(found) == [FIRST, SECOND, FOURTH, OFFICIAL], "not the water bureau, not the other township"


async def test_an_area_without_list_or_staff_has_its_subscribers(town: Town) -> None:
    def look(session: Session) -> list[str]:
        return [one.address for one in audience_of_area(session, areas.resolve(session, "石桥村"), "sms")]

    assert sorted(await town.db.read(look)) == [SECOND, THIRD]
