"""To the matter's owner: call a dissatisfied citizen (回访电话)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_call",
    {
        "zh-Hans": "{number}{subject}市民不满意，请在{due}打电话核实：{text}",
        "zh-Hant": "{number}{subject}市民不滿意，請在{due}打電話核實：{text}",
        "en": "{number} {subject}: the citizen is not content. Please call by {due}: {text}",
    },
    topic="work",
    text="只修了一盏，里头三盏还黑着。",
    due="27日下班前",
)
