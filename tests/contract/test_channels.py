"""Every channel keeps the same promises (core.ports.Channel), whatever its provider is like: sending."""

import asyncio
import logging
import traceback
from importlib import import_module
from importlib.util import find_spec

import pytest

from core.errors import BadSignature, Rejected, SendError, Uncertain
from core.messages import File, Option
from core.ports import Can, Channel, OpenThread
from tests.contract.case import Case, Failure, Rig, message
from tests.contract.suite import CASES, NAMES, OUTCOMES, do, failed, text_of


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
