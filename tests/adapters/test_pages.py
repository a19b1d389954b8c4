"""The page channels: web chat is always there, the pretend phone in the demo only."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters import CHANNELS, ChannelEnv
from core.clock import system_clock
from core.errors import StartupError
from core.messages import Outgoing
from core.ports import Can

ENV = ChannelEnv(clock=system_clock, public_url="", office_name="示例办")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the developer's takes part."""
    monkeypatch.chdir(tmp_path)


def test_web_chat_needs_no_settings() -> None:
    channel = CHANNELS["webchat"](ENV)
    assert channel is not None
    assert Can.METERED not in channel.can


async def test_what_is_sent_to_a_page_is_known_by_its_row() -> None:
    channel = CHANNELS["webchat"](ENV)
    assert channel is not None
    sent = await channel.send(Outgoing("row-7", "attempt", "webchat", "session", "您好"))
    assert (sent.provider_id, sent.delivered) == ("row-7", False)


async def test_a_pretend_text_costs_what_a_real_one_would() -> None:
    channel = CHANNELS["phone"](replace(ENV, demo=True))
    assert channel is not None
    sent = await channel.send(Outgoing("row", "attempt", "phone", "+12025550120", "长" * 71, sender="12345"))
    assert (sent.segments, sent.sender) == (2, "12345")


def test_the_pretend_phone_exists_in_the_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CHANNELS["phone"](ENV) is None
    monkeypatch.setenv("SUNLINE_CHANNELS", "twilio, phone")
    with pytest.raises(StartupError, match="SUNLINE_CHANNELS"):
        CHANNELS["phone"](ENV)
    assert CHANNELS["phone"](replace(ENV, demo=True)) is not None
