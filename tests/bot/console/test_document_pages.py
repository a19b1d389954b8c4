"""Correcting a document, and an instruction's feedback, as a browser does it."""

import re
from datetime import timedelta

import httpx
from sqlmodel import Session, col, select

from bot.house import House
from core.people import Person
from notify.signoff.models import INSTRUCTION, Document, Feedback, Recipient
from tests.bot.console.conftest import Staff

NEW = "/console/documents/new"


def _person(house: House, staff_no: str) -> Person:
    return house.db.read_now(lambda s: s.exec(select(Person).where(Person.staff_no == staff_no)).one())


def _documents(house: House) -> list[Document]:
    return house.db.read_now(lambda s: list(s.exec(select(Document).order_by(col(Document.created_at)))))


def _recipient(house: House, document: Document) -> Recipient:
    return house.db.read_now(lambda s: s.exec(select(Recipient).where(Recipient.document_id == document.id)).one())


def _feedback(house: House) -> list[Feedback]:
    return house.db.read_now(lambda s: list(s.exec(select(Feedback))))


async def _post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    found = re.search(r'data-csrf="([^"]+)"', (await client.get("/console")).text)
    assert found
    return await client.post(path, data={"csrf": found[1], **fields}, follow_redirects=True)


def _fields(house: House, **more: str) -> dict[str, str]:
    a = _person(house, "DEMO01")
    return {
        "number": "示办〔2026〕7号", "title": "关于防汛的通知", "urgency": "urgent", "kind": "document",
        "non_secret": "1", "unit": a.unit_id or "", f"a-{a.unit_id}": a.id, "clock": "round_the_clock", **more,
    }  # fmt: skip


async def _issue(client: httpx.AsyncClient, house: House, **more: str) -> Document:
    answer = await _post(client, NEW, step="issue", **_fields(house, **more))
    assert "已发出" in answer.text
    return _documents(house)[-1]


async def test_a_correction_is_looked_at_first_and_then_takes_the_place_of_the_former_one(
    house: House, staff: Staff
) -> None:
    async with staff("handler") as client:
        former = await _issue(client, house)
        await _post(client, f"/console/signing/{_recipient(house, former).id}/sign")
        path = f"/console/documents/{former.id}/correct"
        form = (await client.get(path)).text
        assert 'value="示办〔2026〕7号"' in form
        assert 'value="关于防汛的通知"' in form
        assert "还没有发出" not in form
        fields = _fields(house, title="关于做好防汛的通知（更正）")
        looked = (await _post(client, path, step="preview", **fields)).text
        assert "原来的示办〔2026〕7号 关于防汛的通知停止提醒" in looked
        assert "要再签一次：城管局" in looked
        assert [one.state for one in _documents(house)] == ["issued"]
        done = await _post(client, path, step="issue", once="made-with-the-page", **fields)
        assert "已更正发出" in done.text
        before, after = _documents(house)
        assert (before.state, before.corrected_by_id) == ("corrected", after.id)
        assert (after.state, after.title) == ("issued", "关于做好防汛的通知（更正）")
        assert "看新件" in (await client.get(f"/console/documents/{before.id}")).text
        assert "看原件" in (await client.get(f"/console/documents/{after.id}")).text
        assert (await client.get(path)).status_code == 409


async def test_nobody_but_the_issuer_or_a_supervisor_corrects(house: House, staff: Staff) -> None:
    async with staff("handler") as client:
        document = await _issue(client, house)

        def of_another(session: Session) -> None:
            found = session.get(Document, document.id)
            assert found is not None
            found.issuer = "somebody else"
            session.add(found)

        house.db.write_now(of_another)
        assert (await client.get(f"/console/documents/{document.id}/correct")).status_code == 403
        answer = await _post(client, f"/console/documents/{document.id}/correct", step="issue", **_fields(house))
        assert answer.status_code == 403
        assert len(_documents(house)) == 1


async def test_a_title_that_says_secret_is_refused_by_the_very_word(house: House, staff: Staff) -> None:
    async with staff("handler") as client:
        answer = await _post(client, NEW, step="preview", **_fields(house, title="绝密：关于防汛的通知"))
    assert answer.status_code == 422
    assert "标题里有“绝密”" in answer.text


async def test_feedback_is_looked_at_taken_back_and_written_again(house: House, staff: Staff) -> None:
    until = (house.clock() + timedelta(days=3)).astimezone(house.settings.zone).strftime("%Y-%m-%dT%H:%M")
    inspector = _person(house, "DEMO02")
    async with staff("handler") as client:
        more = {"kind": INSTRUCTION, "feedback_by": until, "inspector": inspector.id}
        document = await _issue(client, house, **more)
        assert document.inspector_id == inspector.id
        recipient = _recipient(house, document).id
        here = f"/console/instructions/{recipient}"
        assert document.register_no in (await client.get("/console/instructions?open=1")).text
        assert (await _post(client, f"{here}/write", step="preview", text=" ")).status_code == 422
        looked = await _post(client, f"{here}/write", step="preview", text="已整改7处。")
        assert "还没有交" in looked.text
        assert _feedback(house) == []
        sent = await _post(client, f"{here}/write", step="send", text="已整改7处。")
        assert "已交负责人确认" in sent.text
        assert 'name="feedback"' in sent.text, "the sentence brings its way back"
        assert "已撤回" in (await _post(client, f"{here}/take-back", feedback=_feedback(house)[0].id)).text
        assert _feedback(house) == []
        await _post(client, f"{here}/write", step="send", text="已整改8处。")
        own = await _post(client, f"{here}/confirm", feedback=_feedback(house)[0].id)
        assert own.status_code == 403
        changed = await _post(client, f"{here}/inspector", inspector=_person(house, "DEMO01").id)
        assert "督查专员已指定" in changed.text
        history = (await client.get(f"/console/documents/{document.id}")).text
        assert f"指定督查专员：{_person(house, 'DEMO01').name}" in history


async def test_a_unit_does_not_see_the_feedback_of_another(house: House, staff: Staff) -> None:
    until = (house.clock() + timedelta(days=3)).astimezone(house.settings.zone).strftime("%Y-%m-%dT%H:%M")
    async with staff("handler") as client:
        document = await _issue(client, house, kind=INSTRUCTION, feedback_by=until)
        recipient = _recipient(house, document)

        def elsewhere(session: Session) -> None:
            other = session.exec(select(Person).where(Person.unit_id != recipient.unit_id)).first()
            row, kept = session.get(Recipient, recipient.id), session.get(Document, document.id)
            assert other is not None
            assert row is not None
            assert kept is not None
            row.unit_id, row.a_id, row.b_id, row.leader_id = other.unit_id or "", other.id, None, None
            kept.issuer, kept.inspector_id = "somebody else", None
            session.add_all([row, kept])

        house.db.write_now(elsewhere)
        assert (await client.get(f"/console/instructions/{recipient.id}")).status_code == 403
        assert document.register_no not in (await client.get("/console/instructions")).text
    async with staff("supervisor") as client:
        assert (await client.get(f"/console/instructions/{recipient.id}")).status_code == 200


async def test_every_bad_row_of_a_roster_is_named_in_the_readers_language(house: House, staff: Staff) -> None:
    rows = [
        "单位,姓名,工号,手机,B岗",
        "城管局,示例辰辰,X100,+12025550190,",
        "城管局,示例巳巳,X101,abc,",
        "城管局,,X102,,",
        "城管局,示例午午,X103,,X103",
        "城管局,示例未未,X104,,NOBODY",
        "城管局,示例申申,X100,,",
    ]
    async with staff("admin") as client:
        found = re.search(r'data-csrf="([^"]+)"', (await client.get("/console")).text)
        assert found
        file = {"file": ("people.csv", "\n".join(rows).encode(), "text/csv")}
        answer = await client.post("/console/people/import", data={"csrf": found[1]}, files=file)
    shown = re.findall(r'<tr><td class="num">(\d+)</td><td>([^<]*)</td><td>([^<]*)</td></tr>', answer.text)
    assert shown == [
        ("3", "手机", "不是电话号码"),
        ("4", "姓名", "没有填"),
        ("5", "B角", "不能是本人"),
        ("6", "B角", "没有工号是NOBODY的人"),
        ("7", "工号", "第2行已经有了"),
    ]
