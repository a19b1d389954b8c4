"""To the citizen: the limit was extended (延期), until when and why."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_extended",
    {
        "zh-Hans": "{subject}{number}需要延期，改为最迟{due}答复您。原因：{text}",
        "zh-Hant": "{subject}{number}需要延期，改為最遲{due}答覆您。原因：{text}",
        "en": "{subject}{number} needs longer: answer by {due} now. Reason: {text}",
    },
    text="灯杆要从外地调。",
    due="12月23日",
)
