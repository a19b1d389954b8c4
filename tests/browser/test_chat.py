"""Citizens ask in a real browser, against the really running demo."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.talk import CARD, INSURANCE, answers, ask


def test_a_question_is_asked_and_answered_by_keyboard_only(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到输入框")).to_be_focused()
    page.keyboard.press("Enter")
    box = page.get_by_label("写下您想问的")
    expect(box).to_be_focused()
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    expect(answers(page).first).to_contain_text("社保卡")
    expect(box).to_be_focused()
    expect(box).to_have_value("")


def test_shift_and_enter_starts_a_new_line(page: Page) -> None:
    box = page.get_by_label("写下您想问的")
    box.focus()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    expect(box).to_have_value("第一行\n第二行")
    expect(page.locator(".line.you")).to_have_count(0)


def test_a_list_is_chosen_from_by_button(page: Page) -> None:
    listed = ask(page, INSURANCE)
    button = listed.get_by_role("button").first
    words = button.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text(words[:8])
    expect(page.locator(".line.you").last).to_contain_text(words)
    expect(button).to_contain_text("已选")
    expect(button).to_be_focused()


def test_a_suggested_question_is_asked_with_one_touch(page: Page) -> None:
    first = page.locator(".first button").first
    words = first.inner_text()
    first.click()
    expect(page.locator(".line.you")).to_contain_text(words)
    expect(answers(page)).to_have_count(1)
    expect(page.locator(".first")).to_have_count(0)


def test_a_reload_keeps_the_talk_and_what_was_not_sent(page: Page) -> None:
    ask(page, CARD)
    page.get_by_label("写下您想问的").fill("还没写完")
    page.reload()
    expect(page.locator(".line.you")).to_contain_text(CARD)
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_label("写下您想问的")).to_have_value("还没写完")


def test_an_answer_is_shown_once_also_after_a_reload_and_in_two_tabs(page: Page) -> None:
    ask(page, CARD)
    other = page.context.new_page()
    other.goto("/")
    expect(answers(other)).to_have_count(1)
    ask(other, INSURANCE)
    expect(answers(page)).to_have_count(2)
    page.reload()
    expect(answers(page)).to_have_count(2)


def test_a_double_click_sends_once(page: Page) -> None:
    page.get_by_label("写下您想问的").fill(CARD)
    page.get_by_role("button", name="发送").dblclick()
    expect(answers(page)).to_have_count(1)
    expect(page.locator(".line.you")).to_have_count(1)


def test_nothing_is_lost_while_the_connection_is_down(page: Page) -> None:
    ask(page, CARD)
    page.context.set_offline(True)
    expect(page.get_by_text("网络断了")).to_be_visible()
    box = page.get_by_label("写下您想问的")
    box.fill(INSURANCE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有发出去")).to_be_visible()
    expect(box).to_have_value(INSURANCE)
    page.context.set_offline(False)
    expect(page.get_by_text("网络断了")).to_be_hidden()
    page.get_by_role("button", name="发送").click()
    expect(answers(page)).to_have_count(2)
    expect(page.locator(".line.you")).to_have_count(2)


def test_a_huge_paste_is_refused_and_kept(page: Page) -> None:
    box = page.get_by_label("写下您想问的")
    box.fill("长" * 60_000)
    page.keyboard.press("Enter")
    expect(page.get_by_text("一次最多写5000字")).to_be_visible()
    expect(box).to_have_value(re.compile("^长{60000}$"))


def test_an_old_tab_joins_the_talk_begun_in_another(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/")
    ask(other, CARD)
    page.get_by_label("写下您想问的").fill(INSURANCE)
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_count(2)
    expect(page.locator(".line.you")).to_have_text([re.compile(CARD), re.compile(INSURANCE)])


def test_ending_the_talk_clears_the_page(page: Page) -> None:
    ask(page, CARD)
    page.get_by_text("结束对话", exact=True).click()
    page.get_by_role("button", name="结束并清除").click()
    expect(page.get_by_role("alert").filter(has_text="对话已结束")).to_be_visible()
    expect(page.locator(".line.you")).to_have_count(0)
    page.go_back()
    expect(page.locator(".line.you")).to_have_count(0)


def test_ending_the_talk_clears_every_tab(page: Page) -> None:
    ask(page, CARD)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_text("结束对话", exact=True).click()
    other.get_by_role("button", name="结束并清除").click()
    expect(page.get_by_role("alert").filter(has_text="对话已结束")).to_be_visible()
    expect(page.locator(".line.you")).to_have_count(0)


def test_everything_works_without_script(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("写下您想问的").fill(INSURANCE)
    page.get_by_role("button", name="发送").click()
    choice = answers(page).last.get_by_role("button").first
    expect(choice).to_be_visible()
    words = choice.inner_text()
    choice.click()
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text(words[:8])
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.large")).to_have_count(1)
    expect(answers(page)).to_have_count(2)


def test_the_language_is_switched_and_remembered(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("Your question")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_label("Your question")).to_be_visible()
