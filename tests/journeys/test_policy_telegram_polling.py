"""A citizen asks on Telegram where no webhook reaches us: nothing lost, nothing answered twice."""

from collections.abc import Iterator

import httpx
import pytest

from bot.models import InboxMessage
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault
from tests.fakes.twilio import FakeTwilio
from tests.journeys.conftest import furnished
from tests.journeys.town import BILL, CARD, Town, database_settings, telegram_settings
from tests.support.background import Background
from tests.support.service import Service, until

NEVER_S = 600.0


@pytest.fixture(scope="module")
def polling(
    request: pytest.FixtureRequest, kind: str, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The process that polls: ``serve`` on SQLite; on PostgreSQL ``worker``, which has no web side at all."""
    telegram = background.enter(FakeTelegram())
    folder = tmp_path_factory.mktemp("polling")
    with furnished(request, kind, folder) as db, httpx.Client() as web:
        service = Service(
            folder,
            "serve" if db.sqlite else "worker",
            ready=lambda: telegram.updates.polls > 0,
            SUNLINE_CHANNELS="telegram",
            **telegram_settings(telegram),
            **database_settings(db),
        )
        town = Town(service, db, background, FakeTwilio(), telegram, web, list(range(500)))
        background.call(telegram.user_says, town.chat().id, "社保卡丢了咋补")
        service.start()
        yield town
        if service.running:
            service.stop()


def _again(town: Town) -> None:
    """Start the process again and wait until it polls."""
    polled = town.telegram.updates.polls
    town.service.start()
    until(lambda: town.telegram.updates.polls > polled, what="polling again")


def _acknowledged(town: Town) -> bool:
    return not town.telegram.updates.pending


def test_what_was_written_before_we_came_is_answered_and_acknowledged(polling: Town) -> None:
    post = until(lambda: polling.telegram.posts_to(1501))[0]
    assert CARD in post.text
    until(lambda: _acknowledged(polling), what="acknowledged")


def test_buttons_work_as_they_do_with_a_webhook(polling: Town) -> None:
    citizen = polling.chat()
    offered = citizen.asks("医保")
    citizen.presses(next(label for label, _ in offered.buttons if "报销" in label))
    assert BILL in citizen.hears(2).text
    until(lambda: _acknowledged(polling), what="acknowledged")


def test_an_answer_of_telegram_s_that_never_arrived_is_asked_for_again(polling: Town) -> None:
    citizen = polling.chat()
    polling.background.call(polling.telegram.fault, "getUpdates", Fault.cut(), Fault.garbage(), Fault.cut())
    assert CARD in citizen.asks("社保卡丢了咋补").text
    citizen.asks("帮助")
    assert len(citizen.got) == 2


def test_a_process_killed_between_storing_and_acknowledging_answers_once(polling: Town) -> None:
    """Telegram never hears of the acknowledgement, so it delivers the same update to the next process."""
    citizen = polling.chat()
    citizen.asks("帮助")
    until(lambda: _acknowledged(polling), what="acknowledged")
    before = polling.count(InboxMessage)
    polling.background.call(polling.telegram.fault, "getUpdates", Fault.delay(NEVER_S, accept=False))
    citizen.says("社保卡丢了咋补")
    assert CARD in citizen.hears(2).text
    until(lambda: set(polling.state_of("telegram", str(citizen.id))) <= {"sent", "delivered"}, what="recorded")
    assert not _acknowledged(polling)
    polling.service.kill()
    _again(polling)
    until(lambda: _acknowledged(polling), what="acknowledged by the next process")
    citizen.asks("医保")
    assert len(citizen.got) == 3
    assert polling.count(InboxMessage) == before + 2


def test_what_is_written_while_nobody_polls_is_answered_in_order_afterwards(polling: Town) -> None:
    citizen = polling.chat()
    citizen.asks("帮助")
    until(lambda: _acknowledged(polling), what="acknowledged")
    polling.service.stop()
    citizen.says("社保卡丢了咋补")
    citizen.says("医保住院费用怎么报销？")
    _again(polling)
    assert CARD in citizen.hears(2).text
    assert BILL in citizen.hears(3).text
