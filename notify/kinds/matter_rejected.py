"""To the citizen: not accepted (不予受理), why, where to go instead, and the right to contest it."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_rejected",
    {
        "zh-Hans": "{subject}{number}不能受理：{text}{more}不同意可在{due}前回“异议”加原因。",
        "zh-Hant": "{subject}{number}不能受理：{text}{more}不同意可在{due}前回「異議」加原因。",
        "en": "{subject}{number} is not taken up: {text} {more} To contest it: OBJECT and why, by {due}.",
    },
    one_way={
        "zh-Hans": "{subject}{number}不能受理：{text}{more}不同意请在{due}前打{phone}。",
        "zh-Hant": "{subject}{number}不能受理：{text}{more}不同意請在{due}前打{phone}。",
        "en": "{subject}{number} is not taken up: {text} {more} To contest it call {phone} by {due}.",
    },
    budget=2,
    text="这件事法院正在审理。",
    more="请向承办法院或打12368询问。",
    due="12月8日",
)
