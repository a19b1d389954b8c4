"""To a supervisor: documents whose limit has passed (督办清单)."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_supervision",
    {
        "zh-Hans": "督办：{count}件公文过时限未签收：{listed}。督办单已开，清单见控制台",
        "zh-Hant": "督辦：{count}件公文過時限未簽收：{listed}。督辦單已開，清單見控制台",
        "en": (
            "Supervision: {count} documents not signed in time: {listed}. Orders are open; the list is on the console"
        ),
    },
    listed="示发〔2026〕12号 城管局示例甲",
)
