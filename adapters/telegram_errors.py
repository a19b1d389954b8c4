"""What Telegram's refusals and aiogram's exceptions mean in our closed list of outcomes.

No sentence of Telegram's is repeated: some quote the message or the chat. The code keeps what an operator needs.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from core.errors import Misconfigured, Rejected, Retryable, SendError, Uncertain, Unreachable

THREAD_NOT_FOUND = "thread_not_found"
"""``provider_code`` of a Rejected whose topic is gone: open a new one and send again."""
NO_TOPICS = "no_topics"
"""``provider_code`` of a Rejected where the group has no topics or the bot may not open any: write without one."""
MARKUP_REFUSED = "markup_refused"
PHOTO_REFUSED = "photo_refused"
FILE_TOO_BIG = "file_too_big"

_NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user_is_blocked",
    "input_user_deactivated",
    "group chat was deactivated",
    "chat_write_forbidden",
    "chat_restricted",
    "channel_private",
    "not enough rights",
    "have no rights to send",
    "need administrator rights",
    "bot is not a member",
    "chat_id is empty",
)
_REFUSALS = {
    "message thread not found": THREAD_NOT_FOUND,
    "topic_deleted": THREAD_NOT_FOUND,
    "topic_id_invalid": THREAD_NOT_FOUND,
    "can't parse entities": MARKUP_REFUSED,
    "photo_": PHOTO_REFUSED,
    "image_process_failed": PHOTO_REFUSED,
    "file is too big": FILE_TOO_BIG,
    "to create a topic": NO_TOPICS,
    "the chat is not a forum": NO_TOPICS,
}


def outcome_of(error: Exception) -> SendError:
    """The outcome of a call that ended with this exception."""
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return meaning(error)
    # A body that is no JSON, not of the expected form or not even text: the request was written.
    return Uncertain("Telegram's answer cannot be read", provider_code="garbage")


def _wait(error: TelegramRetryAfter) -> SendError:
    return Retryable("Telegram asks us to wait", after=timedelta(seconds=error.retry_after), provider_code="429")


def _moved(error: TelegramMigrateToChat) -> SendError:
    moved_to = str(error.migrate_to_chat_id)
    return Unreachable("the group became a supergroup", provider_code="migrated", moved_to=moved_to)


def _forbidden(error: TelegramForbiddenError) -> SendError:
    blocked = "blocked" in _words(error)
    return Unreachable("the bot may not write there", provider_code=_code(error), opted_out=blocked)


def _token(_: TelegramAPIError) -> SendError:
    return Misconfigured("Telegram does not accept TELEGRAM_BOT_TOKEN", provider_code="token")


def _conflict(_: TelegramAPIError) -> SendError:
    return Misconfigured("another process polls with this token, or a webhook is set", provider_code="conflict")


def _too_large(_: TelegramAPIError) -> SendError:
    return Rejected("the request is too large", provider_code=FILE_TOO_BIG)


def _server(_: TelegramAPIError) -> SendError:
    return Retryable("Telegram has a fault of its own", provider_code="5xx")


def _not_unicode(_: UnicodeEncodeError) -> SendError:
    return Rejected("the text is not valid Unicode", provider_code="not_unicode")


def _bad_request(error: TelegramAPIError) -> SendError:
    words = _words(error)
    for sign, code in _REFUSALS.items():
        if sign in words:
            return Rejected("Telegram refuses the message", provider_code=code)
    if any(sign in words for sign in _NOBODY_THERE):
        return Unreachable("there is no such chat for the bot", provider_code=_code(error))
    return Rejected("Telegram refuses the message", provider_code=_code(error))


def _network(error: TelegramNetworkError) -> SendError:
    cause = error.__cause__
    if isinstance(cause, InvalidURL):
        return Misconfigured("TELEGRAM_API_BASE is no address", provider_code="api_base")
    if isinstance(cause, ClientConnectorError | ConnectionTimeoutError):
        return Retryable("no connection to Telegram", provider_code="no_connection")
    if isinstance(cause, TimeoutError):
        return Uncertain("no answer in time", provider_code="timeout")
    return Uncertain("the connection broke before the answer", provider_code="cut")


def _other(error: TelegramAPIError) -> SendError:
    if "too many requests" in _words(error):
        return Retryable("Telegram asks us to wait", provider_code="429")
    return Rejected("Telegram refuses the message", provider_code=_code(error))


def _words(error: TelegramAPIError) -> str:
    # Telegram's description may be missing altogether; aiogram then passes None on.
    return (error.message or "").lower()


def _code(error: TelegramAPIError) -> str:
    """Telegram's words before any detail, as a name: "Bad Request: text is empty: x" → text_is_empty."""
    kind, _, rest = _words(error).partition(": ")
    return re.sub(r"[^a-z0-9]+", "_", (rest or kind).partition(":")[0]).strip("_")[:48]


_MEANINGS: tuple[tuple[type[Exception], Callable[[Any], SendError]], ...] = (
    (TelegramRetryAfter, _wait),
    (TelegramMigrateToChat, _moved),
    (TelegramForbiddenError, _forbidden),
    (TelegramUnauthorizedError, _token),
    (TelegramNotFound, _token),
    (TelegramConflictError, _conflict),
    (TelegramEntityTooLarge, _too_large),
    (TelegramServerError, _server),
    (TelegramBadRequest, _bad_request),
    (TelegramNetworkError, _network),
    (TelegramAPIError, _other),
    (UnicodeEncodeError, _not_unicode),
)
"""The first that fits counts, so special cases stand before the classes they derive from."""
