"""What no channel can send, refused before anything is written."""

from core.errors import Rejected
from core.text import utf16_length


def check_text(text: str, longest: int) -> None:
    """Raises Rejected for an empty text, one over ``longest`` UTF-16 units, or one that is not valid Unicode."""
    if not text.strip():
        raise Rejected("the text is empty", provider_code="empty")
    if utf16_length(text) > longest:
        raise Rejected(f"the text has more than {longest} characters", provider_code="too_long")
    if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Rejected("the text is not valid Unicode", provider_code="not_unicode")
