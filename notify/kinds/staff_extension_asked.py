"""To supervisors: a unit asks for more time (延期申请)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_extension_asked",
    {
        "zh-Hans": "{unit}申请延期{count}个工作日：{number}{subject}。理由：{text}请同意或驳回。",
        "zh-Hant": "{unit}申請延期{count}個工作日：{number}{subject}。理由：{text}請同意或駁回。",
        "en": "{unit} asks for {count} more working days, {number} {subject}: {text} Grant or refuse?",
    },
    topic="work",
    budget=2,
    count=7,
    text="灯杆要从外地调。",
)
