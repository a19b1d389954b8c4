"""To everybody in an area: an emergency, approved by two people. Goes at any hour, before everything else."""

from notify.kinds.notice_fields import notice_kind

KIND = notice_kind(
    "notice_emergency", "红色预警：西河上游今夜有特大暴雨，河边三个组请立即转移到村小学，有困难打119", emergency=True
)
