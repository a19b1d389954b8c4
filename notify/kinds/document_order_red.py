"""To supervisors: the limit of a supervision order has passed."""

from notify.kinds.document_fields import document_kind

KIND = document_kind(
    "document_order_red",
    {
        "zh-Hans": "督办单过期：{unit}{name}仍未签收{number}。请打电话督促",
        "zh-Hant": "督辦單過期：{unit}{name}仍未簽收{number}。請打電話督促",
        "en": "A supervision order is overdue: {name} ({unit}) has still not signed {number}. Please telephone",
    },
)
