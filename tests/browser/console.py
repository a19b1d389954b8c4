"""Signing in to the console of the running demo, for browser tests."""

from pathlib import Path

from playwright.sync_api import Page, expect

from bot import demo

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


def password(folder: Path, who: str) -> str:
    """The password of one of the demo's made-up accounts."""
    return next(login.password for login in demo.logins((folder / "secret").read_text()) if login.name == who)


def sign_in(page: Page, folder: Path, who: str, path: str = "/console") -> Page:
    """The page, signed in and at a path of the console."""
    page.goto(f"/console/sign-in?next={path}")
    enter(page, folder, who)
    return page


def enter(page: Page, folder: Path, who: str) -> None:
    """Fill in the sign-in form that is shown."""
    page.get_by_label("用户名").fill(who)
    page.get_by_label("密码", exact=False).first.fill(password(folder, who))
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".me")).to_be_visible()


def open_first(page: Page, words: str) -> str:
    """Open the first matter that has these words; its number."""
    page.goto(f"/console/tickets?q={words}")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/console/tickets/2*")
    return page.url.rsplit("/", 1)[1].split("?")[0]
