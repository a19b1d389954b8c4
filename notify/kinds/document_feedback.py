"""To the issuer of a leader's instruction: feedback that two leaders have confirmed."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_feedback",
    {
        "zh-Hans": "批示反馈：{number}，{unit}：{text}",
        "zh-Hant": "批示反饋：{number}，{unit}：{text}",
        "en": "Feedback on {number} from {unit}: {text}",
    },
    lane=Lane.NORMAL,
    text="已完成排查，整改7处。",
)
