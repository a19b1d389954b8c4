"""Staff at work in a real browser: one matter's way, and everything that goes wrong while one is typing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.console import DESK, PHONE, enter, open_first, sign_in
from tests.browser.office import Office

ANSWER = "维修班明天上午到西河村口换灯，当天修好；没修好请再打热线，我们当天回电说明。"


@pytest.fixture(scope="session")
def folder(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running demo keeps its data."""
    return tmp_path_factory.getbasetemp() / "demo0"


@pytest.fixture(scope="session")
def office(url: str, folder: Path) -> Office:
    """The staff of the running demo, over the API."""
    return Office(url, folder)


def _at(page: Page, number: str) -> Page:
    page.goto(f"/console/tickets/{number}")
    return page


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_a_matter_is_accepted_dispatched_signed_for_and_answered(
    new_page: NewPage, folder: Path, office: Office, size: dict[str, int], script: bool
) -> None:
    number, _ = office.hand_in(kind="help", text="西河村口路灯坏了三天，晚上接孩子看不见路")
    agent = sign_in(new_page(viewport=size, java_script_enabled=script), folder, "agent")
    _at(agent, number)
    agent.get_by_role("button", name="受理", exact=True).click()
    expect(agent.get_by_text("受理：已办好。")).to_be_visible()
    agent.locator("summary", has_text="派单").click()
    agent.locator("#dispatch-unit").select_option(label="城管局")
    agent.locator("details[open]").get_by_role("button", name="派单").click()
    expect(agent.get_by_text("派单：已办好。")).to_be_visible()

    handler = sign_in(new_page(viewport=size, java_script_enabled=script), folder, "handler")
    _at(handler, number)
    handler.get_by_role("button", name="签收", exact=True).click()
    handler.get_by_label("给市民的话").fill(ANSWER)
    handler.get_by_role("button", name="发给市民").click()
    expect(handler.get_by_text("20秒后发给市民，发出前可以撤回。")).to_be_visible()
    handler.get_by_role("button", name="撤回答复").click()
    expect(handler.get_by_text("已撤回，没有发给市民。")).to_be_visible()


def test_a_session_that_ends_while_one_is_typing_costs_nothing(new_page: NewPage, folder: Path, office: Office) -> None:
    number, _ = office.dispatched()
    page = sign_in(new_page(viewport=DESK), folder, "handler", f"/console/tickets/{number}")
    page.locator("summary", has_text="内部备注").click()
    page.locator("#note-text").fill("已约当事人周三到场，带上证照")
    page.context.clear_cookies()
    page.locator("details[open]").get_by_role("button", name="内部备注").click()
    expect(page.get_by_text("登录已过期。您写的内容还在")).to_be_visible()
    enter(page, folder, "handler")
    expect(page.get_by_label("您写的内容")).to_have_value("已约当事人周三到场，带上证照")
    page.get_by_role("button", name="发出").click()
    expect(page.locator(".said.note", has_text="已约当事人周三到场")).to_be_visible()


def test_what_is_typed_survives_a_reload_and_goes_when_it_was_sent(
    new_page: NewPage, folder: Path, office: Office
) -> None:
    number, _ = office.dispatched()
    page = sign_in(new_page(viewport=DESK), folder, "handler", f"/console/tickets/{number}")
    page.locator("summary", has_text="内部备注").click()
    page.locator("#note-text").fill("先去现场看一下")
    page.reload()
    expect(page.locator("#note-text")).to_have_value("先去现场看一下")
    page.locator("details[open]").get_by_role("button", name="内部备注").click()
    expect(page.get_by_text("备注已记下")).to_be_visible()
    expect(page.locator("#note-text")).to_have_value("")


def test_the_second_of_two_is_told_who_was_faster_and_keeps_the_words(
    new_page: NewPage, folder: Path, office: Office
) -> None:
    number, _ = office.dispatched()
    page = sign_in(new_page(viewport=DESK), folder, "handler", f"/console/tickets/{number}")
    page.locator("summary", has_text="内部备注").click()
    page.locator("#note-text").fill("这是我的话")
    office.act(number, "note", "supervisor", text="督办：今天要有结果")
    page.locator("details[open]").get_by_role("button", name="内部备注").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("别人刚改过这件事")
    expect(told).to_contain_text("supervisor")
    expect(page.locator("#note-text")).to_have_value("这是我的话")
    page.locator("details[open]").get_by_role("button", name="内部备注").click()
    expect(page.locator(".said.note", has_text="这是我的话")).to_have_count(1)


def test_a_double_click_does_it_once(new_page: NewPage, folder: Path, office: Office) -> None:
    number, _ = office.dispatched()
    plain = sign_in(new_page(viewport=DESK, java_script_enabled=False), folder, "handler", f"/console/tickets/{number}")
    plain.locator("summary", has_text="内部备注").click()
    plain.locator("#note-text").fill("只记一次")
    plain.locator("details[open]").get_by_role("button", name="内部备注").dblclick()
    expect(plain.get_by_text("备注已记下")).to_be_visible()
    _at(plain, number)
    expect(plain.locator(".said.note", has_text="只记一次")).to_have_count(1)


def test_the_back_button_after_a_move_does_no_harm(new_page: NewPage, folder: Path, office: Office) -> None:
    number, _ = office.hand_in(kind="help", text="小区门口积水没过脚面，老人出不了门")
    page = sign_in(new_page(viewport=DESK), folder, "agent", f"/console/tickets/{number}")
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_text("受理：已办好。")).to_be_visible()
    page.go_back()
    again = page.get_by_role("button", name="受理", exact=True)
    if again.count():
        again.click()
        expect(page.locator(".flash").first).to_be_visible()
    _at(page, number)
    expect(page.locator(".timeline b", has_text=re.compile("^受理$"))).to_have_count(1)


def test_two_people_on_one_matter_see_each_other(new_page: NewPage, folder: Path, office: Office) -> None:
    number, _ = office.dispatched()
    first = sign_in(new_page(viewport=DESK), folder, "handler", f"/console/tickets/{number}")
    second = sign_in(new_page(viewport=DESK), folder, "supervisor", f"/console/tickets/{number}")
    expect(first.locator("#others")).to_contain_text("supervisor")
    expect(second.locator("#others")).to_contain_text("handler")
    office.act(number, "note", "agent", text="请今天回电")
    expect(first.locator("#changed")).to_contain_text("备注")
    second.close()
    expect(first.locator("#others")).to_be_hidden()


def test_a_huge_paste_is_refused_with_a_sentence_and_kept(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "agent", "/console/tickets/new")
    page.get_by_label("类别").select_option("help")
    page.evaluate("document.getElementById('f-text').removeAttribute('maxlength')")
    page.evaluate("document.getElementById('f-text').value = '很长'.repeat(4000)")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("内容")
    expect(page.locator("#f-text")).to_have_value("很长" * 4000)


def test_an_identity_is_shown_for_a_reason_and_the_look_is_in_the_record(
    new_page: NewPage, folder: Path, office: Office
) -> None:
    number, _ = office.hand_in(kind="report", text="有人夜里往河里排污，水是黑的", name="示例某", phone="+12025550188")
    page = sign_in(new_page(viewport=DESK), folder, "agent", f"/console/tickets/{number}")
    expect(page.get_by_text("示例某")).to_have_count(0)
    page.locator("summary", has_text="查看身份").click()
    page.get_by_label("用途").fill("核对现场位置")
    page.get_by_role("button", name="查看身份").click()
    expect(page.get_by_text("示例某")).to_be_visible()
    _at(page, number)
    expect(page.get_by_text("示例某")).to_have_count(0)
    expect(page.locator(".timeline b", has_text="查看身份")).to_have_count(1)


def test_several_matters_are_dispatched_at_once(new_page: NewPage, folder: Path, office: Office) -> None:
    numbers = [office.hand_in(kind="help", text=f"批量派单试一试，第{at}件事情")[0] for at in range(2)]
    for number in numbers:
        office.act(number, "accept")
    page = sign_in(new_page(viewport=DESK), folder, "agent", "/console/tickets?q=批量派单试一试")
    page.get_by_role("checkbox", name="全部选中").check()
    page.get_by_label("做什么").select_option("dispatch")
    page.locator("#bulk-unit").select_option(label="水务局")
    page.get_by_role("button", name="办理").click()
    expect(page.get_by_text("派单：2件，马上办理。")).to_be_visible()
    expect(page.get_by_text("派单：2件办好了。")).to_be_visible(timeout=45_000)


def test_the_queue_is_walked_by_keyboard(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "agent", "/console/tickets?tab=all")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.at")).to_have_count(1)
    number = page.locator("tr.at a").inner_text()
    page.keyboard.press("x")
    expect(page.locator("tr.at input")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{number}")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()


def test_somebody_from_outside_sees_the_sign_in_and_nothing_else(new_page: NewPage, folder: Path) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/console/tickets?tab=red")
    expect(page.get_by_role("heading", name="登录工作台")).to_be_visible()
    page.get_by_label("用户名").fill("agent")
    page.get_by_label("密码").fill("not-the-password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    enter(page, folder, "agent")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("红灯")


def test_words_of_another_unit_s_matter_are_not_found(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "handler")
    page.goto("/console/tickets?q=农机补贴")
    expect(page.get_by_text("没有找到。")).to_be_visible()
    agent = sign_in(new_page(viewport=DESK), folder, "agent")
    number = open_first(agent, "农机补贴")
    answer = page.goto(f"/console/tickets/{number}")
    assert answer is not None
    assert answer.status == 404
