"""What is typed is not lost, what is sent is sent once, what is read is read by nobody else."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.forms import WORDS, codes, fill_in, show, submit
from tests.browser.office import Office


def test_what_is_typed_survives_a_reload_and_is_gone_once_sent(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    fill_in(page)
    page.reload()
    expect(page.get_by_text("已找回您上次没写完的内容")).to_be_visible()
    expect(page.get_by_label("说说是什么事")).to_have_value(WORDS)
    expect(page.get_by_role("radio", name="投诉")).to_be_checked()
    submit(page)
    codes(page)
    page.goto("/new")
    expect(page.get_by_label("说说是什么事")).to_have_value("")


def test_a_double_click_hands_in_once_and_going_back_does_not_hand_in_again(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    fill_in(page)
    page.get_by_role("button", name="提交", exact=True).dblclick()
    number, _ = codes(page)
    page.go_back()
    page.goto("/t")
    expect(page.locator(".mine li")).to_have_count(1)
    expect(page.locator(".mine")).to_contain_text(number)


def test_a_huge_paste_is_counted_refused_and_kept(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    page.get_by_role("radio", name="投诉").check()
    page.get_by_label("说说是什么事").fill("长" * 60_000)
    expect(page.locator(".left").first).to_have_text("超出 55000 字")
    submit(page)
    expect(page.get_by_role("alert").filter(has_text="现在多了 55000 字")).to_be_visible()
    expect(page.get_by_label("说说是什么事")).to_have_value(re.compile("^长{60000}$"))


def test_danger_shows_the_number_to_call_while_writing_and_loses_nothing(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    fill_in(page, "求助", "救命 隔壁着火了 东街12号")
    expect(page.get_by_role("alert").filter(has_text="请马上打 119")).to_be_visible()
    expect(page.get_by_label("说说是什么事")).to_have_value("救命 隔壁着火了 东街12号")
    submit(page)
    expect(page.get_by_role("alert").filter(has_text="请马上打 119")).to_be_visible()


def test_an_answer_that_is_there_already_is_offered_while_writing(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    fill_in(page, "咨询", "社保卡丢了怎么补")
    page.get_by_text("也许已有答案").click()
    expect(page.locator(".maybe dd").first).to_contain_text("社保卡")


def test_the_place_is_found_by_the_browser_and_can_be_left_out_again(new_page: NewPage) -> None:
    page = new_page(geolocation={"latitude": 31.2304, "longitude": 121.4737}, permissions=["geolocation"])
    page.goto("/new")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.get_by_text("已附上现在的位置（31.2304，121.4737）")).to_be_visible()
    page.get_by_role("button", name="不附位置").click()
    expect(page.get_by_text("已附上现在的位置")).to_have_count(0)


def test_anonymous_hides_what_it_would_not_keep(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/new")
    expect(page.get_by_label("联系电话")).to_be_visible()
    page.get_by_role("radio", name="匿名").check()
    expect(page.get_by_label("联系电话")).to_be_hidden()
    expect(page.get_by_text("姓名和电话都不会保存")).to_be_visible()


def test_words_typed_while_another_tab_finished_are_there_after_number_and_code(
    new_page: NewPage, office: Office
) -> None:
    number, code = office.dispatched()
    page = new_page()
    show(page, number, code)
    page.get_by_label("想补充什么").fill("写了很久的补充")
    other = page.context.new_page()
    other.goto(f"/t/{number}")
    other.get_by_role("button", name="结束查看").click()
    expect(other.get_by_text("已结束查看")).to_be_visible()
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_text("您写的会接着显示")).to_be_visible()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_label("想补充什么")).to_have_value("写了很久的补充")
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_text("补充收到了")).to_be_visible()


def test_a_wrong_code_is_told_as_an_unknown_number_is(new_page: NewPage, office: Office) -> None:
    number, _ = office.hand_in()
    page = new_page()
    told = []
    for wrong in (number, "9999999999"):
        page.goto("/t")
        page.get_by_label("编号").fill(wrong)
        page.get_by_label("查询码").fill("000000")
        page.get_by_role("button", name="查看").click()
        told.append(page.get_by_role("alert").inner_text())
    assert told[0] == told[1]
    assert "没有查到" in told[0]


def test_a_matter_of_the_chat_is_listed_without_a_code(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.get_by_label("写下您想问的").fill(f"建议 {WORDS}")
    page.keyboard.press("Enter")
    expect(page.locator("#log .line.office:not(.hello)").first).to_contain_text("编号")
    page.get_by_role("navigation").get_by_role("link", name="查进度").click()
    page.locator(".mine a").click()
    expect(page.get_by_role("heading", name=re.compile("来件"))).to_be_visible()
    page.get_by_role("button", name="结束查看").click()
    page.goto("/")
    expect(page.locator(".line.you")).to_have_count(0)


@pytest.mark.parametrize(("language", "submit"), [("繁體", "提交"), ("English", "Submit")])
def test_language_and_type_size_stay_on_every_page(new_page: NewPage, language: str, submit: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/new?kind=help")
    page.get_by_role("button", name=language).click()
    expect(page).to_have_url(re.compile(r"/new\?kind=help$"))
    page.locator("button[name=size]").click()
    expect(page.locator("html.large")).to_have_count(1)
    page.locator("input[value=help]").check()
    page.locator("textarea").fill(WORDS)
    page.get_by_role("button", name=submit, exact=True).click()
    expect(page.locator(".codes dd")).to_have_count(2)
    expect(page.locator("html.large")).to_have_count(1)
    page.locator(".receipt ~ section a.main").click()
    expect(page.locator(".status")).to_be_visible()
