"""To whoever has to have something done by a day: the day is near."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "deadline_yellow",
    {
        "zh-Hans": "黄灯：{title}，{due}要办完。办完请在控制台点“办结”",
        "zh-Hant": "黃燈：{title}，{due}要辦完。辦完請在控制台點“辦結”",
        "en": "Yellow: {title} is due by {due}. Mark it done on the console",
    },
    lane=Lane.NORMAL,
    title="示例规划公开",
    due="12月14日下班前",
)
