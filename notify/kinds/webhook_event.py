"""To another system: something has changed here."""

from typing import Any

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class WebhookEvent(BaseModel):
    """The act (``matter.accept``), when, on what (``matter:26112103``), and how that stands now. No personal data."""

    event: str = Field(min_length=1, max_length=60)
    at: str = Field(max_length=40)
    subject: str = Field(max_length=120)
    after: dict[str, Any] = {}


KIND = Kind(
    name="webhook_event",
    payload=WebhookEvent,
    texts=dict.fromkeys(("zh-Hans", "zh-Hant", "en"), "{event} {subject}"),
    topic="webhook",
    example={
        "event": "matter.accept",
        "at": "2026-11-23T02:00:00+00:00",
        "subject": "matter:26112103",
        "after": {"state": "accepted", "version": 2},
    },
    quiet=False,
)
