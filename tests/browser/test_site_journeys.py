"""Citizens hand in, follow and book in a real browser: with and without script, on a telephone and on a desk."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.forms import WORDS, codes, fill_in, show, submit
from tests.browser.office import Office

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PHOTO: FilePayload = {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"\0" * 3000}
Shot = Callable[[Page, str], None]

WAYS = {"390": (PHONE, True), "390-plain": (PHONE, False), "1440": (DESK, True), "1440-plain": (DESK, False)}
each_way = pytest.mark.parametrize(("size", "script"), WAYS.values(), ids=WAYS)


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """Writes a screenshot of the whole page for people to look at."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True, animations="disabled")

    return take


@each_way
def test_a_matter_is_handed_in_followed_and_withdrawn(
    new_page: NewPage, shot: Shot, size: dict[str, int], script: bool
) -> None:
    page = new_page(viewport=size, java_script_enabled=script)
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="反映事情").click()
    fill_in(page)
    page.get_by_label("地点").fill("西河村三组路口")
    page.get_by_label("选照片").set_input_files(PHOTO)
    page.get_by_label("怎么称呼您").fill("示例壬")
    shot(page, "form")
    submit(page)
    number, code = codes(page)
    expect(page.get_by_text("收到文件 1 个")).to_be_visible()
    assert code not in page.url
    shot(page, "done")
    page.get_by_role("link", name="看办到哪一步").click()
    expect(page.get_by_role("heading", name="已登记 在期限内")).to_be_visible()
    page.get_by_label("想补充什么").fill("第二盏也不亮")
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_text("补充收到了")).to_be_visible()
    page.get_by_role("button", name="催办").click()
    expect(page.get_by_text("已经替您催了")).to_be_visible()
    expect(page.get_by_role("button", name="催办")).to_have_count(0)
    shot(page, "matter")
    page.get_by_text("撤回这件来件").click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.get_by_role("heading", name="已撤回")).to_be_visible()
    page.get_by_role("button", name="结束查看").click()
    expect(page.get_by_text("已结束查看")).to_be_visible()
    page.goto(f"/t/{number}")
    expect(page.get_by_text("请输入编号和查询码")).to_be_visible()


@each_way
def test_an_answer_is_read_and_rated(
    new_page: NewPage, office: Office, shot: Shot, size: dict[str, int], script: bool
) -> None:
    number, code = office.hand_in()
    office.act(number, "accept")
    office.act(number, "reply", text="您好，出院时出示社保卡或医保码直接结算，没能结算的凭发票和清单到医保窗口报销。")
    page = new_page(viewport=size, java_script_enabled=script)
    show(page, number, code)
    for _ in range(40):
        if page.get_by_role("heading", name="请您评价").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    shot(page, "answered")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("alert").filter(has_text="请选问题解决了没有")).to_be_visible()
    shot(page, "rate-faults")
    page.get_by_role("radio", name="解决了", exact=True).check()
    page.get_by_role("radio", name="满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("谢谢您的评价")).to_be_visible()
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    shot(page, "rated")


@each_way
def test_a_reception_day_is_booked_and_given_back(
    new_page: NewPage, office: Office, shot: Shot, size: dict[str, int], script: bool
) -> None:
    office.receive()
    page = new_page(viewport=size, java_script_enabled=script)
    page.goto("/reception")
    shot(page, "days")
    page.get_by_role("link", name=re.compile("10:00–11:00")).first.click()
    page.get_by_label("想说什么事").fill("村口路灯坏了")
    page.get_by_label("怎么称呼您").fill("示例壬")
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_role("alert").filter(has_text="请写一个能联系上的电话号码")).to_be_visible()
    expect(page.get_by_label("想说什么事")).to_have_value("村口路灯坏了")
    shot(page, "day-faults")
    page.get_by_label("联系电话").fill(f"+1 202 555 01{40 + size['width'] % 7 * 2 + script}")
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_role("heading", name="约好了")).to_be_visible()
    shot(page, "booked")
    page.get_by_text("取消预约").click()
    page.get_by_role("button", name="确认取消").click()
    expect(page.get_by_text("已取消预约")).to_be_visible()


@each_way
def test_faults_are_named_and_photos_need_not_be_chosen_again(
    new_page: NewPage, shot: Shot, size: dict[str, int], script: bool
) -> None:
    page = new_page(viewport=size, java_script_enabled=script)
    page.goto("/new")
    page.get_by_label("说说是什么事").fill(WORDS)
    page.get_by_label("联系电话").fill("12")
    page.get_by_label("选照片").set_input_files(PHOTO)
    submit(page)
    summary = page.get_by_role("alert").filter(has_text="还有 2 处要改")
    expect(summary).to_be_visible()
    if script:
        expect(summary).to_be_focused()
    shot(page, "faults")
    expect(page.get_by_text("路灯.jpg").first).to_be_visible()
    summary.get_by_role("link", name="电话号码好像不对").click()
    page.get_by_label("联系电话").fill("+1 202 555 0133")
    page.get_by_role("radio", name="建议").check()
    submit(page)
    codes(page)
    expect(page.get_by_text("收到文件 1 个")).to_be_visible()
