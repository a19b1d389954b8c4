"""How the pages look and whether everybody can use them: accessibility, small screens, screenshots for review."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.talk import CARD, INSURANCE, ask

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
Shot = Callable[[Page, str], None]


def _faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its own best practice, serious and critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']} {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_the_chat_has_no_serious_fault_and_is_worth_looking_at(
    new_page: NewPage, shot: Shot, size: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=size, color_scheme=scheme)
    page.goto("/")
    assert _faults(page) == []
    shot(page, f"chat-first-{size['width']}-{scheme}")
    ask(page, CARD)
    listed = ask(page, INSURANCE)
    assert _faults(page) == []
    shot(page, f"chat-talk-{size['width']}-{scheme}")
    listed.get_by_role("button").first.click()
    page.get_by_text("结束对话", exact=True).click()
    assert _faults(page) == []
    shot(page, f"chat-end-{size['width']}-{scheme}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_large_type_and_other_languages_have_no_serious_fault(
    new_page: NewPage, shot: Shot, size: dict[str, int]
) -> None:
    page = new_page(viewport=size)
    page.goto("/")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.large")).to_have_count(1)
    ask(page, INSURANCE)
    assert _faults(page) == []
    shot(page, f"chat-large-{size['width']}")
    for language, name in (("zh-Hant", "繁體"), ("en", "English")):
        page.get_by_role("button", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert _faults(page) == []
        shot(page, f"chat-{language}-{size['width']}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_the_phones_have_no_serious_fault(new_page: NewPage, shot: Shot, size: dict[str, int]) -> None:
    page = new_page(viewport=size)
    page.goto("/phone?n=%2B12025550121&n=%2B12025550122&n=%2B12025550123")
    handset = page.locator(".handset").first
    handset.get_by_label("短信内容").fill(INSURANCE)
    page.keyboard.press("Enter")
    expect(handset.locator(".sms.office")).to_have_count(1)
    page.locator(".handset").nth(1).get_by_label("短信内容").fill("投诉 西河村口路灯坏了三天")
    assert _faults(page) == []
    shot(page, f"phones-{size['width']}")


def test_nothing_has_to_be_scrolled_sideways_on_the_smallest_screen(new_page: NewPage) -> None:
    """WCAG 2.2, 1.4.10: 320 pixels wide, which is also 1280 at 400 %."""
    page = new_page(viewport={"width": 320, "height": 256})
    for path in ("/", "/phone"):
        page.goto(path)
        if path == "/":
            with page.expect_navigation():
                page.get_by_role("button", name="大字版").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_that_is_pressed_is_big_enough(new_page: NewPage) -> None:
    """WCAG 2.2, 2.5.8 asks for 24 by 24 pixels; what is pressed most has 40."""
    page = new_page()
    page.goto("/")
    ask(page, INSURANCE)
    sizes = page.locator("main button:visible, main a:visible, main summary:visible").evaluate_all(
        "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
    )
    assert sizes
    assert [words for words, height in sizes if height < 40] == []


def test_the_focused_element_is_never_hidden_by_the_box(new_page: NewPage) -> None:
    """WCAG 2.2, 2.4.11: walking back through the talk by keyboard, each button shows itself."""
    page = new_page()
    page.goto("/")
    for text in (INSURANCE, CARD, INSURANCE, CARD):
        ask(page, text)
    page.get_by_label("写下您想问的").focus()
    hidden = """() => {
      const one = document.activeElement.getBoundingClientRect();
      const box = document.getElementById("composer").getBoundingClientRect();
      return one.height && !document.activeElement.closest("#composer") && (one.top < 0 || one.bottom > box.top + 1)
        ? document.activeElement.textContent : "";
    }"""
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        assert page.evaluate(hidden) == ""
