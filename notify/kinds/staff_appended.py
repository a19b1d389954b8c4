"""To a unit's handlers: the citizen added something (补充)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_appended",
    {
        "zh-Hans": "{number}{subject}市民有补充，请到工作台或热线群查看。",
        "zh-Hant": "{number}{subject}市民有補充，請到工作臺或熱線群查看。",
        "en": "{number} {subject}: the citizen added something; see the console or the staff group.",
    },
    topic="work",
)
