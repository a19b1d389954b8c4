"""Files on the page of a matter: the own ones and those the office shows, for whoever showed the code, nobody else."""

import io

from PIL import Image
from sqlmodel import Session

from bot.hotline import staff_files
from core.auth import Principal
from core.people import Role
from tests.bot.site.counter import Counter

AGENT = Principal("account:a1", "示例壬", frozenset({Role.AGENT}), "console")


def photo() -> bytes:
    """A picture as a telephone makes it."""
    made = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(made, "JPEG")
    return made.getvalue()


async def _add(counter: Counter, number: str, name: str, *, shown: bool) -> str:
    """A file of staff; its id."""

    def work(session: Session) -> str:
        desk = counter.rig.hotline.desk(session)
        return staff_files.add(desk, number, AGENT, name, photo() + name.encode(), shown=shown).id

    return await counter.db.write(work)


async def test_what_staff_show_is_seen_and_what_they_keep_is_not(counter: Counter) -> None:
    opened = await counter.rig.open()
    shown = await _add(counter, opened.number, "现场.jpg", shown=True)
    kept = await _add(counter, opened.number, "内部.jpg", shown=False)
    async with counter.browser() as browser:
        page = (await browser.show(opened.number, opened.code)).text
        assert "给您看的文件（1 个）" in page
        assert "工作人员发来一个文件" in page
        assert "内部.jpg" not in page
        base = f"/t/{opened.number}/files"
        small = await browser.get(f"{base}/{shown}/small")
        assert small.headers["content-type"] == "image/jpeg"
        assert small.headers["cache-control"] == "private, no-store"
        assert (await browser.get(f"{base}/{shown}")).content == photo() + "现场.jpg".encode()
        assert (await browser.get(f"{base}/{kept}")).status_code == 404


async def test_nobody_else_sees_a_file_or_whether_there_is_news(counter: Counter) -> None:
    opened, other = await counter.rig.open(), await counter.rig.open(text="另一件事，请问怎么办社保卡")
    shown = await _add(counter, opened.number, "现场.jpg", shown=True)
    async with counter.browser() as stranger:
        await stranger.show(other.number, other.code)
        for path in (f"files/{shown}", f"files/{shown}/small", "mark"):
            assert (await stranger.get(f"/t/{opened.number}/{path}")).status_code == 404
        assert (await stranger.get(f"/t/{other.number}/files/{shown}")).status_code == 404


async def test_an_open_page_can_tell_that_there_is_news(counter: Counter) -> None:
    opened = await counter.rig.open()
    async with counter.browser() as browser:
        page = (await browser.show(opened.number, opened.code)).text
        before = (await browser.get(f"/t/{opened.number}/mark")).text
        assert f'data-now="{before}"' in page
        await _add(counter, opened.number, "现场.jpg", shown=True)
        assert (await browser.get(f"/t/{opened.number}/mark")).text != before
