"""To the official who returned a document: it was not taken back; the clock has been running."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_return_refused",
    {
        "zh-Hans": "未同意退文：{number}仍由您签收，{due}。{text}回：签收 {code}",
        "zh-Hant": "未同意退文：{number}仍由您簽收，{due}。{text}回：簽收 {code}",
        "en": "Your return is refused: {number} is still yours to sign, by {due}. {text} Reply: SIGN {code}",
    },
    text="",
)
