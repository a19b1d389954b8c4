"""The Telegram channel against its stand-in, beyond what every channel promises: sending, files, health."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.telegram import Telegram
from core.errors import BadInput, Misconfigured, Rejected, Retryable, Uncertain
from core.messages import File, Media, Option, Sent
from tests.adapters.telegram_rig import new_channel, outgoing
from tests.contract.cases.telegram import CITIZEN, GROUP
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_state import Fault

# --- sending -------------------------------------------------------------------------------------------------


async def test_acceptance_is_delivery_and_the_id_names_chat_and_message(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    sent = await channel.send(outgoing())
    assert sent == Sent(f"{CITIZEN}:{telegram.posts[-1].id}", sender="7000000001", delivered=True)


async def test_plain_text_is_sent_without_parse_mode(telegram: FakeTelegram, channel: Telegram) -> None:
    await channel.send(outgoing("<b> & * _"))
    assert "parse_mode" not in telegram.calls("sendMessage")[-1].params


async def test_refused_markup_is_sent_again_as_plain_text(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, parse_mode="HTML")
    await channel.send(outgoing("请带<身份证>", id="1"))
    await channel.send(outgoing("<b>请带身份证</b>", id="2"))
    await channel.aclose()
    assert [(post.text, post.parse_mode) for post in telegram.posts] == [
        ("请带<身份证>", ""),
        ("请带身份证", "HTML"),
    ]


async def test_a_long_text_arrives_in_order_with_its_buttons_at_the_end(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    text = "。\n".join(f"第{number}条 办事指南说明文字" for number in range(600))
    sent = await channel.send(outgoing(text, options=(Option("ok", "知道了"),)))
    posts = telegram.posts_to(CITIZEN)
    assert len(posts) == 3
    assert "\n".join(post.text for post in posts) == text
    assert [len(post.buttons) for post in posts] == [0, 0, 1]
    assert sent.provider_id.endswith(f":{posts[-1].id}")


async def test_a_half_sent_text_goes_on_where_it_stopped(telegram: FakeTelegram, channel: Telegram) -> None:
    telegram.fault("sendMessage", Fault.delay(0), Fault.too_many(3))
    message = outgoing("一。" * 4000)
    with pytest.raises(Retryable) as caught:
        await channel.send(message)
    assert caught.value.after == timedelta(seconds=3)
    await channel.send(message)
    assert "".join(post.text for post in telegram.posts) == message.text


async def test_a_picture_telegram_cannot_show_is_sent_as_a_document(telegram: FakeTelegram, channel: Telegram) -> None:
    telegram.fault("sendPhoto", Fault.error_of(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await channel.send(outgoing(files=(File("长图.png", "image/png", b"made up"),)))
    assert [(post.method, post.file) for post in telegram.posts] == [
        ("sendMessage", ""),
        ("sendDocument", "长图.png"),
    ]


async def test_a_deleted_topic_is_told_apart_so_that_it_can_be_opened_again(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    thread = await channel.open_thread(str(GROUP), "26112103 投诉 西河村路灯")
    in_topic = outgoing("新情况", address=str(GROUP), thread=thread)
    await channel.send(in_topic)
    telegram.deletes_topic(GROUP, int(thread))
    with pytest.raises(Rejected) as caught:
        await channel.send(in_topic)
    assert caught.value.provider_code == "thread_not_found"
    again = await channel.open_thread(str(GROUP), "26112103 投诉 西河村路灯")
    await channel.send(replace(in_topic, thread=again))
    assert [str(post.thread) for post in telegram.posts_to(GROUP)] == [thread, again]


async def test_a_choice_value_over_64_bytes_never_reaches_telegram(telegram: FakeTelegram, channel: Telegram) -> None:
    with pytest.raises(Rejected, match="64"):
        await channel.send(outgoing(options=(Option("x" * 65, "标签"),)))
    assert not telegram.calls("sendMessage")


async def test_nobody_listening_is_retryable_because_nothing_was_written(telegram: FakeTelegram) -> None:
    channel = new_channel(telegram, api_base="http://127.0.0.1:1")
    with pytest.raises(Retryable) as caught:
        await channel.send(outgoing())
    assert caught.value.provider_code == "no_connection"
    await channel.aclose()


# --- files and health ----------------------------------------------------------------------------------------


async def test_a_file_without_a_known_size_is_cut_off_at_the_limit(telegram: FakeTelegram, channel: Telegram) -> None:
    file_id = telegram.stores(bytes(400_000))
    telegram.memory.hide_sizes = True
    with pytest.raises(BadInput):
        await channel.fetch(Media(file_id), 100_000)


@pytest.mark.parametrize(
    "path", ["../control", "/etc/passwd", "https://elsewhere.example/x", "a//b", "x?y", "a%2fb", ""]
)
async def test_a_path_that_leads_elsewhere_is_not_followed(
    telegram: FakeTelegram, channel: Telegram, path: str
) -> None:
    telegram.memory.files["odd"] = (path, b"content")
    with pytest.raises(Rejected) as caught:
        await channel.fetch(Media("odd"), 1_000)
    assert caught.value.provider_code == "file_path"


async def test_a_file_telegram_no_longer_has_is_a_send_error(telegram: FakeTelegram, channel: Telegram) -> None:
    with pytest.raises(Rejected):
        await channel.fetch(Media("gone"), 1_000)
    telegram.fault("getFile", Fault.cut())
    with pytest.raises(Retryable):
        await channel.fetch(Media(telegram.stores(b"x")), 1_000)


async def test_checking_names_the_bot_or_the_wrong_token(telegram: FakeTelegram, channel: Telegram) -> None:
    assert "@sunline_test_bot" in await channel.check()
    stranger = new_channel(telegram, bot_token="42:another")
    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        await stranger.check()
    await stranger.aclose()


async def test_five_hundred_messages_at_once_all_arrive_once(telegram: FakeTelegram, channel: Telegram) -> None:
    async def one(number: int) -> Sent:
        return await channel.send(outgoing(f"通知 {number}", id=str(number)))

    sent = await asyncio.gather(*(one(number) for number in range(500)))
    assert len({each.provider_id for each in sent}) == 500
    assert sorted(post.text for post in telegram.posts) == sorted(f"通知 {number}" for number in range(500))


async def test_an_answer_cut_off_is_uncertain_and_the_message_did_arrive(
    telegram: FakeTelegram, channel: Telegram
) -> None:
    telegram.fault("sendMessage", Fault.cut())
    with pytest.raises(Uncertain):
        await channel.send(outgoing("到了吗"))
    assert [post.text for post in telegram.posts] == ["到了吗"]
