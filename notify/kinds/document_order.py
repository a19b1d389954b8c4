"""A supervision order (督办单) by a supervisor, to A, B and the leader."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_order",
    {
        "zh-Hans": "督办单：{unit}签收{number}，{due}办妥。{text}回：签收 {code}",
        "zh-Hant": "督辦單：{unit}簽收{number}，{due}辦妥。{text}回：簽收 {code}",
        "en": "Supervision order: {unit} is to sign for {number} by {due}. {text} Reply: SIGN {code}",
    },
    one_way={
        "zh-Hans": "督办单：{unit}签收{number}，{due}办妥。{text}请登录签收",
        "zh-Hant": "督辦單：{unit}簽收{number}，{due}辦妥。{text}請登錄簽收",
        "en": "Supervision order: {unit} is to sign for {number} by {due}. {text} Sign on the console",
    },
    text="",
)
