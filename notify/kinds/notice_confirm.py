"""To a household before a notice is public: is its row right?"""

from notify.kinds.notice_fields import notice_kind

KIND = notice_kind(
    "notice_confirm", "示*甲户耕地地力保护补贴登记：3.5亩×100元＝350元。对的回“确认”，不对回“有误”加原因"
)
