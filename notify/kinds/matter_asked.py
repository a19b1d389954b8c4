"""To the citizen: everything that is still missing, asked for once (一次性告知)."""

from notify.kinds.matter_fields import matter_kind

KIND = matter_kind(
    "matter_asked",
    {
        "zh-Hans": "{subject}{number}还缺：{text}请一次回全，{due}前回就不误事。",
        "zh-Hant": "{subject}{number}還缺：{text}請一次回全，{due}前回就不誤事。",
        "en": "{subject}{number} still needs: {text} Please send it all in one reply by {due}.",
    },
    one_way={
        "zh-Hans": "{subject}{number}还缺：{text}请在{due}前打{phone}一次说全。",
        "zh-Hant": "{subject}{number}還缺：{text}請在{due}前打{phone}一次說全。",
        "en": "{subject}{number} still needs: {text} Please call {phone} by {due}.",
    },
    text="在哪里、哪天起、希望怎么解决。",
    due="30日下班",
)
