"""To a unit's handlers: yellow lamp (黄灯)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_yellow",
    {
        "zh-Hans": "黄灯：{number}{subject}，{due}到期。来不及请现在申请延期。",
        "zh-Hant": "黃燈：{number}{subject}，{due}到期。來不及請現在申請延期。",
        "en": "Yellow: {number} {subject} is due by {due}. If that is too soon, ask for an extension now.",
    },
    topic="work",
    due="12月14日18:00",
)
