"""To handlers, leader and supervisors: red lamp (红灯), the limit has passed."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_red",
    {
        "zh-Hans": "红灯：{number}{subject}已超期，{unit}承办，已自动督办，{due}须答复并说明原因。",
        "zh-Hant": "紅燈：{number}{subject}已超期，{unit}承辦，已自動督辦，{due}須答覆並說明原因。",
        "en": (
            "Red: {number} {subject} with {unit} is overdue. A supervision order is open: answer "
            "with the reason by {due}."
        ),
    },
    topic="work",
    due="15日下班前",
)
