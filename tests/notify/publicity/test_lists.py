"""A list comes in whole or not at all: encodings, workbooks, bad lines, bombs, checks, two at once."""

import asyncio
import csv
import io
import zipfile

import pytest
from sqlmodel import func, select

from notify.publicity.models import Beneficiary, NoticeList
from tests.notify.publicity.conftest import HEAD, ROWS, Rig, as_csv, as_xlsx


async def count(rig: Rig) -> int:
    return await rig.db.read(lambda s: s.exec(select(func.count()).select_from(Beneficiary)).one())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_a_csv_is_read_in_the_encodings_offices_use(rig: Rig, encoding: str) -> None:
    notice_id = await rig.draft()
    answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", content=as_csv(HEAD, ROWS, encoding))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["state"], found["rows"], found["with_phone"], found["amount"]) == ("done", 4, 3, "1100")
    shown = await rig.ok("GET", f"/notices/{notice_id}/rows")
    assert [(row["name"], row["phone"]) for row in shown["items"]][:2] == [
        ("示*甲", "+1202***0101"),
        ("示*乙", "+1202***0102"),
    ]


async def test_a_workbook_comes_as_a_form_too_and_unknown_columns_are_named(rig: Rig) -> None:
    notice_id = await rig.draft()
    data = as_xlsx([*HEAD, "备注"], [[*row, "x"] for row in ROWS])
    answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", files={"file": ("名单.xlsx", data)})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["unknown_columns"]) == ("名单.xlsx", ["备注"])


async def test_one_bad_line_and_nothing_is_imported_but_every_bad_line_is_named(rig: Rig) -> None:
    notice_id = await rig.draft()
    await rig.upload(notice_id)
    rows = [*ROWS, ["=cmd", "x", "西河村", "三", "100", "-1"], ["", "", "", "1", "1", "1"]]
    answer = await rig.upload(notice_id, rows)
    assert answer.status_code == 422
    found = answer.json()
    assert (found["error"], found["bad"]) == ("BadRows", 2)
    assert [problem["code"] for problem in found["bad_rows"][0]["problems"]] == [
        "formula", "phone", "not_a_number", "negative",
    ]  # fmt: skip
    assert found["bad_rows"][0]["line"] == 6
    assert found["bad_rows"][0]["problems"][0]["reason"] == "户主姓名是公式（A6），请粘贴为数值"
    assert await count(rig) == 4
    shown = await rig.ok("GET", f"/staff/notices/{notice_id}")
    assert shown["beneficiaries"]["rows"] == 4
    file = await rig.call("GET", f"/notices/{notice_id}/upload/bad.csv")
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert lines[0][-1] == "原因"
    assert lines[1][1] == "'=cmd"
    assert len(lines) == 3
    assert (await rig.call("GET", f"/notices/{notice_id}/upload/bad.xlsx")).content.startswith(b"PK")


async def test_a_formula_in_a_workbook_is_refused_with_its_cell(rig: Rig) -> None:
    notice_id = await rig.draft()
    data = as_xlsx(HEAD, [["示例甲", "", "西河村", 3.5, 100, "=D2*E2"]])
    answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", content=data)
    assert answer.json()["bad_rows"][0]["problems"][0]["place"] == "F2"


async def test_checks_are_shown_beside_the_totals(rig: Rig) -> None:
    await rig.ok("PUT", "/staff/own-lists/deceased", content=as_csv(["姓名", "村"], [["示例丁", "西河村"]]))
    first = await rig.approved()
    await rig.move(first, "publish")
    notice_id = await rig.draft(previous_id=first, round="资金公示")
    rows = [*ROWS[:2], ROWS[3], ROWS[3], ["示例戊", "", "西河村一组", "3", "100", "350"]]
    found = (await rig.upload(notice_id, rows)).json()
    assert found["flags"] == {"deceased": 2, "duplicate": 1, "new": 1, "amount": 1}
    assert found["duplicates"] == [[5, 4]]
    assert found["gone"] == 1
    flagged = await rig.ok("GET", f"/notices/{notice_id}/rows?flagged=true")
    assert [row["flags"] for row in flagged["items"]] == [["deceased"], ["duplicate", "deceased"], ["amount", "new"]]
    changes = await rig.ok("GET", f"/notices/{notice_id}/changes")
    assert (changes["new"], changes["gone"], changes["changed"]) == (1, 1, 0)


async def test_one_phone_for_more_than_five_households_is_flagged_in_each_row(rig: Rig) -> None:
    notice_id = await rig.draft()
    rows = [[f"示例{n}", "+1 202 555 0101", "西河村", "1", "100", "100"] for n in range(6)]
    assert (await rig.upload(notice_id, rows)).json()["flags"] == {"shared_phone": 6}
    flagged = await rig.ok("GET", f"/notices/{notice_id}/rows?flagged=true")
    assert len(flagged["items"]) == 6


async def test_a_second_upload_is_refused_while_the_first_runs_and_told_so(rig: Rig) -> None:
    notice_id = await rig.draft()
    many = [[f"示例{n}", "", "西河村", "1", "100", "100"] for n in range(3000)]
    first = asyncio.create_task(rig.upload(notice_id, many))
    while not (await rig.call("GET", f"/notices/{notice_id}/upload")).is_success:
        await asyncio.sleep(0)
    second = await rig.upload(notice_id)
    assert (await first).json()["rows"] == 3000
    assert (second.status_code, second.json()["error"]) == (409, "UploadRunning")


async def test_an_upload_without_waiting_tells_how_far_it_is(rig: Rig) -> None:
    notice_id = await rig.draft()
    answer = await rig.upload(notice_id, params={"wait": "false"})
    assert (answer.status_code, answer.json()["state"]) == (202, "reading")
    async with asyncio.timeout(10):
        while (state := await rig.ok("GET", f"/notices/{notice_id}/upload"))["state"] == "reading":
            await asyncio.sleep(0.01)
    assert (state["state"], state["lines"]) == ("done", 4)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "BadInput"),
        (b"PK\x03\x04broken", "BadInput"),
        (as_csv(["a", "b"], [["1", "2"]]), "BadInput"),
        (as_csv(HEAD, []), "BadInput"),
        (b"\xd0\xcf\x11\xe0old", "BadInput"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_with_a_sentence(rig: Rig, data: bytes, error: str) -> None:
    notice_id = await rig.draft()
    answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", content=data)
    assert (answer.status_code, answer.json()["error"]) == (422, error)
    assert len(answer.json()["detail"]) > 10
    assert await count(rig) == 0


async def test_a_workbook_that_unfolds_into_far_too_much_is_not_opened(rig: Rig) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 201_000_000)
    notice_id = await rig.draft()
    answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", content=out.getvalue())
    assert (answer.status_code, answer.json()["error"]) == (413, "TooLarge")
    states = await rig.db.read(lambda s: list(s.exec(select(NoticeList.state))))
    assert states == ["failed"]


async def test_the_template_to_fill_in_is_taken_as_it_is(rig: Rig) -> None:
    notice_id = await rig.draft()
    for form in ("csv", "xlsx"):
        template = await rig.call("GET", f"/staff/list-template.{form}")
        answer = await rig.call("PUT", f"/notices/{notice_id}/beneficiaries", content=template.content)
        assert (answer.status_code, answer.json()["rows"]) == (200, 1)
