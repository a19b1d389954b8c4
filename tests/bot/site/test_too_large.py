"""Too much sent at once: people read a page, programs the one form of errors, and typed words come back."""

from collections.abc import AsyncIterator

import httpx

from bot.site import error_pages, posted
from core import files
from core.body_limit import BodyLimit
from tests.bot.site.counter import COMPLAINT, JPEG, Counter
from tests.bot.site.world import SETTINGS


def _small(counter: Counter, limit: int) -> httpx.AsyncClient:
    """The pages behind a limit that a test can go over."""
    app = BodyLimit(counter.app, limit, page=error_pages.refused(SETTINGS, counter.clock))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sunline.test")


async def test_somebody_reads_a_page_and_a_program_gets_json(counter: Counter) -> None:
    async with _small(counter, 1_000) as client:
        seen = await client.post("/new", content=b"x" * 3_000, headers={"Accept": "text/html"})
        assert seen.status_code == 413
        assert "一次发得太多了" in seen.text
        told = await client.post("/api/v1/tickets", content=b"x" * 3_000, headers={"Accept": "text/html"})
        assert told.status_code == 413
        assert told.json()["error"] == "TooLarge"


async def test_somebody_reads_the_page_also_when_the_size_was_not_announced(counter: Counter) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 1_000

    async with _small(counter, 1_000) as client:
        headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        seen = await client.post("/new", content=slowly(), headers=headers)
        assert seen.status_code == 413
        assert "一次发得太多了" in seen.text


async def test_a_file_too_large_without_script_keeps_every_word(counter: Counter) -> None:
    assert dict(posted.LARGER)["/new"] > 2 * files.MAX_BYTES
    large = JPEG + b"\0" * files.MAX_BYTES
    async with counter.browser() as browser:
        page = await browser.get("/new")
        token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        sent = await browser.client.post(
            "/new", data={**COMPLAINT, "csrf": token}, files=[("files", ("大.jpg", large))]
        )
        assert sent.status_code == 422
        assert COMPLAINT["text"] in sent.text
        assert "大.jpg" in sent.text
