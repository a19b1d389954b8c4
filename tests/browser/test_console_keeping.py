"""The console in a browser: areas, rules with a look beforehand, files of a matter, a move for several by thumb."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.console import DESK, PHONE, sign_in
from tests.browser.office import Office

pytestmark = pytest.mark.timeout(600)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
"""The smallest picture there is (PNG, one dot)."""


@pytest.fixture(scope="session")
def folder(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running demo keeps its data."""
    return tmp_path_factory.getbasetemp() / "demo0"


def _faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [
        *(f"{page.url} {fault['id']}" for fault in found if fault["impact"] in {"serious", "critical"}),
        *([f"{page.url} is {wide} too wide"] if wide > 0 else []),
    ]


def test_an_area_is_added_inside_another_renamed_and_that_is_taken_back(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=PHONE), folder, "editor", "/console/areas")
    page.get_by_label("名称").fill("浏览器县")
    page.get_by_role("button", name="添加区划").click()
    page.get_by_role("link", name="浏览器县").click()
    expect(page.get_by_text("里面还没有下级区划")).to_be_visible()
    added = page.locator("form[action='/console/areas']")
    added.get_by_label("名称").fill("浏览器镇")
    added.get_by_role("button", name="添加区划").click()
    assert _faults(page) == []
    page.get_by_role("link", name="浏览器镇").click()
    page.locator("#change-name").fill("新名镇")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="新名镇", exact=True)).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("heading", name="浏览器镇", exact=True)).to_be_visible()
    assert _faults(page) == []


def test_rules_are_looked_at_before_they_hold(new_page: NewPage, folder: Path, office: Office) -> None:
    office.receive()
    page = sign_in(new_page(viewport=DESK), folder, "admin", "/console/receptions/rules")
    page.get_by_label("每月几号", exact=True).first.fill("40")
    page.get_by_role("button", name="先看日子").click()
    expect(page.locator("#f-days-wrong")).to_be_visible()
    assert _faults(page) == []
    page.get_by_label("每月几号", exact=True).first.fill("28")
    page.get_by_role("button", name="先看日子").click()
    expect(page.get_by_text("还没有保存")).to_be_focused()
    assert _faults(page) == []


def test_a_photo_of_a_visit_is_added_shown_and_seen_by_the_citizen(
    new_page: NewPage, folder: Path, office: Office
) -> None:
    number, code = office.dispatched()
    staff = sign_in(new_page(viewport=PHONE), folder, "agent", f"/console/tickets/{number}")
    staff.get_by_text("添加文件", exact=True).first.click()
    staff.locator("#files-file").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": PIXEL})
    staff.get_by_role("button", name="添加文件").click()
    expect(staff.get_by_text("已添加1个文件")).to_be_visible()
    expect(staff.locator(".said.note .thumb img")).to_be_visible()
    assert _faults(staff) == []
    citizen = new_page()
    citizen.goto("/t")
    citizen.locator("[name=number]").fill(number)
    citizen.locator("[name=code]").fill(code)
    citizen.locator("main form[action='/t'] button").click()
    expect(citizen.get_by_text("给您看的文件")).to_have_count(0)
    staff.get_by_role("button", name="给市民看").click()
    expect(staff.get_by_text("市民现在能看到这个文件")).to_be_visible()
    citizen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(citizen.locator("#news")).to_be_visible()
    citizen.get_by_role("link", name="看最新进度").click()
    expect(citizen.get_by_text("给您看的文件（1 个）")).to_be_visible()
    small = citizen.locator(".pictures img")
    expect(small).to_be_visible()
    assert small.evaluate("one => one.complete && one.naturalWidth") == 1
    assert _faults(citizen) == []


def test_a_thumb_chooses_several_and_takes_the_move_back(new_page: NewPage, folder: Path, office: Office) -> None:
    numbers = [office.hand_in(kind="help", text=f"拇指操作试一试，第{at}件事情")[0] for at in range(3)]
    page = sign_in(new_page(viewport=PHONE, has_touch=True), folder, "agent", "/console/tickets?q=拇指操作试一试")
    expect(page.locator(".bulk")).to_be_hidden()
    page.get_by_label("全部选中").first.check()
    expect(page.locator("[data-chosen]")).to_have_text("3")
    page.get_by_label("做什么").select_option("accept")
    expect(page.locator("#bulk-unit")).to_be_hidden()
    assert _faults(page) == []
    page.get_by_role("button", name="办理").click()
    expect(page.get_by_text("受理：3件，马上办理")).to_be_visible()
    assert _faults(page) == []
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("一件也没办")).to_be_visible()
    page.locator("tr", has_text=numbers[0]).locator("td").nth(3).click()
    page.wait_for_url(re.compile(numbers[0]))
    expect(page.get_by_text("已登记").first).to_be_visible()
