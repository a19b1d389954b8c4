"""To whoever stands in: they sign from now on in the absent person's place; nothing waits at present."""

from core.messages import Lane
from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_stand_in",
    {
        "zh-Hans": "{name}外出到{due}，由您代签公文。现在没有待签收的，有了马上通知您",
        "zh-Hant": "{name}外出到{due}，由您代簽公文。現在沒有待簽收的，有了馬上通知您",
        "en": "{name} is away until {due} and you sign documents instead. Nothing waits at present",
    },
    lane=Lane.NORMAL,
    due="27日14:30",
)
