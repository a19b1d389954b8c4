"""To a household: what the notice (公示) says about it."""

from notify.kinds.notice_fields import notice_kind

KIND = notice_kind(
    "notice_row", "示*甲户耕地地力保护补贴公示：3.5亩×100元＝350元，到11月30日。不对回“异议”加原因，举报12345"
)
