"""What every browser test of the chat does."""

from playwright.sync_api import Locator, Page, expect

CARD = "社保卡丢了怎么补"
"""A question with one answer."""
INSURANCE = "医保"
"""A bare noun: answered with choices."""


def answers(page: Page) -> Locator:
    """What the office has said, without the greeting."""
    return page.locator("#log .line.office:not(.hello)")


def ask(page: Page, text: str) -> Locator:
    """Write into the box, press Enter, wait for one more answer; gives that answer."""
    before = answers(page).count()
    page.get_by_label("写下您想问的").fill(text)
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_count(before + 1)
    return answers(page).nth(before)
