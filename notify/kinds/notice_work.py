"""To the editor of a notice: its period is over, or it was moved because it could not be public in time."""

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class NoticeWork(BaseModel):
    """Number and title of the notice, what has happened, what comes next."""

    number: str = Field(max_length=40)
    title: str = Field(max_length=200)
    what: str = Field(max_length=200)


KIND = Kind(
    name="notice_work",
    payload=NoticeWork,
    texts={
        "zh-Hans": "{number}“{title}”：{what}",
        "zh-Hant": "{number}“{title}”：{what}",
        "en": "{number} “{title}”: {what}",
    },
    topic="work",
    example={
        "number": "公示〔2026〕12号",
        "title": "示例村耕地地力保护补贴",
        "what": "公示期已满，可以定稿",
    },
)
