"""To the deputy and the leader: the A person has not signed in time; they may sign in their place."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_red_other",
    {
        "zh-Hans": "红灯：{unit}{name}未按时签收{urgency}公文{number} {title}。您可代签，回：签收 {code}{link}",
        "zh-Hant": "紅燈：{unit}{name}未按時簽收{urgency}公文{number} {title}。您可代簽，回：簽收 {code}{link}",
        "en": (
            "Red: {name} ({unit}) has not signed {urgency} document {number} {title} in time. To sign "
            "instead reply: SIGN {code}{link}"
        ),
    },
    one_way={
        "zh-Hans": "红灯：{unit}{name}未按时签收{urgency}公文{number} {title}。请督促，或登录代签{link}",
        "zh-Hant": "紅燈：{unit}{name}未按時簽收{urgency}公文{number} {title}。請督促，或登錄代簽{link}",
        "en": (
            "Red: {name} ({unit}) has not signed {urgency} document {number} {title} in time. Please see "
            "to it or sign on the console{link}"
        ),
    },
)
