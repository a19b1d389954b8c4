"""Citizens hand in, follow and book in a real browser: with and without script, on a telephone and on a desk."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.office import Office

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
WORDS = "西河村口路灯坏了三天，老人晚上出门看不见，希望早点修好"
PHOTO: FilePayload = {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"\0" * 3000}
Shot = Callable[[Page, str], None]

WAYS = {"390": (PHONE, True), "390-plain": (PHONE, False), "1440": (DESK, True), "1440-plain": (DESK, False)}
each_way = pytest.mark.parametrize(("size", "script"), WAYS.values(), ids=WAYS)


@pytest.fixture(scope="session")
def office(url: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The staff of the running demo."""
    return Office(url, tmp_path_factory.getbasetemp() / "demo0")


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    """Writes a screenshot of the whole page for people to look at."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True, animations="disabled")

    return take


def _fill(page: Page, kind: str = "投诉", text: str = WORDS) -> None:
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("说说是什么事").fill(text)


def _submit(page: Page) -> None:
    page.get_by_role("button", name="提交", exact=True).click()


def _codes(page: Page) -> tuple[str, str]:
    expect(page.get_by_role("heading", name="已登记，我们收到了")).to_be_visible()
    number, code = page.locator(".codes dd").all_inner_texts()
    return number, code


def _show(page: Page, number: str, code: str) -> None:
    page.goto("/t")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name=f"来件 {number}")).to_be_visible()


@each_way
def test_a_matter_is_handed_in_followed_and_withdrawn(
    new_page: NewPage, shot: Shot, size: dict[str, int], script: bool
) -> None:
    page = new_page(viewport=size, java_script_enabled=script)
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="反映事情").click()
    _fill(page)
    page.get_by_label("地点").fill("西河村三组路口")
    page.get_by_label("选照片").set_input_files(PHOTO)
    page.get_by_label("怎么称呼您").fill("示例壬")
    shot(page, "form")
    _submit(page)
    number, code = _codes(page)
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
    _show(page, number, code)
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
    _submit(page)
    summary = page.get_by_role("alert").filter(has_text="还有 2 处要改")
    expect(summary).to_be_visible()
    if script:
        expect(summary).to_be_focused()
    shot(page, "faults")
    expect(page.get_by_text("路灯.jpg").first).to_be_visible()
    summary.get_by_role("link", name="电话号码好像不对").click()
    page.get_by_label("联系电话").fill("+1 202 555 0133")
    page.get_by_role("radio", name="建议").check()
    _submit(page)
    _codes(page)
    expect(page.get_by_text("收到文件 1 个")).to_be_visible()


def test_what_is_typed_survives_a_reload_and_is_gone_once_sent(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    _fill(page)
    page.reload()
    expect(page.get_by_text("已找回您上次没写完的内容")).to_be_visible()
    expect(page.get_by_label("说说是什么事")).to_have_value(WORDS)
    expect(page.get_by_role("radio", name="投诉")).to_be_checked()
    _submit(page)
    _codes(page)
    page.goto("/new")
    expect(page.get_by_label("说说是什么事")).to_have_value("")


def test_a_double_click_hands_in_once_and_going_back_does_not_hand_in_again(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    _fill(page)
    page.get_by_role("button", name="提交", exact=True).dblclick()
    number, _ = _codes(page)
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
    _submit(page)
    expect(page.get_by_role("alert").filter(has_text="现在多了 55000 字")).to_be_visible()
    expect(page.get_by_label("说说是什么事")).to_have_value(re.compile("^长{60000}$"))


def test_danger_shows_the_number_to_call_while_writing_and_loses_nothing(new_page: NewPage, shot: Shot) -> None:
    page = new_page()
    page.goto("/new")
    _fill(page, "求助", "救命 隔壁着火了 东街12号")
    expect(page.get_by_role("alert").filter(has_text="请马上打 119")).to_be_visible()
    shot(page, "danger")
    expect(page.get_by_label("说说是什么事")).to_have_value("救命 隔壁着火了 东街12号")
    _submit(page)
    expect(page.get_by_role("alert").filter(has_text="请马上打 119")).to_be_visible()


def test_an_answer_that_is_there_already_is_offered_while_writing(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/new")
    _fill(page, "咨询", "社保卡丢了怎么补")
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
    _show(page, number, code)
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
