"""To the citizen: what has been done so far, for somebody who asked to hurry."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_progress",
    {
        "zh-Hans": "{subject}{number}进展：{text}最迟{due}答复您。",
        "zh-Hant": "{subject}{number}進展：{text}最遲{due}答覆您。",
        "en": "{subject}{number}, so far: {text} Answer by {due}.",
    },
    text="已派人看过，等换线。",
)
