"""What the bot says in a conversation: the answer to somebody's own message of a moment ago."""

from datetime import timedelta

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind


class Reply(BaseModel):
    """A text the bot has already put into words."""

    text: str = Field(min_length=1, max_length=8000)


KIND = Kind(
    name="reply",
    payload=Reply,
    texts={"zh-Hans": "{text}", "zh-Hant": "{text}", "en": "{text}"},
    topic="reply",
    example={"text": "您想问医保的哪件事？请回数字：1老人缴费 2看病报销 3异地就医 0都不是，找人工"},
    lane=Lane.URGENT,
    max_age=timedelta(hours=12),
    budget=1,
    direct=True,
    quiet=False,
)
