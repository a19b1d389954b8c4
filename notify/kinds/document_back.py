"""To an official who is back: what was signed meanwhile and what waits."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_back",
    {
        "zh-Hans": "您已回岗。外出期间{other}代签{count}件；待签收{numbers}件已交回您。回“待办”看清单",
        "zh-Hant": "您已回崗。外出期間{other}代簽{count}件；待簽收{numbers}件已交回您。回“待辦”看清單",
        "en": (
            "You are back. {other} signed {count} for you; {numbers} to sign are yours again. Reply TODO for the list"
        ),
    },
    lane=Lane.NORMAL,
    numbers="2",
)
