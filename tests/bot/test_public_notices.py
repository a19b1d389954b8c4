"""What anyone can read and write about notices: pages, API and feed, masked, working without script."""

import re
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from bot.site import error_pages, notices
from bot.site.notice_parts import NoticeParts
from bot.site.pages import STATIC, Pages
from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.web import Guard, install_error_handlers
from notify.publicity import areas
from notify.publicity.models import Notice, NoticeRevision
from tests.bot.office import matters, settle
from tests.bot.posted import ME, NEIGHBOUR, post
from tests.bot.site.world import SETTINGS
from tests.bot.world import World, built

SECRETS = ("示例甲", "示例乙", "示例丙", ME, ME[2:], ME[-4:], NEIGHBOUR, NEIGHBOUR[-4:])


@dataclass
class Public:
    """The public side of a house."""

    world: World
    client: httpx.AsyncClient
    notice: str

    async def page(self, path: str, **more: Any) -> httpx.Response:
        """A page as a browser gets it."""
        return await self.client.get(path, headers={"Accept": "text/html"}, **more)

    async def fill(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Fill in the form of a page that posts to ``action``."""
        html = (await self.page(page)).text
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.S)
        assert form, html
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        return await self.client.post(action, data={**hidden, **fields}, headers=headers)


@pytest.fixture
async def public(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Public]:
    async with built(sqlite_db, clock) as world:
        await sqlite_db.write(settle, world)
        await sqlite_db.write(areas.import_areas, clock(), OPERATOR, "township,village\n示例镇,西河村\n".encode())
        notice = await sqlite_db.write(post, clock)
        app = FastAPI()
        install_error_handlers(app)
        error_pages.install(app, SETTINGS, clock)
        desk = world.notices
        for router in desk.routers(world.publicity, sqlite_db, clock, Guard(sqlite_db, clock), SETTINGS):
            app.include_router(router)
        pages = Pages(SETTINGS, clock, demo=False)
        app.include_router(notices.build_router(NoticeParts.of(desk, sqlite_db, clock, pages)))
        STATIC.mount(app)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield Public(world, client, notice)


async def test_no_page_and_no_answer_ever_holds_a_full_name_or_a_number(public: Public) -> None:
    """Whatever anybody can read without signing in, before and after the period, the feed and the refusals too."""
    one = f"/n/{public.notice}"
    api = f"/api/v1/notices/{public.notice}"
    pages = ("/n", "/n?q=西河", one, f"{one}?after=1", f"{one}?area=西河村一组", f"{one}/object", "/n/nothing")
    paths = (*pages, "/n/feed.xml", "/api/v1/notices", api, f"{api}?area=西河村二组", "/api/v1/notices/nothing")
    for day in (23, 30):
        for path in paths:
            for accept in ("text/html", "application/json"):
                answer = await public.client.get(path, headers={"Accept": accept})
                found = [secret for secret in SECRETS if secret in unescape(answer.text)]
                assert not found, (path, found)
        public.world.clock.set(datetime(2026, 12, day - 20, 2, tzinfo=UTC))
    entry = await public.client.post(f"{api}/entry", json={"name": "示例甲", "last4": ME[-4:]})
    assert entry.json()["items"][0]["name"] == "示*甲"
    assert ME[-4:] not in entry.text


async def test_the_list_shows_what_is_open_and_a_notice_its_masked_rows(public: Public) -> None:
    listed = await public.page("/n")
    assert listed.status_code == 200
    assert "西河村耕地地力保护补贴" in listed.text
    assert "公示中" in listed.text
    assert "2026-11-23 至 2026-11-30" in listed.text
    shown = (await public.page(f"/n/{public.notice}")).text
    for words in ("示*甲", "350", "3户", "670元", "举报电话", "12345", "提异议", "不经本村"):
        assert words in shown, words
    assert "{name}" not in shown


async def test_once_the_period_is_over_only_totals_stay_and_one_s_own_entry_is_still_found(public: Public) -> None:
    public.world.clock.set(datetime(2026, 12, 1, 2, tzinfo=UTC))
    answer = (await public.client.get(f"/api/v1/notices/{public.notice}")).json()
    assert (answer["stage"], answer["entries"], answer["rows"], answer["amount"]) == ("over", [], 3, "670")
    page = await public.fill(f"/n/{public.notice}", f"/n/{public.notice}/entry", name="示例甲", last4="0101")
    assert "您家的登记" in page.text
    assert "示*甲" in page.text
    nobody = await public.fill(f"/n/{public.notice}", f"/n/{public.notice}/entry", name="示例甲", last4="9999")
    assert "没有对上的" in nobody.text
    assert "请填户主全名" in (await public.fill(f"/n/{public.notice}", f"/n/{public.notice}/entry", name="示例甲")).text


async def test_guessing_at_entries_is_slowed_down(public: Public) -> None:
    path = f"/api/v1/notices/{public.notice}/entry"
    statuses = [
        (await public.client.post(path, json={"name": "示例甲", "last4": f"{n:04}"})).status_code for n in range(30)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


async def test_an_objection_on_the_page_is_a_matter_with_number_and_code(public: Public) -> None:
    path = f"/n/{public.notice}/object"
    wrong = await public.fill(path, path, text="", phone="12")
    assert wrong.status_code == 422
    assert "请写清哪里不对" in wrong.text
    assert "这个手机号看不清" in wrong.text
    done = await public.fill(path, path, text="我家是4.5亩，去年量过", kind="area", name="示例甲", phone=ME)
    assert done.status_code == 200, done.text
    (matter,) = await matters(public.world)
    assert matter.number in done.text
    assert "由上一级部门复核，不经本村" in done.text
    assert (matter.source, matter.outside_number, matter.phone) == ("objection", public.notice, ME)


async def test_a_form_sent_twice_is_one_objection(public: Public) -> None:
    path = f"/n/{public.notice}/object"
    for _ in range(2):
        done = await public.fill(path, path, text="名单上没有我家", id="the-same-form")
        assert done.status_code == 200
    assert len(await matters(public.world)) == 1


async def test_about_somebody_else_is_confidential_also_on_the_page(public: Public) -> None:
    path = f"/n/{public.notice}/object"
    done = await public.fill(path, path, text="二组有一户地早荒了", kind="others")
    assert "为您保密，由县级部门核查" in done.text
    (matter,) = await matters(public.world)
    assert (matter.kind, matter.text) == ("report", "")


async def test_the_api_takes_objections_and_answers_with_number_and_code(public: Public) -> None:
    path = f"/api/v1/notices/{public.notice}/objections"
    made = await public.client.post(path, json={"text": "我家面积应是4.5亩"}, headers={"Idempotency-Key": "k1"})
    again = await public.client.post(path, json={"text": "我家面积应是4.5亩"}, headers={"Idempotency-Key": "k1"})
    assert made.status_code == 201
    assert made.json() == again.json()
    assert made.json()["kind"] == "area"
    assert (await public.client.post(path, json={"text": "x"})).status_code == 422
    assert (await public.client.post(path, json={"text": "不对", "kind": "weather"})).status_code == 422
    assert (await public.client.post("/api/v1/notices/none/objections", json={"text": "不对"})).status_code == 404


async def test_a_form_from_another_site_is_not_taken_and_loses_no_word(public: Public) -> None:
    path = f"/n/{public.notice}/object"
    answer = await public.client.post(
        path, data={"text": "我家是4.5亩", "csrf": "x"}, headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "我家是4.5亩" in answer.text
    assert await matters(public.world) == []


async def test_the_feed_is_well_formed_and_names_each_notice(public: Public) -> None:
    answer = await public.client.get("/n/feed.xml")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    items = ET.fromstring(answer.text).findall("channel/item")  # noqa: S314 - our own feed
    assert [item.findtext("title") for item in items] == ["西河村耕地地力保护补贴"]
    assert items[0].findtext("link", "").endswith(f"/n/{public.notice}")


async def test_a_withdrawn_notice_is_gone_from_everywhere(public: Public) -> None:
    def withdraw(session: Session) -> None:
        notice = session.get(Notice, public.notice)
        assert notice
        notice.state = "cancelled"
        session.add(notice)
        for revision in session.exec(_revisions(public.notice)):
            revision.withdrawn_at = public.world.clock()
            session.add(revision)

    await public.world.db.write(withdraw)
    assert (await public.page(f"/n/{public.notice}")).status_code == 404
    assert (await public.client.get("/api/v1/notices")).json()["items"] == []
    assert "现在没有公示" in (await public.page("/n")).text


def _revisions(notice_id: str) -> Any:
    return select(NoticeRevision).where(NoticeRevision.notice_id == notice_id)


async def test_opinions_on_a_consultation_are_suggestions_while_it_runs(public: Public) -> None:
    made: dict[str, Any] = {"kind": "consultation", "rows": (), "text": "草案全文", "ends_on": date(2026, 12, 20)}
    draft = await public.world.db.write(lambda s: post(s, public.world.clock, title="农贸市场搬迁方案", **made))
    path = f"/n/{draft}/object"
    assert "提意见" in (await public.page(f"/n/{draft}")).text
    done = await public.fill(path, path, text="希望留一个早市")
    assert "采纳情况会在这一页公布" in done.text
    (matter,) = await matters(public.world)
    assert (matter.kind, matter.source, matter.outside_number) == ("suggestion", "opinion", draft)
    assert (
        await public.client.post(f"/api/v1/notices/{public.notice}/opinions", json={"text": "不好"})
    ).status_code == 409


async def test_many_notices_come_in_pages_and_are_found_by_village(public: Public) -> None:
    for n in range(25):
        title = f"东河村第{n}批补贴"
        await public.world.db.write(lambda s, t=title: post(s, public.world.clock, title=t, area="东河村"))
    first = (await public.client.get("/api/v1/notices?limit=20")).json()
    second = (await public.client.get(f"/api/v1/notices?limit=20&cursor={first['next']}")).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (20, 6, None)
    assert len({item["id"] for item in first["items"] + second["items"]}) == 26
    assert "西河村耕地地力保护补贴" in (await public.page("/n?q=西河村")).text
    assert "东河村" not in (await public.page("/n?q=西河村")).text.split('<ul class="notices">')[1].split("</ul>")[0]


async def test_subscribing_on_the_page_takes_a_code_from_the_number(public: Public) -> None:
    wrong = await public.fill("/n/subscribe", "/n/subscribe", topic="subsidy", area="南海村", phone=ME)
    assert "没找到这个地方" in wrong.text
    page = await public.fill("/n/subscribe", "/n/subscribe", topic="subsidy", area="西河村", phone=ME)
    assert "验证码已发到这个手机" in page.text
    (text,) = await public.world.said("sms", ME)
    code = re.search(r"填(\d{6})", text)[1]  # type: ignore[index]
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    bad = await public.client.post("/n/subscribe", data={**hidden, "code": "1"}, headers=headers)
    assert "验证码不对" in bad.text
    done = await public.client.post("/n/subscribe", data={**hidden, "code": code}, headers=headers)
    assert "已订阅" in done.text
    assert len(await public.world.db.read(public.world.notices.subscriptions.own, "sms", ME)) == 1


@pytest.mark.parametrize(("language", "words"), [("zh-Hant", "公示公告"), ("en", "Public notices")])
async def test_the_pages_speak_every_language(public: Public, language: str, words: str) -> None:
    public.client.cookies.set("sunline_lang", language)
    assert words in (await public.page("/n")).text
    for path in (f"/n/{public.notice}", f"/n/{public.notice}/object", "/n/subscribe"):
        assert (await public.page(path)).status_code == 200
