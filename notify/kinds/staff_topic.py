"""To a group of staff: a matter's card, and what happens to it."""

from datetime import timedelta

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind


class Post(BaseModel):
    """A text the service has already put into words."""

    text: str = Field(min_length=1, max_length=8000)


KIND = Kind(
    name="staff_topic",
    payload=Post,
    texts={"zh-Hans": "{text}", "zh-Hant": "{text}", "en": "{text}"},
    topic="work",
    example={"text": "新派单 26112103｜投诉｜西河村口路灯坏了三天｜短信，号码已隐去｜答复期限 12月14日"},
    lane=Lane.NORMAL,
    max_age=timedelta(hours=72),
    quiet=False,
)
