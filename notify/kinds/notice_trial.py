"""To whoever writes a notice: how it will look, before anybody else gets it."""

from notify.kinds.base import Kind
from notify.kinds.notice_fields import NoticeText

KIND = Kind(
    name="notice_trial",
    payload=NoticeText,
    texts={"zh-Hans": "【试发】{text}", "zh-Hant": "【試發】{text}", "en": "[Test] {text}"},
    topic="work",
    example={"text": "示*甲户耕地地力保护补贴公示：3.5亩×100元＝350元，到11月30日。"},
    quiet=False,
)
