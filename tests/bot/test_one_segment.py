"""What the sample dialogues say in one SMS, ours says in one: the same moments, with the same made-up values."""

import pytest

from bot.texts import load_texts
from core.text import segments, sign
from notify.kinds import KINDS

LONGEST = 70
"""Characters of a single SMS in Chinese; a longer one is cut into parts of 67 and costs as many."""
TEXTS = load_texts()
LAMP = {"subject": "路灯", "number": "26112103", "unit": "城管局", "phone": "12345", "code": "483920"}

SPOKEN = [
    (
        "intake.registered",
        {**LAMP, "kind": "投诉", "subject": "西河村口路灯坏了三天", "next": "24日下班前告诉您是否受理。"},
        "已登记您的投诉“西河村口路灯坏了三天”，编号26112103，查询码483920。24日下班前告诉您是否受理。",
    ),
    (
        "intake.registered_missing",
        {"number": "26112104", "code": "719355", "missing": "在哪里、哪天起、希望怎么解决"},
        "已登记，编号26112104，查询码719355。请一次回全：在哪里、哪天起、希望怎么解决。名字可以不写。",
    ),
    (
        "intake.complete",
        {"next": "24日下班前告诉您是否受理。"},
        "都记下了，够办了，不再问您。24日下班前告诉您是否受理。",
    ),
    (
        "follow.not_found",
        LAMP,
        "没有查到。请核对编号和查询码，这样回：查询 编号 查询码。记不清可打12345，人工帮您查。",
    ),
    (
        "follow.urged",
        {**LAMP, "due": "明天下班前", "answer_by": "12月14日"},
        "已替您催城管局，要求明天下班前说明进展，我们会转告您。答复期限仍是12月14日。",
    ),
    (
        "follow.urged_already",
        {**LAMP, "due": "24日下班前"},
        "今天已催过，城管局24日下班前说明。若有危险或急用，请打12345，我们马上处理。",
    ),
    (
        "follow.grade_unsolved",
        {},
        "记下了。您对办理满意吗？请回：1非常满意 2满意 3基本满意 4不满意 5非常不满意，后面可加原因。",
    ),
    (
        "follow.rated_reason",
        {"reason": "里头三盏还黑着", "call": "27日下班前"},
        "对不起，没给您办好。您说的“里头三盏还黑着”已记下，27日下班前回访员打电话给您，核实后重办。",
    ),
    (
        "follow.rated",
        {"grade": "满意", "days": 15},
        "谢谢您的评价“满意”，这件事已办结。15日内再出问题，回“重办”加原因就行。",
    ),
    (
        "consent.alerts_off",
        {},
        "已停发公示和各类提醒。您自己来件的答复仍会发给您。连答复也不要，请再回“退订”。想恢复回“恢复”。",
    ),
    (
        "consent.all_off",
        LAMP,
        "已全部停发，这是最后一条。您的来件仍照常办理，结果可打12345或凭编号、查询码查。想恢复回“恢复”。",
    ),
    ("after.safe", {}, "好，人平安最要紧。值班员马上给您打电话，请保持手机畅通。"),
    (
        "emergency.despair",
        {},
        "谢谢您肯说出来。请现在就拨12356心理援助热线，有人陪您说话；打不通或有危险打110、120。值班员马上联系您。",
    ),
]

SENT = [
    (
        "matter_dispatched",
        {**LAMP, "due": "12月14日"},
        "编号26112103已受理，由城管局办理，最迟12月14日答复您。看进度回“查询”，补情况回“补充”加内容。",
    ),
    (
        "staff_urged",
        {**LAMP, "subject": "西河村路灯", "due": "24日18:00前", "count": 1, "code": "4839"},
        "催办：26112103西河村路灯，市民第1次催，24日18:00前请回进展。回：回复 26112103 4839 内容",
    ),
    (
        "matter_overdue",
        {**LAMP, "due": "1个工作日内"},
        "对不起，路灯26112103已过答复期限。现已督办，城管局须在1个工作日内答复您并说明原因。",
    ),
    (
        "matter_replied",
        {**LAMP, "text": "11月26日已修好村口路灯。"},
        "路灯26112103城管局答复：11月26日已修好村口路灯。问题解决了吗？回1解决了 2没解决 0找人工",
    ),
    (
        "matter_redo",
        {**LAMP, "due": "12月18日"},
        "路灯26112103已退回城管局重新办理，最迟12月18日答复，督办人员全程跟进。",
    ),
]


@pytest.mark.parametrize(("key", "values", "said"), SPOKEN, ids=[key for key, _, _ in SPOKEN])
def test_what_the_bot_says_is_one_sms(key: str, values: dict[str, object], said: str) -> None:
    text = TEXTS("zh-Hans", key, **values)
    assert text == said
    assert (len(sign(text, "阳光热线")) <= LONGEST, segments(sign(text, "阳光热线"))) == (True, 1)


@pytest.mark.parametrize(("kind", "values", "said"), SENT, ids=[kind for kind, _, _ in SENT])
def test_what_the_hotline_sends_is_one_sms(kind: str, values: dict[str, object], said: str) -> None:
    text = KINDS[kind].render("zh-Hans", KINDS[kind].check(values))
    assert text == said
    assert (len(sign(text, "阳光热线")) <= LONGEST, segments(sign(text, "阳光热线"))) == (True, 1)


@pytest.mark.parametrize(
    ("text", "counted", "parts"),
    [
        ("已转人工，刚才的问答工作人员都看得到，您不用重说。最迟25日下班前答复，急事请打12345。", 52, 1),
        ("您有2件：1路灯，城管局办理中，12月14日前答复；2外婆认证，已约25日上门。回数字看详情。", 53, 1),
        ("路灯26112103：23日受理，城管局当天签收，已派人看过，等换线。最迟12月14日答复。想快些回“催办”。", 61, 1),
        ("紧急公文待签收：示发〔2026〕12号 关于做好防汛值守的通知，15:30前。回：签收 12", 52, 1),
    ],
)
def test_the_samples_own_counts_are_ours(text: str, counted: int, parts: int) -> None:
    """〔n字·k条〕 counts what a reader sees, without the signature's brackets in some lines: at most so many."""
    signed = sign(text, "阳光热线")
    assert len(signed) <= counted + 6, (len(signed), counted)
    assert segments(signed) == parts
