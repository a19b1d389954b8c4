"""To an official who is back: what others did meanwhile and what waits (DIALOGUES 9)."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_back",
    {
        "zh-Hans": "您已回岗。{text}回“待办”看清单",
        "zh-Hant": "您已回崗。{text}回“待辦”看清單",
        "en": "You are back. {text}Reply TODO for the list",
    },
    one_way={
        "zh-Hans": "您已回岗。{text}",
        "zh-Hant": "您已回崗。{text}",
        "en": "You are back. {text}",
    },
    lane=Lane.NORMAL,
    text="外出期间示例乙代签2件、代答复1件；待签收1件、承办1件已交回您，最近一件28日到期。",
)
