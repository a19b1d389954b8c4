"""Reception days over HTTP: what anyone may, what staff may, and who may not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from core.audit import OPERATOR
from core.clock import ManualClock
from core.config import Settings
from core.db import Database
from core.people import Role
from core.text import segments, sign
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from notify.kinds import KINDS
from notify.reception.routes import build_router
from tests.notify.reception.office import FIRST, OTHER, Visits, made_reception, made_rules

WISH = {"name": "示例壬", "phone": FIRST, "topic": "村口路灯坏了"}


@dataclass
class Api:
    """A client with a token for each role."""

    client: httpx.AsyncClient
    tokens: dict[str, str]

    async def __call__(self, method: str, path: str = "", who: str = "", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        headers |= more.pop("headers", {})
        return await self.client.request(method, f"/api/v1/reception{path}", headers=headers, **more)

    async def book(self, **more: Any) -> dict[str, Any]:
        """A place on 15 December."""
        answer = await self("POST", "/2026-12-15/bookings", json=WISH | more)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]


def _token(session: Session, clock: ManualClock, role: Role) -> str:
    return create_token(session, clock(), OPERATOR, f"示例{role}", [role])


@pytest.fixture
async def api(db: Database, clock: ManualClock) -> AsyncIterator[Api]:
    app = FastAPI()
    install_error_handlers(app)
    settings = Settings(office_name="阳光热线", secret_key="x" * 40)
    app.include_router(build_router(made_reception(clock, Visits()), db, clock, Guard(db, clock), settings))
    tokens = {role.value: await db.write(_token, clock, role) for role in Role}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        made = Api(client, tokens)
        body = {"version": 0, "rules": made_rules().model_dump(mode="json")}
        assert (await made("PUT", "/rules", "admin", json=body)).status_code == 200
        yield made


async def test_anyone_sees_the_days_to_come_and_takes_a_place(api: Api) -> None:
    booked = await api.book()
    assert booked == {
        "number": "Y261215-01",
        "code": booked["code"],
        "day": "2026-12-15",
        "begins": "09:00",
        "ends": "10:00",
        "leader": "示例庚局长",
        "place": "县信访大厅",
    }
    days = (await api("GET")).json()["items"]
    assert [(day["day"], day["free"], day["open"], day["assumed"]) for day in days] == [
        ("2026-12-15", 3, True, False),
        ("2027-01-15", 4, True, True),
    ]
    assert days[0]["slots"][0] == {"begins": "09:00", "ends": "10:00", "places": 2, "free": 1}
    assert "示例壬" not in (await api("GET")).text


async def test_the_same_key_books_once(api: Api) -> None:
    key = {"Idempotency-Key": "one"}
    first = await api("POST", "/2026-12-15/bookings", json=WISH, headers=key)
    again = await api("POST", "/2026-12-15/bookings", json=WISH, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())


@pytest.mark.parametrize(
    ("path", "more", "status", "code"),
    [
        ("/2026-12-16/bookings", {}, 404, "NotFound"),
        ("/9999-12-31/bookings", {}, 404, "NotFound"),
        ("/someday/bookings", {}, 422, "BadInput"),
        ("/2026-12-15/bookings", {"phone": "hello"}, 422, "BadInput"),
        ("/2026-12-15/bookings", {"topic": "x"}, 422, "BadInput"),
        ("/2026-12-15/bookings", {"topic": "  a "}, 422, "BadInput"),
        ("/2026-12-15/bookings", {"topic": "长" * 501}, 422, "BadInput"),
        ("/2026-12-15/bookings", {"slot": "08:00"}, 422, "BadInput"),
    ],
)
async def test_what_does_not_fit_is_refused(api: Api, path: str, more: dict[str, str], status: int, code: str) -> None:
    answer = await api("POST", path, json=WISH | more)
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text


async def test_a_second_booking_of_a_day_is_refused_without_telling_the_first(api: Api) -> None:
    first = await api.book()
    again = await api("POST", "/2026-12-15/bookings", json=WISH | {"phone": "+1 (202) 555-0101"})
    assert (again.status_code, again.json()["error"]) == (409, "BookedAlready")
    assert first["number"] not in again.text


async def test_an_address_that_books_without_end_is_slowed_down(api: Api) -> None:
    answers = [await api("POST", "/2026-12-16/bookings", json=WISH) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]


async def test_a_wrong_code_and_an_unknown_number_are_answered_alike(api: Api) -> None:
    booked = await api.book()
    wrong = f"{(int(booked['code']) + 1) % 10**6:06d}"
    first = await api("POST", f"/bookings/{booked['number']}/cancel", json={"code": wrong})
    other = await api("POST", "/bookings/Y261215-77/cancel", json={"code": wrong})
    assert (first.status_code, first.json()) == (other.status_code, other.json())
    assert first.status_code == 404
    right = await api("POST", f"/bookings/{booked['number']}/cancel", json={"code": booked["code"]})
    assert right.status_code == 204


async def test_staff_see_who_comes_and_mark_who_came(api: Api, clock: ManualClock) -> None:
    booked, missed, called = await api.book(), await api.book(phone=OTHER), await api.book(phone="+12025550103")
    rows = (await api("GET", "/2026-12-15/bookings", "agent")).json()["items"]
    assert (rows[0]["name"], rows[0]["phone"], rows[0]["topic"]) == ("示例壬", FIRST, "村口路灯坏了")
    masked = (await api("GET", "/2026-12-15/bookings", "admin")).text
    assert "示例壬" not in masked
    assert FIRST not in masked
    assert (await api("POST", f"/bookings/{called['number']}/release", "agent")).status_code == 204
    early = await api("POST", f"/bookings/{booked['number']}/visited", "agent", json={})
    assert early.status_code == 409
    clock.set(datetime(2026, 12, 15, 1, 30, tzinfo=UTC))
    came = await api("POST", f"/bookings/{booked['number']}/visited", "agent", json={"kind": "help"})
    assert (came.status_code, came.json()) == (201, {"number": "T00000001", "code": "123456"})
    assert (await api("POST", f"/bookings/{missed['number']}/missed", "agent")).status_code == 204
    rows = (await api("GET", "/2026-12-15/bookings", "supervisor")).json()["items"]
    assert {row["number"]: row["state"] for row in rows} == {
        "Y261215-01": "visited",
        "Y261215-02": "missed",
        "Y261215-03": "cancelled",
    }


async def test_the_office_names_a_substitute_and_moves_a_day(api: Api) -> None:
    await api.book()
    named = await api("PUT", "/2026-12-15/leader", "supervisor", json={"name": "示例癸", "post": "主任"})
    assert named.status_code == 204
    moved = await api("POST", "/2026-12-15/move", "supervisor", json={"to": "2026-12-17"})
    assert moved.json() == {"moved": 1}
    day = (await api("GET")).json()["items"][0]
    assert (day["day"], day["leader"], day["in_place_of"]) == ("2026-12-17", "示例癸主任", "示例庚局长")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/2026-12-15/bookings", {"agent", "supervisor", "admin"}),
        ("POST", "/bookings/Y261215-01/visited", {"agent", "supervisor"}),
        ("POST", "/bookings/Y261215-01/missed", {"agent", "supervisor"}),
        ("POST", "/bookings/Y261215-01/release", {"agent", "supervisor"}),
        ("GET", "/rules", {"admin", "supervisor"}),
        ("PUT", "/rules", {"admin"}),
        ("PUT", "/2026-12-15/leader", {"admin", "supervisor"}),
        ("POST", "/2026-12-15/move", {"admin", "supervisor"}),
    ],
)
async def test_only_those_who_may_are_let_in(api: Api, method: str, path: str, allowed: set[str]) -> None:
    assert (await api(method, path, json={})).status_code == 401
    refused = {role.value for role in Role if (await api(method, path, role.value, json={})).status_code == 403}
    assert refused == {role.value for role in Role} - allowed


async def test_rules_that_do_not_fit_name_the_place(api: Api) -> None:
    rules = made_rules().model_dump(mode="json") | {"regular": {"days_of_month": [45]}}
    answer = await api("PUT", "/rules", "admin", json={"version": 1, "rules": rules})
    assert answer.status_code == 422
    assert "days_of_month" in answer.text
    stale = await api("PUT", "/rules", "admin", json={"version": 0, "rules": made_rules().model_dump(mode="json")})
    assert (stale.status_code, stale.json()["error"]) == (409, "StaleVersion")


@pytest.mark.parametrize("name", ["reception_reminder", "reception_moved"])
@pytest.mark.parametrize("two_way", [True, False])
def test_messages_keep_to_their_budget_and_never_ask_for_a_reply_that_cannot_come(name: str, two_way: bool) -> None:
    kind = KINDS[name]
    texts = {
        locale: sign(kind.render(locale, kind.example, two_way=two_way), "阳光热线")
        for locale in ("zh-Hans", "zh-Hant", "en")
    }
    assert {locale: segments(text) for locale, text in texts.items()} == {"zh-Hans": 1, "zh-Hant": 1, "en": 2}
    assert two_way or all(word not in str(texts) for word in ("回“", "回「", "Reply"))
