"""The demo's pretend phones in a real browser."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.talk import CARD, INSURANCE


def _handset(page: Page, number: str) -> Locator:
    return page.locator(f'.handset[data-number="{number}"]')


def test_a_text_is_sent_and_its_answer_received_and_delivered(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.get_by_role("link", name="演示用的手机页").click()
    handset = _handset(page, "+12025550102")
    handset.get_by_label("短信内容").fill(INSURANCE)
    expect(handset.locator(".units")).to_have_text("2/70 · 1条")
    page.keyboard.press("Enter")
    answer = handset.locator(".sms.office").first
    expect(answer).to_contain_text("请回数字")
    expect(answer).to_contain_text("条 · 已送达")
    expect(_handset(page, "+12025550101").locator(".sms")).to_have_count(0)
    expect(handset.get_by_label("短信内容")).to_be_focused()


def test_what_a_handset_got_is_there_when_it_is_opened_again(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/phone?n=%2B12025550111")
    handset = _handset(page, "+12025550111")
    handset.get_by_label("短信内容").fill(CARD)
    handset.get_by_role("button", name="发送").click()
    expect(handset.locator(".sms.office").first).to_contain_text("社保卡")
    page.reload()
    expect(handset.locator(".sms.you")).to_have_count(1)
    expect(handset.locator(".sms.office").first).to_contain_text("已送达")


def test_long_texts_are_counted_as_a_provider_counts_them(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/phone")
    handset = _handset(page, "+12025550101")
    box, units = handset.get_by_label("短信内容"), handset.locator(".units")
    told = {
        "长" * 70: "70/70 · 1条",
        "长" * 71: "71/134 · 2条",
        "a" * 160: "160/160 · 1条",
        "a" * 161: "161/306 · 2条",
        "€" * 80: "160/160 · 1条",
        "😀" * 35: "70/70 · 1条",
    }
    for text, count in told.items():
        box.fill(text)
        expect(units).to_have_text(count)


def test_without_script_texts_go_and_come_too(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/phone?n=%2B12025550112")
    page.get_by_label("短信内容").fill(CARD)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".sms.you")).to_contain_text(CARD)
    expect(page).to_have_url("/phone?n=%2B12025550112")
