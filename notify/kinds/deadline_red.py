"""To whoever has to have something done by a day, and to supervisors: the day is over."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "deadline_red",
    {
        "zh-Hans": "红灯：{name}负责的“{title}”已过{due}，已报督办",
        "zh-Hant": "紅燈：{name}負責的“{title}”已過{due}，已報督辦",
        "en": "Red: {title}, in the hands of {name}, was due by {due}. Supervision knows",
    },
    title="示例规划公开",
    due="12月14日",
)
