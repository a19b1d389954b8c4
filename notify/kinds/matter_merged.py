"""To the citizen: it is handled together with another matter about the same thing (并案)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_merged",
    {
        "zh-Hans": "{subject}{number}与先前反映的同一件事合并办理，最迟{due}答复，结果同样告诉您。",
        "zh-Hant": "{subject}{number}與先前反映的同一件事合併辦理，最遲{due}答覆，結果同樣告訴您。",
        "en": (
            "{subject}{number} is handled together with an earlier report of the same thing; you get "
            "the answer too, by {due}."
        ),
    },
)
