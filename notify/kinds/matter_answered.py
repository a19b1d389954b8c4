"""To the citizen: an answer nobody is asked to rate, or something added to one."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_answered",
    {
        "zh-Hans": "{subject}{number}{unit}答复：{text}",
        "zh-Hant": "{subject}{number}{unit}答覆：{text}",
        "en": "{subject}{number}, answer of {unit}: {text}",
    },
)
