"""To the official who returned a document: it was taken back."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_return_granted",
    {
        "zh-Hans": "同意退文：{number}不用您签收了",
        "zh-Hant": "同意退文：{number}不用您簽收了",
        "en": "Your return is accepted: you need not sign for {number}",
    },
    lane=Lane.NORMAL,
)
