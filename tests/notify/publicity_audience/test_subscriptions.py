"""Subscriptions: at once from one's own number, by code from a page, within limits, and found again by area."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session

from core import people
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, NotFound, TooMany
from core.text import segments
from notify.publicity import areas, subscribers
from notify.publicity import subscription_keeping as keeping
from notify.publicity.subscriptions import CODES_AN_HOUR, MOST, EnoughCodes
from notify.publicity.topics import Topic
from tests.notify.publicity_audience.town import EDITOR, FIRST, SECOND, THIRD, Town, made_town


@pytest.fixture
async def town(db: Database, clock: ManualClock) -> Town:
    return await made_town(db, clock)


@pytest.fixture
async def small(sqlite_db: Database, clock: ManualClock) -> Town:
    return await made_town(sqlite_db, clock)


def _reached(session: Session, topic: str, area: str) -> list[str]:
    found = areas.resolve(session, area) if area else None
    assert subscribers.count_of(session, topic, found) == len(list(subscribers.subscribers_of(session, topic, found)))
    return sorted(row.address or "" for row in subscribers.subscribers_of(session, topic, found))


async def test_whoever_asks_from_their_own_number_has_it_at_once_and_only_once(town: Town) -> None:
    assert await town.subscribe(FIRST, area="西河村")
    assert not await town.subscribe(FIRST, area="西河")
    assert await town.sent(FIRST) == []
    (row,) = await town.db.read(town.subscriptions.own, "sms", FIRST)
    assert await town.db.read(town.subscriptions.words, row, "zh-Hans") == "西河村惠农补贴"


async def test_an_alert_reaches_those_whose_area_shares_ground_with_its_own(town: Town) -> None:
    await town.subscribe(FIRST, area="西河村一组")
    await town.subscribe(SECOND, area="示例镇")
    await town.subscribe(SECOND, area="西河村")
    await town.subscribe(THIRD)
    for area, reached in {
        "西河村": [FIRST, SECOND, THIRD],
        "西河村二组": [SECOND, THIRD],
        "北山乡": [THIRD],
        "示例县": [FIRST, SECOND, THIRD],
        "": [FIRST, SECOND, THIRD],
    }.items():
        assert await town.db.read(_reached, "subsidy", area) == reached, area
    assert await town.db.read(_reached, "weather", "西河村") == []
    await town.subscribe(FIRST, "天气预警")
    assert await town.db.read(_reached, "", "东河村") == [FIRST, SECOND, THIRD]


async def test_leaving_ends_a_topic_or_one_area_of_it(town: Town) -> None:
    await town.subscribe(FIRST, area="西河村")
    await town.subscribe(FIRST, area="东河村")

    def leave(session: Session, area: str) -> int:
        topic = town.subscriptions.topic(session, "补贴")
        found = areas.resolve(session, area) if area else None
        return len(town.subscriptions.leave(session, "sms", FIRST, topic, found, "sms"))

    assert await town.db.write(leave, "东河村") == 1
    assert await town.db.write(leave, "") == 1
    assert await town.db.write(leave, "") == 0
    assert await town.subscribe(FIRST, area="西河村")


async def test_a_number_typed_into_a_page_gets_one_short_message_and_nothing_until_it_is_confirmed(town: Town) -> None:
    id_ = await town.ask("+1 202 555 0101", area="西河村")
    (text,) = await town.sent(FIRST)
    assert text.startswith("【阳光热线】确认订阅“惠农补贴 西河村”请回1，或在网页填")
    assert segments(text) == 1
    assert await town.db.read(_reached, "subsidy", "") == []
    code = re.search(r"填(\d{6})", text)[1]  # type: ignore[index]
    wrong = "000000" if code != "000000" else "111111"
    assert not await town.db.write(town.subscriptions.confirm, id_, wrong)
    assert not await town.db.write(town.subscriptions.confirm, "nobody", code)
    assert await town.db.write(town.subscriptions.confirm, id_, code)
    assert await town.db.read(_reached, "subsidy", "") == [FIRST]
    assert not await town.db.write(town.subscriptions.confirm, id_, code), "a code is good for once"


async def test_asking_for_what_runs_already_answers_alike_and_sends_nothing(small: Town) -> None:
    await small.subscribe(FIRST, area="西河村")
    assert len(await small.ask(FIRST, area="西河村")) == 32
    assert await small.sent(FIRST) == []


async def test_an_old_code_and_one_guessed_at_open_nothing(small: Town) -> None:
    id_ = await small.ask(FIRST)
    code = re.search(r"填(\d{6})", (await small.sent(FIRST))[0])[1]  # type: ignore[index]
    for n in range(5):
        assert not await small.db.write(small.subscriptions.confirm, id_, f"guess{n}")
    assert not await small.db.write(small.subscriptions.confirm, id_, code)
    other = await small.ask(SECOND)
    code = re.search(r"填(\d{6})", (await small.sent(SECOND))[0])[1]  # type: ignore[index]
    small.clock.advance(timedelta(minutes=31))
    assert not await small.db.write(small.subscriptions.confirm, other, code)


async def test_codes_are_counted_for_each_number_and_for_all(small: Town) -> None:
    await small.ask(FIRST)
    with pytest.raises(EnoughCodes):
        await small.ask(FIRST, "天气预警")
    for topic in ("天气预警", "停水停电"):
        small.clock.advance(timedelta(minutes=2))
        await small.ask(FIRST, topic)
    small.clock.advance(timedelta(minutes=2))
    with pytest.raises(EnoughCodes):
        await small.ask(FIRST, "就业培训")
    small.clock.advance(timedelta(days=2))
    await small.ask(FIRST, "就业培训")
    for n in range(CODES_AN_HOUR - 1):
        await small.ask(f"+4477009001{n:02}")
    with pytest.raises(EnoughCodes):
        await small.ask(SECOND)


async def test_subscribing_again_after_an_opt_out_is_wanting_alerts_again(small: Town) -> None:
    refuse = {"allowed": False, "reason": "opt_out"}
    await small.db.write(people.set_consent, small.clock(), "sms", FIRST, "alert", **refuse)  # type: ignore[arg-type]
    await small.db.write(people.set_consent, small.clock(), "sms", FIRST, "provider", **refuse)  # type: ignore[arg-type]
    await small.subscribe(FIRST)
    assert await small.db.read(people.refusals, "sms", FIRST) == {"provider"}, "only START undoes the provider's stop"


async def test_an_address_has_so_many_subscriptions_and_no_more(small: Town) -> None:
    for n in range(MOST):
        topic = Topic(f"own-{n}", {"zh-Hans": f"自设{n}号主题"})
        await small.db.write(small.subscriptions.set_topic, EDITOR, topic)
        await small.subscribe(FIRST, f"自设{n}号主题")
    with pytest.raises(TooMany):
        await small.subscribe(FIRST)


async def test_the_office_adds_topics_changes_given_ones_and_may_take_one_off(small: Town) -> None:
    made = Topic("locust", {"zh-Hans": "蝗虫防治", "en": "locusts"}, ("蝗灾",))
    await small.db.write(small.subscriptions.set_topic, EDITOR, made)
    assert (await small.db.read(small.subscriptions.topic, "蝗灾")).id == "locust"
    with pytest.raises(BadInput, match="weather"):
        await small.db.write(small.subscriptions.set_topic, EDITOR, Topic("other", {"zh-Hans": "台风"}))
    weather = Topic("weather", {"zh-Hans": "天气预警"})
    await small.db.write(lambda s: small.subscriptions.set_topic(s, EDITOR, weather, active=False))
    with pytest.raises(NotFound):
        await small.db.read(small.subscriptions.topic, "天气预警")


async def test_what_was_never_confirmed_is_forgotten_after_a_day(town: Town) -> None:
    await town.ask(FIRST)
    await town.subscribe(SECOND)
    assert await town.db.write(keeping.purge, town.clock()) == 0
    town.clock.advance(timedelta(hours=25))
    assert await town.db.read(lambda s: keeping.purge(s, town.clock(), dry_run=True)) == 1
    assert await town.db.write(keeping.purge, town.clock()) == 1
    assert await town.db.read(town.subscriptions.counts) == [{"topic": "subsidy", "area": None, "subscribers": 1}]


async def test_a_person_gets_what_is_kept_and_has_it_erased(town: Town) -> None:
    await town.subscribe(FIRST, area="西河村")
    await town.subscribe(SECOND)
    (line,) = await town.db.read(keeping.export, "sms", FIRST)
    assert (line["topic"], line["area"], line["state"]) == ("惠农补贴", "示例县/示例镇/西河村", "active")
    assert await town.db.write(keeping.erase, town.clock(), EDITOR.actor, "sms", FIRST) == 1
    assert await town.db.read(keeping.export, "sms", FIRST) == []
    assert await town.db.read(_reached, "subsidy", "") == [SECOND]
