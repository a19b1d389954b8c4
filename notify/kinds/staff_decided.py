"""To a unit's handlers: what became of their request, or of an answer that was checked."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_decided",
    {
        "zh-Hans": "{number}{subject}：{text}",
        "zh-Hant": "{number}{subject}：{text}",
        "en": "{number} {subject}: {text}",
    },
    topic="work",
    text="延期已同意，改为12月23日前答复。",
)
