"""The one-time page: opening it signs nothing, pressing the button signs once, an old or foreign link nothing."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from adapters.memory import MemoryChannel
from bot import sign_page
from core.config import Settings
from core.ports import Can
from core.web import install_error_handlers
from notify.outbox.service import Outbox
from notify.signoff.issuing import NewRecipient
from notify.signoff.links import make_token
from notify.signoff.office import SignOffice
from notify.signoff.service import SignOff
from tests.notify.signoff.conftest import Rig, make_rig


@pytest.fixture
def rig(sqlite_db, clock) -> Rig:  # type: ignore[no-untyped-def]
    """An office whose chat carries links."""
    made = make_rig(sqlite_db, clock)
    chat = MemoryChannel(name="chat", can=(Can.BUTTONS, Can.TWO_WAY, Can.LINKS))
    channels = {"sms": made.sms, "chat": chat}
    office = SignOffice(made.signoff.office.hours, "12345", page="https://sun.example")
    signoff = SignOff(Outbox(channels, clock, "阳光热线"), channels, clock, office)
    return replace(made, chat=chat, signoff=signoff)


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(sign_page.build_router(rig.signoff, rig.db, Settings(secret_key="x" * 40)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def _link(rig: Rig) -> tuple[str, str]:
    """The path in the message to the clerk, who is A here, and the recipient."""
    issued = await rig.issue(recipients=[NewRecipient("城管局", "clerk", "b", "leader")])
    timers = type(rig.timers)(rig.db, rig.clock, rig.signoff.owners())
    await timers.fire()
    await rig.send()
    found = re.search(r"https://sun\.example(/sign/\S+)", rig.chat.texts[-1])
    assert found, rig.chat.texts
    return found[1], issued.recipients[0].id


async def test_opening_signs_nothing_and_the_button_signs(rig: Rig, client: httpx.AsyncClient) -> None:
    path, recipient = await _link(rig)
    for _ in range(2):
        page = await client.get(path)
        assert "示发〔2026〕12号" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
    assert (await client.head(path)).status_code == 200
    assert (await rig.recipient(recipient)).state == "open"
    signed = await client.post(path)
    assert "已签收，10:00，按时。" in signed.text
    row = await rig.recipient(recipient)
    assert (row.state, row.signed_by, row.signed_via) == ("signed", "clerk", "link")


async def test_a_replayed_link_signs_nothing_more(rig: Rig, client: httpx.AsyncClient) -> None:
    path, recipient = await _link(rig)
    await client.post(path)
    rig.clock.advance(timedelta(minutes=5))
    assert "已签收，10:00，按时。" in (await client.post(path)).text
    assert (await rig.events()).count("signed") == 1
    assert "已重新打开" in (await client.post(f"{path}/not-me")).text
    assert (await rig.recipient(recipient)).state == "open"
    assert (await client.post(path)).status_code == 410, "the link belonged to the signing that was taken back"
    assert (await rig.recipient(recipient)).state == "open"


async def test_a_link_ends_and_a_made_up_one_is_nothing(rig: Rig, client: httpx.AsyncClient) -> None:
    path, recipient = await _link(rig)
    rig.clock.advance(timedelta(hours=73))
    assert (await client.post(path)).status_code == 410
    assert (await rig.recipient(recipient)).state == "open"
    for made_up in (path[:-4] + "AAAA", "/sign/x", "/sign/%F0%9F"):
        assert (await client.get(made_up)).status_code == 404
        assert (await client.post(made_up)).status_code == 404


async def test_a_link_signs_only_for_whom_it_was_made(rig: Rig, client: httpx.AsyncClient) -> None:
    path, recipient = await _link(rig)
    row = await rig.recipient(recipient)
    foreign = make_token(recipient, "other", row.generation, rig.clock())
    await client.post(f"/sign/{foreign}")
    assert (await rig.recipient(recipient)).state == "open"
    assert "sign_refused" in await rig.events()
    await client.post(path)
    other = make_token(recipient, "b", row.generation, rig.clock())
    assert "示例戊10:00已签收" in (await client.post(f"/sign/{other}")).text
