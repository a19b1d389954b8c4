"""A citizen asks by SMS: one right answer, however often and in whatever order the provider calls."""

import random
import re

import pytest

from notify.outbox.models import OutboxMessage
from tests.fakes.twilio import AUTH_TOKEN, NUMBER, Fault
from tests.fakes.twilio_callbacks import signature
from tests.journeys.town import CARD, Handset, Town
from tests.support.service import until


def test_a_question_brings_exactly_one_text_with_the_right_answer(town: Town) -> None:
    citizen = town.handset()
    answer = citizen.asks("社保卡丢了咋补")
    assert answer.startswith("【阳光热线】")
    assert CARD in answer
    citizen.asks("帮助")
    assert sum(CARD in text.body for text in citizen.got) == 1


def test_a_receipt_moves_the_message_to_delivered(town: Town) -> None:
    citizen = town.handset()
    citizen.asks("社保卡丢了咋补")
    until(lambda: town.state_of("twilio", citizen.number) == ["delivered"], what="delivered")


def test_a_text_that_cannot_arrive_is_known_to_be_undelivered(town: Town) -> None:
    nowhere = Handset(town, "+12025550191")
    nowhere.says("社保卡丢了咋补")
    until(
        lambda: town.state_of("twilio", nowhere.number) == ["undeliverable"],
        what=lambda: [message.history for message in town.outbox("twilio", nowhere.number)],
    )


def test_the_same_webhook_twice_brings_one_text(town: Town) -> None:
    citizen = town.handset()
    citizen.says("社保卡丢了咋补", times=2)
    citizen.hears(1)
    citizen.asks("帮助")
    assert len(citizen.got) == 2


def test_webhooks_three_times_in_any_order_with_receipts_before_sends_end_the_same(town: Town) -> None:
    """The provider answers our send late: its receipts are here before we know that it took the message."""
    citizens = [town.handset() for _ in range(4)]
    town.twilio.fail_next(*[Fault(accept=True, delay_s=0.3)] * len(citizens))
    callbacks = town.twilio.callbacks
    callbacks.shuffle, callbacks.repeat = True, 3
    try:
        posts = [(citizen, town.twilio.inbound(citizen.number, NUMBER, "社保卡丢了咋补")) for citizen in citizens] * 3
        random.Random(3).shuffle(posts)
        assert [citizen.posts(form) for citizen, form in posts] == [200] * len(posts)
        for citizen in citizens:
            assert CARD in citizen.hears(1)
            until(lambda who=citizen: town.state_of("twilio", who.number) == ["delivered"], what="delivered")
    finally:
        callbacks.shuffle, callbacks.repeat = False, 1
    for citizen in citizens:
        citizen.asks("帮助")
        assert len(citizen.got) == 2


@pytest.mark.parametrize("forgery", ["nothing", "another token", "another address", "another text", "rubbish"])
def test_a_forged_message_is_refused_and_leaves_no_trace(forgery: str, town: Town) -> None:
    number = "+12025550179"
    form = town.twilio.inbound(number, NUMBER, "社保卡丢了咋补")
    url = f"{town.service.url}/hooks/twilio"
    signatures = {
        "nothing": {},
        "another token": {"X-Twilio-Signature": signature("0123456789abcdef" * 2, url, form)},
        "another address": {"X-Twilio-Signature": signature(AUTH_TOKEN, url + "?x=1", form)},
        "another text": {"X-Twilio-Signature": signature(AUTH_TOKEN, url, form | {"Body": "x"})},
        "rubbish": {"X-Twilio-Signature": "示例".encode()},
    }
    before = town.stored()
    answer = town.web.post("/hooks/twilio", data=form, headers=signatures[forgery])  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (403, "BadSignature")
    assert town.stored() == before
    assert town.outbox("twilio", number) == []


def test_a_forged_receipt_moves_nothing(town: Town) -> None:
    citizen = town.handset()
    citizen.asks("社保卡丢了咋补")
    until(lambda: town.state_of("twilio", citizen.number) == ["delivered"])
    record = citizen.got[0]
    form = {"MessageSid": record.sid, "MessageStatus": "failed", "ErrorCode": "30003", "To": citizen.number}
    for headers in ({}, {"X-Twilio-Signature": "x"}):
        assert town.web.post("/hooks/twilio", data=form, headers=headers).status_code == 403
    assert town.state_of("twilio", citizen.number) == ["delivered"]


def test_a_signed_event_that_we_do_not_know_is_taken_and_changes_nothing(town: Town) -> None:
    before = town.stored(), town.count(OutboxMessage)
    for form in ({"EventType": "something.new", "AccountSid": "x"}, {"SmsStatus": "levitating", "MessageSid": "SM9"}):
        assert Handset(town, NUMBER).posts(form) == 200
    assert (town.stored(), town.count(OutboxMessage)) == before


@pytest.mark.parametrize("channel", ["nothing", "webchat", "phone", "sms", "..%2Ftwilio"])
def test_there_is_no_way_in_by_a_channel_that_has_no_webhook(channel: str, town: Town) -> None:
    before = town.stored()
    assert town.web.post(f"/hooks/{channel}", json={"text": "x"}).status_code in {403, 404}
    assert town.stored() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "没看到文字"), ("😀😀", "没看到文字"), ("医" * 5000, "写得有点长"), ("zzz qqq xxx", "没找到")],
    ids=["empty", "emoji", "5000 characters", "nonsense"],
)
def test_what_cannot_be_understood_gets_a_way_on_and_no_crash(text: str, expected: str, town: Town) -> None:
    assert expected in town.handset().asks(text)


def test_none_of_these_hands_over_with_a_number_and_a_date(town: Town) -> None:
    citizen = town.handset()
    assert "0" in citizen.asks("医保")
    handed = citizen.asks("0")
    assert re.search(r"编号\d{8}，查询码\d{6}，最迟.+答复", handed)
    assert "已转人工" in handed


def test_no_answer_twice_brings_the_offer_of_a_person(town: Town) -> None:
    citizen = town.handset()
    assert "没找到" in citizen.asks("zzz qqq xxx")
    assert "回1转人工" in citizen.asks("zzz qqq xxx")
    assert "编号" in citizen.asks("1")


@pytest.mark.parametrize(
    ("word", "heard"),
    [("帮助", "有危险打110"), ("？", "有危险打110"), ("ＥＮＧＬＩＳＨ", "English"), ("繁體", "繁體")],
)
def test_help_and_languages_are_heard_however_they_are_written(word: str, heard: str, town: Town) -> None:
    assert heard in town.handset().asks(word)
