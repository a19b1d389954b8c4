"""The page about delivery says what the program does."""

from pathlib import Path

from notify.outbox.states import SENTENCES
from notify.outbox.trial import FAILURES, ONLY_SENT

PAGE = (Path(__file__).parent.parent.parent / "docs" / "delivery.md").read_text("utf-8")


def test_every_reason_is_on_the_page_with_its_sentence() -> None:
    missing = [reason for reason, text in SENTENCES.items() if reason and f"| {reason.value} | {text} |" not in PAGE]
    assert missing == []


def test_every_magic_number_is_on_the_page() -> None:
    assert [number for number in (*FAILURES, ONLY_SENT) if f"| {number} |" not in PAGE] == []
