"""The office beside the hotline in a real browser: from a missed question to its answer, signing, days, two steps."""

import re
import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.console import DESK, PHONE, sign_in
from tests.browser.talk import ask

MISSED = "羊倌证怎么领"
NEW_PASSWORD = "a password of my own"


@pytest.fixture(scope="session")
def folder(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the running demo keeps its data."""
    return tmp_path_factory.getbasetemp() / "demo0"


def test_the_editors_path_from_a_missed_question_to_an_answer(new_page: NewPage, folder: Path) -> None:
    citizen = new_page()
    citizen.goto("/")
    before = ask(citizen, MISSED).inner_text()

    editor = sign_in(new_page(viewport=DESK), folder, "editor", "/console/faq/missed")
    editor.get_by_role("link", name=MISSED).click()
    entry = editor.locator("input[name=other]")
    entry.fill("zj-001")
    editor.get_by_role("button", name="加为相似问").click()
    expect(editor.get_by_text("已加为相似问，审核后生效。")).to_be_visible()
    answer = editor.locator(".card .text").first.inner_text()[:12]
    assert answer not in before

    reviewer = sign_in(new_page(viewport=PHONE), folder, "reviewer", "/console/faq?state=in_review")
    reviewer.locator("main tbody a").first.click()
    expect(reviewer.locator(".chips")).to_contain_text(MISSED)
    reviewer.get_by_role("button", name="审核通过，发布").click()
    expect(reviewer.get_by_text("已发布，马上就能搜到。")).to_be_visible()

    for _ in range(10):
        told = ask(citizen, MISSED).inner_text()
        if answer in told:
            break
        time.sleep(0.5)
    assert answer in told


def test_an_entry_is_previewed_and_nobody_approves_their_own(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "editor", "/console/faq/new")
    page.get_by_label("问题").fill("示例公园几点关门")
    page.locator("#f-aliases").fill("公园晚上几点锁门")
    page.locator("#f-answer").fill("示例公园每天22时关门，夏季延到23时，咨询电话见公园门口。")
    page.get_by_role("button", name="预览，看谁会搜到").click()
    expect(page.get_by_role("heading", name="群众会看到")).to_be_visible()
    expect(page.locator("#f-question")).to_have_value("示例公园几点关门")
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.get_by_text("已提交审核，由另一位审核。")).to_be_visible()
    expect(page.get_by_role("button", name="审核通过，发布")).to_have_count(0)


def test_a_form_that_does_not_fit_keeps_what_was_written(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "editor", "/console/faq/new")
    page.get_by_label("问题").fill("有效期写反了会怎样")
    page.locator("#f-answer").fill("会指出来，写的都还在。")
    page.locator("#f-valid_from").fill("2026-12-31")
    page.locator("#f-valid_until").fill("2026-01-01")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.locator(".flash.bad")).to_contain_text("有效期至")
    expect(page.locator("#f-answer")).to_have_value("会指出来，写的都还在。")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1440"])
def test_a_document_is_issued_after_a_look_at_its_plan_and_signed_in_the_console(
    new_page: NewPage, folder: Path, size: dict[str, int]
) -> None:
    number = f"示办发〔2026〕{size['width']}号"
    page = sign_in(new_page(viewport=size), folder, "handler", "/console/documents/new")
    page.get_by_label("文号").fill(number)
    page.get_by_label("标题").fill("关于做好防汛值守的通知")
    page.get_by_label("缓急").select_option(label="紧急")
    page.get_by_label("城管局", exact=True).check()
    page.get_by_role("button", name="看提醒计划").click()
    expect(page.locator(".flash.bad")).to_contain_text("请确认")
    page.get_by_label("我确认这份公文不涉密").check()
    page.get_by_role("button", name="看提醒计划").click()
    expect(page.get_by_role("heading", name="请核对")).to_be_visible()
    expect(page.locator(".timeline li")).not_to_have_count(0)
    page.get_by_role("button", name="发出", exact=True).click()
    expect(page.get_by_text("已发出，提醒已开始。")).to_be_visible()
    watching = sign_in(new_page(viewport=DESK), folder, "supervisor")
    watching.goto(page.url)
    expect(watching.locator("main .tag", has_text="待签收")).to_be_visible()

    page.goto("/console/signing")
    card = page.locator("section.card", has_text=number)
    card.get_by_role("button", name="签收").click()
    expect(page.get_by_text("已签收。")).to_be_visible()
    expect(page.locator("section.card", has_text=number)).to_contain_text("已签收")
    expect(watching.locator("main .tag", has_text="已签收")).to_be_visible()


def test_the_office_adds_a_day_of_its_own_and_takes_it_back(new_page: NewPage, folder: Path) -> None:
    page = sign_in(new_page(viewport=DESK), folder, "admin")
    page.goto("/console/calendar?year=2026&day=2026-12-18")
    page.get_by_label("说明").fill("示例县县庆")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("2026-12-18已保存。")).to_be_visible()
    day = page.locator("a.day.own-free")
    expect(day).to_have_count(1)
    day.click()
    page.get_by_role("button", name="取消这一天").click()
    expect(page.locator("a.day.own-free")).to_have_count(0)


def test_a_new_colleague_changes_the_password_and_sets_up_two_step_sign_in(new_page: NewPage, folder: Path) -> None:
    admin = sign_in(new_page(viewport=DESK), folder, "admin", "/console/accounts")
    form = admin.locator("form[action='/console/accounts/add']")
    form.get_by_label("名称").fill("colleague")
    form.get_by_label("督办").check()
    form.get_by_role("button", name="新建账号").click()
    once = admin.locator("code.secret").inner_text()

    page = new_page(viewport=PHONE)
    _enter(page, once)
    expect(page).to_have_url(re.compile("/console/password"))
    page.get_by_label("现在的密码").fill(once)
    page.locator("#f-new").fill(NEW_PASSWORD)
    page.locator("#f-again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="更改密码").click()
    _enter(page, NEW_PASSWORD)

    page.goto("/console/second-factor")
    page.get_by_role("button", name="开始设置").click()
    expect(page.locator(".picture svg")).to_be_visible()
    app = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    page.get_by_label("六位动态码").fill("000000")
    page.get_by_role("button", name="确认启用").click()
    expect(page.locator(".problem")).to_contain_text("动态码不对")
    page.get_by_label("六位动态码").fill(app.now())
    page.get_by_role("button", name="确认启用").click()
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()

    page.context.clear_cookies()
    _enter(page, NEW_PASSWORD)
    expect(page.locator("main")).to_contain_text("动态码")
    _enter(page, NEW_PASSWORD, code=recovery)
    expect(page.locator(".me")).to_be_visible()
    page.goto("/console/second-factor")
    expect(page.locator("main")).to_contain_text("还有9个恢复码没用过")


def _enter(page: Page, password: str, *, code: str = "") -> None:
    if not code:
        page.goto("/console/sign-in")
    page.get_by_label("用户名").fill("colleague")
    page.get_by_label("密码", exact=False).first.fill(password)
    if code:
        page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()
