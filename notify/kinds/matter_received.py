"""To the citizen: registered (已登记), with number, code and the date of the next word."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_received",
    {
        "zh-Hans": "已登记{subject}，编号{number}，查询码{code}。{due}告诉您是否受理。查进度回“查询”。",
        "zh-Hant": "已登記{subject}，編號{number}，查詢碼{code}。{due}告訴您是否受理。查進度回「查詢」。",
        "en": (
            "Registered: {number}, access code {code}. By {due} you hear whether we take it up. "
            "Reply STATUS to follow it."
        ),
    },
    one_way={
        "zh-Hans": "已登记{subject}，编号{number}，查询码{code}。{due}告诉您是否受理。查进度请打{phone}。",
        "zh-Hant": "已登記{subject}，編號{number}，查詢碼{code}。{due}告訴您是否受理。查進度請打{phone}。",
        "en": (
            "Registered: {number}, access code {code}. By {due} you hear whether we take it up. To "
            "follow it call {phone}."
        ),
    },
    quiet=False,
    due="24日下班前",
)
