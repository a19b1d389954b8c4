"""The hotline over HTTP: what anyone and staff see and may do."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from bot.hotline import routes_desk, routes_public, routes_staff, stats_routes
from core.audit import OPERATOR
from core.config import Settings
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from tests.bot.hotline.conftest import ANSWER, Rig

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 600_000


@dataclass
class Api:
    """The service over HTTP with a token for each role."""

    rig: Rig
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def staff(self, who: str, method: str, path: str, **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return await self.http.request(method, f"/api/v1/staff/tickets{path}", headers=headers, **more)  # type: ignore[arg-type]

    async def opened(self, **more: object) -> dict[str, str]:
        body = {"kind": "complaint", "text": "西河村口路灯坏了三天", **more}
        answer = await self.http.post("/api/v1/tickets", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def api(lite: Rig) -> AsyncIterator[Api]:
    rig, app = lite, FastAPI()
    install_error_handlers(app)
    guard, settings = Guard(rig.db, rig.clock), Settings(secret_key="x" * 40)
    app.include_router(routes_public.build_router(rig.hotline, rig.db, rig.clock, settings))
    app.include_router(routes_staff.build_router(rig.hotline, rig.db, rig.clock, guard))
    app.include_router(routes_desk.build_router(rig.hotline, rig.db, guard))
    app.include_router(stats_routes.build_router(rig.hotline, rig.db, rig.clock, guard))
    tokens = {}
    for name, roles, unit in (
        ("agent", ["agent"], None),
        ("handler", ["handler"], "lamps"),
        ("boss", ["supervisor"], None),
        ("editor", ["editor"], None),
    ):
        tokens[name] = rig.db.write_now(create_token, rig.clock(), OPERATOR, name, roles, unit_id=unit)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as http:
        yield Api(rig, http, tokens)


async def test_a_ticket_is_handed_in_followed_answered_and_rated_over_http(api: Api) -> None:
    opened = await api.opened(phone="+12025550123", name="示例癸", place={"address": "西河村口"})
    number, code = opened["number"], opened["code"]
    version = 1
    for who, action, body in (
        ("agent", "accept", {}),
        ("agent", "dispatch", {"unit": "城管局"}),
        ("handler", "sign", {}),
        ("handler", "reply", {"text": ANSWER, "finding": "true"}),
        ("boss", "check", {"ok": True}),
    ):
        answer = await api.staff(who, "POST", f"/{number}/{action}", json={"version": version, **body})
        assert answer.status_code == 200, answer.text
        assert answer.json()["version"] == version + 1
        version += 1
    api.rig.later(seconds=21)
    seen = (await api.http.get(f"/api/v1/tickets/{number}", params={"code": code})).json()
    assert (seen["state"], seen["unit"], seen["lamp"]) == ("replied", "城管局", "done")
    assert {"at", "what", "text"} <= set(seen["events"][-1])
    assert seen["events"][-1]["text"] == ANSWER
    assert "rate" in seen["can"]
    rated = await api.http.post(f"/api/v1/tickets/{number}/rate", json={"code": code, "solved": True, "grade": 4})
    assert rated.json()["state"] == "closed"
    again = await api.http.post(f"/api/v1/tickets/{number}/rate", json={"code": code, "solved": True, "grade": 5})
    assert (again.status_code, again.json()["error"]) == (409, "RatedAlready")
    (sms,) = await api.rig.sent("matter_replied")
    assert (sms.channel, sms.address) == ("paper", "+12025550123")


async def test_refusals_name_the_present_state_and_version(api: Api) -> None:
    number = (await api.opened())["number"]
    illegal = await api.staff("agent", "POST", f"/{number}/close", json={"version": 1})
    assert illegal.status_code == 409
    assert illegal.json()["error"] == "IllegalMove"
    assert illegal.json()["fields"] == {"state": "submitted", "version": "1"}
    stale = await api.staff("agent", "POST", f"/{number}/accept", json={"version": 7})
    assert (stale.status_code, stale.json()["error"]) == (409, "StaleVersion")
    assert (await api.staff("agent", "POST", f"/{number}/fly", json={"version": 1})).status_code == 404
    assert (await api.staff("agent", "POST", f"/{number}/accept", json={})).status_code == 422
    assert (await api.staff("editor", "GET", "")).status_code == 403
    assert (await api.http.get("/api/v1/staff/tickets")).status_code == 401


async def test_bad_input_is_named(api: Api) -> None:
    for body in (
        {"kind": "complaint", "text": "水"},
        {"kind": "complaint", "text": "很" * 20_000},
        {"kind": "poem", "text": "路灯坏了"},
        {"kind": "help", "text": "路灯坏了", "phone": "12"},
    ):
        answer = await api.http.post("/api/v1/tickets", json=body)
        assert (answer.status_code, answer.json()["error"]) == (422, "BadInput")
        assert answer.json()["fields"]


async def test_a_repeated_call_with_the_same_key_opens_one_matter(api: Api) -> None:
    body = {"kind": "help", "text": "老人要上门认证"}
    calls = [await api.http.post("/api/v1/tickets", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert calls[0].json() == calls[1].json()
    page = (await api.staff("agent", "GET", "")).json()
    assert len(page["items"]) == 1


async def test_wrong_codes_are_404_then_429(api: Api) -> None:
    number = (await api.opened())["number"]
    answers = [await api.http.get(f"/api/v1/tickets/{number}", params={"code": "nope"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_the_queue_is_filtered_and_paged(api: Api) -> None:
    numbers = [(await api.opened(text=f"第{n}盏路灯坏了很多天"))["number"] for n in range(5)]
    urgent = (await api.opened(kind="help", text="我们小区停水两天了"))["number"]
    first = (await api.staff("agent", "GET", "?limit=4")).json()
    assert first["items"][0]["number"] == urgent, "emergencies come first"
    second = (await api.staff("agent", "GET", f"?limit=4&cursor={first['next']}")).json()
    assert second["next"] is None
    assert {item["number"] for item in first["items"] + second["items"]} == {*numbers, urgent}
    assert (await api.staff("agent", "GET", "?q=第3盏")).json()["items"][0]["number"] == numbers[3]
    assert len((await api.staff("agent", "GET", "?kind=help")).json()["items"]) == 1
    assert (await api.staff("agent", "GET", "?lamp=red")).json()["items"] == []
    assert (await api.staff("agent", "GET", "?state=nonsense")).status_code == 422
    assert (await api.staff("agent", "GET", "?cursor=nonsense")).status_code == 422


async def test_one_action_on_many_is_answered_item_by_item(api: Api) -> None:
    numbers = [(await api.opened())["number"] for _ in range(3)]
    await api.staff("agent", "POST", f"/{numbers[1]}/accept", json={"version": 1})
    answer = await api.staff("agent", "POST", "/accept", json={"numbers": [*numbers, "26119999"]})
    assert [item["ok"] for item in answer.json()["items"]] == [True, False, True, False]
    assert [item["error"] for item in answer.json()["items"]][1::2] == ["IllegalMove", "NotFound"]
    too_many = {"numbers": [str(n) for n in range(101)]}
    assert (await api.staff("agent", "POST", "/accept", json=too_many)).status_code == 422


async def test_files_are_kept_by_what_they_are_and_read_by_staff_only(api: Api) -> None:
    opened = await api.opened()
    number, code = opened["number"], opened["code"]

    async def send(content: bytes, name: str = "../路灯.png", with_code: str = code) -> httpx.Response:
        return await api.http.post(
            f"/api/v1/tickets/{number}/files", data={"code": with_code}, files={"file": (name, content, "image/png")}
        )

    kept = await send(PNG)
    assert kept.status_code == 201, kept.text
    assert (kept.json()["name"], kept.json()["mime"]) == ("路灯.png", "image/png")
    assert (await send(b"MZ\x90\x00 a program")).status_code == 422
    assert (await send(b"<script>alert(1)</script>")).status_code == 422
    assert (await send(PNG, with_code="x")).status_code == 404
    assert (await send(PNG + b"0" * 10_000_000)).status_code == 413
    (listed,) = (await api.staff("agent", "GET", f"/{number}/files")).json()["items"]
    shown = await api.staff("agent", "GET", f"/{number}/files/{listed['id']}")
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    other = (await api.opened())["number"]
    assert (await api.staff("agent", "GET", f"/{other}/files/{listed['id']}")).status_code == 404
    assert (await api.staff("handler", "GET", f"/{number}/files")).status_code == 404


async def test_likely_repeats_are_shown(api: Api) -> None:
    first = await api.opened(place={"address": "西河村口"})
    second = await api.opened(text="村口那个路灯不亮好几天了", place={"address": "西河村口"})
    await api.opened(text="社保卡丢了怎么补办新卡")
    found = (await api.staff("agent", "GET", f"/{second['number']}/duplicates")).json()["items"]
    assert [one["number"] for one in found] == [first["number"]]


async def test_a_caller_without_a_phone_gets_number_and_code_read_out(api: Api) -> None:
    body = {"kind": "help", "text": "老人要上门认证", "source": "phone", "caller": "示例癸", "vulnerable": True}
    answer = await api.staff("agent", "POST", "", json=body)
    assert answer.status_code == 201
    assert len(answer.json()["code"]) == 6
    seen = (await api.staff("agent", "GET", f"/{answer.json()['number']}")).json()
    assert (seen["source"], seen["priority"], seen["name"]) == ("phone", 1, "示*癸")


async def test_supervisors_see_refusals_calls_alerts_and_gaps_of_duty(api: Api) -> None:
    number = (await api.opened())["number"]
    await api.staff("agent", "POST", f"/{number}/reject", json={"version": 1, "reason": "信访中"})
    headers = {"Authorization": f"Bearer {api.tokens['boss']}"}

    async def get(path: str) -> list[dict[str, object]]:
        answer = await api.http.get(f"/api/v1/staff/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]  # type: ignore[no-any-return]

    (refusal,) = await get("refusals")
    assert (refusal["number"], refusal["what"], refusal["reason"]) == (number, "reject", "petition")
    assert await get("calls") == []
    assert await get("alerts") == []
    assert len(await get("duty/gaps")) == 1


async def test_orders_alarms_and_papers_are_reached_over_http(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['boss']}"}
    number = (await api.opened(kind="help", text="我们小区停水两天了"))["number"]
    assert (await api.http.post(f"/api/v1/staff/alarms/{number}", headers=headers)).status_code == 204
    await api.staff("boss", "POST", f"/{number}/supervise", json={"version": 1, "text": "今晚恢复供水"})
    (order,) = (await api.http.get("/api/v1/staff/orders", headers=headers)).json()["items"]
    assert (order["number"], order["text"]) == (number, "今晚恢复供水")
    path = f"/api/v1/staff/orders/{order['id']}/feedback"
    assert (await api.http.post(path, json={"text": "已恢复"}, headers=headers)).status_code == 204
    assert (await api.http.get("/api/v1/staff/orders", headers=headers)).json()["items"] == []
    assert (await api.http.get("/api/v1/staff/cross-checks", headers=headers)).json()["items"] == []
    request = (await api.opened(kind="information_request", text="想看2025年补贴的分配文件"))["number"]
    base = f"/api/v1/staff/information-requests/{request}"
    assert request in (await api.http.get(f"{base}/papers/receipt", headers=headers)).text
    assert (await api.http.get(f"{base}/papers/reply", headers=headers)).status_code == 409
    gone = await api.http.post(f"{base}/aftermath", json={"what": "review"}, headers=headers)
    assert gone.status_code == 204
    yearly = await api.http.get("/api/v1/stats/information-requests?year=2026", headers=headers)
    assert yearly.json()["aftermath"]["review"] == 1


async def test_statistics_come_as_json_csv_and_sheet(api: Api) -> None:
    await api.opened()
    await api.opened(kind="help", text="老人要上门认证")
    headers = {"Authorization": f"Bearer {api.tokens['boss']}"}
    seen = (await api.http.get("/api/v1/stats/tickets?from=2026-11-01&to=2026-11-30", headers=headers)).json()
    assert seen["total"]["received"] == 2
    assert [group["key"] for group in seen["groups"]] == ["complaint", "help"]
    assert seen["total"]["rates"]["satisfied"] == {"n": 0, "of": 0, "rate": None}
    text = (await api.http.get("/api/v1/stats/tickets.csv?by=source", headers=headers)).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("来源,受理登记,已受理")
    assert "满意率,满意率（件数）" in text.splitlines()[0]
    assert "满意率,非常满意、满意、基本满意 ÷ 已评价（未评价不算）" in text, "what is divided stands below"
    assert text.splitlines()[1].startswith("web,2,0")
    sheet = (await api.http.get("/api/v1/stats/tickets.xlsx", headers=headers)).content
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [row[:2] for row in rows if row[0] == "合计"] == [("合计", 2)]
