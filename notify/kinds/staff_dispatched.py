"""To a unit's handlers: a matter came in, what it is and until when; with the person's code for SMS."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_dispatched",
    {
        "zh-Hans": "新派单{number}{subject}，最迟{due}答复。签收、答复回：回复 {number} {code} 内容",
        "zh-Hant": "新派單{number}{subject}，最遲{due}答覆。簽收、答覆回：回覆 {number} {code} 內容",
        "en": ("New matter {number} {subject}, answer due {due}. To answer reply: REPLY {number} {code} and your text"),
    },
    topic="work",
    subject="西河村路灯",
    due="12月14日",
    code="4839",
)
