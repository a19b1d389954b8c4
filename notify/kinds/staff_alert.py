"""To supervisors: an alert point (告警点) was reached."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_alert",
    {
        "zh-Hans": "{text}：{number}{subject}，{unit}。",
        "zh-Hant": "{text}：{number}{subject}，{unit}。",
        "en": "{text}: {number} {subject}, {unit}.",
    },
    topic="work",
    text="告警 第二次退单",
)
