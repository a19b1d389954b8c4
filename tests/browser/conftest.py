"""A really running service and a real Chromium. Without either the tests fail and say what is missing."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browser.office import Office

SHOTS = Path(__file__).parent / "shots"
START_S = 150
"""The demo migrates, loads its starter pack and builds its index before it answers."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = ("--no-sandbox", "--disable-background-networking")
"""No sandbox: containers have none to offer. No calls home."""

NewPage = Callable[..., Page]
"""A page of a new browser; takes what ``Browser.new_context`` takes."""


def chromium(playwright: Playwright) -> str:
    """Where Chromium is: the system's, else the one Playwright downloaded; fails the test when there is none."""
    for name in _BROWSERS:
        if found := shutil.which(name):
            return found
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    pytest.fail("No Chromium: install the system's package chromium, or run `playwright install chromium`.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file. It ends with the file: Playwright keeps its own event loop running meanwhile, and
    asynchronous tests that came later in the same process could not start theirs."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(playwright), args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running ``sunline demo`` with data of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with running_demo(folder) as address:
        yield address


@pytest.fixture(scope="session")
def office(url: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The staff of the running demo."""
    return Office(url, tmp_path_factory.getbasetemp() / "demo0")


@contextmanager
def running_demo(folder: Path) -> Iterator[str]:
    """Start the demo on a free port and stop it as Ctrl-C would."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "sunline"), "demo", "--port", str(port), "--data-dir", str(folder)]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, address, folder / "output.txt")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str, output: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The demo did not start:\n{output.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture
def new_page(browser: Browser, url: str) -> Iterator[NewPage]:
    """Makes pages, each in a browser of its own. The test fails if a page reports an error of its own."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(**options: object) -> Page:
        wanted = {"locale": "zh-CN", "base_url": url, "viewport": {"width": 390, "height": 844}} | options
        context = browser.new_context(**wanted)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda said: faults.append(f"console: {said.text}") if _is_fault(said) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether a page complains of something of its own: a form that was refused (4xx) is an answer, no fault."""
    refused = "the server responded with a status of 4" in said.text
    file = any(folder in said.location.get("url", "") for folder in ("-static/", "/look/"))
    return said.type == "error" and (file or not refused)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A telephone's page at the chat."""
    opened = new_page()
    opened.goto("/")
    return opened


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Writes a screenshot to ``shots/`` for people to look at."""

    def take(page: Page, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    return take
