"""To the citizen who has not rated, where buttons are shown: the question once more (回访)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_follow_up_chat",
    {
        "zh-Hans": "{subject}{number}已答复，问题解决了吗？",
        "zh-Hant": "{subject}{number}已答覆，問題解決了嗎？",
        "en": "{subject}{number} was answered. Is it solved?",
    },
)
