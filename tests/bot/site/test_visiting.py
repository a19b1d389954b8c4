"""Reception days by page: a free time, a place, a number, and giving it back."""

from datetime import timedelta

import httpx

from core.clock import ManualClock
from core.db import Database
from tests.bot.site.counter import Browser, Counter, codes, make_counter
from tests.notify.reception.office import made_rules

DAY = "/reception/2026-12-15"
WISH = {"topic": "村口路灯坏了", "name": "示例壬", "phone": "+12025550133"}


async def _book(browser: Browser, **more: str) -> httpx.Response:
    return await browser.send(await browser.get(DAY), DAY, **{**WISH, **more})


def _codes(page: httpx.Response) -> tuple[str, str]:
    return codes(page.text)


async def test_the_days_to_come_are_shown_with_their_free_times(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.get("/reception")
        assert "12月15日周二" in page.text
        assert "09:00–10:00，还有 2 个" in page.text
        assert f'href="{DAY}?slot=10:00"' in page.text
        chosen = await browser.get(f"{DAY}?slot=10:00")
        assert 'value="10:00" checked' in chosen.text


async def test_a_place_is_booked_and_given_back(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await _book(browser, slot="10:00")
        number, code = _codes(page)
        assert str(page.url).endswith("/reception/done")
        assert "10:00–11:00" in page.text
        assert "前一个工作日会发短信提醒您" in page.text
        assert "还有 1 个" in (await browser.get("/reception")).text
        wrong = await browser.send(await browser.get("/reception"), "/reception/cancel", number=number, code="000000")
        assert wrong.status_code == 404
        assert number in wrong.text
        done = await browser.send(await browser.get("/reception"), "/reception/cancel", number=number, code=code)
        assert "已取消预约" in done.text
        late = await browser.send(await browser.get("/reception"), "/reception/cancel", number=number, code=code)
        assert "已经取消" in late.text


async def test_what_does_not_fit_is_said_beside_the_field(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await _book(browser, topic="", name="", phone="12")
        assert page.status_code == 422
        for words in ("请用一句话说说", "请写怎么称呼您", "请写一个能联系上的电话"):
            assert words in page.text


async def test_a_second_booking_on_the_day_is_refused_and_keeps_its_words(counter: Counter) -> None:
    async with counter.browser() as browser:
        await _book(browser)
        page = await _book(browser, topic="另外一件")
        assert page.status_code == 409
        assert "已经有预约" in page.text
        assert "另外一件" in page.text


async def test_a_time_that_was_just_taken_is_told_and_another_offered(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.get(DAY)
        for n in range(2):
            await _book(browser, slot="09:00", phone=f"+1202555014{n}")
        late = await browser.send(page, DAY, **WISH, slot="09:00")
        assert "刚刚约满" in late.text
        assert WISH["topic"] in late.text
        assert 'value="09:00"' not in late.text
        assert "约满" in (await browser.get("/reception")).text


async def test_a_day_without_reception_leads_back_to_the_list(counter: Counter) -> None:
    async with counter.browser() as browser:
        page = await browser.get("/reception/2026-12-16")
        assert page.status_code == 409
        assert "12月15日" in page.text
        assert (await browser.get("/reception/soon")).status_code == 422


async def test_an_office_without_days_says_so(sqlite_db: Database, clock: ManualClock) -> None:
    later = made_rules(starts_on=clock().date() + timedelta(days=300))
    counter = make_counter(sqlite_db, clock, later)
    async with counter.browser() as browser:
        assert "眼下没有可以预约的接访日" in (await browser.get("/reception")).text
        assert str((await browser.get("/reception/done")).url).endswith("/reception")
