"""Settings: a wrong one stops the start with its name; the right ones mean what the page says."""

from datetime import time
from pathlib import Path

import pytest

from core.config import load_settings
from core.errors import StartupError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of this machine takes part."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUNLINE_TIMEZONE", "Mars/Olympus"),
        ("SUNLINE_TIMEZONE", "../etc/passwd"),
        ("SUNLINE_TIMEZONE", ""),
        ("SUNLINE_QUIET_HOURS", "late"),
        ("SUNLINE_QUIET_HOURS", "25:00-08:00"),
        ("SUNLINE_QUIET_HOURS", "21:00"),
        ("SUNLINE_OFFICE_HOURS", "always"),
        ("SUNLINE_OFFICE_HOURS", ""),
        ("SUNLINE_PUBLIC_URL", "sunline.example"),
        ("SUNLINE_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("SUNLINE_TRUSTED_PROXIES", "the proxy"),
        ("SUNLINE_LOG_LEVEL", "LOUD"),
        ("SUNLINE_PORT", "0"),
        ("SUNLINE_PORT", "http"),
        ("SUNLINE_LIMIT_ASK", "0"),
        ("SUNLINE_LIMIT_LOOKUP", "-1"),
        ("SUNLINE_SMS_DAILY_CAP", "many"),
        ("SUNLINE_OFFICE_NAME", ""),
        ("SUNLINE_OFFICE_NAME", "一个比十二个字还要长的名字"),
        ("SUNLINE_DATABASE_POOL", "1"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_its_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartupError, match=name):
        load_settings()


def test_several_wrong_values_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNLINE_PORT", "x")
    monkeypatch.setenv("SUNLINE_TIMEZONE", "x")
    with pytest.raises(StartupError) as caught:
        load_settings()
    assert {line.partition(":")[0] for line in str(caught.value).splitlines()} == {"SUNLINE_PORT", "SUNLINE_TIMEZONE"}


def test_what_nobody_set_is_as_the_contract_says() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///var/sunline.db"
    assert (settings.timezone, settings.zone.key) == ("Asia/Shanghai", "Asia/Shanghai")
    assert settings.quiet == (time(21), time(8))
    assert settings.data_dir == Path("var")
    assert settings.channel_names == ()
    assert settings.url == "http://127.0.0.1:8000"


def test_a_file_named_env_is_read_and_the_environment_wins_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SUNLINE_OFFICE_NAME=示例热线\nSUNLINE_PORT=8123\nOTHER=1\n", "utf-8")
    monkeypatch.setenv("SUNLINE_PORT", "9000")
    settings = load_settings()
    assert (settings.office_name, settings.port) == ("示例热线", 9000)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("21:00-08:00", ((time(21), time(8)),)),
        ("21:00-08:00, 12:00-14:00", ((time(21), time(8)), (time(12), time(14)))),
    ],
)
def test_quiet_hours_are_spans_of_office_time(text: str, spans: tuple[tuple[time, time], ...]) -> None:
    settings = load_settings(quiet_hours=text)
    assert settings.quiet_spans == spans
    assert settings.quiet == (spans[0] if spans else None)


def test_lists_are_divided_at_commas_whatever_blanks_there_are() -> None:
    settings = load_settings(channels=" webchat , sms,,", trusted_proxies="10.0.0.1, 192.168.0.0/16,::1")
    assert settings.channel_names == ("webchat", "sms")
    assert [str(network) for network in settings.proxies] == ["10.0.0.1/32", "192.168.0.0/16", "::1/128"]


@pytest.mark.parametrize("given", ["https://sunline.example/", "https://sunline.example"])
def test_the_public_address_has_no_slash_at_its_end(given: str) -> None:
    assert load_settings(public_url=given).url == "https://sunline.example"
