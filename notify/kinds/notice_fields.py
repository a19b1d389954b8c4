"""What the kinds of notices share: their text is the office's own, approved and filled in before it comes here."""

from datetime import timedelta

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind

ALERTS = "alert"
"""Topic of notices and mass alerts: what a first 退订 stops."""
EMERGENCY = "emergency"
_PLAIN = {"zh-Hans": "{text}", "zh-Hant": "{text}", "en": "{text}"}


class NoticeText(BaseModel):
    """The text as it should arrive."""

    text: str = Field(min_length=1, max_length=5000)


def notice_kind(name: str, example: str, *, texts: dict[str, str] | None = None, emergency: bool = False) -> Kind:
    """A kind whose text is the office's own. An emergency passes quiet hours and a first 退订, and is soon too old."""
    return Kind(
        name=name,
        payload=NoticeText,
        texts=texts or _PLAIN,
        one_way=_PLAIN if texts else {},
        topic=EMERGENCY if emergency else ALERTS,
        example={"text": example},
        lane=Lane.URGENT if emergency else Lane.BULK,
        max_age=timedelta(hours=6) if emergency else timedelta(days=7),
        quiet=not emergency,
        budget=2,
    )
