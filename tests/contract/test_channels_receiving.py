"""Every channel keeps the same promises (core.ports.Channel): receiving, and what only some of them can."""

import asyncio
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pytest

from core.errors import BadInput, BadSignature, SendError, Uncertain
from core.messages import Inbound, Progress, Receipt
from core.ports import Fetch, Listen, Lookup, OpenThread
from tests.contract.case import NOW, Case, Rig, message, unsigned
from tests.contract.suite import do, failed

Event = Inbound | Receipt


async def test_a_forged_or_unsigned_request_is_refused(case: Case, rig: Rig) -> None:
    assert rig.forged
    for request in (*rig.forged.values(), unsigned(), unsigned(b""), unsigned(b"\xff\x00 not json")):
        with pytest.raises(BadSignature):
            await rig.channel.receive(request)


async def test_a_signed_message_is_understood(case: Case, rig: Rig) -> None:
    if rig.webhook is None:
        return
    received = await rig.channel.receive(rig.webhook("路灯坏了三天了 💡"))
    [event] = received.events
    assert isinstance(event, Inbound)
    assert (event.channel, event.address, event.text) == (case.name, rig.address, "路灯坏了三天了 💡")
    assert event.provider_id
    assert event.private


async def test_a_redelivery_has_the_same_id_and_another_message_another(case: Case, rig: Rig) -> None:
    if rig.webhook is None:
        return
    request = rig.webhook("一样的话")
    ids = [_ids(await rig.channel.receive(again)) for again in (request, request, rig.webhook("一样的话"))]
    assert ids[0] == ids[1]
    assert ids[1] != ids[2]


def _ids(received: Any) -> list[str]:
    return [event.provider_id for event in received.events]


async def test_signed_but_unsupported_events_are_empty(case: Case, rig: Rig) -> None:
    assert rig.unsupported or rig.webhook is None
    for what, request in rig.unsupported.items():
        received = await rig.channel.receive(request)
        assert received.events == (), what


async def test_what_arrives_is_frozen(case: Case, rig: Rig) -> None:
    if rig.webhook is None:
        return
    received = await rig.channel.receive(rig.webhook("你好"))
    with pytest.raises(FrozenInstanceError):
        received.events[0].text = "别的"  # type: ignore[misc,union-attr]


async def test_a_delivery_report_names_its_message(case: Case, rig: Rig) -> None:
    if rig.receipt is None:
        return
    outgoing = message(case, rig)
    sent = await rig.channel.send(outgoing)
    received = await rig.channel.receive(rig.receipt(sent.provider_id, outgoing.attempt))
    [event] = received.events
    assert isinstance(event, Receipt)
    assert event.channel == case.name
    assert event.progress is Progress.DELIVERED
    assert sent.provider_id == event.provider_id or event.attempt == outgoing.attempt


# --- what only some can --------------------------------------------------------------------------------------


async def test_a_lost_answer_can_be_looked_up(case: Case, rig: Rig) -> None:
    channel = rig.channel
    if not isinstance(channel, Lookup):
        assert rig.lose_answer is None
        return
    assert rig.lose_answer is not None
    await do(rig.lose_answer())
    outgoing = message(case, rig, text="只发这一次", params={"text": "只发这一次"})
    assert isinstance(await failed(channel, outgoing), Uncertain)
    found = await channel.lookup(outgoing, NOW - timedelta(minutes=5))
    assert found is not None
    assert found.provider_id
    never = message(case, rig, text="从未发出", params={"text": "从未发出"}, id="never", attempt="never")
    assert await channel.lookup(never, NOW - timedelta(minutes=5)) is None


async def test_media_is_fetched_within_the_limit_and_only_from_the_provider(case: Case, rig: Rig) -> None:
    channel = rig.channel
    if not isinstance(channel, Fetch):
        assert rig.media is None
        return
    assert rig.media is not None
    media, content = await do(rig.media())
    assert (await channel.fetch(media, len(content))).content == content
    with pytest.raises(BadInput):
        await channel.fetch(media, len(content) - 1)
    for foreign in rig.foreign_media:
        with pytest.raises((BadInput, SendError)):
            await channel.fetch(foreign, 1_000_000)


async def test_polling_acknowledges_only_what_was_stored(case: Case, rig: Rig) -> None:
    channel = rig.channel
    if not isinstance(channel, Listen):
        assert rig.write is None
        return
    assert rig.write is not None
    stored: list[Event] = []
    tries: list[tuple[str, ...]] = []
    done = asyncio.Event()

    async def deliver(events: Sequence[Event]) -> None:
        tries.append(tuple(event.provider_id for event in events))
        if len(tries) == 1:
            raise OSError("the database is away")
        stored.extend(events)
        if len(stored) >= 2:
            done.set()

    await do(rig.write("第一句"))
    await do(rig.write("第二句"))
    listening = asyncio.create_task(channel.listen(deliver))
    async with asyncio.timeout(20):
        await done.wait()
    listening.cancel()
    assert [event.text for event in stored if isinstance(event, Inbound)] == ["第一句", "第二句"]
    assert tries[0][0] == tries[1][0], "what was not stored comes again under the same id"
    with pytest.raises(asyncio.CancelledError):
        await listening


async def test_a_topic_is_opened_and_can_be_written_to(case: Case, rig: Rig) -> None:
    channel = rig.channel
    if not isinstance(channel, OpenThread):
        return
    thread = await channel.open_thread(rig.group, "26112103 投诉 西河村路灯" + "长" * 200)
    assert thread
    assert (await channel.send(message(case, rig, address=rig.group, thread=thread))).provider_id
