"""To a member of staff: a colleague hands a matter over (移交); it is theirs once taken."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_offered",
    {
        "zh-Hans": "{unit}把{number}{subject}移交给您，请到工作台接手。接手前仍由对方负责。",
        "zh-Hant": "{unit}把{number}{subject}移交給您，請到工作臺接手。接手前仍由對方負責。",
        "en": ("{unit} hands {number} {subject} over to you. It stays theirs until you take it over on the console."),
    },
    topic="work",
    unit="示例甲",
)
