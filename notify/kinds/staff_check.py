"""To the matter's owner and the writer's leader: an answer to be checked (审核), and how to pass it."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_check",
    {
        "zh-Hans": "{number}{subject}，{unit}拟答复：{text}请审核，回：审核 {number} {code} 通过，或退回加要改的地方",
        "zh-Hant": "{number}{subject}，{unit}擬答覆：{text}請審核，回：審核 {number} {code} 通過，或退回加要改的地方",
        "en": "{unit} answers {subject}: {text} Reply CHECK {number} {code} pass, or send back + why",
    },
    topic="work",
    budget=2,
    subject="西河村路灯",
    code="4839",
)
