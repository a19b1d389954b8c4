"""To whoever goes there (上门服务, 核查): what for and when; the address is at the console, behind a logged look."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_visit",
    {
        "zh-Hans": "{more}{number}{subject}，{due}前。先打电话约好。去过后回：{text} {number} {code} 情况",
        "zh-Hant": "{more}{number}{subject}，{due}前。先打電話約好。去過後回：{text} {number} {code} 情況",
        "en": "{more} {number} {subject}, by {due}. Call first. Then reply: {text} {number} {code} and the result",
    },
    topic="work",
    subject="西河村路灯",
    due="11月25日9:00",
    code="4839",
    more="请到现场核查",
    text="核查",
)
