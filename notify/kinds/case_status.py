"""To whoever applied: how their case at another office's system stands (外网反馈)."""

from pydantic import BaseModel, Field

from notify.kinds.base import Kind


class CaseStatus(BaseModel):
    """The case as a text names it. ``more`` is a further sentence with its full stop, or empty."""

    title: str = Field(min_length=1, max_length=100)
    ref: str = Field(min_length=1, max_length=60)
    status: str = Field(min_length=1, max_length=40)
    unit: str = Field("", max_length=100)
    more: str = Field("", max_length=400)
    phone: str = Field("", max_length=40)


KIND = Kind(
    name="case_status",
    payload=CaseStatus,
    texts={
        "zh-Hans": "您的办件“{title}”（{ref}）{unit}{status}。{more}回“查询 {ref}”看进度。",
        "zh-Hant": "您的辦件「{title}」（{ref}）{unit}{status}。{more}回「查詢 {ref}」看進度。",
        "en": "Your case {title} ({ref}): {status} {unit}. {more} Reply STATUS {ref} to see more.",
    },
    one_way={
        "zh-Hans": "您的办件“{title}”（{ref}）{unit}{status}。{more}要问请打{phone}。",
        "zh-Hant": "您的辦件「{title}」（{ref}）{unit}{status}。{more}要問請打{phone}。",
        "en": "Your case {title} ({ref}): {status} {unit}. {more} Questions: {phone}.",
    },
    topic="case",
    example={
        "title": "高龄津贴申请",
        "ref": "BJ20261123007",
        "status": "已受理",
        "unit": "示例镇民政办",
        "more": "12月7日前办结。",
        "phone": "12345",
    },
)
