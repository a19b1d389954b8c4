"""To whoever runs the service: something is wrong that does not repair itself."""

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind


class Alarm(BaseModel):
    """The alarm's name and a sentence."""

    alarm: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=500)


KIND = Kind(
    name="alarm",
    payload=Alarm,
    texts={
        "zh-Hans": "服务告警 {alarm}：{text}",
        "zh-Hant": "服務告警 {alarm}：{text}",
        "en": "Service alarm {alarm}: {text}",
    },
    topic="alarm",
    example={"alarm": "timers", "text": "a timer is 90 s late"},
    lane=Lane.URGENT,
    quiet=False,
)
