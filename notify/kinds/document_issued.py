"""To an official: a document to sign for."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_issued",
    {
        "zh-Hans": "{urgency}公文待签收：{number} {title}，{due}。回：签收 {code}{link}",
        "zh-Hant": "{urgency}公文待簽收：{number} {title}，{due}。回：簽收 {code}{link}",
        "en": "{urgency} document to sign: {number} {title}, by {due}. Reply: SIGN {code}{link}",
    },
    one_way={
        "zh-Hans": "{urgency}公文待签收：{number} {title}，{due}。请登录签收或打{phone}{link}",
        "zh-Hant": "{urgency}公文待簽收：{number} {title}，{due}。請登錄簽收或打{phone}{link}",
        "en": "{urgency} document to sign: {number} {title}, by {due}. Sign on the console or call {phone}{link}",
    },
)
