"""Areas, reception rules, shifts, cases elsewhere and the publication register, as a browser calls their pages."""

import re

import httpx
import pytest
from sqlmodel import Session, select

from bot.hotline.duty_models import DutyShift
from bot.house import House
from core.audit import AuditEntry
from core.people import Person
from notify.cases.models import ServiceCase
from notify.outbox.models import OutboxMessage
from notify.publicity.area_models import Area
from notify.publicity.register_models import RegisterEntry
from notify.reception.days import Rules
from tests.bot.console.browsing import token as _token
from tests.bot.console.conftest import Staff

HTML = {"accept": "text/html"}
SHEET = "县,乡镇,村,村民小组\n示例县,示例镇,西河村,一组\n示例县,示例镇,西河村,二组\n,,,\n示例县,示例镇,///,\n"


async def _post(client: httpx.AsyncClient, path: str, **fields: object) -> httpx.Response:
    return await client.post(path, data={"csrf": await _token(client), **fields}, follow_redirects=True)


async def _undo(client: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Press the button beside what was just done."""
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)撤销', page.text, re.S)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    return await client.post(form[1], data=fields, follow_redirects=True)


def _area(house: House, name: str) -> Area:
    return house.db.read_now(lambda s: s.exec(select(Area).where(Area.name == name)).one())


async def test_areas_come_in_from_a_sheet_and_bad_lines_are_named(house: House, staff: Staff) -> None:
    async with staff("editor") as editor:
        assert "还没有区划" in (await editor.get("/console/areas")).text
        page = await editor.post(
            "/console/areas/import",
            data={"csrf": await _token(editor)},
            files={"file": ("areas.csv", SHEET.encode(), "text/csv")},
        )
        assert "不是名称" in page.text
        found = (await editor.get("/console/areas?q=西河村二组")).text
        assert "示例镇西河村二组" in found
        assert _area(house, "二组").path == "示例县/示例镇/西河村/二组"


async def test_an_area_is_renamed_and_moved_with_everything_inside_and_that_is_taken_back(
    house: House, staff: Staff
) -> None:
    async with staff("editor") as editor:
        for level, name, parent in (
            ("county", "示例县", ""),
            ("township", "示例镇", "示例县"),
            ("township", "东镇", "示例县"),
        ):
            await _post(editor, "/console/areas", level=level, name=name, parent=parent and _area(house, parent).id)
        town = _area(house, "示例镇")
        await _post(editor, "/console/areas", level="village", name="西河村", parent=town.id)
        village = _area(house, "西河村")
        page = await _post(editor, f"/console/areas/{town.id}", name="新镇", parent="示例县", code="331")
        assert _area(house, "西河村").path == "示例县/新镇/西河村"
        await _undo(editor, page)
        assert _area(house, "西河村").path == "示例县/示例镇/西河村"
        moved = await _post(editor, f"/console/areas/{village.id}", name="西河村", parent="东镇", code="")
        assert _area(house, "西河村").trail.startswith(_area(house, "东镇").trail)
        assert "已保存" in moved.text
        wrong = await _post(editor, f"/console/areas/{town.id}", name="示例镇", parent="西河村", code="")
        assert wrong.status_code == 422
        assert "上级要比它大一级以上" in wrong.text
        taken = await _post(editor, f"/console/areas/{town.id}", name="东镇", parent="示例县", code="")
        assert "已被占用" in taken.text


async def test_an_area_that_holds_open_ones_is_not_closed(house: House, staff: Staff) -> None:
    async with staff("admin") as admin:
        await _post(admin, "/console/areas", level="county", name="示例县")
        county = _area(house, "示例县")
        await _post(admin, "/console/areas", level="township", name="示例镇", parent=county.id)
        refused = await _post(admin, f"/console/areas/{county.id}", what="close")
        assert refused.status_code == 409
        assert "先关闭或移走" in refused.text
        town = _area(house, "示例镇")
        closed = await _post(admin, f"/console/areas/{town.id}", what="close")
        assert not _area(house, "示例镇").active
        await _undo(admin, closed)
        assert _area(house, "示例镇").active


def _rules_form(page: str) -> dict[str, str]:
    """What the form holds, as a browser would send it."""
    form = page[page.index('action="/console/receptions/rules"') :]
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S))
    return fields | {"on_free_day": "next"}


async def test_rules_are_looked_at_laid_down_and_taken_back(house: House, staff: Staff) -> None:
    async with staff("admin") as admin:
        page = (await admin.get("/console/receptions/rules")).text
        fields = _rules_form(page)
        assert fields["slots"].strip()
        fields |= {
            "days": "10、20",
            "weekdays": "",
            "slots": "09:00-10:30 8\n10:30 至 12:00 6",
            "leaders": "示例庚，局长\n示例辛，副局长",
            "s0_first": "2027-07-01",
            "s0_last": "2027-07-31",
            "s0_dates": "2027-07-07",
        }
        looked = await _post(admin, "/console/receptions/rules", what="look", **fields)
        assert "还没有保存" in looked.text
        assert house.db.read_now(house.reception.rules).version == int(fields["version"])
        kept = await _post(admin, "/console/receptions/rules", what="save", **fields)
        assert "规则已生效" in kept.text
        held: Rules = house.db.read_now(house.reception.rules).rules
        assert held.regular.days_of_month == (10, 20)
        assert [slot.places for slot in held.slots] == [8, 6]
        assert held.seasons[0].dates[0].isoformat() == "2027-07-07"
        if int(fields["version"]):
            await _undo(admin, kept)
            assert house.db.read_now(house.reception.rules).rules.regular.days_of_month != (10, 20)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"slots": "上午 12"}, "每行写成"),
        ({"slots": "09:00-12:00 5\n11:00-13:00 5"}, "时段有重叠"),
        ({"slots": ""}, "请填写"),
        ({"days": "十五"}, "只写数字"),
        ({"leaders": "示例庚，局长，没有这个工号"}, "没有这个人"),
        ({"leaders": "示例庚\n示例庚"}, "重复了"),
        ({"s0_first": "2027-07-01"}, "请填写"),
        ({"s0_first": "2027-07-01", "s0_last": "2027-06-01"}, "结束早于开始"),
        ({"notice_days": "99"}, "不合要求"),
    ],
)
async def test_rules_that_do_not_fit_are_named_field_by_field_and_nothing_is_lost(
    house: House, staff: Staff, changed: dict[str, str], said: str
) -> None:
    async with staff("admin") as admin:
        before = house.db.read_now(house.reception.rules).version
        fields = _rules_form((await admin.get("/console/receptions/rules")).text) | {"place": "信访大厅二楼"} | changed
        page = await _post(admin, "/console/receptions/rules", what="save", **fields)
        assert page.status_code == 422
        assert said in page.text
        assert "信访大厅二楼" in page.text
        assert house.db.read_now(house.reception.rules).version == before


def _anybody(house: House) -> Person:
    return house.db.read_now(lambda s: s.exec(select(Person).order_by(Person.id).limit(1)).one())


async def test_a_shift_is_added_changed_removed_and_put_back(house: House, staff: Staff) -> None:
    who = _anybody(house)

    def shifts() -> list[DutyShift]:
        wanted = select(DutyShift).where(DutyShift.person_id == who.id, DutyShift.position == 7)
        return house.db.read_now(lambda s: list(s.exec(wanted)))

    shift = {"person": who.id, "unit": "", "starts": "2027-03-01T08:00", "ends": "2027-03-01T20:00", "position": "7"}
    async with staff("supervisor") as supervisor:
        added = await _post(supervisor, "/console/duty/shifts/new", **shift)
        assert "已加一班" in added.text
        twice = await _post(supervisor, "/console/duty/shifts/new", **shift)
        assert "这段时间已经有班" in twice.text
        back = await _post(supervisor, f"/console/duty/shifts/{shifts()[0].id}", **shift | {"ends": "2027-03-01T07:00"})
        assert "结束早于开始" in back.text
        await _post(supervisor, f"/console/duty/shifts/{shifts()[0].id}", **shift | {"ends": "2027-03-01T22:00"})
        assert (shifts()[0].ends - shifts()[0].starts).total_seconds() == 14 * 3600
        removed = await _post(supervisor, f"/console/duty/shifts/{shifts()[0].id}", what="remove")
        assert shifts() == []
        await _undo(supervisor, removed)
        assert len(shifts()) == 1
        audited = house.db.read_now(lambda s: set(s.exec(select(AuditEntry.action)).all()))
        assert {"duty.add", "duty.change", "duty.remove"} <= audited


async def test_a_case_is_taken_down_reported_and_its_applicant_told(house: House, staff: Staff) -> None:
    def told(session: Session) -> int:
        return len(session.exec(select(OutboxMessage).where(OutboxMessage.kind == "case_status")).all())

    async with staff("agent") as agent:
        assert "没有在办的办件" in (await agent.get("/console/cases")).text
        given = {
            "ref": "SP-2026-001",
            "title": "食品经营许可",
            "status": "received",
            "to": "+12025550133",
            "once": "a1",
        }
        first = await _post(agent, "/console/cases/new", **given, limit="20 working days")
        assert "SP-2026-001" in first.text
        again = await _post(agent, "/console/cases/new", **given, limit="20 working days")
        assert again.url == first.url
        case = house.db.read_now(lambda s: s.exec(select(ServiceCase)).one())
        assert house.db.read_now(told) == 1
        reported = await _post(agent, f"/console/cases/{case.id}", status="correction", note="请补一张照片")
        assert "等您补正材料" in reported.text
        assert house.db.read_now(told) == 2
        assert "食品经营许可" in (await agent.get("/console/cases?q=SP-2026")).text
        bad = await _post(agent, "/console/cases/new", ref="有 空格", title="", to="不是号码")
        assert bad.status_code == 422
        assert "请填写" in bad.text
    async with staff("supervisor") as supervisor:
        seen = await supervisor.get(f"/console/cases/{case.id}")
        assert "请补一张照片" in seen.text
        assert "报新状态" not in seen.text
        assert (await supervisor.get("/console/cases/new")).status_code == 403


async def test_an_entry_is_made_public_only_after_somebody_else_approved_it(house: House, staff: Staff) -> None:
    async with staff("editor") as editor:
        assert "台账还是空的" in (await editor.get("/console/register")).text
        refused = await _post(editor, "/console/register/new", title="某某方案", attribute="closed", cycle="as_needed")
        assert "请填写" in refused.text
        await _post(
            editor,
            "/console/register/new",
            title="某某方案",
            attribute="open",
            cycle="lasting",
            number="示发〔2026〕12号",
        )
        row = house.db.read_now(lambda s: s.exec(select(RegisterEntry)).one())
        page = f"/console/register/{row.id}"
        assert "记为已公开" not in (await editor.get(page)).text
        early = await editor.post(
            f"{page}/publish", data={"csrf": await _token(editor), "where": "公示栏"}, headers=HTML
        )
        assert early.status_code == 409
        assert (await editor.post(f"{page}/approve", data={"csrf": await _token(editor)})).status_code == 403
        async with staff("reviewer") as reviewer:
            assert "已审核" in (await _post(reviewer, f"{page}/approve")).text
        missing = await _post(editor, f"{page}/publish", where=" ")
        assert "请填写" in missing.text
        assert "已记为公开" in (await _post(editor, f"{page}/publish", where="https://example.gov.cn/12")).text
        assert "某某方案" in (await editor.get("/console/register?state=published")).text
        assert "没有符合条件的条目" in (await editor.get("/console/register?state=overdue")).text


async def test_nobody_else_opens_these_pages(staff: Staff) -> None:
    async with staff("handler") as handler:
        for path in ("areas", "cases", "register", "receptions/rules", "duty/shifts/new"):
            assert (await handler.get(f"/console/{path}")).status_code == 403, path
