"""The receipt of a signing (签收回执), with the way to say that it was somebody else."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_signed",
    {
        "zh-Hans": "已签收{number}，{at}，{text}。不是本人签的，请回：非本人 {code}",
        "zh-Hant": "已簽收{number}，{at}，{text}。不是本人簽的，請回：非本人 {code}",
        "en": "Signed: {number}, {at}, {text}. If that was not you reply: NOT-ME {code}",
    },
    one_way={
        "zh-Hans": "已签收{number}，{at}，{text}。不是本人签的，请打{phone}",
        "zh-Hant": "已簽收{number}，{at}，{text}。不是本人簽的，請打{phone}",
        "en": "Signed: {number}, {at}, {text}. If that was not you call {phone}",
    },
    lane=Lane.NORMAL,
    text="按时",
)
