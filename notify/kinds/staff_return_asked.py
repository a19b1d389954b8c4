"""To supervisors: a unit asks to give a matter back (退单申请)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_return_asked",
    {
        "zh-Hans": "{unit}申请退单{number}{subject}。理由：{text}请同意或驳回。",
        "zh-Hant": "{unit}申請退單{number}{subject}。理由：{text}請同意或駁回。",
        "en": "{unit} asks to return {number} {subject}. Reason: {text} Please grant or refuse.",
    },
    topic="work",
    budget=2,
    text="路灯归乡镇管。",
)
