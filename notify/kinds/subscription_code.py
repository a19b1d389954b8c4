"""To a number that was typed into a page: is it yours, and do you want this? Nothing else is sent before the answer."""

from datetime import timedelta

from pydantic import BaseModel, Field

from core.messages import Lane
from notify.kinds.base import Kind


class SubscriptionCode(BaseModel):
    """``what`` is the topic with its area, ``code`` what is typed into the page."""

    what: str = Field(min_length=1, max_length=120)
    code: str = Field(min_length=4, max_length=10)


KIND = Kind(
    name="subscription_code",
    payload=SubscriptionCode,
    texts={
        "zh-Hans": "确认订阅“{what}”请回1，或在网页填{code}，30分钟内有效。不是您要的不用理会",
        "zh-Hant": "確認訂閱「{what}」請回1，或在網頁填{code}，30分鐘內有效。不是您要的不用理會",
        "en": "To get {what}: reply 1, or type {code} on the page within 30 minutes. Not you? Ignore this.",
    },
    one_way={
        "zh-Hans": "确认订阅“{what}”请在网页填{code}，30分钟内有效。不是您要的不用理会",
        "zh-Hant": "確認訂閱「{what}」請在網頁填{code}，30分鐘內有效。不是您要的不用理會",
        "en": "To get {what}: type {code} on the page within 30 minutes. Not you? Ignore this.",
    },
    topic="subscription",
    lane=Lane.URGENT,
    max_age=timedelta(minutes=30),
    budget=1,
    quiet=False,
    example={"what": "惠农补贴 西河村", "code": "483920"},
)
