"""Matters in the console, called as a browser calls them: who sees what, what is refused, and that nothing is lost."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlmodel import Session, select

from bot.console import live
from bot.console.desk import Console, Visit
from bot.console.presence_models import OpenPage
from bot.hotline.models import Matter, MatterEvent
from bot.house import House
from core import auth
from core.audit import OPERATOR
from core.auth import Principal
from core.people import Role
from tests.bot.console.browsing import matter as _matter
from tests.bot.console.browsing import post as _post
from tests.bot.console.browsing import token as _token
from tests.bot.console.conftest import Staff

ANSWER = "维修班明天上午到现场换灯，当天修好；没修好请再打热线，我们当天回电说明。"


async def test_a_handler_opens_the_own_unit_s_matters_and_no_others(house: House, staff: Staff) -> None:
    mine, other = _matter(house, "signed", "城管局"), _matter(house, "signed", "农业农村局")
    async with staff("handler") as handler:
        assert (await handler.get(f"/console/tickets/{mine.number}")).status_code == 200
        hidden = await handler.get(f"/console/tickets/{other.number}")
        assert hidden.status_code == 404
        assert "没有这个页面" in hidden.text
        listed = (await handler.get("/console/tickets?tab=all")).text
        assert mine.number in listed
        assert other.number not in listed


async def test_the_number_alone_opens_the_matter(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed")
    async with staff("agent") as agent:
        answer = await agent.get(f"/console/tickets?q={matter.number}")
        assert answer.headers["location"] == f"/console/tickets/{matter.number}"


async def test_a_protected_matter_shows_no_words_in_lists_and_each_look_is_written_down(
    house: House, staff: Staff
) -> None:
    matter = _matter(house, "signed", kind="report")
    async with staff("agent") as agent:
        listed = (await agent.get("/console/tickets?kind=report")).text
        assert "去世的人" not in listed
        assert "保密件" in listed
        assert "去世的人" in (await agent.get(f"/console/tickets/{matter.number}")).text


async def test_a_move_needs_the_page_s_token_and_what_was_written_is_shown_again(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "城管局")
    async with staff("handler") as handler:
        answer = await handler.post(f"/console/tickets/{matter.number}/note", data={"text": "别丢了这句话"})
        assert answer.status_code == 403
        assert "别丢了这句话" in answer.text
        assert f'name="csrf" value="{await _token(handler)}"' in answer.text


async def test_a_form_of_another_site_is_refused_even_with_the_token(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "城管局")
    async with staff("handler") as handler:
        form = {"csrf": await _token(handler), "text": "别家写的话"}
        answer = await handler.post(
            f"/console/tickets/{matter.number}/note", data=form, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403
        assert "别家写的话" not in answer.text


async def test_whoever_was_second_reads_who_was_first_and_finds_the_own_words(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "城管局")
    seen = (house.clock() - timedelta(seconds=5)).isoformat()
    async with staff("handler") as handler, staff("supervisor") as supervisor:
        first = await _post(supervisor, f"/console/tickets/{matter.number}/note", version=matter.version, text="抓紧办")
        assert first.status_code == 303
        second = await _post(
            handler, f"/console/tickets/{matter.number}/note", version=matter.version, seen=seen, text="我的话"
        )
        assert second.status_code == 409
        assert "supervisor 备注" in second.text
        assert "我的话" in second.text


async def test_the_same_form_sent_twice_is_one_move(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "城管局")
    form = {"version": matter.version, "seen": house.clock().isoformat(), "text": "只记一次"}
    async with staff("handler") as handler:
        for _ in range(2):
            assert (await _post(handler, f"/console/tickets/{matter.number}/note", **form)).status_code == 303

    def notes(session: Session) -> int:
        found = select(MatterEvent).where(MatterEvent.matter_id == matter.id, MatterEvent.what == "note")
        return sum(one.text == "只记一次" for one in session.exec(found))

    assert house.db.read_now(notes) == 1


async def test_an_answer_that_says_nothing_comes_back_with_the_way_to_send_it_anyway(
    house: House, staff: Staff
) -> None:
    matter = _matter(house, "signed", "人力资源和社会保障局")
    async with staff("agent") as agent:
        path = f"/console/tickets/{matter.number}/reply"
        refused = await _post(agent, path, version=matter.version, text="已阅")
        assert refused.status_code == 422
        assert 'name="force"' in refused.text
        assert "已阅" in refused.text
        sent = await _post(agent, path, version=matter.version, text="已阅", force="1")
        assert sent.status_code == 303


async def test_an_answer_is_held_and_can_be_taken_back(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "人力资源和社会保障局")
    async with staff("agent") as agent:
        base = f"/console/tickets/{matter.number}"
        assert (await _post(agent, f"{base}/reply", version=matter.version, text=ANSWER)).status_code == 303
        assert "data-held-until" in (await agent.get(base)).text
        assert (await _post(agent, f"{base}/undo", version=0)).status_code == 303
        assert house.db.read_now(lambda s: s.get_one(Matter, matter.id).state) == "signed"


async def test_taking_down_twice_by_one_form_opens_one_matter(house: House, staff: Staff) -> None:
    async with staff("agent") as agent:
        form = {"kind": "help", "text": "来电反映楼道灯不亮", "once": "a" * 22, "source": "phone"}
        pages = [(await _post(agent, "/console/tickets/new", **form)).text for _ in range(2)]
    codes = [re.findall(r'<b class="big">(\d+)</b>', page) for page in pages]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 2


@pytest.mark.parametrize(
    ("form", "words"), [({"kind": "help", "text": "短"}, "太短"), ({"kind": "", "text": "一句话说清楚"}, "请填写")]
)
async def test_what_does_not_fit_is_said_beside_the_field_and_kept(
    staff: Staff, form: dict[str, str], words: str
) -> None:
    async with staff("agent") as agent:
        answer = await _post(agent, "/console/tickets/new", **form)
        assert answer.status_code == 422
        assert words in answer.text
        assert form["text"] in answer.text


async def test_a_session_that_is_over_keeps_what_was_sent_through_signing_in(
    house: House, staff: Staff, app: FastAPI
) -> None:
    matter = _matter(house, "signed", "城管局")
    async with staff("handler") as handler:
        handler.cookies.clear()
        form = {"csrf": "old", "version": str(matter.version), "text": "写了很久的备注"}
        late = await handler.post(f"/console/tickets/{matter.number}/note", data=form)
        assert late.status_code == 401
        assert "写了很久的备注" in late.text
        assert "登录已过期" in late.text


async def test_a_one_time_password_opens_nothing_but_the_page_to_change_it(
    house: House, app: FastAPI, staff: Staff
) -> None:
    def made(session: Session) -> str:
        return auth.add_account(session, house.clock(), OPERATOR, "newcomer", [Role.AGENT])[1]

    once = house.db.write_now(made)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", headers={"accept": "text/html"}
    ) as browser:
        entered = await browser.post("/console/sign-in", data={"name": "newcomer", "password": once})
        assert entered.headers["location"] == "/console/password"
        assert (await browser.get("/console/tickets")).headers["location"] == "/console/password"
        token = re.search(r'data-csrf="([^"]+)"', (await browser.get("/console/password")).text)
        assert token
        form = {"csrf": token[1], "old": once, "new": "a long enough one", "again": "another one here"}
        assert "两次输入不一样" in (await browser.post("/console/password", data=form)).text
        done = await browser.post("/console/password", data=form | {"again": "a long enough one"})
        assert done.headers["location"] == "/console/sign-in"


async def test_figures_are_a_page_a_picture_and_a_file(staff: Staff) -> None:
    async with staff("supervisor") as supervisor:
        page = await supervisor.get("/console/reports")
        assert page.status_code == 200
        picture = await supervisor.get("/console/reports/flow.svg?dark=1")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "script-src" not in picture.headers["content-security-policy"]
        file = await supervisor.get("/console/reports/on_time.csv")
        assert file.content.startswith("\ufeff单位,按时办结率".encode())
        assert (await supervisor.get("/console/reports?from=2026-02-30")).status_code == 422
        assert (await supervisor.get("/console/reports/nothing.svg")).status_code == 404


async def test_a_supervisor_decides_a_return_on_the_board(house: House, staff: Staff) -> None:
    matter = _matter(house, "return_asked")
    async with staff("supervisor") as supervisor:
        assert "国道由公路养护单位负责" in (await supervisor.get("/console/board?tab=decide")).text
        path = f"/console/tickets/{matter.number}/grant"
        assert (await _post(supervisor, path, version=matter.version)).status_code == 303
    async with staff("agent") as agent:
        assert (await agent.get("/console/board")).status_code == 403


async def test_a_canned_reply_is_kept_changed_used_and_removed(house: House, staff: Staff) -> None:
    matter = _matter(house, "signed", "人力资源和社会保障局")
    async with staff("agent") as agent:
        refused = await _post(agent, "/console/canned/new", title="", text="")
        assert refused.status_code == 422
        kept = await _post(agent, "/console/canned/new", title="已办妥", text="{number}已办妥，___前回访。", kind="")
        assert kept.status_code == 303
        page = (await agent.get("/console/canned")).text
        link = re.search(r'href="(/console/canned/(?!new)[^"]+)"', page)
        assert link
        assert f"{matter.number}已办妥" in (await agent.get(f"/console/tickets/{matter.number}")).text
        changed = await _post(agent, link[1], title="已办妥了", text="{number}已办妥，明天回访。", kind="")
        assert changed.status_code == 303
        assert (await _post(agent, f"{link[1]}/remove")).status_code == 303
        assert "还没有常用答复" in (await agent.get("/console/canned")).text


def test_an_open_page_counts_while_it_is_heard_of(house: House) -> None:
    who = Principal("a1", "示例甲", frozenset({Role.AGENT}), "console")
    now, page = house.clock(), "/console/tickets/26110001"
    house.db.write_now(live.note, now, "s1", page, who, typing=False)
    house.db.write_now(live.set_typing, now, page, who)
    _, _, pages = house.db.read_now(live.news, now, live.Seen(0, 0))
    assert [(row.name, row.typing) for row in pages[page]] == [("示例甲", True)]
    later = now + live.FRESH + timedelta(seconds=1)
    assert house.db.read_now(live.news, later, live.Seen(0, 0))[2] == {}
    house.db.write_now(live.note, later, "s2", page, who, typing=False)
    assert house.db.read_now(lambda s: [row.id for row in s.exec(select(OpenPage))]) == ["s2"]
    house.db.write_now(live.leave, "s2")
    assert house.db.read_now(lambda s: list(s.exec(select(OpenPage)))) == []


async def test_nobody_follows_a_matter_they_may_not_see(house: House, staff: Staff) -> None:
    other = _matter(house, "signed", "农业农村局")
    async with staff("handler") as handler:
        answer = await handler.get(f"/console/live?page=/console/tickets/{other.number}")
        assert answer.status_code == 404


async def test_after_signing_out_an_open_page_hears_nothing_more(house: House, staff: Staff) -> None:
    console = Console(house)
    async with staff("agent") as agent:
        headers = [(b"cookie", f"sunline={agent.cookies['sunline']}".encode())]
        request = Request({"type": "http", "method": "GET", "path": "/console/live", "headers": headers})
        visit = Visit(console, request, Principal("a1", "agent", frozenset({Role.AGENT}), "console"))
        assert await live.still_in(console, visit)
        assert (await _post(agent, "/console/sign-out")).status_code == 303
        assert not await live.still_in(console, visit)
