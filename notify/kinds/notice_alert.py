"""To subscribers, to an area or to a list: an alert that is no emergency. Says how to hear no more of it."""

from notify.kinds.notice_fields import notice_kind

KIND = notice_kind(
    "notice_alert",
    "西河村21日9点至17点停水检修，请提前储水",
    texts={
        "zh-Hans": "{text} 不再收回“退订”",
        "zh-Hant": "{text} 不再收回“退訂”",
        "en": "{text} To stop, reply LEAVE",
    },
)
