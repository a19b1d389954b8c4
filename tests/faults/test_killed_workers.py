"""``kill -9`` of workers while messages go out, counted at the receiving end."""

import pytest
from sqlmodel import Session

from core.messages import Lane
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.faults.rig import WINDOW, Office, kill_at_random, note, outcome, sized, telegram_like

pytestmark = pytest.mark.timeout(900)


def test_where_the_provider_can_be_asked_nothing_is_lost_and_nothing_arrives_twice(office: Office) -> None:
    total, kills = sized(1000, 10_000), sized(5, 20)
    office.fill(total)
    kill_at_random(office, kills, office.arrived, total)
    received = office.received()
    twice = sum(count > 1 for count in received.values())
    sent = office.db.read_now(_states)
    note("worker killed, provider with look-up", _kind(office), messages=total, kills=kills,
         lost=total - len(received), twice=twice, unaccounted=total - sent)  # fmt: skip
    assert (len(received), twice, sent) == (total, 0, total)


@pytest.mark.parametrize("lane", [Lane.NORMAL, Lane.BULK])
def test_where_nobody_can_be_asked_only_messages_in_flight_are_doubtful_and_each_is_marked(
    office: Office, lane: Lane
) -> None:
    total, kills = sized(90, 1000), sized(1, 10)
    telegram = office.background.enter(FakeTelegram(any_chat=True))
    office.fill(total, lane, telegram_like())
    settings = {"SUNLINE_CHANNELS": "telegram", "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram.url}
    kill_at_random(office, kills, lambda: len(telegram.posts), total, **settings)
    posts = office.background.call(lambda: [post.text for post in telegram.posts])
    ended = office.db.read_now(outcome)
    twice, lost = len(posts) - len(set(posts)), total - len(set(posts))
    note(f"worker killed, no look-up, {lane}", _kind(office), messages=total, kills=kills, lost=lost, twice=twice,
         left_uncertain=ended.uncertain, marked_twice=ended.doubled)  # fmt: skip
    if lane is Lane.BULK:
        assert twice == 0
        assert lost <= ended.uncertain <= WINDOW * kills, "what did not arrive is listed as uncertain"
    else:
        assert lost == 0
        assert twice <= ended.doubled <= WINDOW * kills, "what may have arrived twice is marked"


def test_two_workers_send_each_message_once(office: Office) -> None:
    total = sized(1000, 10_000)
    office.fill(total)
    workers = [office.worker(), office.worker()]
    try:
        office.settled(240)
    finally:
        for worker in workers:
            worker.stop()
    received = office.received()
    note("two workers", _kind(office), messages=total, twice=sum(n > 1 for n in received.values()))
    assert len(received) == total
    assert set(received.values()) == {1}


def _kind(office: Office) -> str:
    return "SQLite" if office.db.sqlite else "PostgreSQL"


def _states(session: Session) -> int:
    return outcome(session).states["sent"]
