"""To supervisors: nobody decided on a return in time; reminders go on."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_return_lapsed",
    {
        "zh-Hans": "退文逾期未定：{number}，{unit}{name}，已恢复催签。请督促发文单位",
        "zh-Hant": "退文逾期未定：{number}，{unit}{name}，已恢復催簽。請督促發文單位",
        "en": "A return was not decided in time: {number}, {name} ({unit}). Reminders go on. Please see to it",
    },
)
