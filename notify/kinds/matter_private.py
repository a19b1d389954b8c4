"""To the citizen of a confidential matter or report: there is news; number and place only."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_private",
    {
        "zh-Hans": "您的来件{number}有新情况。为您保密，请凭编号和查询码看：{page}，或打{phone}。",
        "zh-Hant": "您的來件{number}有新情況。為您保密，請憑編號和查詢碼看：{page}，或打{phone}。",
        "en": (
            "There is news on {number}. It is confidential: open it with number and access code on "
            "{page}, or call {phone}."
        ),
    },
)
