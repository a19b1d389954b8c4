"""To a unit's handlers: the citizen asks to hurry (催办)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_urged",
    {
        "zh-Hans": "催办：{number}{subject}，市民第{count}次催，{due}请回进展。回：回复 {number} {code} 内容",
        "zh-Hant": "催辦：{number}{subject}，市民第{count}次催，{due}請回進展。回：回覆 {number} {code} 內容",
        "en": (
            "Urged: {number} {subject}, time {count}. Say how it stands by {due}. Reply: REPLY "
            "{number} {code} and your text"
        ),
    },
    topic="work",
    subject="西河村路灯",
    due="24日下班前",
    code="4839",
)
