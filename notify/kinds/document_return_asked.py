"""To the issuer: a unit gives a document back (退文); to be decided within half an hour."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_return_asked",
    {
        "zh-Hans": "{unit}{name}退文{number}：{text}。{due}定。回1同意退文 2不同意",
        "zh-Hant": "{unit}{name}退文{number}：{text}。{due}定。回1同意退文 2不同意",
        "en": "{name} ({unit}) returns {number}: {text}. Decide by {due}. Reply 1 to agree, 2 to refuse",
    },
    one_way={
        "zh-Hans": "{unit}{name}退文{number}：{text}。{due}请登录决定",
        "zh-Hant": "{unit}{name}退文{number}：{text}。{due}請登錄決定",
        "en": "{name} ({unit}) returns {number}: {text}. Decide on the console by {due}",
    },
)
