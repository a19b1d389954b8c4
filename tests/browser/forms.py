"""What every browser test of the citizens' forms does."""

from playwright.sync_api import Page, expect

WORDS = "西河村口路灯坏了三天，老人晚上出门看不见，希望早点修好"


def fill_in(page: Page, kind: str = "投诉", text: str = WORDS) -> None:
    """What has to be filled in of the form at ``/new``."""
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("说说是什么事").fill(text)


def submit(page: Page) -> None:
    """Send the form."""
    page.get_by_role("button", name="提交", exact=True).click()


def codes(page: Page) -> tuple[str, str]:
    """Number and code, as the page after sending shows them."""
    expect(page.get_by_role("heading", name="已登记，我们收到了")).to_be_visible()
    number, code = page.locator(".codes dd").all_inner_texts()
    return number, code


def show(page: Page, number: str, code: str) -> None:
    """Open a matter with number and code."""
    page.goto("/t")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name=f"来件 {number}")).to_be_visible()
