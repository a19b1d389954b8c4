"""To the citizen: registered, and until when it is answered (consultation and help)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_received_answer",
    {
        "zh-Hans": ("已登记{subject}，编号{number}，查询码{code}。最迟{due}答复您。查进度回“查询”，急事请打{phone}。"),
        "zh-Hant": (
            "已登記{subject}，編號{number}，查詢碼{code}。最遲{due}答覆您。查進度回「查詢」，急事請打{phone}。"
        ),
        "en": (
            "Registered: {number}, access code {code}. Answer by {due}. Reply STATUS to follow it; "
            "urgent? Call {phone}."
        ),
    },
    one_way={
        "zh-Hans": "已登记{subject}，编号{number}，查询码{code}。最迟{due}答复您。查进度或急事请打{phone}。",
        "zh-Hant": "已登記{subject}，編號{number}，查詢碼{code}。最遲{due}答覆您。查進度或急事請打{phone}。",
        "en": ("Registered: {number}, access code {code}. Answer by {due}. To follow it or if urgent call {phone}."),
    },
    quiet=False,
    due="11月25日",
)
