"""To whoever stood in: the absent person is back."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_back_other",
    {
        "zh-Hans": "{name}已回岗，您不用再代签。您代签{count}件，未签的{numbers}件已交回{name}",
        "zh-Hant": "{name}已回崗，您不用再代簽。您代簽{count}件，未簽的{numbers}件已交回{name}",
        "en": ("{name} is back, you need not sign instead any more. You signed {count}; {numbers} went back to {name}"),
    },
    lane=Lane.NORMAL,
    numbers="2",
)
