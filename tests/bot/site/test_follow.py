"""Following a matter by page: the code is shown once, never stands in an address, and the visit ends."""

import asyncio
from datetime import timedelta

import pytest

from bot.hotline.words import Action, Kind
from core.clock import ManualClock
from core.db import Database
from tests.bot.hotline.conftest import ANSWER
from tests.bot.site.counter import COMPLAINT, JPEG, Counter, codes, hidden, make_counter


async def test_number_and_code_open_the_matter_and_the_code_is_nowhere_after(counter: Counter) -> None:
    opened = await counter.rig.in_a_unit()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        assert str(page.url).endswith(f"/t/{opened.number}")
        assert opened.code not in page.text
        for words in ("承办单位已签收", "城管局正在办", "在期限内", "派给城管局办理", "受理", "登记"):
            assert words in page.text
        assert opened.number in (await browser.get("/t")).text


async def test_a_number_is_found_however_it_is_written(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(f" {opened.number[:4]} {opened.number[4:]} ", f" {opened.code} ")
        assert str(page.url).endswith(f"/t/{opened.number}")


async def test_a_wrong_code_and_an_unknown_number_are_told_the_same(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        wrong, unknown = await browser.show(opened.number, "000000"), await browser.show("9999999999", "000000")
        assert wrong.status_code == unknown.status_code == 404
        assert wrong.text.count("没有查到") == unknown.text.count("没有查到") == 1


async def test_guessing_is_stopped_but_whoever_reads_already_goes_on(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as reader, counter.browser() as guesser:
        await reader.show(opened.number, opened.code)
        for _ in range(5):
            await guesser.show(opened.number, "000000")
        locked = await guesser.show(opened.number, opened.code)
        assert locked.status_code == 429
        assert "试的次数太多" in locked.text
        assert "咨询" in (await reader.get(f"/t/{opened.number}")).text


async def test_without_a_visit_the_address_leads_to_the_door(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.get(f"/t/{opened.number}")
        assert "请输入编号和查询码" in page.text
        assert "登记时间" not in page.text


async def test_words_and_photos_are_added_once(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        for _ in range(2):
            done = await browser.send(
                page, f"/t/{opened.number}/append", [("files", ("a.jpg", JPEG, "image/jpeg"))], text="第二盏也不亮"
            )
        assert "补充收到了" in done.text
        assert done.text.count("第二盏也不亮") == 1
        assert done.text.count("您发来一个文件") == 1


async def test_nothing_to_add_is_said_beside_the_field(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        empty = await browser.send(page, f"/t/{opened.number}/append", text=" ")
        long = await browser.send(page, f"/t/{opened.number}/append", text="长" * 2003)
        assert "请写一句话，或选一个文件" in empty.text
        assert "现在多了 3 字" in long.text
        assert "长" * 2003 in long.text
        odd = await browser.send(page, f"/t/{opened.number}/append", [("files", ("x.html", b"<p>", "text/html"))])
        assert "不是照片" in odd.text


async def test_it_is_urged_once_a_day(counter: Counter) -> None:
    opened = await counter.rig.in_a_unit()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        urged = await browser.send(page, f"/t/{opened.number}/urge")
        assert "已经替您催了" in urged.text
        assert f'action="/t/{opened.number}/urge"' not in urged.text
        fields = hidden(page.text, f"/t/{opened.number}/urge") | {"once": "another-page"}
        again = await browser.client.post(f"/t/{opened.number}/urge", data=fields)
        assert "今天已经催过了" in again.text


async def test_an_answer_is_read_and_rated_with_nothing_chosen_beforehand(counter: Counter) -> None:
    opened = await counter.rig.answered()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        assert ANSWER in page.text
        assert "checked" not in page.text
        missing = await browser.send(page, f"/t/{opened.number}/rate", text="谢谢")
        assert "请选问题解决了没有" in missing.text
        assert "请选一个满意程度" in missing.text
        assert "谢谢" in missing.text
        done = await browser.send(missing, f"/t/{opened.number}/rate", solved="yes", grade="4")
        assert "谢谢您的评价" in done.text
        assert "您的评价：解决了，满意" in done.text
        assert "已办结" in done.text
    assert (await counter.rig.matter(opened.number)).state == "closed"


async def test_a_closed_matter_is_taken_up_again_with_a_reason(counter: Counter) -> None:
    opened = await counter.rig.answered()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        page = await browser.send(page, f"/t/{opened.number}/rate", solved="yes", grade="5")
        without = await browser.send(page, f"/t/{opened.number}/reopen", text="")
        assert "请写为什么要再办" in without.text
        done = await browser.send(page, f"/t/{opened.number}/reopen", text="又不亮了")
        assert "已登记再次办理" in done.text


async def test_a_refusal_names_its_reason_and_can_be_contested_once(counter: Counter) -> None:
    opened = await counter.rig.open(Kind.COMPLAINT, "邻居欠钱不还")
    await counter.rig.do(opened.number, Action.REJECT, counter.rig.agent, reason="诉讼仲裁复议")
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        assert "12368" in page.text
        done = await browser.send(page, f"/t/{opened.number}/contest", text="法院没有受理")
        assert "异议已登记" in done.text
        assert f'action="/t/{opened.number}/contest"' not in done.text


async def test_a_matter_is_withdrawn_and_nothing_more_is_offered(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        done = await browser.send(page, f"/t/{opened.number}/withdraw", text="自己解决了")
        assert "已撤回" in done.text
        assert 'class="card act"' not in done.text


async def test_a_step_that_is_no_longer_possible_keeps_the_words(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        await counter.rig.do(opened.number, Action.REJECT, counter.rig.agent, reason="不属本级")
        late = await browser.send(page, f"/t/{opened.number}/append", text="还有一件")
        assert late.status_code == 409
        assert "进度刚刚变了" in late.text


async def test_words_typed_while_the_visit_ended_are_there_after_number_and_code(
    counter: Counter, clock: ManualClock
) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        clock.advance(timedelta(minutes=31))
        over = await browser.send(page, f"/t/{opened.number}/append", text="写了半个小时")
        assert over.status_code == 403
        assert "写了半个小时" in over.text
        back = await browser.send(over, "/t", number=opened.number, code=opened.code)
        assert "写了半个小时</textarea>" in back.text
        done = await browser.send(back, f"/t/{opened.number}/append", text="写了半个小时")
        assert "补充收到了" in done.text


async def test_reading_keeps_the_visit_alive(counter: Counter, clock: ManualClock) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        await browser.show(opened.number, opened.code)
        for _ in range(3):
            clock.advance(timedelta(minutes=20))
            assert "登记时间" in (await browser.get(f"/t/{opened.number}")).text


async def test_finishing_leaves_nothing_to_read(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        cookies = dict(browser.client.cookies)
        over = await browser.send(page, "/t/end")
        assert "已结束查看" in over.text
        assert opened.number not in over.text
        browser.client.cookies.update(cookies)
        assert "请输入编号和查询码" in (await browser.get(f"/t/{opened.number}")).text


async def test_a_page_of_another_visit_is_not_taken(counter: Counter) -> None:
    opened, other = await counter.rig.open(), await counter.rig.open(text="另一件事情")
    async with counter.browser() as first, counter.browser() as second:
        page = await first.show(opened.number, opened.code)
        await second.show(other.number, other.code)
        taken = await second.send(page, f"/t/{opened.number}/append", text="不是我的")
        assert "超过30分钟没有动静" in taken.text
        await second.show(opened.number, opened.code)
        stale = await second.send(page, f"/t/{opened.number}/append", text="别处的表")
        assert stale.status_code == 403
        assert "别处的表" in stale.text


@pytest.mark.parametrize("what", ["claim", "reply", "nonsense"])
async def test_only_what_citizens_do_has_a_form(counter: Counter, what: str) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        await browser.show(opened.number, opened.code)
        assert (await browser.client.post(f"/t/{opened.number}/{what}")).status_code == 404


async def test_a_form_sent_twice_at_once_is_done_once_on_each_kind_of_database(
    db: Database, clock: ManualClock
) -> None:
    counter = make_counter(db, clock)
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = await browser.show(opened.number, opened.code)
        at = f"/t/{opened.number}/append"
        done = await asyncio.gather(*(browser.send(page, at, text="第二盏也不亮") for _ in range(4)))
        assert [answer.status_code for answer in done] == [200] * 4
        assert (await browser.get(f"/t/{opened.number}")).text.count("第二盏也不亮") == 1
        form = await browser.get("/new")
        handed = await asyncio.gather(*(browser.send(form, "/new", **COMPLAINT) for _ in range(4)))
        assert len({codes(answer.text) for answer in handed}) == 1
    assert len(await counter.matters()) == 2
