"""To the citizen: it is done over (重办), by whom and until when."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_redo",
    {
        "zh-Hans": "{subject}{number}已退回{unit}重新办理，最迟{due}答复，督办人员全程跟进。",
        "zh-Hant": "{subject}{number}已退回{unit}重新辦理，最遲{due}答覆，督辦人員全程跟進。",
        "en": "{subject}{number} went back to {unit} to be done over; answer by {due}. A supervisor follows it.",
    },
    due="12月18日",
)
