"""Push through Apprise: names and addresses, what may be reached, and nothing of it in a log."""

import logging
from pathlib import Path

import pytest

from adapters import CHANNELS, ChannelEnv
from adapters.push import PushChannel, PushSettings
from core.clock import system_clock
from core.errors import StartupError, Unreachable
from core.messages import Outgoing
from tests.contract.cases.push import TOKEN, receiving

ENV = ChannelEnv(clock=system_clock, public_url="", office_name="示例办")
MESSAGE = Outgoing("row", "attempt", "push", "duty", "公文待签收：示例〔2026〕1号")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the developer's takes part."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUNLINE_PUSH_TARGETS", raising=False)


def test_without_targets_there_is_no_push() -> None:
    assert CHANNELS["push"](ENV) is None


def test_targets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNLINE_PUSH_TARGETS", '{"duty": "json://127.0.0.1:9/token-of-duty"}')
    channel = CHANNELS["push"](ENV)
    assert channel is not None
    assert list(channel.secrets()) == ["json://127.0.0.1:9/token-of-duty"]


@pytest.mark.parametrize(
    "value",
    [
        "duty=json://token-of-duty",
        '["json://token-of-duty"]',
        '{"duty": 7}',
        '{"duty": "nonsense token-of-duty"}',
        '{"duty": "madeup://token-of-duty"}',
    ],
)
def test_targets_that_are_not_understood_are_named_without_their_tokens(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SUNLINE_PUSH_TARGETS", value)
    with pytest.raises(StartupError, match="SUNLINE_PUSH_TARGETS") as caught:
        CHANNELS["push"](ENV)
    assert "token-of-duty" not in str(caught.value)


async def test_an_address_of_an_allowed_kind_needs_no_name() -> None:
    async with receiving() as (receiver, url):
        settings = PushSettings(_env_file=None, targets={"other": url}, schemes="dingtalk, json")
        channel = PushChannel(settings, title="示例办")
        await channel.send(Outgoing("row", "attempt", "push", url, "您好"))
        assert [one.text for one in receiver.arrived] == ["您好"]


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/x",
        "file:///etc/hostname",
        "nobody",
        "",
        "dingtalk://",
        "mailto://user:password@127.0.0.1:25?to=a@example.org",
        "mailtos://user:password@mail.example?smtp=127.0.0.1",
    ],
)
async def test_any_other_address_is_unreachable(address: str) -> None:
    settings = PushSettings(_env_file=None, targets={"duty": "json://127.0.0.1:9/x"})
    with pytest.raises(Unreachable):
        await PushChannel(settings, title="示例办").send(Outgoing("row", "attempt", "push", address, "您好"))


async def test_an_address_with_its_token_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving() as (receiver, url):
        channel = PushChannel(PushSettings(_env_file=None, targets={"duty": url}), title="示例办")
        await channel.send(MESSAGE)
        assert receiver.arrived
    assert TOKEN not in caplog.text
    assert MESSAGE.text not in caplog.text
