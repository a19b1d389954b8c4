"""To a unit's handlers and leader: a supervision order (督办单)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_supervised",
    {
        "zh-Hans": "督办：{number}{subject}，{due}须办结并反馈。要求：{text}",
        "zh-Hant": "督辦：{number}{subject}，{due}須辦結並回饋。要求：{text}",
        "en": "Supervision order on {number} {subject}: finish and report by {due}. {text}",
    },
    topic="work",
    text="查清原因，书面说明。",
    due="15日下班前",
)
