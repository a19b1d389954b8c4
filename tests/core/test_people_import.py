"""A roster comes in: good rows are kept, every bad row is named, the same file again changes nothing."""

import io

import openpyxl
import pytest
from sqlmodel import Session, select

from core.audit import OPERATOR
from core.clock import ManualClock
from core.contact_codes import give_code, use_code
from core.db import Database
from core.errors import BadInput, Conflict
from core.people import Contact, Person, Unit, person_at
from core.people_import import ImportReport, Ways, import_people

ROSTER = """工号,姓名,单位,角色,手机,B角,负责人,备注
001,示例甲,城管局,official|handler,+1 202 555 0101,002,003,x
002,示例乙,城管局,official,+1 202 555 0102,,003,
003,示例丙,城管局,official,+1 202 555 0103,,,
"""
WAYS = Ways(phone="sms", telegram="telegram")


async def _bring(db: Database, clock: ManualClock, text: str | bytes, ways: Ways = WAYS) -> ImportReport:
    data = text.encode() if isinstance(text, str) else text
    return await db.write(import_people, clock(), OPERATOR, data, ways)


def _people(session: Session) -> dict[str, Person]:
    return {person.staff_no or "": person for person in session.exec(select(Person))}


async def test_units_people_phones_deputies_and_leaders_come_in_and_again_change_nothing(
    db: Database, clock: ManualClock
) -> None:
    report = await _bring(db, clock, ROSTER)
    assert (report.added, report.changed, report.unchanged, report.units_added) == (3, 0, 0, 1)
    assert (report.bad, list(report.unknown_columns)) == ([], ["备注"])
    people = await db.read(_people)
    assert people["001"].deputy_id == people["002"].id
    assert people["001"].leader_id == people["003"].id
    assert people["001"].roles == ["handler", "official"]
    found = await db.read(person_at, "sms", "+12025550101")
    assert found is not None
    assert found.staff_no == "001"
    again = await _bring(db, clock, ROSTER)
    assert (again.added, again.changed, again.unchanged, again.units_added) == (0, 0, 3, 0)


async def test_every_bad_row_is_named_and_the_good_ones_stay(sqlite_db: Database, clock: ManualClock) -> None:
    text = """id,name,unit,roles,phone,deputy,leader
1,示例甲,示例局,official,+12025550101,9,
2,,示例局,official,,,
3,示例乙,示例局,king,,,
4,示例丙,示例局,official,12,,
5,示例丁,示例局,official,+12025550101,,
1,示例戊,示例局,official,,,
6,示例己,示例局,official,,6,
7,示例庚,示例局,,,,
"""
    report = await _bring(sqlite_db, clock, text)
    assert [(bad.line, bad.column) for bad in report.bad] == [
        (2, "deputy"), (3, "name"), (4, "roles"), (5, "phone"), (6, "address"), (7, "id"), (8, "deputy"),
    ]  # fmt: skip
    assert report.added == 3
    assert sorted(await sqlite_db.read(_people)) == ["1", "6", "7"]


async def test_a_workbook_and_the_encoding_of_chinese_spreadsheets_are_read(
    sqlite_db: Database, clock: ManualClock
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in ROSTER.splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    assert (await _bring(sqlite_db, clock, out.getvalue())).added == 3
    again = await _bring(sqlite_db, clock, ROSTER.encode("gb18030"))
    assert again.unchanged == 3


async def test_a_file_without_the_columns_is_refused_by_name(sqlite_db: Database, clock: ManualClock) -> None:
    with pytest.raises(BadInput) as refused:
        await _bring(sqlite_db, clock, "name,phone\n示例甲,1\n")
    assert set(refused.value.fields) == {"id"}
    with pytest.raises(BadInput):
        await _bring(sqlite_db, clock, b"")


async def test_an_unverified_phone_counts_once_its_owner_has_sent_the_code(
    sqlite_db: Database, clock: ManualClock
) -> None:
    await _bring(sqlite_db, clock, ROSTER, Ways(phone="sms", verified=False))
    assert await sqlite_db.read(person_at, "sms", "+12025550101") is None
    person = (await sqlite_db.read(_people))["001"]

    def give(session: Session) -> str:
        return give_code(session, clock(), OPERATOR, person, channel="sms", address="+12025550101")

    code = await sqlite_db.write(give)
    assert await sqlite_db.write(use_code, clock(), "sms", "+12025550109", code) is None, "from another number"
    found = await sqlite_db.write(use_code, clock(), "sms", "+12025550101", code)
    assert found is not None
    assert found.id == person.id
    assert await sqlite_db.write(use_code, clock(), "sms", "+12025550101", code) is None, "once"
    contacts = await sqlite_db.read(lambda s: list(s.exec(select(Contact).where(Contact.person_id == person.id))))
    assert len(contacts) == 1


async def test_a_verified_address_is_not_taken_from_its_owner(sqlite_db: Database, clock: ManualClock) -> None:
    await _bring(sqlite_db, clock, ROSTER)
    other = (await sqlite_db.read(_people))["002"]

    def give(session: Session) -> str:
        return give_code(session, clock(), OPERATOR, other, channel="sms", address="+12025550101")

    with pytest.raises(Conflict):
        await sqlite_db.write(give)
    units = await sqlite_db.read(lambda session: list(session.exec(select(Unit))))
    assert len(units) == 1
