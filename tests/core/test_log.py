"""Logs carry ids; behind that rule stands a mask."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core import log
from core.log import hide, mask_line, setup_logging


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What these tests change about the process is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(log, "_SECRETS", set())
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "private",
    [
        "+12025550101", "+447700900123", "130" + "0" * 8, "11010119900101123X", "110101199001011234",
        "7000000001:AAH-stand-in-token-of-nobody-000000001",
    ],
)  # fmt: skip
@pytest.mark.parametrize("line", ["{}", "to {} failed", '{{"to":"{}"}}', "to={},x", "（{}）", "给{}发"])
def test_what_looks_private_is_blotted_out(private: str, line: str) -> None:
    assert private not in mask_line(line.format(private))


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-11-23T10:00:00.123456Z", "id 019ab0123456789abcdef0123456789a", "took 12345 ms", "127.0.0.1:8000",
        "app.py:123 handle < db.py:45 write", "26112103", "1700000000.123456",
    ],
)  # fmt: skip
def test_times_ids_and_places_stay_readable(harmless: str) -> None:
    assert mask_line(harmless) == harmless


def test_known_secrets_are_blotted_out_wherever_they_stand() -> None:
    hide(["fedcba9876543210", "abc"])
    assert mask_line("x?token=fedcba9876543210&y abc") == "x?token=•••&y abc", "short words would blot out everything"


def _written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_structured_loggers_once_printed_past_the_mask_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", json=True)
    logging.getLogger("plain").info("to %s", "+12025550101")
    structlog.get_logger("structured").warning("sent", to="+12025550101", id="m1")
    written = capsys.readouterr()
    one, other = (json.loads(line) for line in written.err.splitlines())
    assert written.out == ""
    assert (one["event"], one["logger"], one["level"]) == ("to •••", "plain", "info")
    assert (other["event"], other["to"], other["id"]) == ("sent", "•••", "m1")


def test_an_error_is_logged_with_its_place_and_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", json=True)
    try:
        int("示例甲")
    except ValueError:
        logging.getLogger("plain").exception("could not be handled")
    (line,) = _written(capsys)
    assert line["error"] == "ValueError"
    assert "test_an_error_is_logged" in str(line["at"])
    assert "示例甲" not in json.dumps(line, ensure_ascii=False)


def test_a_level_hides_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("WARNING", json=True)
    logging.getLogger("plain").info("no")
    logging.getLogger("plain").warning("yes")
    assert [line["event"] for line in _written(capsys)] == ["yes"]


def test_the_console_s_form_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", json=False)
    logging.getLogger("plain").info("to +12025550101")
    assert "to •••" in capsys.readouterr().err
