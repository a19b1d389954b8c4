"""Posters and photos of the village board: full names and the published columns, never a number."""

import re

import pytest

from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, Conflict, NotFound
from core.people import Role
from notify.publicity import board, poster
from notify.publicity.models import Notice
from notify.publicity.poster import Poster, PosterRow
from tests.bot.posted import ME, post
from tests.notify.publicity_audience.publicity import made_publicity

EDITOR = Principal(ref="a-9", name="示例戊", roles=frozenset({Role.EDITOR}), via="console")
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200


def sample(rows: int = 3, name: str = "示例甲") -> Poster:
    """A poster of so many households."""
    lines = [PosterRow(n, name, "3.5", "100", "350") for n in range(1, rows + 1)]
    return Poster(
        "示例县农业农村局", "公示〔2026〕1号", "西河村耕地地力保护补贴", "耕地地力保护补贴", "西河村一组",
        "2026-11-23 至 2026-11-30", "12345", f"{rows}户", lines,
    )  # fmt: skip


def pages(made: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", made))


def test_a_poster_is_a_pdf_whose_pages_follow_its_households() -> None:
    one, many = poster.pdf(sample()), poster.pdf(sample(200))
    assert one.startswith(b"%PDF-")
    assert pages(one) == 1
    assert pages(many) > 4
    assert b"STSong-Light" in one


def test_a_name_the_built_in_font_cannot_write_is_refused_by_its_row_and_never_left_blank() -> None:
    with pytest.raises(Conflict, match="SUNLINE_POSTER_FONT"):
        poster.pdf(sample(name="示𠮷甲"))
    with pytest.raises(BadInput, match="TrueType"):
        poster.pdf(sample(), "/nowhere/font.ttf")


def test_markup_in_a_name_is_only_text() -> None:
    assert poster.pdf(sample(name="<b>示例&甲</b>")).startswith(b"%PDF-")


def test_a_poster_for_everybody_at_once_asks_for_a_village_group() -> None:
    with pytest.raises(BadInput, match="village group"):
        poster.pdf(sample(poster.MAX_ROWS + 1))


async def test_a_group_s_poster_has_its_households_in_full_and_no_number(db: Database, clock: ManualClock) -> None:
    publicity = made_publicity(clock)
    notice = await db.write(post, clock)
    assert await db.read(lambda s: board.groups(publicity.work(s), notice)) == ["西河村一组", "西河村二组"]
    made = await db.write(lambda s: board.poster(publicity.work(s), notice, "西河村一组", EDITOR))
    assert [row.name for row in made.rows] == ["示例甲", "示例乙"]
    assert (made.total, made.report_phone, made.office) == ("2户，550元", "12345", "阳光热线")
    assert ME not in str(made)
    assert ME[-4:] not in str(made)
    with pytest.raises(BadInput):
        await db.write(lambda s: board.poster(publicity.work(s), notice, "南海村", EDITOR))


async def test_a_draft_is_not_posted(sqlite_db: Database, clock: ManualClock) -> None:
    publicity = made_publicity(clock)
    draft = await sqlite_db.write(lambda s: post(s, clock, state="draft"))
    with pytest.raises(Conflict, match="approved"):
        await sqlite_db.write(lambda s: board.poster(publicity.work(s), draft, "", EDITOR))


async def test_photos_of_start_and_end_are_kept_and_nothing_but_photos(db: Database, clock: ManualClock) -> None:
    notice = await db.write(post, clock)

    def add(session: object, stage: str, content: bytes) -> str:
        row = session.get(Notice, notice)  # type: ignore[attr-defined]
        return board.add_photo(session, clock(), row, stage, "张贴.jpg", content, EDITOR).id  # type: ignore[arg-type]

    first = await db.write(add, "start", JPEG)
    await db.write(add, "end", JPEG + b"1")
    assert [stage for stage, _ in await db.read(board.photos, notice)] == ["start", "end"]
    assert (await db.read(board.photo, notice, first)).content == JPEG
    with pytest.raises(NotFound):
        await db.read(board.photo, "another", first)
    for stage, content in (("middle", JPEG), ("start", b"%PDF-1.4")):
        with pytest.raises(BadInput):
            await db.write(add, stage, content)
