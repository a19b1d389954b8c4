"""To supervisors: two months are over, the bulletin on leaders' instructions (督查通报) is there."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_bulletin",
    {
        "zh-Hans": "批示督查通报（{text}）已生成：批示{count}件，已反馈{numbers}件，逾期{minutes}件。请登录查看",
        "zh-Hant": "批示督查通報（{text}）已生成：批示{count}件，已反饋{numbers}件，逾期{minutes}件。請登錄查看",
        "en": (
            "Bulletin on instructions {text}: {count} in all, {numbers} with feedback, {minutes} overdue. "
            "See the console"
        ),
    },
    lane=Lane.NORMAL,
    text="2026-11–12",
    numbers="1",
    minutes=1,
)
