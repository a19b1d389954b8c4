"""How the citizens' pages look and whether everybody can use them: axe, keyboard, small screens, weight."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import NewPage
from tests.browser.office import Office

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LOCALES = ("zh-Hans", "zh-Hant", "en")
STILL = ("/", "/new", "/t", "/n", "/n/subscribe", "/reception", "/help", "/privacy", "/accessibility", "/nothing-here")
"""Pages that look the same for everybody."""
ANSWER = "您好，线路老化已换新，11月26日修好村口路灯，晚上请您看看，不亮随时告诉我们。"


@pytest.fixture(scope="session")
def answered(office: Office) -> tuple[str, str]:
    """A complaint that was answered."""
    return office.answered(ANSWER)


def _faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its own best practice, serious and critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {fault['id']}: {fault['help']} {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


def _open(page: Page, number: str, code: str) -> None:
    page.goto("/t")
    page.locator("[name=number]").fill(number)
    page.locator("[name=code]").fill(code)
    page.locator("main form[action='/t'] button").click()
    expect(page.locator(".status")).to_be_visible()


def _walk(page: Page, office: Office, matter: tuple[str, str]) -> Iterator[str]:
    """Every page in every state worth looking at; gives a name for each while it is shown."""
    for path in STILL:
        page.goto(path)
        yield path.strip("/").replace("/", "-") or "chat"
    page.goto("/new")
    page.locator("[name=phone]").fill("12")
    page.locator(".send button").click()
    expect(page.locator("#summary")).to_be_visible()
    yield "new-faults"
    page.locator("[name=phone]").fill("")
    page.locator("[name=kind][value=help]").check()
    page.locator("[name=text]").fill("救命 隔壁着火了 东街12号")
    expect(page.locator(".alarm")).to_be_visible()
    yield "new-danger"
    page.locator(".send button").click()
    expect(page.locator(".codes")).to_be_visible()
    yield "new-done"
    page.locator(".receipt ~ section a.main").last.click()
    expect(page.locator(".status")).to_be_visible()
    yield "matter-new"
    _open(page, *matter)
    yield "matter-answered"
    page.locator("#rate button").click()
    expect(page.locator("#summary")).to_be_visible()
    yield "matter-faults"
    page.goto("/n")
    page.locator(".notices a").first.click()
    expect(page.locator("form[action$='/entry']")).to_be_visible()
    yield "notice"
    page.locator("form[action$='/entry'] button").click()
    expect(page.locator("form[action$='/entry']")).to_be_visible()
    yield "notice-entry"
    page.locator("a[href$='/object']").first.click()
    expect(page.locator("main form[method=post]").first).to_be_visible()
    yield "notice-object"
    page.goto(f"/reception/{office.receive()}")
    yield "reception-day"
    page.locator(".send button").click()
    expect(page.locator("#summary")).to_be_visible()
    yield "reception-faults"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", LOCALES)
def test_no_page_has_a_serious_fault(
    new_page: NewPage, office: Office, answered: tuple[str, str], tmp_path: Path, url: str, locale: str, scheme: str
) -> None:
    page = new_page(viewport=PHONE if scheme == "light" else DESK, color_scheme=scheme, reduced_motion="reduce")
    page.context.add_cookies([{"name": "sunline_lang", "value": locale, "url": url}])
    faults: list[str] = []
    for name in _walk(page, office, answered):
        expect(page.locator("html")).to_have_attribute("lang", locale)
        faults += _faults(page)
        page.screenshot(path=tmp_path / f"{name}-{locale}-{scheme}.png", full_page=True, animations="disabled")
    assert faults == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_large_type_has_no_serious_fault_and_fits(
    new_page: NewPage, office: Office, answered: tuple[str, str], tmp_path: Path, url: str, size: dict[str, int]
) -> None:
    page = new_page(viewport=size, reduced_motion="reduce")
    page.context.add_cookies([{"name": "sunline_size", "value": "large", "url": url}])
    faults: list[str] = []
    for name in _walk(page, office, answered):
        faults += _faults(page)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            faults.append(f"{name} has to be scrolled sideways")
        page.screenshot(path=tmp_path / f"{name}-large-{size['width']}.png", full_page=True, animations="disabled")
    assert faults == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_has_to_be_scrolled_sideways_on_the_smallest_screen(
    new_page: NewPage, office: Office, answered: tuple[str, str], url: str, locale: str
) -> None:
    """WCAG 2.2, 1.4.10: 320 pixels wide, which is also 1280 at 400 %."""
    page = new_page(viewport={"width": 320, "height": 256})
    page.context.add_cookies([{"name": "sunline_lang", "value": locale, "url": url}])
    wide = [
        name for name in _walk(page, office, answered) if page.evaluate("document.documentElement.scrollWidth") > 320
    ]
    assert wide == []


def test_everything_that_is_pressed_is_big_enough(new_page: NewPage, office: Office, answered: tuple[str, str]) -> None:
    """WCAG 2.2, 2.5.8 asks for 24 by 24 pixels, or for room around it; buttons and fields have 40."""
    page = new_page()
    small: list[str] = []
    for name in _walk(page, office, answered):
        pressed = "main button:visible, main .button:visible, main summary:visible, main .pick:visible, nav a:visible"
        sizes = page.locator(pressed).evaluate_all(
            "all => all.map(one => [one.textContent.trim(), one.getBoundingClientRect().height])"
        )
        small += [f"{name}: {words} {height}" for words, height in sizes if height < 36]
    assert small == []


def test_a_matter_is_handed_in_by_keyboard_alone(new_page: NewPage) -> None:
    page = new_page(viewport=DESK)
    page.goto("/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "[name=kind]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=kind][value=complaint]")).to_be_checked()
    _tab_to(page, "[name=text]")
    page.keyboard.type("西河村口路灯坏了三天，希望早点修好")
    _tab_to(page, ".send button")
    page.keyboard.press("Enter")
    expect(page.locator(".codes")).to_be_visible()


def test_the_focus_is_always_seen(new_page: NewPage) -> None:
    """WCAG 2.2, 2.4.7 and 2.4.11: every stop of the keyboard is on the screen and marked."""
    page = new_page()
    page.goto("/new")
    for _ in range(30):
        page.keyboard.press("Tab")
        unseen = page.evaluate(
            """() => {
              const one = document.activeElement, place = one.closest(".pick") || one;
              const style = getComputedStyle(place), box = place.getBoundingClientRect();
              const on = box.bottom > 0 && box.top < innerHeight;
              return on && style.outlineStyle !== "none" ? "" : one.outerHTML.slice(0, 80);
            }"""
        )
        assert unseen == ""


@pytest.mark.parametrize("path", ["/", "/new", "/t", "/reception"])
def test_a_page_is_light_enough_for_a_slow_telephone(new_page: NewPage, path: str) -> None:
    page, seen = new_page(), list[Response]()
    page.on("response", lambda answer: seen.append(answer))
    page.goto(path)
    page.wait_for_load_state("load")
    own = [answer for answer in seen if "/chat/stream" not in answer.url]
    assert sum(len(answer.body()) for answer in own) < 60_000


def test_a_matter_is_printed_without_what_only_a_screen_needs(new_page: NewPage, answered: tuple[str, str]) -> None:
    page = new_page()
    _open(page, *answered)
    page.emulate_media(media="print")
    expect(page.locator("nav.menu")).to_be_hidden()
    expect(page.locator("#rate")).to_be_hidden()
    expect(page.locator(".trail")).to_be_visible()


def _tab_to(page: Page, wanted: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"{wanted} is not reached by keyboard")
