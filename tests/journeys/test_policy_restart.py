"""Conversations go on where they were, however the service ended and whatever came in meanwhile."""

import re
import signal

import httpx
import pytest

from tests.fakes.twilio import NUMBER
from tests.fakes.twilio_callbacks import Overrides
from tests.journeys.town import BILL, CARD, Town, browser_at, write
from tests.support.service import until

UNTIL_TAKEN = Overrides(retries=20_000, policies=frozenset({"all"}))


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_every_conversation_goes_on_after_a_restart(ending: str, town: Town) -> None:
    """One has a list by SMS, one is about to press a button, one has a page open, one writes while nobody is there."""
    texting, tapping, late = town.handset(), town.chat(), town.handset()
    with browser_at(town) as browser:
        write(browser, "医保")
        listed = texting.asks("医保")
        buttons = [label for label, _ in tapping.asks("医保").buttons]
        late.asks("帮助")
        until(lambda: "住院" in browser.get("/").text, what="choices on the page")
        _settled(town, texting.number, late.number)

        status = town.service.kill() if ending == "kill" else town.service.stop()
        assert status == (-signal.SIGKILL if ending == "kill" else -signal.SIGTERM), "it ends as it was told"
        with pytest.raises(httpx.TransportError):
            town.web.get("/healthz")
        form = town.twilio.inbound(late.number, NUMBER, "社保卡丢了咋补")
        arriving = town.background.begin(town.twilio.callbacks.deliver(town.twilio.webhook_url, form, UNTIL_TAKEN))
        tapping.presses(next(label for label in buttons if "报销" in label))
        town.service.start()

        number = re.search(r"(\d)[^0-9]*报销", listed)
        assert number
        assert BILL in texting.asks(chr(ord(number[1]) + 0xFEE0)), "a full-width digit counts as well"
        assert BILL in tapping.hears(2).text
        assert arriving.result(60) == 200
        assert CARD in late.hears(2)
        assert "住院" in browser.get("/").text, "what was said is still there"
        write(browser, "医保住院费用怎么报销？")
        until(lambda: BILL in browser.get("/").text, what="the answer on the page")
    assert [len(texting.got), len(tapping.got), len(late.got)] == [2, 2, 2]


def _settled(town: Town, *numbers: str) -> None:
    """Everything said so far is recorded, so that what is under way at the end does not depend on the machine."""
    for number in numbers:
        until(lambda number=number: set(town.state_of("twilio", number)) == {"delivered"}, what="delivered")
