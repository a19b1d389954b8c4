"""To the person on duty: an emergency (值班告警), round the clock."""

from core.messages import Lane
from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "staff_alarm",
    {
        "zh-Hans": "紧急{number}：{text}。{due}处置。接手请回：接手 {number} {code}",
        "zh-Hant": "緊急{number}：{text}。{due}處置。接手請回：接手 {number} {code}",
        "en": "EMERGENCY {number}: {text}. Act by {due}. To take it reply: TAKE {number} {code}",
    },
    topic="duty",
    lane=Lane.URGENT,
    quiet=False,
    text="疑似火情，东街12号",
    due="今天02:28前",
    code="4839",
)
