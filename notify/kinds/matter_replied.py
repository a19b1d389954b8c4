"""To the citizen: the answer, and the question whether it solved anything."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_replied",
    {
        "zh-Hans": "{subject}{number}{unit}答复：{text}问题解决了吗？回1解决了 2没解决 0找人工",
        "zh-Hant": "{subject}{number}{unit}答覆：{text}問題解決了嗎？回1解決了 2沒解決 0找人工",
        "en": "{subject}{number}, answer of {unit}: {text} Is it solved? Reply 1 yes, 2 no, 0 a person",
    },
    one_way={
        "zh-Hans": "{subject}{number}{unit}答复：{text}解决了吗？请打{phone}说一声。",
        "zh-Hant": "{subject}{number}{unit}答覆：{text}解決了嗎？請打{phone}說一聲。",
        "en": "{subject}{number}, answer of {unit}: {text} Is it solved? Tell us on {phone}.",
    },
)
