"""Leaders' instructions: their register, who follows them up, and the bulletin every two months."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from notify.signoff.bulletin import period_of
from notify.signoff.issuing import NewRecipient
from tests.notify.signoff.conftest import Rig
from tests.notify.signoff.test_routes import Api, api

__all__ = ["api"]
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("at", "begins", "ends"),
    [
        ("2026-11-23T10:00", "2026-10-31T16:00", "2026-12-31T16:00"),
        ("2026-12-31T15:59", "2026-10-31T16:00", "2026-12-31T16:00"),
        ("2026-12-31T16:00", "2026-12-31T16:00", "2027-02-28T16:00"),
        ("2027-02-28T15:59", "2026-12-31T16:00", "2027-02-28T16:00"),
    ],
)
def test_two_months_begin_and_end_in_the_offices_time(at: str, begins: str, ends: str) -> None:
    found = period_of(datetime.fromisoformat(at).replace(tzinfo=UTC), ZONE)
    assert found == tuple(datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))


async def _instruction(rig: Rig, number: str, **more: Any) -> str:
    feedback_by = rig.clock() + timedelta(days=2)
    values = {"kind": "instruction", "feedback_by": feedback_by, **more}
    issued = await rig.issue(number, "normal", **values)
    return issued.document.register_no or ""


async def test_each_instruction_has_the_next_number_of_its_year(rig: Rig) -> None:
    assert [await _instruction(rig, f"示批〔2026〕{n}号") for n in (1, 2)] == ["督〔2026〕1号", "督〔2026〕2号"]
    assert (await rig.issue("示发〔2026〕9号")).document.register_no is None
    rig.clock.set(datetime(2026, 12, 31, 16, 1, tzinfo=UTC))
    assert await _instruction(rig, "示批〔2027〕1号") == "督〔2027〕1号"


async def test_the_inspector_hears_of_late_feedback_beside_supervision(lite: Rig) -> None:
    await _instruction(lite, "示批〔2026〕1号", inspector="no-other", recipients=[NewRecipient("城管局", "a")])
    await lite.tick(hours=1)
    lite.forget()
    await lite.tick(days=2)
    red = [m.address for m in lite.sms.sent if m.kind == "deadline_red"]
    assert {"+12025550104", "+12025550109"} <= set(red)


async def test_supervisors_hear_once_that_the_bulletin_is_there(lite: Rig) -> None:
    await _instruction(lite, "示批〔2026〕1号")
    await _instruction(lite, "示批〔2026〕2号")
    lite.clock.set(datetime(2027, 1, 1, 0, 59, tzinfo=UTC))
    await lite.tick(seconds=0)
    lite.forget()
    await lite.tick(minutes=2)
    (told,) = [m for m in lite.sms.sent if m.kind == "document_bulletin"]
    assert "批示督查通报（2026-11–12）已生成：批示2件，已反馈0件，逾期2件" in told.text


async def test_the_bulletin_as_data_csv_and_workbook(api: Api) -> None:
    made = await api.issue(kind="instruction", feedback_by="2026-11-25T10:00:00+08:00", inspector="no-other")
    assert made["register_no"] == "督〔2026〕1号"
    await api.issue(number="示发〔2026〕13号")
    (line,) = (await api.call("GET", "/stats/instructions", who="boss")).json()["items"]
    assert {k: line[k] for k in ("register_no", "unit", "inspector", "state", "feedback")} == {
        "register_no": "督〔2026〕1号", "unit": "城管局", "inspector": "示例己", "state": "open", "feedback": "open",
    }  # fmt: skip
    api.rig.clock.advance(timedelta(days=3))
    text = (await api.call("GET", "/stats/instructions.csv", who="boss")).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["register_no"], row["feedback"]) == ("督〔2026〕1号", "overdue")
    book = openpyxl.load_workbook(io.BytesIO((await api.call("GET", "/stats/instructions.xlsx", who="boss")).content))
    assert book.worksheets[0].cell(2, 1).value == "督〔2026〕1号"
    assert (await api.call("GET", "/stats/instructions?from=2027-01-01", who="boss")).json()["items"] == []


async def test_an_unknown_inspector_is_refused(api: Api) -> None:
    body = {"kind": "instruction", "feedback_by": "2026-11-25T10:00:00+08:00", "inspector": "no-such"}
    answer = await api.call("POST", "/documents", json={
        "number": "示批〔2026〕1号", "title": "关于防汛的批示", "urgency": "urgent", "non_secret": True,
        "recipients": [{"unit": "城管局", "a": "no-a"}], **body,
    })  # fmt: skip
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"inspector": "unknown person"}


async def test_a_named_moment_in_the_night_is_warned_of_with_the_next_working_moment(api: Api) -> None:
    made = await api.issue(due_at="2026-11-23T23:30:00+08:00")
    (warning,) = made["warnings"]
    assert warning["code"] == "NightLimit"
    assert warning["offer"] == {"due_at": "2026-11-24T01:00:00+00:00"}
    assert (await api.issue(number="示发〔2026〕14号", due_at="2026-11-23T16:30:00+08:00"))["warnings"] == []
