"""To the A person: red lamp (红灯), the limit has passed and the supervisor's list says so."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_red",
    {
        "zh-Hans": "红灯，已过时限并报督办：{urgency}公文{number} {title}。请马上回：签收 {code}{link}",
        "zh-Hant": "紅燈，已過時限並報督辦：{urgency}公文{number} {title}。請馬上回：簽收 {code}{link}",
        "en": (
            "Red, the limit has passed and supervision knows: {urgency} document {number} {title}. Reply "
            "now: SIGN {code}{link}"
        ),
    },
    one_way={
        "zh-Hans": "红灯，已过时限并报督办：{urgency}公文{number} {title}。请马上登录签收或打{phone}{link}",
        "zh-Hant": "紅燈，已過時限並報督辦：{urgency}公文{number} {title}。請馬上登錄簽收或打{phone}{link}",
        "en": (
            "Red, the limit has passed and supervision knows: {urgency} document {number} {title}. Sign "
            "on the console or call {phone}{link}"
        ),
    },
)
