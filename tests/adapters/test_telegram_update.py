"""What Telegram's updates mean to us."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram_update import Understood, understand
from core.messages import Inbound, Media, Place

USER = {"id": 1001, "is_bot": False, "first_name": "示例", "last_name": "甲", "language_code": "zh-Hans"}
GROUP = {"id": -1007, "type": "supergroup", "title": "热线群", "is_forum": True}


def meaning(body: dict[str, Any], kind: str = "message") -> Understood:
    return understand({"update_id": 77, kind: body}, channel="telegram", to="42", username="Our_Bot")


def private(**content: Any) -> Inbound | None:
    chat = {"id": 1001, "type": "private", "first_name": "示例"}
    return meaning({"message_id": 5, "date": 1_795_000_000, "chat": chat, "from": USER, **content}).event


def in_group(**content: Any) -> Inbound | None:
    return meaning({"message_id": 5, "date": 1_795_000_000, "chat": GROUP, "from": USER, **content}).event


def test_a_text_in_a_private_chat() -> None:
    assert private(text="社保卡丢了") == Inbound(
        "telegram",
        "update:77",
        "1001",
        text="社保卡丢了",
        to="42",
        sender_name="示例 甲",
        locale="zh-hans",
        sent_at=datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("content", "text", "media", "place"),
    [
        (
            {"photo": [{"file_id": "s"}, {"file_id": "big", "file_size": 9}], "caption": "坑"},
            "坑",
            (Media("big", "image/jpeg", "", 9),),
            None,
        ),
        ({"voice": {"file_id": "v", "duration": 3}}, "", (Media("v", "audio/ogg"),), None),
        (
            {
                "document": {
                    "file_id": "d",
                    "file_name": "证明.pdf",
                    "mime_type": "application/pdf",
                    "file_size": 7,
                }
            },
            "",
            (Media("d", "application/pdf", "证明.pdf", 7),),
            None,
        ),
        ({"video": {"file_id": "m", "mime_type": "video/mp4"}}, "", (Media("m", "video/mp4"),), None),
        ({"location": {"latitude": 26.5, "longitude": 106.6}}, "", (), Place(26.5, 106.6)),
        ({"contact": {"phone_number": "+12025550123", "first_name": "x"}}, "+12025550123", (), None),
        ({"sticker": {"file_id": "s", "emoji": "👍"}}, "👍", (), None),
    ],
)
def test_other_contents(content: dict[str, Any], text: str, media: tuple[Media, ...], place: Place | None) -> None:
    event = private(**content)
    assert event is not None
    assert (event.text, event.media, event.place) == (text, media, place)


def test_a_group_message_names_its_writer_and_topic() -> None:
    event = in_group(text="记一笔", message_thread_id=9, is_topic_message=True)
    assert event is not None
    assert (event.address, event.sender, event.private, event.thread) == ("-1007", "1001", False, "9")


def test_a_thread_of_replies_outside_topics_is_no_topic() -> None:
    event = in_group(text="好", message_thread_id=3, reply_to_message={"message_id": 3, "chat": GROUP})
    assert event is not None
    assert (event.thread, event.reply_to) == ("", "-1007:3")


def test_a_plain_message_in_a_topic_answers_nothing_and_a_reply_answers_its_message() -> None:
    topic = {"message_thread_id": 9, "is_topic_message": True}
    plain = in_group(text="备注", reply_to_message={"message_id": 9}, **topic)
    answer = in_group(text="已修", reply_to_message={"message_id": 12}, **topic)
    assert plain is not None
    assert answer is not None
    assert (plain.reply_to, answer.reply_to) == ("", "-1007:12")


def test_a_press_carries_value_label_and_the_message_it_was_under() -> None:
    keys = [[{"text": "第一个", "callback_data": "faq:1"}], [{"text": "都不是", "callback_data": "none"}]]
    message = {"message_id": 8, "date": 1, "chat": {"id": 1001, "type": "private"}}
    message |= {"reply_markup": {"inline_keyboard": keys}}
    found = meaning({"id": "q1", "from": USER, "message": message, "data": "none"}, "callback_query")
    assert found.press == "q1"
    assert found.event is not None
    assert (found.event.choice, found.event.text, found.event.reply_to) == ("none", "都不是", "1001:8")
    assert found.event.address == "1001"


def test_a_press_on_a_message_too_old_to_be_shown_still_counts() -> None:
    message = {"message_id": 8, "date": 0, "chat": {"id": 1001, "type": "private"}}
    found = meaning({"id": "q1", "from": USER, "message": message, "data": "yes"}, "callback_query")
    assert found.event is not None
    assert (found.event.choice, found.event.text) == ("yes", "")


@pytest.mark.parametrize(
    ("old", "new", "chat", "opt_out"),
    [
        ("member", "kicked", "private", "stop"),
        ("kicked", "member", "private", "start"),
        ("left", "member", "private", None),
        ("member", "kicked", "supergroup", None),
    ],
)
def test_blocking_opts_out_and_unblocking_opts_in(old: str, new: str, chat: str, opt_out: str | None) -> None:
    body = {"chat": {"id": 1001, "type": chat}, "from": USER, "date": 1_795_000_000}
    body |= {"old_chat_member": {"status": old}, "new_chat_member": {"status": new, "until_date": 0}}
    event = meaning(body, "my_chat_member").event
    assert (event.opt_out if event else None) == opt_out


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("/status@our_bot 26112103", "/status 26112103"),
        ("/status@other_bot 26112103", None),
        ("/start", "/start"),
        ("邮箱 a@our_bot", "邮箱 a@our_bot"),
    ],
)
def test_a_command_in_a_group_is_heard_when_it_is_for_us(said: str, heard: str | None) -> None:
    event = in_group(text=said)
    assert (event.text if event else None) == heard


def test_an_object_telegram_invents_tomorrow_does_not_hide_the_message() -> None:
    event = private(text="你好", forward_origin={"type": "hologram"}, effect={"x": [1]}, entities="none")
    assert event is not None
    assert event.text == "你好"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(_json, st.sampled_from(["message", "callback_query", "my_chat_member", "poll"]))
def test_nothing_that_arrives_breaks_the_reading(body: Any, kind: str) -> None:
    for update in (body, {"update_id": 1, kind: body}):
        assert isinstance(understand(update, channel="telegram", to="42"), Understood)
