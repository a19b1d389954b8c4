"""What each of Telegram's refusals means, and that none of their words leak."""

import pytest
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.methods import GetMe
from aiohttp import ClientOSError, ConnectionTimeoutError, ServerDisconnectedError

from adapters.telegram_errors import outcome_of
from core.errors import Rejected, Retryable, SendError, Uncertain, Unreachable


@pytest.mark.parametrize(
    ("words", "outcome", "code"),
    [
        ("chat not found", Unreachable, "chat_not_found"),
        ("PEER_ID_INVALID", Unreachable, "peer_id_invalid"),
        ("not enough rights to send text messages to the chat", Unreachable, None),
        ("need administrator rights in the channel chat", Unreachable, None),
        ("group chat was deactivated", Unreachable, None),
        ("message thread not found", Rejected, "thread_not_found"),
        ("TOPIC_DELETED", Rejected, "thread_not_found"),
        ("TOPIC_CLOSED", Rejected, "topic_closed"),
        ("not enough rights to create a topic", Rejected, "no_topics"),
        ("the chat is not a forum", Rejected, "no_topics"),
        ('can\'t parse entities: Unsupported start tag "示例甲" at byte offset 3', Rejected, "markup_refused"),
        ("message is too long", Rejected, "message_is_too_long"),
        ("BUTTON_DATA_INVALID", Rejected, "button_data_invalid"),
        ("something new: about 示例甲 +12025550123", Rejected, "something_new"),
    ],
)
def test_a_bad_request_by_its_words(words: str, outcome: type[SendError], code: str | None) -> None:
    error = outcome_of(TelegramBadRequest(GetMe(), f"Bad Request: {words}"))
    assert type(error) is outcome
    assert code is None or error.provider_code == code
    assert "示例甲" not in f"{error.reason}{error.provider_code}"
    assert "2025550123" not in f"{error.reason}{error.provider_code}"


@pytest.mark.parametrize(
    ("words", "opted_out"),
    [
        ("bot was blocked by the user", True),
        ("user is deactivated", False),
        ("bot was kicked from the supergroup chat", False),
        ("bot can't initiate conversation with a user", False),
    ],
)
def test_only_who_blocked_the_bot_opted_out(words: str, opted_out: bool) -> None:
    error = outcome_of(TelegramForbiddenError(GetMe(), f"Forbidden: {words}"))
    assert isinstance(error, Unreachable)
    assert error.opted_out is opted_out


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (ConnectionTimeoutError(), Retryable),
        (TimeoutError(), Uncertain),
        (ServerDisconnectedError(), Uncertain),
        (ClientOSError(104, "reset"), Uncertain),
    ],
)
def test_a_network_error_is_retryable_only_before_the_request_was_written(
    cause: Exception, outcome: type[SendError]
) -> None:
    error = TelegramNetworkError(GetMe(), "somehow")
    error.__cause__ = cause
    assert type(outcome_of(error)) is outcome


def test_being_told_to_slow_down_without_a_delay_is_still_retryable() -> None:
    assert isinstance(outcome_of(TelegramAPIError(GetMe(), "Too Many Requests: retry later")), Retryable)
    assert isinstance(outcome_of(TelegramAPIError(GetMe(), None)), Rejected)  # type: ignore[arg-type]


def test_text_that_is_no_unicode_was_never_written_but_an_answer_that_is_none_was() -> None:
    never = UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
    written = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    assert isinstance(outcome_of(never), Rejected)
    assert isinstance(outcome_of(written), Uncertain)
