"""A plain text from another system, sent through us by the API."""

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class Announcement(BaseModel):
    """The text as it should arrive."""

    text: str = Field(min_length=1, max_length=1500)


KIND = Kind(
    name="announcement",
    payload=Announcement,
    texts={"zh-Hans": "{text}", "zh-Hant": "{text}", "en": "{text}"},
    topic="alert",
    example={"text": "示例镇今天下午两点起停水，预计六点恢复，请提前储水。"},
)
