"""To an official: yellow lamp (黄灯), the limit is near."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_yellow",
    {
        "zh-Hans": "黄灯，快到时限：{urgency}公文{number} {title}，{due}。回：签收 {code}{link}",
        "zh-Hant": "黃燈，快到時限：{urgency}公文{number} {title}，{due}。回：簽收 {code}{link}",
        "en": ("Yellow, the limit is near: {urgency} document {number} {title}, by {due}. Reply: SIGN {code}{link}"),
    },
    one_way={
        "zh-Hans": "黄灯，快到时限：{urgency}公文{number} {title}，{due}。请登录签收或打{phone}{link}",
        "zh-Hant": "黃燈，快到時限：{urgency}公文{number} {title}，{due}。請登錄簽收或打{phone}{link}",
        "en": (
            "Yellow, the limit is near: {urgency} document {number} {title}, by {due}. Sign on the "
            "console or call {phone}{link}"
        ),
    },
)
