"""To a supervisor: a signing was not made by the person it names; the document is open again."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_not_me",
    {
        "zh-Hans": "{unit}{name}称未签收{number}（{at}那次不是本人），已重新打开并继续催签。请核实",
        "zh-Hant": "{unit}{name}稱未簽收{number}（{at}那次不是本人），已重新打開並繼續催簽。請覈實",
        "en": (
            "{name} ({unit}) says the signing of {number} at {at} was not theirs. It is open again and "
            "reminded. Please look into it"
        ),
    },
)
