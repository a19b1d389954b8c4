"""To the citizen: accepted (已受理), and until when it is answered."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_accepted",
    {
        "zh-Hans": "编号{number}已受理，最迟{due}答复您。看进度回“查询”，补情况回“补充”加内容。",
        "zh-Hant": "編號{number}已受理，最遲{due}答覆您。看進度回「查詢」，補情況回「補充」加內容。",
        "en": ("{number} is taken up; answer by {due}. Reply STATUS to follow it, APPEND and your words to add to it."),
    },
    one_way={
        "zh-Hans": "编号{number}已受理，最迟{due}答复您。看进度、补情况请打{phone}。",
        "zh-Hant": "編號{number}已受理，最遲{due}答覆您。看進度、補情況請打{phone}。",
        "en": "{number} is taken up; answer by {due}. To follow it or add to it call {phone}.",
    },
)
