"""To the citizen: nobody comes at the time that was told; a new one follows."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_visit_off",
    {
        "zh-Hans": "对不起，{subject}{number}原定{due}的上门来不了了，我们打电话给您另约时间。急事请打{phone}。",
        "zh-Hant": "對不起，{subject}{number}原定{due}的上門來不了了，我們打電話給您另約時間。急事請打{phone}。",
        "en": "Sorry, nobody can come on {due} about {subject}{number}. We call you for a new time. Urgent? {phone}.",
    },
    due="11月25日上午9点",
)
