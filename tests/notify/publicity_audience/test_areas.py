"""The office's areas: brought in from a file, added, found, read with what is around and inside them."""

import pytest
from sqlmodel import Session

from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, NotFound
from notify.publicity import areas
from notify.publicity.area_models import Area

FILE = """县,乡镇,村,村民小组,代码,备注
示例县,示例镇,西河村,一组,,x
示例县,示例镇,西河村,二组,,
示例县,示例镇,西河村,,330199101201,
示例县,北山乡,,,,
,,,,,只有备注
示例县,示例镇,东河村,3/4组,,
"""


def _load(session: Session, clock: ManualClock, text: str = FILE) -> areas.AreaReport:
    return areas.import_areas(session, clock(), OPERATOR, text.encode("gb18030"))


async def test_a_file_makes_the_whole_tree_and_names_what_it_did_not_take(db: Database, clock: ManualClock) -> None:
    report = await db.write(_load, clock)
    assert (report.added, report.changed, report.unchanged) == (6, 1, 0)
    assert [(bad.line, bad.column, bad.reason) for bad in report.bad] == [
        (6, "", "names no area"),
        (7, "group", "is no name"),
    ]
    assert list(report.unknown_columns) == ["备注"]
    paths = [area.path for area in await db.read(areas.listed)]
    assert "示例县/示例镇/西河村/一组" in paths
    assert len(paths) == 6


async def test_the_same_file_again_changes_nothing(db: Database, clock: ManualClock) -> None:
    await db.write(_load, clock)
    report = await db.write(_load, clock)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 4)


async def test_an_area_is_found_by_name_code_and_id_and_knows_what_is_around_it(
    db: Database, clock: ManualClock
) -> None:
    await db.write(_load, clock)

    def look(session: Session) -> tuple[Area, Area, list[str], list[str]]:
        village = areas.resolve(session, "西河")
        assert areas.resolve(session, "330199101201").id == areas.resolve(session, village.id).id == village.id
        group = areas.resolve(session, "西河村1组")
        return village, group, areas.inside(session, village), areas.touching(session, village)

    village, group, inside, touching = await db.read(look)
    assert areas.shown(group) == "示例镇西河村一组"
    assert group.id in inside
    assert len(inside) == 3
    assert len(touching) == 5
    assert areas.around(group)[-2:] == [village.id, group.id]


async def test_one_that_nobody_knows_and_one_that_several_bear_are_told_apart(
    sqlite_db: Database, clock: ManualClock
) -> None:
    await sqlite_db.write(_load, clock)
    await sqlite_db.write(areas.add, clock(), OPERATOR, "village", "西河村", "北山乡")
    with pytest.raises(areas.AmbiguousArea, match="示例镇西河村"):
        await sqlite_db.read(areas.resolve, "西河村")
    with pytest.raises(NotFound):
        await sqlite_db.read(areas.resolve, "南海村")


async def test_adding_checks_level_name_and_place(sqlite_db: Database, clock: ManualClock) -> None:
    await sqlite_db.write(_load, clock)
    first = await sqlite_db.write(areas.add, clock(), OPERATOR, "group", "五组", "西河村")
    again = await sqlite_db.write(areas.add, clock(), OPERATOR, "group", "第五村民小组", "西河村")
    assert first.id == again.id
    for level, name, parent in (("hamlet", "x", ""), ("village", "  ", ""), ("county", "乙县", "西河村")):
        with pytest.raises(BadInput):
            await sqlite_db.write(areas.add, clock(), OPERATOR, level, name, parent)


async def test_a_file_without_any_known_column_is_refused(sqlite_db: Database, clock: ManualClock) -> None:
    with pytest.raises(BadInput, match="county"):
        await sqlite_db.write(_load, clock, "名称,面积\n西河,3\n")
