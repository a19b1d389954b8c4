"""What lists hold about people is handed out, erased, and forgotten in time."""

from datetime import timedelta

from sqlmodel import func, select

from core.audit import OPERATOR
from notify.publicity import keeping
from notify.publicity.models import Beneficiary, NoticeBadRow, NoticeList
from tests.notify.publicity.conftest import ROWS, Rig

PHONE = "+12025550101"


async def test_a_person_gets_their_rows_and_nobody_elses(rig: Rig) -> None:
    await rig.approved()
    found = await rig.db.read(keeping.export, PHONE)
    assert [(row["name"], row["amount"]) for row in found] == [("示例甲", "350")]


async def test_a_name_stays_while_its_list_is_open_and_goes_when_it_has_ended(rig: Rig) -> None:
    notice_id = await rig.approved()
    count, left = await rig.db.write(keeping.erase, rig.clock(), OPERATOR, PHONE)
    assert (count, len(left)) == (1, 1)
    assert await rig.db.read(keeping.export, PHONE) == []
    await rig.move(notice_id, "cancel", reason="不办了")
    assert (await rig.db.write(keeping.erase, rig.clock(), OPERATOR, "+12025550102"))[1] == []
    names = await rig.db.read(lambda s: list(s.exec(select(Beneficiary).order_by(Beneficiary.number))))  # type: ignore[arg-type]
    assert [row.name for row in names] == ["示例甲", "示*乙", "示*丙", "示例丁"]


async def test_names_and_numbers_are_forgotten_years_after_the_end(rig: Rig) -> None:
    notice_id = await rig.approved()
    await rig.move(notice_id, "cancel", reason="不办了")
    assert await rig.db.write(keeping.purge, rig.clock()) == 0
    later = rig.clock.advance(keeping.KEPT + timedelta(days=1))
    assert await rig.db.read(lambda s: keeping.purge(s, later, dry_run=True)) == 4
    assert await rig.db.write(keeping.purge, later) == 4
    assert await rig.db.write(keeping.purge, later) == 0
    rows = await rig.db.read(lambda s: list(s.exec(select(Beneficiary))))
    assert {(row.name[1], row.phone) for row in rows} == {("*", None)}


async def test_rows_of_a_list_nobody_uses_and_old_bad_lines_are_removed(rig: Rig) -> None:
    notice_id = await rig.draft()
    await rig.upload(notice_id)
    await rig.upload(notice_id, ROWS[:2])
    await rig.upload(notice_id, [["", "", "", "", "", ""], ["示例甲", "x", "", "", "", ""]])
    rig.clock.advance(keeping.BAD_KEPT + timedelta(days=1))
    assert await rig.db.write(rig.publicity.tidy) == 5
    kept = await rig.db.read(lambda s: s.exec(select(func.count()).select_from(Beneficiary)).one())
    assert kept == 2
    assert await rig.db.read(lambda s: s.exec(select(func.count()).select_from(NoticeBadRow)).one()) == 0
    assert await rig.db.read(lambda s: s.exec(select(func.count()).select_from(NoticeList)).one()) == 3
