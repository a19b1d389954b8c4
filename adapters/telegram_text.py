"""From one outgoing message to the posts that carry it. Pure.

Limits are Telegram's own (core.telegram.org/bots/api: sendMessage, sendDocument, InlineKeyboardButton).
"""

from dataclasses import dataclass, replace

from core.errors import Rejected
from core.messages import File, Option, Outgoing
from core.text import split_message, utf16_length

POST_UNITS = 4096
"""UTF-16 units in one text post."""
TEXT_MAX = 20_480
"""Characters in one message of ours: at most a handful of posts; more is a mistake of the caller's."""
OPTIONS_MAX = 100
CALLBACK_BYTES = 64
FILE_BYTES = 50 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
TITLE_UNITS = 128
_SHORT_LABEL = 4
_KEYS_IN_A_ROW = 4

Row = tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One post: a piece of the text or one file; the keyboard hangs on exactly one of them."""

    text: str = ""
    file: File | None = None
    keyboard: tuple[Row, ...] = ()


def plan(message: Outgoing) -> list[Step]:
    """The posts for a message, in order; raises Rejected when Telegram could never take it."""
    if len(message.text) > TEXT_MAX:
        raise Rejected("the text is too long", provider_code="too_long")
    if any(len(file.content) > FILE_BYTES for file in message.files):
        raise Rejected("a file is over 50 MB", provider_code="file_too_large")
    # Nearly every text is one post; dividing looks at each character.
    short = utf16_length(message.text) <= POST_UNITS
    texts = (message.text,) if short else split_message(message.text, POST_UNITS)
    pieces = [Step(text=text) for text in texts if text.strip()]
    files = [Step(file=file) for file in message.files]
    if not pieces and not files:
        raise Rejected("there is nothing to send", provider_code="empty")
    steps = pieces + files
    at = keyboard_at(steps)
    steps[at] = replace(steps[at], keyboard=rows(message.options))
    return steps


def keyboard_at(steps: list[Step]) -> int:
    """Which step carries the keyboard and stands for the message: the end of the text, else the last file."""
    texts = sum(1 for step in steps if step.file is None)
    return (texts or len(steps)) - 1


def rows(options: tuple[Option, ...]) -> tuple[Row, ...]:
    """Buttons in rows: short labels (numbers, 是 / 否) side by side, others each on a line of their own."""
    if len(options) > OPTIONS_MAX:
        raise Rejected(f"more than {OPTIONS_MAX} choices", provider_code="too_many_options")
    for option in options:
        size = len(option.value.encode("utf-8", "replace"))
        if not 1 <= size <= CALLBACK_BYTES:
            raise Rejected(
                f"a choice's value has {size} bytes; Telegram takes 1 to {CALLBACK_BYTES}",
                provider_code="option_value_size",
            )
        if not option.label.strip():
            raise Rejected("a choice has no label", provider_code="option_label_empty")
    width = _KEYS_IN_A_ROW if all(len(option.label) <= _SHORT_LABEL for option in options) else 1
    return tuple(options[at : at + width] for at in range(0, len(options), width))


def way_of(file: File) -> str:
    """How a file is shown best: ``photo``, ``voice`` or ``document``."""
    if file.mime in {"image/jpeg", "image/png"} and len(file.content) <= PHOTO_BYTES:
        return "photo"
    return "voice" if file.mime == "audio/ogg" else "document"
