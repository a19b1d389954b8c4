"""A notice in the console: written, its list uploaded, approved by another person, sent, followed, reported."""

import os
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.console import DESK, PHONE, sign_in
from tests.notify.publicity.conftest import HEAD, ROWS, TEXT, as_csv

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def folder(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running demo keeps its data."""
    return tmp_path_factory.getbasetemp() / "demo0"


def _file(rows: list[list[str]]) -> dict[str, object]:
    return {"name": "名单.csv", "mimeType": "text/csv", "buffer": as_csv(HEAD, rows)}


def _written(page: Page, folder: Path, title: str, starts_on: str) -> Page:
    """A draft in the console, open at its page."""
    sign_in(page, folder, "editor", "/console/notices/new")
    page.get_by_label("标题").fill(title)
    page.get_by_label("补贴项目").fill("耕地地力保护补贴")
    page.get_by_label("正文").fill(TEXT)
    page.get_by_label("公示开始").fill(starts_on)
    page.get_by_label("公示结束").fill(str(date.fromisoformat(starts_on) + timedelta(days=8)))
    page.get_by_label("举报电话").fill("12345")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".flash.ok")).to_contain_text("公示〔")
    return page


def _today(page: Page) -> str:
    """The office's day."""
    found: str = page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})")
    return found


def test_a_notice_goes_from_draft_to_public_with_a_second_person(new_page: NewPage, folder: Path) -> None:
    author = new_page(viewport=DESK)
    author.goto("/")
    _written(author, folder, "西河村补贴公示", _today(author))
    bad = [*ROWS, ["示例戊", "x", "西河村", "三", "100", "300"]]
    author.get_by_label("上传名单").set_input_files(_file(bad))
    author.get_by_role("button", name="上传名单", exact=True).click()
    expect(author.get_by_text("有1行不合要求")).to_be_visible(timeout=15_000)
    author.get_by_role("link", name="看是哪几行").click()
    expect(author.get_by_text("手机不是电话号码")).to_be_visible()
    author.get_by_role("link", name="返回").click()
    author.get_by_label("上传名单").set_input_files(_file(ROWS))
    author.get_by_role("button", name="上传名单", exact=True).click()
    expect(author.get_by_text("1100.00")).to_be_visible(timeout=15_000)
    notice = author.url.split("?")[0]
    author.goto(f"{notice}/rows/1")
    author.get_by_label("手机").fill("+1 202 555 0109")
    take(author, "notice-row-1440")
    author.get_by_role("button", name="保存这一户").click()
    expect(author.locator(".flash.ok")).to_contain_text("已记下")
    author.goto(notice)
    author.get_by_role("link", name="预览和费用").click()
    expect(author.get_by_text("示*甲户耕地地力保护补贴公示：3.5亩×100元＝350元")).to_be_visible()
    take(author, "notice-preview-1440")
    author.goto(notice)
    author.get_by_role("button", name="提交审核").click()
    expect(author.get_by_text("等另一个人审核")).to_be_visible()
    reviewer = new_page(viewport=PHONE)
    sign_in(reviewer, folder, "reviewer", urlsplit(notice).path)
    take(reviewer, "notice-390")
    reviewer.get_by_role("button", name="审核通过").click()
    expect(reviewer.locator(".flash.ok")).to_contain_text("已审核")
    reviewer.get_by_role("button", name="发布", exact=True).click()
    expect(reviewer.locator(".flash.ok")).to_contain_text("已发布")
    expect(reviewer.locator("#live .num").first).to_contain_text("/ 4", timeout=30_000)
    author.goto(notice)
    take(author, "notice-1440")
    author.get_by_role("link", name="发送报告").click()
    expect(author.get_by_text("名单上没有手机")).to_be_visible()
    take(author, "notice-report-1440")
    author.goto(f"{notice}/to-tell")
    author.get_by_label("示例丁").first.check()
    author.get_by_role("button", name="已告知").click()
    expect(author.locator(".flash.ok")).to_contain_text("已勾选1户")
    author.goto("/console/notices/own-lists")
    author.get_by_label("新名单").set_input_files(_file(ROWS))
    author.get_by_role("button", name="换上").click()
    expect(author.locator(".flash.ok")).to_contain_text("共4人")
    author.goto("/console/notices")
    expect(author.get_by_role("link", name="公示〔").first).to_be_visible()
    take(author, "notices-1440")


def take(page: Page, name: str) -> None:
    """A picture to look at, when a folder for it is named."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
