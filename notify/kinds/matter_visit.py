"""To the citizen: when somebody comes to their home (上门服务), and how to move it."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_visit",
    {
        "zh-Hans": "{subject}{number}：{due}有工作人员上门，来前先打电话给您。时间不合适回“补充”加您方便的时间。",
        "zh-Hant": "{subject}{number}：{due}有工作人員上門，來前先打電話給您。時間不合適回「補充」加您方便的時間。",
        "en": "{subject}{number}: somebody comes to you on {due} and calls first. To move it reply APPEND and a time.",
    },
    one_way={
        "zh-Hans": "{subject}{number}：{due}有工作人员上门，来前先打电话给您。时间不合适请打{phone}。",
        "zh-Hant": "{subject}{number}：{due}有工作人員上門，來前先打電話給您。時間不合適請打{phone}。",
        "en": "{subject}{number}: somebody comes to you on {due} and calls first. To move it call {phone}.",
    },
    due="11月25日上午9点",
)
