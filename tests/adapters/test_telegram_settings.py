"""Wrong Telegram settings stop the start with a sentence that names them and never repeats them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters import CHANNELS, ChannelEnv
from core.errors import StartupError

TOKEN = "123456789:AAH-made-up-token-of-nobody-0000001"
NAMES = ("BOT_TOKEN", "API_BASE", "WEBHOOK_SECRET", "STAFF_CHAT", "PARSE_MODE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(f"TELEGRAM_{name}", raising=False)


def build() -> object:
    return CHANNELS["telegram"](ChannelEnv(lambda: datetime(2026, 11, 20, tzinfo=UTC), "", "示例办"))


def test_without_a_token_there_is_no_telegram() -> None:
    assert build() is None


def test_a_token_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    channel = build()
    assert channel is not None
    assert TOKEN not in repr(channel)


def test_settings_are_read_from_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nSUNLINE_PORT=8001\n")
    assert build() is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not-a-token"),
        ("BOT_TOKEN", "123456789:with space"),
        ("BOT_TOKEN", "123456789:"),
        ("WEBHOOK_SECRET", "short"),
        ("WEBHOOK_SECRET", "a" * 40),
        ("WEBHOOK_SECRET", "has a space in it, so long"),
        ("API_BASE", "api.telegram.org"),
        ("STAFF_CHAT", "our group"),
        ("PARSE_MODE", "BBCode"),
    ],
)
def test_a_wrong_setting_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv(f"TELEGRAM_{name}", value)
    with pytest.raises(StartupError, match=f"TELEGRAM_{name}") as caught:
        build()
    assert value not in str(caught.value)


def test_a_forgotten_token_beside_other_settings_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "webhook_secret-of-a-test-0001")
    with pytest.raises(StartupError, match="TELEGRAM_BOT_TOKEN"):
        build()
