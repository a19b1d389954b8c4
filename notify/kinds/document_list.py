"""To an official: several documents to sign for, in one message."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_list",
    {
        "zh-Hans": "{count}件待签收：{listed}。回{numbers}或“全部签收”",
        "zh-Hant": "{count}件待簽收：{listed}。回{numbers}或“全部簽收”",
        "en": "{count} to sign: {listed}. Reply {numbers} or SIGN-ALL",
    },
    one_way={
        "zh-Hans": "{count}件待签收：{listed}。请登录签收或打{phone}",
        "zh-Hant": "{count}件待簽收：{listed}。請登錄簽收或打{phone}",
        "en": "{count} to sign: {listed}. Sign on the console or call {phone}",
    },
    budget=3,
)
