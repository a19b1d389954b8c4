"""To an official: half of the time has passed and nobody has signed."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_again",
    {
        "zh-Hans": "还没签收：{urgency}公文{number} {title}，{due}。回：签收 {code}{link}",
        "zh-Hant": "還沒簽收：{urgency}公文{number} {title}，{due}。回：簽收 {code}{link}",
        "en": "Not signed yet: {urgency} document {number} {title}, by {due}. Reply: SIGN {code}{link}",
    },
    one_way={
        "zh-Hans": "还没签收：{urgency}公文{number} {title}，{due}。请登录签收或打{phone}{link}",
        "zh-Hant": "還沒簽收：{urgency}公文{number} {title}，{due}。請登錄簽收或打{phone}{link}",
        "en": (
            "Not signed yet: {urgency} document {number} {title}, by {due}. Sign on the console or call {phone}{link}"
        ),
    },
)
