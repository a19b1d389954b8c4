"""The chat page as a browser without script sees it."""

import asyncio
import html
import re
from datetime import timedelta

import pytest
from sqlmodel import Session, func, select

from bot.models import InboxMessage
from bot.site import sessions
from bot.site.chat import COOKIE, TEXT_MAX
from bot.site.models import WebChat
from core.clock import ManualClock
from core.config import Settings
from core.db import Database
from tests.bot.site.world import SETTINGS, Site, field, say, until


def _stored(session: Session) -> int:
    return session.exec(select(func.count()).select_from(InboxMessage)).one()


async def test_looking_leaves_no_cookie(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.get("/")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert "社保卡丢了怎么补" in page.text
        assert "119" in page.text


async def test_the_first_message_opens_a_talk_that_is_answered(site: Site) -> None:
    async with site.working(), site.browser() as browser:
        sent = await say(browser, "社保卡丢了怎么补")
        assert sent.status_code == 200
        assert COOKIE in browser.cookies

        async def look() -> str:
            return (await browser.get("/")).text

        page = await until(look, "先打12333挂失")
        assert page.index("社保卡丢了怎么补") < page.index("先打12333挂失")
        assert "大家常问" not in page


async def test_the_cookie_cannot_be_read_by_scripts(site: Site) -> None:
    async with site.browser() as browser:
        browser.follow_redirects = False
        cookie = (await say(browser, "你好")).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()


async def test_behind_https_the_cookie_travels_over_https_only(sqlite_db: Database) -> None:
    secure = Site(sqlite_db, settings=SETTINGS.model_copy(update={"public_url": "https://sunline.test"}))
    async with secure.browser() as browser:
        browser.follow_redirects = False
        assert "secure" in (await say(browser, "你好")).headers["set-cookie"].lower()


async def test_a_double_click_on_the_first_message_is_one_message_in_one_talk(site: Site) -> None:
    async with site.browser() as browser, site.browser() as same_browser:
        page = (await browser.get("/")).text
        form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "text": "你好"}
        for client in (browser, same_browser):
            await client.post("/chat/send", data=form)
        assert browser.cookies[COOKIE] == same_browser.cookies[COOKIE]
        assert await site.db.read(_stored) == 1


async def test_going_back_and_writing_anew_loses_nothing(site: Site) -> None:
    async with site.browser() as browser:
        await say(browser, "第一句")
        page = (await browser.get("/")).text
        form = {"csrf": field(page, "csrf"), "id": field(page, "id")}
        for text in ("第二句", "第二句", "第三句"):
            await browser.post("/chat/send", data=form | {"text": text})
        assert await site.db.read(_stored) == 3


async def test_what_people_and_entries_write_is_never_markup(site: Site) -> None:
    async with site.working(), site.browser() as browser:
        await say(browser, "<script>alert(1)</script> 医保住院费用怎么报销？")

        async def look() -> str:
            return (await browser.get("/")).text

        page = await until(look, "您想问哪件事")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_choice_is_a_button_and_its_answer_keeps_line_breaks(site: Site) -> None:
    async with site.working(), site.browser() as browser:
        await say(browser, "医保")

        async def look() -> str:
            return (await browser.get("/")).text

        page = await until(look, 'name="choice" value="e:')
        value = re.findall(r'name="choice" value="(e:[^"]+)"', page)[1]
        await browser.post("/chat/send", data={"csrf": field(page, "csrf"), "id": field(page, "id"), "choice": value})
        page = await until(look, "只付个人部分")
        assert "&lt;b&gt;出院时&lt;/b&gt;直接结算。\n只付个人部分。" in page
        assert 'class="taken"' in page


async def test_a_button_nobody_was_offered_is_refused(site: Site) -> None:
    async with site.browser() as browser:
        await say(browser, "你好")
        refused = await say(browser, "", choice="e:1:1")
        assert refused.status_code == 422
        assert "按钮已经过期" in refused.text
        assert await site.db.read(_stored) == 1


@pytest.mark.parametrize("text", ["", "   ", "😀", "长" * TEXT_MAX])
async def test_odd_messages_go_through_to_the_bot(site: Site, text: str) -> None:
    async with site.browser() as browser:
        assert (await say(browser, text)).status_code == 200
        assert await site.db.read(_stored) == 1


async def test_a_text_that_is_too_long_is_refused_and_stays_in_the_box(site: Site) -> None:
    async with site.browser() as browser:
        text = "长" * TEXT_MAX + "完"
        refused = await say(browser, text)
        assert refused.status_code == 422
        assert f"一次最多写{TEXT_MAX}字" in refused.text
        assert f"{text}</textarea>" in refused.text
        assert await site.db.read(_stored) == 0


async def test_a_form_from_another_site_is_refused_and_the_text_is_kept(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.get("/")).text
        form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "text": "你好"}
        foreign = await browser.post("/chat/send", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        assert "你好</textarea>" in foreign.text
        other_origin = {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"}
        assert (await browser.post("/chat/send", data=form, headers=other_origin)).status_code == 403
        assert await site.db.read(_stored) == 0


async def test_a_form_without_the_session_s_token_is_refused(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.get("/")).text
        await say(browser, "你好")
        old = {"csrf": field(page, "csrf"), "id": "a" * 32, "text": "从旧页面来"}
        refused = await browser.post("/chat/send", data=old)
        assert refused.status_code == 403
        assert "从旧页面来</textarea>" in refused.text
        again = {"csrf": field(refused.text, "csrf"), "id": field(refused.text, "id"), "text": "从旧页面来"}
        assert (await browser.post("/chat/send", data=again)).status_code == 200


async def test_one_address_may_not_flood(sqlite_db: Database) -> None:
    slow = Site(sqlite_db, settings=Settings(secret_key="x" * 40, limit_ask=2))
    async with slow.browser() as browser:
        for _ in range(2):
            assert (await say(browser, "你好")).status_code == 200
        refused = await say(browser, "还有一句")
        assert refused.status_code == 429
        assert "还有一句</textarea>" in refused.text


async def test_one_browser_cannot_read_another_s_talk(site: Site) -> None:
    async with site.browser() as one, site.browser() as other:
        await say(one, "我的事")
        await say(other, "别人的事")
        assert "我的事" not in (await other.get("/")).text


async def test_ending_the_talk_leaves_nothing_to_read(site: Site) -> None:
    async with site.browser() as browser:
        await say(browser, "我的事")
        secret = browser.cookies[COOKIE]
        page = (await browser.get("/")).text
        ended = await browser.post("/chat/end", data={"csrf": field(page, "csrf")})
        assert "对话已结束" in ended.text
        assert "我的事" not in ended.text
        assert COOKIE not in browser.cookies
        browser.cookies.set(COOKIE, secret)
        assert "我的事" not in (await browser.get("/")).text


async def test_a_talk_ends_after_thirty_idle_minutes(still_site: Site, clock: ManualClock) -> None:
    async with still_site.browser() as browser:
        await say(browser, "我的事")
        clock.advance(sessions.IDLE - timedelta(seconds=1))
        assert "我的事" in (await browser.get("/")).text, "looking is a sign of life"
        clock.advance(sessions.IDLE - timedelta(seconds=1))
        assert "我的事" in (await browser.get("/")).text
        clock.advance(sessions.IDLE)
        page = await browser.get("/")
        assert "我的事" not in page.text
        assert "30分钟没有动静" in page.text
        assert COOKIE not in browser.cookies


async def test_writing_after_the_talk_has_ended_loses_no_words(still_site: Site, clock: ManualClock) -> None:
    async with still_site.browser() as browser:
        await say(browser, "早上的事")
        page = (await browser.get("/")).text
        clock.advance(sessions.IDLE)
        form = {"csrf": field(page, "csrf"), "id": field(page, "id"), "text": "现在的事"}
        refused = await browser.post("/chat/send", data=form)
        assert "现在的事</textarea>" in refused.text
        assert "早上的事" not in refused.text
        again = {"csrf": field(refused.text, "csrf"), "id": field(refused.text, "id"), "text": "现在的事"}
        page = (await browser.post("/chat/send", data=again)).text
        assert "现在的事" in page
        assert "早上的事" not in page


async def test_old_sessions_are_forgotten(still_site: Site, clock: ManualClock) -> None:
    async with still_site.browser() as browser:
        await say(browser, "你好")
        assert await still_site.db.write(sessions.purge, clock()) == 0
        clock.advance(sessions.KEPT + timedelta(minutes=1))
        assert await still_site.db.write(sessions.purge, clock()) == 1


async def test_the_table_of_sessions_holds_no_cookie(site: Site) -> None:
    async with site.browser() as browser:
        await say(browser, "你好")
        ids = await site.db.read(lambda session: [chat.id for chat in session.exec(select(WebChat))])
        assert browser.cookies[COOKIE] not in ids


async def test_language_and_type_size_are_remembered(site: Site) -> None:
    async with site.browser() as browser:
        page = (await browser.post("/chat/taste", data={"lang": "zh-Hant"})).text
        assert 'lang="zh-Hant"' in page
        assert "寫下您想問的" in page
        page = (await browser.post("/chat/taste", data={"size": "large"})).text
        assert 'class="large"' in page
        assert "寫下您想問的" in page
        page = (await browser.post("/chat/taste", data={"lang": "en", "back": "https://elsewhere.example"})).text
        assert "Your question" in page


async def test_the_page_s_language_is_the_answer_s_language(site: Site) -> None:
    async with site.working(), site.browser() as browser:
        await browser.post("/chat/taste", data={"lang": "zh-Hant"})
        await say(browser, "医保")

        async def look() -> str:
            return html.unescape((await browser.get("/")).text)

        assert "城鄉居民醫保怎麼繳費" in await until(look, "您想問哪件事")


async def test_a_page_without_script_looks_again_while_an_answer_is_on_its_way(still_site: Site) -> None:
    async with still_site.browser() as browser:
        page = (await say(browser, "社保卡丢了怎么补")).text
        assert '<noscript><meta http-equiv="refresh"' in page


async def test_the_page_tells_who_speaks_and_when(still_site: Site, clock: ManualClock) -> None:
    async with still_site.browser() as browser:
        page = (await say(browser, "你好")).text
        assert '<time datetime="2026-11-23T02:00:00+00:00" title="2026年11月23日 10:00:00">刚刚</time>' in page
        clock.advance(timedelta(minutes=5))
        assert ">5分钟前</time>" in (await browser.get("/")).text


async def test_a_script_gets_json(site: Site) -> None:
    async with site.browser(Accept="application/json") as browser:
        token = (await browser.get("/chat/token")).json()["csrf"]
        first = await browser.post("/chat/send", data={"text": "你好", "id": "b" * 32, "csrf": token})
        assert first.json()["text"] == "你好"
        refused = await browser.post("/chat/send", data={"text": "你好", "csrf": token})
        assert refused.json()["error"] == "StalePage"
        kept = await browser.post("/chat/keep", headers={"X-CSRF-Token": first.json()["csrf"]})
        assert kept.status_code == 204
        assert (await browser.post("/chat/keep")).status_code == 403


async def test_without_a_talk_there_is_no_stream(site: Site) -> None:
    async with asyncio.timeout(10), site.browser(Accept="text/event-stream") as browser:
        assert (await browser.get("/chat/stream")).status_code == 404
