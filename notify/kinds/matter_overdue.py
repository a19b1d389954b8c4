"""To the citizen: we are late; said before they have to ask."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_overdue",
    {
        "zh-Hans": "对不起，{subject}{number}已过答复期限。现已督办，{unit}须在{due}答复您并说明原因。",
        "zh-Hant": "對不起，{subject}{number}已過答覆期限。現已督辦，{unit}須在{due}答覆您並說明原因。",
        "en": (
            "Sorry: {subject}{number} is past its limit. {unit} is now ordered to answer you, with "
            "the reason, by {due}."
        ),
    },
    due="15日下班前",
)
