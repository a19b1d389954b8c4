"""How the console looks and whether everybody can use it: axe over every page, small screens, dark, other languages."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.console import DESK, PHONE, open_first, sign_in
from tests.browser.console_pages import PAGES

WHO = sorted({who for who, _ in PAGES})


@pytest.fixture(scope="session")
def folder(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running demo keeps its data."""
    return tmp_path_factory.getbasetemp() / "demo0"


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go: ``CONSOLE_SHOTS``, else pytest's own folder."""
    found = Path(os.environ.get("CONSOLE_SHOTS") or tmp_path)
    found.mkdir(parents=True, exist_ok=True)
    return found


def faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its own best practice, serious and critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {fault['id']}: {fault['help']} {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


def _too_wide(page: Page) -> list[str]:
    width = page.viewport_size["width"] if page.viewport_size else 0
    return [page.url] if page.evaluate("document.documentElement.scrollWidth") > width else []


def _name(path: str) -> str:
    return re.sub(r"\W+", "-", path).strip("-")


@contextmanager
def _quiet(page: Page) -> Iterator[None]:
    """Live news closed before the next page: a browser keeps only so many connections."""
    yield
    page.evaluate("window.stop()")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
@pytest.mark.parametrize("who", WHO)
def test_no_page_has_a_serious_fault_or_scrolls_sideways(
    new_page: NewPage, folder: Path, shots: Path, who: str, size: dict[str, int]
) -> None:
    page = sign_in(new_page(viewport=size), folder, who)
    wrong: list[str] = []
    for path in [path for whose, path in PAGES if whose == who]:
        with _quiet(page):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (404 if "nothing-here" in path else 200), path
            expect(page.locator("h1")).to_have_count(1)
            wrong += faults(page) + _too_wide(page)
            page.screenshot(path=shots / f"{who}-{_name(path)}-{size['width']}.png", full_page=True)
    assert wrong == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_a_matter_has_no_serious_fault_also_with_everything_open(
    new_page: NewPage, folder: Path, shots: Path, size: dict[str, int]
) -> None:
    page = sign_in(new_page(viewport=size), folder, "supervisor")
    for words in ("油烟", "健身器材", "违建", "建筑垃圾"):
        open_first(page, words)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        assert faults(page) + _too_wide(page) == []
        page.screenshot(path=shots / f"matter-{words}-{size['width']}.png", full_page=True)


def test_dark_large_and_other_languages_have_no_serious_fault(new_page: NewPage, folder: Path, shots: Path) -> None:
    page = sign_in(new_page(viewport=DESK, color_scheme="dark"), folder, "supervisor")
    page.locator(".me summary").click()
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.large")).to_have_count(1)
    for language, name in (("zh-Hant", "繁體"), ("en", "English")):
        page.locator(".me summary").click()
        page.get_by_role("button", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        for path in ("/console", "/console/tickets?tab=open", "/console/board", "/console/reports"):
            with _quiet(page):
                page.goto(path)
                assert faults(page) + _too_wide(page) == []
                page.screenshot(path=shots / f"dark-{language}-{_name(path)}.png", full_page=True)


def test_the_smallest_screen_scrolls_only_one_way(new_page: NewPage, folder: Path) -> None:
    """WCAG 2.2, 1.4.10: 320 pixels wide, which is also 1280 at 400 %."""
    page = sign_in(new_page(viewport={"width": 320, "height": 480}), folder, "agent")
    for path in ("/console", "/console/tickets?tab=open", "/console/tickets/new", "/console/reports"):
        with _quiet(page):
            page.goto(path)
            assert _too_wide(page) == []
