"""To whoever stands in: what they sign from now on in the absent person's place."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_handed",
    {
        "zh-Hans": "{name}外出到{due}，由您代签。{count}件：{listed}。回{numbers}",
        "zh-Hant": "{name}外出到{due}，由您代簽。{count}件：{listed}。回{numbers}",
        "en": "{name} is away until {due} and you sign instead. {count} to sign: {listed}. Reply {numbers}",
    },
    one_way={
        "zh-Hans": "{name}外出到{due}，由您代签。{count}件：{listed}。请登录签收",
        "zh-Hant": "{name}外出到{due}，由您代簽。{count}件：{listed}。請登錄簽收",
        "en": "{name} is away until {due} and you sign instead. {count} to sign: {listed}. Sign on the console",
    },
    due="27日",
)
