"""To the handlers of the lead unit: what a unit that helps has to say (协办意见)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_opinion",
    {
        "zh-Hans": "协办意见：{number}{subject}，{unit}说：{text}请您汇总后答复市民。",
        "zh-Hant": "協辦意見：{number}{subject}，{unit}說：{text}請您彙總後答覆市民。",
        "en": "Opinion on {number} {subject} by {unit}: {text} Please answer the citizen with it.",
    },
    topic="work",
    subject="西河村路灯",
    unit="供电所",
    text="线路归我们，明天断电配合。",
)
