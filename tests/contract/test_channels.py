"""Every channel keeps the same promises (core.ports.Channel), whatever its provider is like."""

import asyncio
import inspect
import logging
import traceback
from collections.abc import AsyncIterator, Sequence
from dataclasses import FrozenInstanceError
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from adapters import CHANNELS
from core.errors import BadInput, BadSignature, Rejected, SendError, Uncertain
from core.messages import File, Inbound, Option, Outgoing, Progress, Receipt
from core.ports import Can, Channel, Fetch, Listen, Lookup, OpenThread
from tests.contract.case import NOW, Arrived, Case, Failure, Rig, message, unsigned

NAMES = [*CHANNELS, "memory", "templated"]
CASES = [
    import_module(f"tests.contract.cases.{name}").CASE
    for name in NAMES
    if find_spec(f"tests.contract.cases.{name}")
]
OUTCOMES = frozenset(SendError.__subclasses__())
Event = Inbound | Receipt


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
async def rig(case: Case) -> AsyncIterator[Rig]:
    async with case.open() as rig:
        yield rig


async def do(result: Any) -> Any:
    """The value of a helper that may be plain or async."""
    return await result if inspect.isawaitable(result) else result


def text_of(arrived: Sequence[Arrived]) -> str:
    return "".join(part.text for part in arrived)


async def failed(channel: Channel, outgoing: Outgoing) -> SendError:
    """The SendError that sending ends with; any other ending fails the test."""
    with pytest.raises(SendError) as caught:
        async with asyncio.timeout(channel.limits.timeout_s + 5):
            await channel.send(outgoing)
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_every_channel_has_a_case(name: str) -> None:
    assert find_spec(f"tests.contract.cases.{name}"), f"tests/contract/cases/{name}.py is missing"
    assert import_module(f"tests.contract.cases.{name}").CASE.name == name


def test_a_case_scripts_every_outcome_its_channel_can_have(case: Case) -> None:
    scripted = {failure.outcome for failure in case.failures}
    assert scripted | set(case.impossible) == OUTCOMES
    assert not scripted & set(case.impossible)


def test_a_channel_describes_itself(case: Case, rig: Rig) -> None:
    channel = rig.channel
    assert isinstance(channel, Channel)
    assert channel.name == case.name
    assert set(channel.can) <= set(Can)
    assert channel.limits.text > 0
    assert channel.limits.timeout_s > 0
    assert (channel.limits.options > 0) == (Can.BUTTONS in channel.can)
    assert (channel.limits.file_bytes > 0) == (Can.FILES in channel.can)
    assert isinstance(channel, OpenThread) == (Can.THREADS in channel.can)
    assert Can.TWO_WAY in channel.can or (rig.webhook is None and rig.write is None)
    assert rig.receipt is None or Can.RECEIPTS in channel.can


# --- sending -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "您好，您的事项 26112103 已办结。",
        "繁體：臺灣、裡面、㐂𠮷",
        "👨‍👩‍👧‍👦 一家 🇨🇳 ✅ e\u0301",
        'Plain <b>not bold</b> & *stars* _x_ [y](z) `q` \\ "quotes"',
        "第一行\n\n第二段\n1. 是\n2. 否",
        "%E4%BD%A0+&=#?{name}",
    ],
)
async def test_text_arrives_unchanged(case: Case, rig: Rig, text: str) -> None:
    outgoing = message(case, rig, text=text, params={"text": text})
    sent = await rig.channel.send(outgoing)
    assert sent.provider_id
    assert sent.segments >= 1
    assert text_of(rig.arrived()) == case.shown(outgoing)


async def test_two_messages_have_two_provider_ids(case: Case, rig: Rig) -> None:
    first = await rig.channel.send(message(case, rig))
    second = await rig.channel.send(message(case, rig, id="another-row", attempt="another-attempt"))
    assert first.provider_id != second.provider_id


async def test_choices_are_buttons_where_there_are_buttons_and_never_harm(case: Case, rig: Rig) -> None:
    outgoing = message(case, rig, options=(Option("yes", "已解决"), Option("no", "没有解决 🙁")))
    await rig.channel.send(outgoing)
    arrived = rig.arrived()
    assert case.shown(outgoing) in text_of(arrived)
    if Can.BUTTONS in rig.channel.can:
        assert [label for part in arrived for label in part.options] == ["已解决", "没有解决 🙁"]


async def test_files_arrive_where_files_can_be_sent(case: Case, rig: Rig) -> None:
    if Can.FILES not in rig.channel.can:
        assert rig.channel.limits.file_bytes == 0
        return
    files = (
        File("答复.pdf", "application/pdf", b"%PDF-1.7 made up"),
        File("a.png", "image/png", b"\x89PNG made up"),
    )
    await rig.channel.send(message(case, rig, files=files))
    assert [name for part in rig.arrived() for name in part.files] == ["答复.pdf", "a.png"]


async def test_a_file_over_the_limit_is_rejected(case: Case, rig: Rig) -> None:
    limit = rig.channel.limits.file_bytes
    if not limit:
        return
    huge = File("huge.bin", "application/octet-stream", bytes(limit + 1))
    assert isinstance(await failed(rig.channel, message(case, rig, files=(huge,))), Rejected)
    assert not rig.arrived()


async def test_a_text_over_every_limit_is_rejected_and_nothing_of_it_arrives(case: Case, rig: Rig) -> None:
    assert len(case.oversize) > rig.channel.limits.text
    error = await failed(rig.channel, message(case, rig, text=case.oversize, params={"text": case.oversize}))
    assert isinstance(error, Rejected)
    assert not rig.arrived()


@pytest.mark.parametrize("text", ["", " \n "])
async def test_an_empty_message_is_rejected(case: Case, rig: Rig, text: str) -> None:
    assert isinstance(await failed(rig.channel, message(case, rig, text=text, params={"text": text})), Rejected)


async def test_a_text_that_is_not_unicode_never_breaks_out(case: Case, rig: Rig) -> None:
    """Half of a surrogate pair cannot be encoded; sent or refused, it must not raise anything foreign."""
    try:
        await rig.channel.send(message(case, rig, text="坏\ud83d字", params={"text": "坏\ud83d字"}))
    except SendError as error:
        assert isinstance(error, Rejected)  # noqa: PT017 - both endings are allowed


FAILURES = [
    pytest.param(case, failure, id=f"{case.name}: {failure.name}") for case in CASES for failure in case.failures
]


@pytest.mark.parametrize(("case", "failure"), FAILURES, indirect=["case"])
async def test_a_fault_becomes_its_outcome(case: Case, rig: Rig, failure: Failure) -> None:
    await do(failure.arm(rig.stand_in))
    error = await failed(rig.channel, message(case, rig, **failure.change))
    assert type(error) is failure.outcome, f"{type(error).__name__}: {error.reason}"
    assert error.reason
    for name, value in failure.expect.items():
        assert getattr(error, name) == value
    if not failure.change:
        assert bool(rig.arrived()) == failure.accepted


async def test_after_a_fault_the_next_message_passes(case: Case, rig: Rig) -> None:
    passing = [failure for failure in case.failures if failure.outcome is Uncertain]
    for failure in passing:
        await do(failure.arm(rig.stand_in))
        await failed(rig.channel, message(case, rig, **failure.change))
    assert (await rig.channel.send(message(case, rig, id="next-row", attempt="next"))).provider_id


async def test_the_time_limit_is_kept_and_the_ending_is_uncertain(case: Case, rig: Rig) -> None:
    if rig.hang is None:
        assert case.in_process, "a channel with a network needs Rig.hang"
        return
    assert rig.channel.limits.timeout_s <= 1
    await do(rig.hang())
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert isinstance(await failed(rig.channel, message(case, rig)), Uncertain)
    assert loop.time() - began < rig.channel.limits.timeout_s + 2


# --- receiving -----------------------------------------------------------------------------------------------


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


# --- discretion and ending -----------------------------------------------------------------------------------


async def test_no_secret_and_nothing_personal_shows_in_logs_or_errors(
    case: Case, rig: Rig, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    for failure in case.failures:
        await do(failure.arm(rig.stand_in))
        error = await failed(rig.channel, message(case, rig, **failure.change))
        texts.append("".join(traceback.format_exception(error)))
    for request in rig.forged.values():
        with pytest.raises(BadSignature) as caught:
            await rig.channel.receive(request)
        texts.append("".join(traceback.format_exception(caught.value)))
    logged = caplog.text + "".join(map(str, caplog.records)) + "".join(capfd.readouterr())
    shown = "\n".join([*texts, logged, repr(rig.channel), str(rig.channel)])
    for secret in rig.channel.secrets():
        assert len(secret) >= 6
        assert secret not in shown
    assert message(case, rig).text not in shown
    assert rig.address not in logged


async def test_closing_twice_is_fine_and_sending_afterwards_is_a_send_error(case: Case, rig: Rig) -> None:
    await rig.channel.send(message(case, rig))
    await rig.channel.aclose()
    await rig.channel.aclose()
    try:
        await rig.channel.send(message(case, rig, id="late", attempt="late"))
    except SendError as error:
        assert not isinstance(error, Uncertain)  # noqa: PT017 - a channel without a connection may still send
