"""``sunline serve``, ``worker``, ``db``, ``openapi`` and ``doctor``: what is wrong is named before anything runs."""

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Operator
from tests.fakes.telegram import TOKEN
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.support.postgres import free_port

TWILIO = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_FROM": NUMBER}

REFUSALS: dict[str, tuple[list[str], dict[str, str], str]] = {
    "no secret": ([], {"SUNLINE_SECRET_KEY": ""}, "SUNLINE_SECRET_KEY"),
    "a weak secret": ([], {"SUNLINE_SECRET_KEY": "password" * 4}, "SUNLINE_SECRET_KEY"),
    "keys that are none": ([], {"SUNLINE_DATA_KEYS": "x"}, "SUNLINE_DATA_KEYS"),
    "an unknown channel": ([], {"SUNLINE_CHANNELS": "webchat,pigeon"}, "'pigeon'"),
    "a channel without its settings": ([], {"SUNLINE_CHANNELS": "twilio"}, "'twilio'"),
    "the pretend phones": ([], {"SUNLINE_CHANNELS": "phone"}, "SUNLINE_CHANNELS names phone"),
    "the trial's switch": ([], {"SUNLINE_DEMO": "1"}, "SUNLINE_DEMO"),
    "several processes on SQLite": (["--workers", "2"], {}, "SQLite"),
    "an unknown zone": ([], {"SUNLINE_TIMEZONE": "Mars/Olympus"}, "SUNLINE_TIMEZONE"),
    "quiet hours that are none": ([], {"SUNLINE_QUIET_HOURS": "late"}, "SUNLINE_QUIET_HOURS"),
    "office hours that are none": ([], {"SUNLINE_OFFICE_HOURS": "always"}, "SUNLINE_OFFICE_HOURS"),
    "a database of another kind": ([], {"SUNLINE_DATABASE_URL": "mysql://x/y"}, "SUNLINE_DATABASE_URL"),
    "a database that is no address": ([], {"SUNLINE_DATABASE_URL": "sunline.db"}, "SUNLINE_DATABASE_URL"),
    "prices that are none": ([], {"SUNLINE_SMS_PRICES": "cheap"}, "SUNLINE_SMS_PRICES"),
    "failover to nobody": ([], {"SUNLINE_FAILOVER": "twilio=x"}, "SUNLINE_FAILOVER"),
    "Twilio without a token": ([], TWILIO | {"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
    "Twilio without a sender": ([], TWILIO | {"TWILIO_FROM": ""}, "TWILIO_FROM"),
    "Twilio with a wrong account": ([], TWILIO | {"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_ACCOUNT_SID"),
    "Twilio with a wrong sender": ([], TWILIO | {"TWILIO_FROM": "a very long name"}, "TWILIO_FROM"),
    "Twilio's region beside another host": (
        [], TWILIO | {"TWILIO_API_BASE": "http://127.0.0.1:1", "TWILIO_REGION": "ie1"}, "TWILIO_REGION",
    ),
    "Telegram without its token": ([], {"TELEGRAM_WEBHOOK_SECRET": "a-secret-0123456789"}, "TELEGRAM_BOT_TOKEN"),
    "Telegram with a wrong token": ([], {"TELEGRAM_BOT_TOKEN": "hello"}, "TELEGRAM_BOT_TOKEN"),
    "Telegram with a weak secret": (
        [], {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": "abc"}, "TELEGRAM_WEBHOOK_SECRET",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_serving_is_refused_with_a_sentence_that_names_the_setting(name: str, office: Operator) -> None:
    arguments, settings, named = REFUSALS[name]
    done = office.types("serve", *arguments, **settings)
    assert done.code == 1
    assert "Cannot start:" in done.err
    assert named in done.err
    secrets = [value for key, value in settings.items() if any(w in key for w in ("KEY", "TOKEN", "SECRET")) and value]
    assert not [value for value in secrets if len(value) > 4 and value in done.said]


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_was_not_set_up_is_told_how(command: str, bare: Operator) -> None:
    done = bare.types(command)
    assert done.code == 1
    assert "sunline db upgrade" in done.err


@pytest.mark.parametrize("command", ["db check", "db upgrade", "doctor", "serve", "account list", "init --admin x"])
def test_a_database_out_of_reach_once_ended_in_a_traceback(command: str, bare: Operator) -> None:
    away = f"postgresql://sunline@127.0.0.1:{free_port()}/sunline?connect_timeout=2"
    done = bare.types(*command.split(), SUNLINE_DATABASE_URL=away)
    assert done.code == 1
    assert "database" in done.said


def test_the_tables_are_made_by_migrations_and_compared_with_the_program(bare: Operator) -> None:
    before = bare.types("db", "check")
    assert before.code == 1
    assert bare.types("db", "upgrade").code == 0
    assert bare.types("db", "upgrade").code == 0, "a second time changes nothing"
    after = bare.types("db", "check")
    assert (after.code, after.err) == (0, "")


def test_the_check_agrees_on_both_databases(either: Operator) -> None:
    assert either.types("db", "check").code == 0


def test_the_api_document_is_json_and_names_its_routes(office: Operator) -> None:
    done = office.types("openapi")
    document = json.loads(done.out)
    assert document["openapi"].startswith("3.")
    assert {"/api/v1/ask", "/api/v1/faq", "/api/v1/faq/import", "/healthz"} <= set(document["paths"])


def test_a_doctor_finds_nothing_wrong_where_all_is_well(either: Operator) -> None:
    either.types("init", "--admin", "boss")
    either.types("faq", "import", "starter")
    done = either.types("doctor", SUNLINE_PUBLIC_URL="https://sunline.example")
    assert done.code == 0, done.said
    lines = done.out.splitlines()
    assert all(line.startswith(("ok", "look")) for line in lines)
    assert any("database" in line for line in lines)


def test_a_doctor_says_each_fault_in_a_sentence(bare: Operator) -> None:
    bare.types("db", "upgrade")
    away = f"http://127.0.0.1:{free_port()}"
    telegram = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": away}
    done = bare.types("doctor", **TWILIO, TWILIO_API_BASE=away, **telegram)
    assert done.code == 1
    faults = [line for line in done.out.splitlines() if line.startswith("fault")]
    assert any("sunline init --admin" in line for line in faults)
    assert any("no connection to Twilio" in line for line in faults)
    assert any("no connection to Telegram" in line for line in faults)
    assert "Unclosed" not in done.said, "the connections it opened are closed again"
    assert any(line.startswith("look") and "SUNLINE_PUBLIC_URL" in line for line in done.out.splitlines())


def test_a_doctor_asks_for_migrations(bare: Operator) -> None:
    done = bare.types("doctor")
    assert done.code == 1
    assert "sunline db upgrade" in done.out


def test_a_port_that_is_taken_is_an_error(office: Operator, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = office.types("serve", "--port", str(taken.getsockname()[1]))
    assert done.code != 0
    assert "in use" in done.said
