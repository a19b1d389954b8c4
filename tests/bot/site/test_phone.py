"""The pretend phone network's page."""

import re

import httpx
from fastapi import FastAPI
from sqlmodel import Session, func, select

from bot.models import InboxMessage
from bot.site import phone, routes
from bot.site.stream import Hub
from core.clock import system_clock
from core.config import Settings
from core.db import Database
from tests.bot.site.world import Site, field, first_questions, until


def _stored(session: Session) -> int:
    return session.exec(select(func.count()).select_from(InboxMessage)).one()


async def _text(site: Site, number: str, text: str, look_for: str) -> str:
    async with site.browser() as browser:
        page = (await browser.get("/phone")).text
        form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "number": number, "text": text}
        await browser.post("/phone/send", data=form)

        async def look() -> str:
            return (await browser.get("/phone")).text

        return await until(look, look_for)


async def test_a_text_is_answered_on_the_handset_it_came_from(site: Site) -> None:
    async with site.working():
        page = await _text(site, phone.FIRST_NUMBERS[1], "医保", "请回数字")
    handsets = page.split('class="handset"')[1:]
    assert ["请回数字" in handset for handset in handsets] == [False, True, False]
    assert "【阳光热线】" in handsets[1]
    assert re.search(r"\d条", handsets[1])


async def test_handsets_can_be_added_and_removed_by_address(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.get("/phone")).text
        more = re.search(r'class="button add" href="([^"]+)"', page)
        assert more
        page = (await browser.get(more.group(1).replace("&amp;", "&"))).text
        assert page.count('class="handset"') == 4
        fewer = re.search(r'<a href="(/phone\?[^"]+)" aria-label="移走手机 \+1 202 555 0101"', page)
        assert fewer
        page = (await browser.get(fewer.group(1).replace("&amp;", "&"))).text
        assert page.count('class="handset"') == 3
        assert 'data-number="+12025550101"' not in page


async def test_only_made_up_numbers_have_handsets(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.get("/phone", params={"n": ["+447700900123", "+12025550155"]})).text
        assert re.findall(r'data-number="([^"]+)"', page) == ["+12025550155"]
        form = {"csrf": field(page, "csrf"), "number": "+447700900123", "text": "你好"}
        assert (await browser.post("/phone/send", data=form)).status_code == 422
        assert await site.db.read(_stored) == 0


async def test_the_same_text_sent_twice_by_a_double_click_is_one(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.get("/phone")).text
        form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "number": "+12025550101", "text": "你好"}
        for _ in range(2):
            assert (await browser.post("/phone/send", data=form)).status_code == 200
        assert await site.db.read(_stored) == 1


def test_there_are_numbers_for_a_few_more_handsets() -> None:
    assert phone.next_number(phone.FIRST_NUMBERS) == "+12025550104"
    assert phone.next_number(phone._POOL[: phone.MAX_HANDSETS]) is None
    assert phone.OFFICE_NUMBER not in phone._POOL


async def test_outside_the_demo_there_is_no_phone_page_and_no_link_to_it(sqlite_db: Database) -> None:
    app = FastAPI()
    hub = Hub(sqlite_db, system_clock)
    for router in routes.build_router(
        sqlite_db, system_clock, Settings(secret_key="x" * 40), hub=hub, suggest=first_questions
    ):
        app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sunline.test") as browser:
        assert (await browser.get("/phone")).status_code == 404
        page = await browser.get("/")
        assert page.status_code == 200
        assert "/phone" not in page.text
