"""Every sentence about a matter, with made-up values, is no longer than two segments in any language."""

import pytest

from bot.texts import load_texts
from core.text import segments, sign

_SAMPLE = {
    "number": "26112103", "code": "483920", "subject": "西河村口路灯坏了三天", "unit": "城管局", "due": "12月14日",
    "accept": "24日下班前", "answer_by": "12月14日", "next": "24日下班前告诉您是否受理。", "phone": "12345",
    "office": "阳光热线", "kind": "信息公开申请", "missing": "在哪里、哪天起、希望怎么解决", "count": 3, "what": "催办",
    "status": "23日城管局签收，正在办", "reason": "只修了一盏 里头三盏还黑着", "grade": "非常不满意", "days": 15,
    "call": "27日下班前", "relative": "外婆", "person": "外婆", "most": 5000, "n": 9, "now": "东河村三组东头第二家",
    "item": "3", "items": "1信息公开申请 2外婆84岁下不了楼，高龄津贴认证要本人去 3东河村三组", "last": "12月8日",
    "answer": "先打12333挂失，再带身份证到窗口补办。", "at": "23日", "into": "26112104", "text": "", "story": "",
    "left": 35,
}  # fmt: skip
_ENGLISH = {
    **_SAMPLE, "subject": "Street lamp", "unit": "City Management", "due": "14 December", "accept": "24 November",
    "answer_by": "14 December", "next": "You hear by 24 November whether it is taken up.", "office": "Sunline",
    "kind": "information request", "missing": "where, since when, what you would like done", "what": "hurry",
    "status": "with City Management since 23 November", "reason": "only one was mended", "person": "grandmother",
    "grade": "very dissatisfied", "call": "27 November", "relative": "grandmother", "now": "house 5, east end",
    "items": "1 help 2 certificate for grandmother 3 Donghe village", "last": "8 December", "at": "on 23 November",
    "answer": "Call 12333, then come to the counter with your card.",
}  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_every_sentence_about_a_matter_fits_two_segments(locale: str) -> None:
    """Also in English below a Chinese signature, which makes each character count as a Chinese one."""
    texts, sample, office = load_texts(), _ENGLISH if locale == "en" else _SAMPLE, "阳光热线"
    mine = [key for key in texts.keys if key.startswith(("intake.", "follow.", "after.", "emergency.", "help.sms"))]
    assert len(mine) > 100
    long = {
        key: segments(sign(texts(locale, key, **sample), office))
        for key in mine
        if not key.endswith("_chat") and segments(sign(texts(locale, key, **sample), office)) > 2
    }
    assert long == {}
