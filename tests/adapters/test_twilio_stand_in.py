"""The stand-in for Twilio refuses what Twilio refuses, lists as Twilio lists, and runs as its own process."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.clock import ManualClock
from tests.contract.case import NOW
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, FakeTwilio

PERSON = "+12025550110"
AUTH = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)}
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
RIGHT = {"To": PERSON, "From": NUMBER, "Body": "你好"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(clock=ManualClock(NOW)) as fake:
        yield fake


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers=AUTH) as http:
        yield http


async def _post(http: aiohttp.ClientSession, fake: FakeTwilio, **changes: str) -> tuple[int, dict[str, Any]]:
    form = {name: value for name, value in {**RIGHT, **changes}.items() if value}
    async with http.post(fake.url + MESSAGES, data=form) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Body": ""}, 21602),
        ({"Body": "长" * 1601}, 21617),
        ({"From": ""}, 21603),
        ({"From": "+12025550177"}, 21606),
        ({"To": ""}, 21604),
        ({"To": "somebody"}, 21211),
        ({"To": NUMBER}, 21266),
        ({"To": "+12025550182"}, 21612),
        ({"To": "+12025550183"}, 21408),
        ({"To": "+12025550185"}, 21614),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"MessagingServiceSid": "MG1"}, 21705),
    ],
)
async def test_a_wrong_message_is_refused_with_twilios_code(
    fake: FakeTwilio, http: aiohttp.ClientSession, changes: dict[str, str], code: int
) -> None:
    status, answer = await _post(http, fake, **changes)
    assert (status, answer["code"]) == (400, code)
    assert not fake.state.messages


async def test_a_message_is_accepted_before_it_is_sent(fake: FakeTwilio, http: aiohttp.ClientSession) -> None:
    status, answer = await _post(http, fake)
    assert (status, answer["status"], answer["num_segments"], answer["date_sent"]) == (201, "queued", "1", None)
    status, answer = await _post(http, fake, From="", MessagingServiceSid=SERVICE_SID)
    assert (answer["status"], answer["num_segments"], answer["from"]) == ("accepted", "0", None)


async def test_a_country_must_be_enabled(fake: FakeTwilio, http: aiohttp.ClientSession) -> None:
    fake.state.countries = ("+44",)
    assert (await _post(http, fake))[1]["code"] == 21408
    assert (await _post(http, fake, To="+447700900123"))[0] == 201


async def test_wrong_credentials_and_accounts_are_refused(fake: FakeTwilio, http: aiohttp.ClientSession) -> None:
    wrong = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, "wrong")}
    async with http.post(fake.url + MESSAGES, data=RIGHT, headers=wrong) as response:
        assert (response.status, (await response.json())["code"]) == (401, 20003)
    async with http.get(fake.url + MESSAGES.replace("AC0", "ACf")) as response:
        assert (response.status, (await response.json())["code"]) == (404, 20404)


async def test_messages_are_listed_newest_first_in_pages(fake: FakeTwilio, http: aiohttp.ClientSession) -> None:
    for number in range(5):
        await _post(http, fake, Body=f"第{number}条")
    await _post(http, fake, To="+12025550111")
    bodies, path = [], f"{MESSAGES}?To=%2B12025550110&PageSize=2"
    while path:
        async with http.get(fake.url + path) as response:
            page = await response.json()
        bodies += [message["body"] for message in page["messages"]]
        path = page["next_page_uri"]
    assert bodies == ["第4条", "第3条", "第2条", "第1条", "第0条"]


@pytest.mark.parametrize(("query", "found"), [("2026-11-20", 1), ("2026-11-21", 0), ("", 2)])
async def test_the_date_filter_knows_only_what_was_sent(
    fake: FakeTwilio, http: aiohttp.ClientSession, query: str, found: int
) -> None:
    await _post(http, fake)
    fake.receipts = False
    await _post(http, fake)
    params = {"DateSent>": query} if query else {}
    async with http.get(fake.url + MESSAGES, params=params) as response:
        assert len((await response.json())["messages"]) == found


async def test_it_runs_as_its_own_process_and_can_be_told_things() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "tests.fakes.twilio", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession(headers=AUTH) as http, asyncio.timeout(30):
            while True:
                try:
                    async with http.post(f"{url}/_fake/faults", json=[{"status": 503}]) as told:
                        assert told.status == 204
                    break
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(0.05)
            for status in (503, 201):
                async with http.post(url + MESSAGES, data=RIGHT) as response:
                    assert response.status == status
            async with http.get(f"{url}/_fake/messages") as response:
                assert [message["to"] for message in await response.json()] == [PERSON]
    finally:
        process.terminate()
        await process.wait()
