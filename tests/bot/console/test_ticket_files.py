"""Files of a matter: staff add them, the hotline shows them to the citizen, photos have small pictures."""

import io
import re

import httpx
import pytest
from PIL import Image
from sqlmodel import Session, select

from bot.hotline import staff_files
from bot.hotline.models import Matter
from bot.house import House
from bot.pages import thumbnail
from core import files
from core.audit import AuditEntry
from core.errors import NotFound
from core.people import Unit
from tests.bot.console.browsing import token as _token
from tests.bot.console.conftest import Staff

HTML = {"accept": "text/html"}


def photo(width: int = 900, height: int = 600, kind: str = "JPEG") -> bytes:
    """A picture as a telephone makes it."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, kind)
    return made.getvalue()


def _signed(house: House) -> Matter:
    """A matter that 城管局 works on."""

    def found(session: Session) -> Matter:
        unit = session.exec(select(Unit.id).where(Unit.name == "城管局")).one()
        wanted = select(Matter).where(Matter.state == "signed", Matter.unit_id == unit).order_by(Matter.number)
        return session.exec(wanted.limit(1)).one()

    return house.db.read_now(found)


async def _send(client: httpx.AsyncClient, number: str, *given: tuple[str, bytes], **fields: str) -> httpx.Response:
    return await client.post(
        f"/console/tickets/{number}/files",
        data={"csrf": await _token(client), **fields},
        files=[("file", (name, content, "application/octet-stream")) for name, content in given],
        follow_redirects=True,
    )


async def test_a_unit_adds_a_photo_and_only_the_hotline_shows_it(house: House, staff: Staff) -> None:
    matter = _signed(house)
    page = f"/console/tickets/{matter.number}"

    def seen() -> list[str]:
        shown = house.db.read_now(lambda s: staff_files.for_citizen(house.hotline.desk(s), matter))[1]
        return [one.name for one in shown]

    async with staff("handler") as handler:
        sent = await _send(handler, matter.number, ("现场.jpg", photo()), ("答复.pdf", b"%PDF-1.7 scanned"))
        assert "已添加2个文件" in sent.text
        again = await _send(handler, matter.number, ("现场2.jpg", photo()))
        assert len(re.findall(r'class="said note"', again.text)) == len(re.findall(r'class="said note"', sent.text))
        assert (await _send(handler, matter.number, ("又.png", photo(kind="PNG")), shown="1")).status_code == 422
    assert seen() == []
    async with staff("agent") as agent:
        shown_form = re.search(rf'action="({page}/files/\w+/show)"', (await agent.get(page)).text)
        assert shown_form
        said = await agent.post(shown_form[1], data={"csrf": await _token(agent)}, follow_redirects=True)
        assert "市民现在能看到" in said.text
        assert len(seen()) == 1
        back = shown_form[1].replace("/show", "/hide")
        await agent.post(back, data={"csrf": await _token(agent)}, follow_redirects=True)
        assert seen() == []
    actions = house.db.read_now(lambda s: s.exec(select(AuditEntry.action)).all())
    assert [actions.count(f"matter.{one}") for one in ("staff_file", "file_shown", "file_hidden")] == [2, 1, 1]


async def test_what_is_not_kept_is_named_and_the_others_are_kept(house: House, staff: Staff) -> None:
    matter = _signed(house)
    async with staff("agent") as agent:
        sent = await _send(
            agent, matter.number, ("好.jpg", photo()), ("网页.html", b"<script>1</script>"), ("空.jpg", b""), shown="1"
        )
        assert sent.status_code == 422
        assert "网页.html：不收这种文件" in sent.text
        assert "空.jpg：是空的" in sent.text
        assert "收下1个" in sent.text
        none = await _send(agent, matter.number)
        assert "请填写" in none.text


async def test_a_small_picture_is_made_anew_and_only_of_pictures(house: House, staff: Staff) -> None:
    matter = _signed(house)

    def add(name: str, content: bytes) -> str:
        owner, now = staff_files.of_citizen(matter), house.clock()
        return house.db.write_now(lambda s: files.save(s, now, owner, name, content, "citizen").id)

    picture, paper = add("照片.png", photo(3000, 2000, "PNG")), add("纸.pdf", b"%PDF-1.7")
    broken = add("坏.jpg", b"\xff\xd8\xff\xe0 no picture at all")
    base = f"/console/tickets/{matter.number}/files"
    async with staff("handler") as handler:
        made = await handler.get(f"{base}/{picture}/small")
        assert made.headers["content-type"] == "image/jpeg"
        assert max(Image.open(io.BytesIO(made.content)).size) == 320
        assert (await handler.get(f"{base}/{paper}/small")).status_code == 404
        assert (await handler.get(f"{base}/{broken}/small")).status_code == 404
        assert (await handler.get(f"{base}/{paper}")).headers["content-disposition"].startswith("attachment")
    async with staff("editor") as editor:
        assert (await editor.get(f"{base}/{picture}/small", headers=HTML)).status_code == 403


def test_a_picture_that_unfolds_into_too_much_is_not_opened() -> None:
    made = io.BytesIO()
    Image.new("1", (9000, 9000)).save(made, "PNG")
    with pytest.raises(NotFound):
        thumbnail.small(made.getvalue(), "image/png")
