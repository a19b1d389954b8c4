"""Documents over HTTP: what is refused and why, what is recorded, what the console sees."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlmodel import select

from core import tokens
from core.audit import OPERATOR, AuditEntry
from core.contact_codes import use_code
from core.people import Contact, person_at
from core.web import Guard, install_error_handlers
from notify.signoff.routes import build_router
from tests.notify.signoff.conftest import Rig

BODY: dict[str, Any] = {
    "number": "示发〔2026〕12号",
    "title": "关于做好防汛值守的通知",
    "urgency": "特急",
    "non_secret": True,
    "recipients": [{"unit": "城管局", "a": "no-a"}],
}


class Api:
    """The documents' API with tokens of a few people."""

    def __init__(self, rig: Rig, client: httpx.AsyncClient) -> None:
        self.rig, self.client = rig, client

    async def call(self, method: str, path: str, who: str = "clerk", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}-secret", **more.pop("headers", {})}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def issue(self, **more: Any) -> dict[str, Any]:
        answer = await self.call("POST", "/documents", json={**BODY, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def api(lite: Rig) -> AsyncIterator[Api]:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(build_router(lite.signoff, lite.db, lite.clock, Guard(lite.db, lite.clock)))
    people = {
        "clerk": ["official"],
        "a": ["official"],
        "other": ["official"],
        "leader": ["official"],
        "b": ["official"],
    }
    for who, roles in {**people, "boss": ["supervisor", "editor"]}.items():
        await lite.db.write(
            tokens.create_token, lite.clock(), OPERATOR, who, roles, person_id=who, secret=f"{who}-secret"
        )
    system = {"secret": "system-secret"}
    await lite.db.write(tokens.create_token, lite.clock(), OPERATOR, "system", ["official"], **system)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield Api(lite, client)


async def test_issue_answers_with_the_plan_and_takes_deputy_and_leader_from_the_roster(api: Api) -> None:
    made = await api.issue()
    (recipient,) = made["recipients"]
    assert (recipient["a"], recipient["b"], recipient["leader"]) == ("a", "b", "leader")
    assert [step["step"] for step in recipient["plan"]] == ["issued", "half", "yellow", "limit"] + ["overdue"] * 6
    assert recipient["plan"][3]["to"] == ["a", "b", "leader", "supervisor"]
    assert recipient["plan"][3]["at"] == made["due_at"] == "2026-11-23T03:00:00Z"
    assert (made["urgency"], made["lamp"], recipient["state"]) == ("urgent", "green", "open")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"non_secret": False}, "non_secret"),
        ({"title": "关于机密文件的通知"}, "title"),
        ({"urgency": "马上"}, "urgency"),
        ({"due_at": "2026-11-23T09:00:00+08:00"}, "due_at"),
        ({"due_at": "2026-11-23T09:00:00"}, "due_at"),
        ({"issued_at": "2026-11-24T09:00:00+08:00"}, "issued_at"),
        ({"recipients": []}, "recipients"),
        ({"recipients": [{"unit": "没有的局", "a": "a"}]}, "recipients.0.unit"),
        ({"recipients": [{"unit": "城管局", "a": "nobody"}]}, "recipients.0.a"),
        ({"recipients": [{"unit": "城管局", "a": "a", "b": "no-a"}]}, "recipients.0.b"),
        ({"recipients": [{"unit": "城管局", "a": "a"}, {"unit": "lamps", "a": "b"}]}, "recipients.1.unit"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(api: Api, change: dict[str, Any], field: str) -> None:
    answer = await api.call("POST", "/documents", json={**BODY, **change})
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert await api.rig.rows() == []


async def test_a_document_nobody_can_be_reached_for_is_refused_with_names(api: Api) -> None:
    def drop(session: Any) -> None:
        for row in session.exec(select(Contact).where(Contact.person_id.in_(["a", "b", "leader"]))):  # type: ignore[attr-defined]
            session.delete(row)

    await api.rig.db.write(drop)
    answer = await api.call("POST", "/documents", json=BODY)
    assert (answer.status_code, answer.json()["error"]) == (422, "NobodyReachable")
    assert "示例甲、示例乙、示例丙" in answer.json()["detail"]


async def test_the_same_idempotency_key_issues_once(api: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await api.call("POST", "/documents", json=BODY, headers=headers)
    again = await api.call("POST", "/documents", json=BODY, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert len((await api.call("GET", "/documents")).json()["items"]) == 1


async def test_signing_at_the_console_is_recorded_and_gets_a_receipt(api: Api) -> None:
    made = await api.issue()
    body = {"recipient": made["recipients"][0]["id"]}
    answer = await api.call("POST", f"/documents/{made['id']}/sign", who="a", json=body)
    (signed,) = answer.json()["recipients"]
    assert (signed["state"], signed["signed_by"], signed["signed_via"], signed["lamp"]) == (
        "signed",
        "a",
        "console",
        "done",
    )
    await api.rig.send()
    assert ("a", "document_signed") in api.rig.kinds()
    again = await api.call("POST", f"/documents/{made['id']}/sign", who="a", json=body)
    assert (again.status_code, again.json()["error"]) == (409, "AlreadySigned")


async def test_signing_by_somebody_else_is_refused_and_recorded(api: Api) -> None:
    made = await api.issue()
    body = {"recipient": made["recipients"][0]["id"]}
    answer = await api.call("POST", f"/documents/{made['id']}/sign", who="other", json=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "NotYours")
    timeline = (await api.call("GET", f"/documents/{made['id']}/timeline")).json()["items"]
    assert [(line["what"], line["by"]) for line in timeline] == [("issued", "clerk"), ("sign_refused", "other")]
    actions = await api.rig.db.read(lambda s: [entry.action for entry in s.exec(select(AuditEntry))])
    assert "document.sign_refused" in actions
    in_anothers_name = await api.call("POST", f"/documents/{made['id']}/sign", who="other", json={**body, "by": "a"})
    assert in_anothers_name.status_code == 403


async def test_another_system_and_a_supervisor_may_note_who_signed(api: Api) -> None:
    made = await api.issue()
    body = {"recipient": made["recipients"][0]["id"], "by": "b"}
    answer = await api.call("POST", f"/documents/{made['id']}/sign", who="system", json=body)
    assert answer.json()["recipients"][0]["in_place_of"] == "a"


async def test_the_supervision_list_is_what_is_red(api: Api) -> None:
    made = await api.issue()
    await api.issue(number="示发〔2026〕15号", urgency="normal")
    api.rig.clock.advance(timedelta(minutes=55))
    assert [d["id"] for d in (await api.call("GET", "/documents?lamp=yellow")).json()["items"]] == [made["id"]]
    await api.rig.tick(minutes=10)
    (red,) = (await api.call("GET", "/documents?lamp=red", who="boss")).json()["items"]
    assert (red["id"], red["lamp"], len(red["recipients"][0]["orders"])) == (made["id"], "red", 1)
    answer = await api.call(
        "POST", f"/documents/{made['id']}/supervise", who="boss", json={"recipient": red["recipients"][0]["id"]}
    )
    assert answer.status_code == 201
    assert len(answer.json()["recipients"][0]["orders"]) == 2
    pages = (await api.call("GET", "/documents?limit=1")).json()
    following = (await api.call("GET", "/documents", params={"limit": 1, "cursor": pages["next"]})).json()
    assert (len(following["items"]), following["next"]) == (1, None)


async def test_withdrawal_stops_everything_and_correction_issues_anew(api: Api) -> None:
    made = await api.issue()
    refused = await api.call("POST", f"/documents/{made['id']}/withdraw", who="a")
    assert refused.status_code == 403, "only its issuer or a supervisor"
    anew = await api.call(
        "POST", f"/documents/{made['id']}/correct", json={**BODY, "title": "关于做好防汛值守的补充通知"}
    )
    assert anew.json()["corrects"] == made["id"]
    former = (await api.call("GET", f"/documents/{made['id']}")).json()
    assert (former["state"], former["corrected_by"], former["lamp"]) == ("corrected", anew.json()["id"], None)
    await api.rig.fire()
    await api.rig.send()
    assert api.rig.kinds() == [("a", "document_issued")]
    await api.call("POST", f"/documents/{anew.json()['id']}/withdraw")
    api.rig.forget()
    await api.rig.tick(hours=5)
    assert api.rig.kinds() == []
    assert (await api.call("POST", f"/documents/{made['id']}/withdraw")).status_code == 409


async def test_a_limit_in_the_night_is_warned_of_and_working_time_offered(api: Api) -> None:
    api.rig.clock.advance(timedelta(hours=12, minutes=30))
    (warning,) = (await api.issue())["warnings"]
    assert (warning["code"], warning["offer"]["clock"]) == ("NightLimit", "working_time")
    made = await api.issue(number="示发〔2026〕13号", clock="working_time")
    assert made["due_at"] == "2026-11-24T02:00:00Z"
    assert made["warnings"] == []


async def test_figures_agree_with_what_happened(api: Api) -> None:
    for number, wait, sign in (("1", 30, True), ("2", 0, False), ("3", 0, True)):
        made = await api.issue(number=f"示发〔2026〕{number}号")
        if wait or sign:
            api.rig.clock.advance(timedelta(minutes=wait))
            who = "b" if number == "3" else "a"
            body = {"recipient": made["recipients"][0]["id"]}
            await api.call("POST", f"/documents/{made['id']}/sign", who=who, json=body)
    api.rig.clock.advance(timedelta(hours=2))
    (line,) = (await api.call("GET", "/stats/documents?by=unit", who="boss")).json()["items"]
    assert {k: line[k] for k in ("name", "issued", "signed", "on_time", "late", "overdue", "in_place")} == {
        "name": "城管局", "issued": 3, "signed": 2, "on_time": 2, "late": 0, "overdue": 1, "in_place": 1,
    }  # fmt: skip
    assert line["on_time_rate"] == pytest.approx(2 / 3, abs=0.001)
    assert line["average_minutes"] == 15
    day = (await api.call("GET", "/stats/documents?from=2026-11-23&to=2026-11-23&by=person")).json()["items"]
    assert [each["name"] for each in day] == ["示例甲"]
    assert (await api.call("GET", "/stats/documents?from=2026-11-24")).json()["items"] == []
    text = (await api.call("GET", "/stats/documents.csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("key,name,issued")
    book = openpyxl.load_workbook(io.BytesIO((await api.call("GET", "/stats/documents.xlsx")).content))
    assert book.worksheets[0].cell(2, 2).value == "城管局"


async def test_an_instruction_wants_feedback_that_leaves_after_two_leaders(api: Api) -> None:
    made = await api.issue(kind="instruction", feedback_by="2026-11-25T10:00:00+08:00")
    path, recipient = f"/documents/{made['id']}/feedback", made["recipients"][0]["id"]
    written = await api.call("POST", path, who="a", json={"recipient": recipient, "text": "已整改7处。"})
    confirm = f"{path}/{written.json()['id']}/confirm"
    assert (await api.call("POST", confirm, who="a")).json()["error"] == "SamePerson"
    assert (await api.call("POST", confirm, who="other")).status_code == 403
    assert (await api.call("POST", confirm, who="leader")).json()["left_at"] is None
    assert (await api.call("POST", confirm, who="leader")).json()["error"] == "SamePerson"
    changed = await api.call("POST", "/people/b/deputies", who="b", json={"leader": "b"})
    assert changed.status_code == 422
    asked = await api.call("POST", "/people/other/deputies", who="other", json={"leader": "b"})
    decide = f"/deputy-changes/{asked.json()['id']}/decide"
    assert (await api.call("POST", decide, who="boss", json={"approve": True})).json()["state"] == "approved"
    assert (await api.call("POST", confirm, who="b")).json()["left_at"] is not None
    await api.rig.send()
    assert ("chat-clerk", "document_feedback") in api.rig.kinds()
    (done,) = (await api.call("GET", "/deadlines?open=false")).json()["items"]
    assert done["lamp"] == "done"


async def test_a_publication_has_fifteen_working_days_and_its_person_is_told(api: Api) -> None:
    made = (await api.call("POST", "/deadlines", who="boss", json={"subject": "示例规划公开", "person": "a"})).json()
    assert made["due_at"] == "2026-12-14T10:00:00Z"
    await api.rig.tick(days=19)
    assert api.rig.kinds() == [("a", "deadline_yellow")]
    await api.rig.tick(days=3)
    assert ("a", "deadline_red") in api.rig.kinds()
    assert ("boss", "deadline_red") in api.rig.kinds()
    done = await api.call("POST", f"/deadlines/{made['id']}/done", who="boss")
    assert done.json()["lamp"] == "done_late"


async def test_absence_over_http_and_a_change_of_deputy_needs_another_person(api: Api) -> None:
    answer = await api.call("POST", "/people/no-a/absence", who="a", json={"until": "2026-11-25T10:00:00+08:00"})
    assert answer.json()["name"] == "示例乙"
    assert (
        await api.call("POST", "/people/a/absence", who="other", json={"until": "2026-11-25T10:00:00Z"})
    ).status_code == 403
    assert (await api.call("DELETE", "/people/a/absence", who="a")).status_code == 204
    assert (await api.call("DELETE", "/people/a/absence", who="a")).status_code == 404
    asked = await api.call("POST", "/people/a/deputies", who="boss", json={"deputy": "other", "leader": "leader"})
    same = await api.call("POST", f"/deputy-changes/{asked.json()['id']}/decide", who="boss", json={"approve": True})
    assert same.json()["error"] == "SamePerson"


async def test_a_new_telephone_counts_once_it_has_sent_the_code_back(api: Api) -> None:
    assert (await api.call("POST", "/people/b/phones", who="other", json={"phone": "+12025550188"})).status_code == 403
    assert (await api.call("POST", "/people/b/phones", who="b", json={"phone": "12"})).status_code == 422
    assert (await api.call("POST", "/people/b/phones", who="b", json={"phone": "+12025550101"})).status_code == 409
    assert (await api.call("POST", "/people/b/phones", who="b", json={"phone": "+1 202 555 0188"})).status_code == 202
    await api.rig.send()
    (to,) = [m for m in api.rig.sms.sent if m.kind == "contact_code"]
    code = str(to.params["code"])
    assert await api.rig.db.read(person_at, "sms", "+12025550188") is None
    assert await api.rig.db.write(use_code, api.rig.clock(), "sms", "+12025550188", code)
    found = await api.rig.db.read(person_at, "sms", "+12025550188")
    assert found is not None
    assert found.id == "b"
    linked = (await api.call("POST", "/people/b/link-code", who="b")).json()
    assert await api.rig.db.write(use_code, api.rig.clock(), "chat", "chat-b", linked["code"])


async def test_nobody_without_a_role_gets_in(api: Api) -> None:
    assert (await api.client.get("/api/v1/documents")).status_code == 401
    assert (await api.call("POST", "/documents", who="boss", json=BODY)).status_code == 403
