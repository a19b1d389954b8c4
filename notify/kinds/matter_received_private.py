"""To the citizen of a confidential matter or report: registered; nothing about what it is."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_received_private",
    {
        "zh-Hans": "已登记，编号{number}。我们为您保密，{due}告诉您是否受理。查看请用登记时给您的查询码。",
        "zh-Hant": "已登記，編號{number}。我們為您保密，{due}告訴您是否受理。查看請用登記時給您的查詢碼。",
        "en": (
            "Registered: {number}. We keep it confidential. By {due} you hear whether we take it up. "
            "Your access code opens it."
        ),
    },
    quiet=False,
    due="24日下班前",
)
