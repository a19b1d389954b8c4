"""A wrong Twilio setting is named at start, and no secret is."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import CHANNELS, ChannelEnv
from adapters.twilio_settings import Sender, choose_sender, parse_senders
from core.clock import system_clock
from core.errors import StartupError
from core.ports import Can
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SECOND_NUMBER, SERVICE_SID

ENV = ChannelEnv(clock=system_clock, public_url="https://sunline.example", office_name="示例办")
RIGHT = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_FROM": NUMBER}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env of the developer's takes part."""
    monkeypatch.chdir(tmp_path)


def _set(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**RIGHT, **changes}.items():
        monkeypatch.setenv(name, value)


def test_nothing_set_means_not_configured() -> None:
    assert CHANNELS["twilio"](ENV) is None


def test_right_settings_make_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch)
    channel = CHANNELS["twilio"](ENV)
    assert channel is not None
    assert channel.name == "twilio"
    assert channel.limits.rate == 1.0
    assert set(channel.can) == {Can.METERED, Can.RECEIPTS, Can.TWO_WAY, Can.LINKS, Can.OPT_OUT_AT_PROVIDER}


def test_settings_are_read_from_the_environment_file(tmp_path: Path) -> None:
    tmp_path.joinpath(".env").write_text("\n".join(f"{name}={value}" for name, value in RIGHT.items()))
    assert CHANNELS["twilio"](ENV) is not None


def test_switches_take_abilities_away(monkeypatch: pytest.MonkeyPatch) -> None:
    switches = {"TWILIO_TWO_WAY": "false", "TWILIO_LINKS": "0", "TWILIO_OPT_OUT_AT_PROVIDER": "no"}
    _set(monkeypatch, TWILIO_SEGMENTS_PER_SECOND="2.5", **switches)
    channel = CHANNELS["twilio"](ENV)
    assert channel is not None
    assert channel.limits.rate == 2.5
    assert set(channel.can) == {Can.METERED, Can.RECEIPTS}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_ACCOUNT_SID": "SK" + "0" * 32}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_AUTH_TOKEN": "swordfish"}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_AUTH_TOKEN": "0" * 32}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_FROM": ""}, "TWILIO_FROM"),
        ({"TWILIO_FROM": "+12025550100,not a number"}, "TWILIO_FROM"),
        ({"TWILIO_FROM": "+12025550100=many"}, "TWILIO_FROM"),
        ({"TWILIO_FROM": "+12025550100=0"}, "TWILIO_FROM"),
        ({"TWILIO_MESSAGING_SERVICE_SID": "MG1"}, "TWILIO_MESSAGING_SERVICE_SID"),
        ({"TWILIO_API_BASE": "127.0.0.1:8000"}, "TWILIO_API_BASE"),
        ({"TWILIO_API_BASE": "http://127.0.0.1:8000/path"}, "TWILIO_API_BASE"),
        ({"TWILIO_API_BASE": "http://127.0.0.1:8000", "TWILIO_EDGE": "sydney"}, "TWILIO_EDGE"),
        ({"TWILIO_API_BASE": "http://127.0.0.1:8000", "TWILIO_REGION": "au1"}, "TWILIO_REGION"),
        ({"TWILIO_SEGMENTS_PER_SECOND": "0"}, "TWILIO_SEGMENTS_PER_SECOND"),
        ({"TWILIO_SEGMENTS_PER_SECOND": "fast"}, "TWILIO_SEGMENTS_PER_SECOND"),
        ({"TWILIO_TIMEOUT_SECONDS": "600"}, "TWILIO_TIMEOUT_SECONDS"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str) -> None:
    _set(monkeypatch, **changes)
    with pytest.raises(StartupError, match=named) as caught:
        CHANNELS["twilio"](ENV)
    assert AUTH_TOKEN not in str(caught.value)
    assert "swordfish" not in str(caught.value)


def test_an_edge_without_another_host_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, TWILIO_EDGE="sydney", TWILIO_REGION="au1")
    assert CHANNELS["twilio"](ENV) is not None


def test_a_messaging_service_needs_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, TWILIO_FROM="", TWILIO_MESSAGING_SERVICE_SID=SERVICE_SID)
    assert CHANNELS["twilio"](ENV) is not None


def test_senders_are_listed_with_weights() -> None:
    text = f" {NUMBER}=3 , {SECOND_NUMBER},whatsapp:{NUMBER}, 12345, Sunline "
    assert parse_senders(text) == (
        Sender(NUMBER, 3),
        Sender(SECOND_NUMBER),
        Sender(f"whatsapp:{NUMBER}"),
        Sender("12345"),
        Sender("Sunline"),
    )


def test_shares_follow_the_weights() -> None:
    senders = (Sender(NUMBER, 3), Sender(SECOND_NUMBER, 1))
    chosen = Counter(choose_sender(senders, f"+1202555{number:04}") for number in range(4000))
    assert 0.7 < chosen[NUMBER] / 4000 < 0.8


@given(st.text(min_size=1))
def test_a_person_always_sees_the_same_sender(address: str) -> None:
    senders = (Sender(NUMBER, 3), Sender(SECOND_NUMBER, 1))
    assert choose_sender(senders, address) == choose_sender(senders, address)


def test_whatsapp_is_written_to_from_a_whatsapp_sender() -> None:
    own = (Sender(NUMBER), Sender(f"whatsapp:{SECOND_NUMBER}"))
    assert choose_sender(own, "whatsapp:+12025550110") == f"whatsapp:{SECOND_NUMBER}"
    assert choose_sender(own, "+12025550110") == NUMBER
    assert choose_sender(own[:1], "whatsapp:+12025550110") == f"whatsapp:{NUMBER}"
    assert choose_sender((), "+12025550110") == ""
