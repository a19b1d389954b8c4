"""To the citizen who has not rated: the question once more (回访)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_follow_up",
    {
        "zh-Hans": "{subject}{number}已答复，问题解决了吗？回1解决了 2没解决 0找人工",
        "zh-Hant": "{subject}{number}已答覆，問題解決了嗎？回1解決了 2沒解決 0找人工",
        "en": "{subject}{number} was answered. Is it solved? Reply 1 yes, 2 no, 0 a person",
    },
    one_way={
        "zh-Hans": "{subject}{number}已答复，解决了吗？没解决请打{phone}。",
        "zh-Hant": "{subject}{number}已答覆，解決了嗎？沒解決請打{phone}。",
        "en": "{subject}{number} was answered. If it is not solved call {phone}.",
    },
)
