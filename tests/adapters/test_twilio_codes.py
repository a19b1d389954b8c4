"""Twilio's codes become our outcomes as the table says, and the documentation says the same."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.twilio_codes import CODES, TABLE, Code, Outcome, outcome, refusal
from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "delivery.md"
CLASSES = {
    Outcome.RETRY: Retryable,
    Outcome.REJECT: Rejected,
    Outcome.UNREACHABLE: Unreachable,
    Outcome.OPTED_OUT: Unreachable,
    Outcome.OURS: Misconfigured,
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.number))
def test_a_known_code_becomes_its_outcome(row: Code) -> None:
    error = outcome(str(row.number))
    assert type(error) is CLASSES[row.outcome]
    assert error.reason == row.meaning
    assert error.provider_code == str(row.number)
    assert getattr(error, "opted_out", False) == (row.outcome is Outcome.OPTED_OUT)
    if row.outcome is Outcome.RETRY:
        assert getattr(error, "after") == (timedelta(seconds=row.after_s) if row.after_s else None)  # noqa: B009


def test_no_code_stands_twice() -> None:
    assert len(CODES) == len(TABLE)


def test_each_call_gives_an_exception_of_its_own() -> None:
    assert outcome(21610) is not outcome(21610)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (None, 429, Retryable),
        (None, 500, Retryable),
        ("", 503, Retryable),
        ("12345", 400, Rejected),
        ("12345", 0, Rejected),
        ("", 0, Rejected),
        (None, 401, Misconfigured),
        (None, 403, Misconfigured),
        (None, 404, Misconfigured),
        (None, 302, Misconfigured),
        ("²", 400, Rejected),
        ("-1", 400, Rejected),
    ],
)
def test_an_unknown_code_is_judged_by_its_status(code: str | None, status: int, kind: type[SendError]) -> None:
    assert type(outcome(code, status=status)) is kind


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta(0)),
        ("999999999", timedelta(days=1)),
        ("Fri, 20 Nov 2026 02:00:30 GMT", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 01:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("", None),
    ],
)
def test_the_delay_asked_for_is_understood_in_both_forms(header: str, after: timedelta | None) -> None:
    error = refusal(429, '{"code": 20429}', {"Retry-After": header}, NOW)
    assert isinstance(error, Retryable)
    assert error.after == after


def test_the_delay_asked_for_goes_before_the_tables() -> None:
    error = refusal(429, '{"code": 21611}', {"Retry-After": "9"}, NOW)
    assert isinstance(error, Retryable)
    assert error.after == timedelta(seconds=9)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '"text"', "{}"])
def test_a_gateway_that_gave_up_leaves_a_doubt(body: str) -> None:
    assert isinstance(refusal(504, body, {}, NOW), Uncertain)
    assert isinstance(refusal(503, body, {}, NOW), Retryable)


def test_the_documentation_lists_the_same_codes_with_the_same_outcomes() -> None:
    rows = re.findall(r"^\| (\d{5}) \| (.+?) \| (.+?) \| (.*?) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    table = [
        (str(row.number), row.meaning, str(row.outcome), f"{row.after_s} s" if row.after_s else "") for row in TABLE
    ]
    assert rows == table
