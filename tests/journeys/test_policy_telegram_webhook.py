"""A citizen asks on Telegram through the webhook: buttons, one answer, and nothing from forgers."""

import json
from typing import Any

import pytest

from notify.outbox.models import OutboxMessage
from tests.fakes.telegram_updates import HEADER
from tests.journeys.town import BILL, CARD, WEBHOOK_SECRET, Town
from tests.support.service import until

SIGNED = {HEADER: WEBHOOK_SECRET}


def _labels(town_post: Any) -> list[str]:
    return [label for label, _ in town_post.buttons]


def test_the_service_tells_telegram_where_it_is_and_what_it_can_do(town: Town) -> None:
    until(lambda: town.telegram.updates.webhook.url, what="a webhook")
    hook = town.telegram.updates.webhook
    assert (hook.url, hook.secret) == (f"{town.service.url}/hooks/telegram", WEBHOOK_SECRET)
    until(lambda: town.telegram.calls("setMyCommands"), what="a menu")


def test_a_bare_noun_brings_buttons_and_a_press_the_answer_and_a_word_on_it(town: Town) -> None:
    citizen = town.chat()
    offered = citizen.asks("医保")
    assert any("报销" in label for label in _labels(offered))
    citizen.presses(next(label for label in _labels(offered) if "报销" in label))
    answer = citizen.hears(2)
    assert BILL in answer.text
    assert "有用" in _labels(answer)
    citizen.presses("有用")
    assert "谢谢" in citizen.hears(3).text
    until(lambda: len(town.telegram.memory.answered_queries) >= 2, what="spinners stopped")


def test_a_clear_question_is_answered_at_once(town: Town) -> None:
    citizen = town.chat()
    assert CARD in citizen.asks("社保卡丢了咋补").text
    until(lambda: town.state_of("telegram", str(citizen.id)) in (["delivered"], ["sent"]), what="recorded as sent")


def test_every_update_three_times_is_answered_once(town: Town) -> None:
    citizen = town.chat()
    town.telegram.repeats(3)
    try:
        offered = citizen.asks("医保")
        citizen.presses(next(label for label in _labels(offered) if "报销" in label))
        citizen.hears(2)
        citizen.asks("/help")
        until(lambda: not town.telegram.updates.pending, what="every update taken three times")
    finally:
        town.telegram.repeats(1)
    citizen.asks("社保卡丢了咋补")
    assert len(citizen.got) == 4


def _update(**body: Any) -> dict[str, Any]:
    return {"update_id": 900_001, **body}


MESSAGE = {
    "message_id": 1, "date": 1_790_000_000, "text": "社保卡丢了咋补",
    "chat": {"id": 8001, "type": "private"}, "from": {"id": 8001, "is_bot": False, "first_name": "示例甲"},
}  # fmt: skip


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: WEBHOOK_SECRET[:-1]}, {HEADER: "密钥".encode()}],
    ids=["none", "empty", "wrong", "almost", "not ascii"],
)  # fmt: skip
def test_an_update_without_the_secret_is_refused_and_leaves_no_trace(headers: Any, town: Town) -> None:
    before = town.stored()
    answer = town.web.post("/hooks/telegram", json=_update(message=MESSAGE), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "BadSignature")
    assert town.stored() == before
    assert town.telegram.posts_to(8001) == []


UNKNOWN: dict[str, Any] = {
    "a kind nobody knows": _update(teleportation={"id": 1}),
    "a poll": _update(poll={"id": "1", "question": "?", "options": []}),
    "a channel's post": _update(channel_post=MESSAGE),
    "a reaction": _update(message_reaction={"chat": {"id": 8001, "type": "private"}, "message_id": 1}),
    "an inline query": _update(inline_query={"id": "1", "query": "医保", "from": MESSAGE["from"]}),
    "a message of the wrong shape": _update(message={"text": 7}),
    "a message without a chat": _update(message={"text": "x", "message_id": 1}),
    "no update at all": {},
    "a list": [1, 2],
    "a number": 7,
    "nothing": None,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_update_of_an_unknown_kind_is_taken_and_ignored(name: str, town: Town) -> None:
    before = town.stored(), town.count(OutboxMessage)
    answer = town.web.post("/hooks/telegram", content=json.dumps(UNKNOWN[name]), headers=SIGNED)
    assert answer.status_code == 200
    assert (town.stored(), town.count(OutboxMessage)) == before


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 5000, b'{"update_id": 1e999}'])
def test_broken_json_with_the_right_secret_is_taken_and_ignored(body: bytes, town: Town) -> None:
    before = town.stored()
    assert town.web.post("/hooks/telegram", content=body, headers=SIGNED).status_code == 200
    assert town.stored() == before


def test_a_body_too_large_to_be_an_update_is_refused(town: Town) -> None:
    assert town.web.post("/hooks/telegram", content=b"x" * 1_100_000, headers=SIGNED).status_code == 413


@pytest.mark.parametrize(
    ("text", "expected"),
    [("😀😀", "没看到文字"), ("医" * 4000, "写得有点长"), ("zzz qqq xxx", "没找到"), ("/nothing", "")],
    ids=["emoji", "4000 characters", "nonsense", "an unknown command"],
)
def test_what_cannot_be_understood_gets_a_way_on(text: str, expected: str, town: Town) -> None:
    assert expected in town.chat().asks(text).text


@pytest.mark.parametrize(("word", "answer"), [("English", "English"), ("繁體", "繁體"), ("/lang", "中文")])
def test_the_language_changes_when_asked(word: str, answer: str, town: Town) -> None:
    assert answer in town.chat().asks(word).text
