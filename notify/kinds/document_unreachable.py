"""To a supervisor, by name: an official cannot be reached on any channel."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_unreachable",
    {
        "zh-Hans": "联系不上{unit}{name}：{urgency}公文{number}，{due}，各渠道都没送到。请马上打电话通知",
        "zh-Hant": "聯繫不上{unit}{name}：{urgency}公文{number}，{due}，各渠道都沒送到。請馬上打電話通知",
        "en": (
            "{name} ({unit}) cannot be reached on any channel: {urgency} document {number}, by {due}. "
            "Please telephone now"
        ),
    },
)
