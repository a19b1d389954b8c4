"""To the citizen where buttons are shown: the answer, and the question whether it solved anything."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_replied_chat",
    {
        "zh-Hans": "{subject}{number}{unit}答复：{text}\n问题解决了吗？",
        "zh-Hant": "{subject}{number}{unit}答覆：{text}\n問題解決了嗎？",
        "en": "{subject}{number}, answer of {unit}: {text}\nIs it solved?",
    },
)
