"""What every route shares: one form of errors, who is asking, sizes, headers, cursors."""

from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from core import auth, tokens
from core.audit import OPERATOR
from core.body_limit import BodyLimit
from core.clock import ManualClock
from core.db import Database
from core.entrance import Entrance
from core.errors import BadInput, BadSignature, StaleVersion, TooMany, Unavailable
from core.people import Role
from core.web import (
    COOKIE,
    CSRF_HEADER,
    Guard,
    SecurityHeaders,
    client_address,
    install_error_handlers,
    require,
)

LIMIT = 1000


class Body(BaseModel):
    """Something small."""

    n: int
    text: str = ""


ERRORS: dict[str, Exception] = {
    "bad": BadInput("no", fields={"n": "why"}),
    "stale": StaleVersion("old"),
    "many": TooMany("slow", retry_after=timedelta(seconds=7)),
    "away": Unavailable("later"),
    "forged": BadSignature("never told"),
    "bug": RuntimeError("示例甲 wrote +12025550101"),
}


def _app(db: Database, clock: ManualClock) -> FastAPI:
    app, guard = FastAPI(), Guard(db, clock)
    install_error_handlers(app)
    app.add_middleware(BodyLimit, default=LIMIT, larger=[("/upload", 10 * LIMIT)])
    app.add_middleware(SecurityHeaders)

    @app.get("/fails/{how}")
    async def fails(how: str) -> None:
        raise ERRORS[how]

    @app.post("/echo")
    async def echo(body: Body) -> Body:
        return body

    @app.post("/upload/raw")
    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.get("/any", dependencies=[require(guard)])
    @app.post("/any", dependencies=[require(guard)])
    async def anybody() -> str:
        return "in"

    @app.get("/editors", dependencies=[require(guard, Role.EDITOR, Role.ADMIN)])
    async def editors() -> str:
        return "in"

    return app


@pytest.fixture
async def web(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(_app(sqlite_db, clock), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("how", "status", "name"),
    [
        ("bad", 422, "BadInput"), ("stale", 409, "StaleVersion"), ("many", 429, "TooMany"),
        ("away", 503, "Unavailable"), ("forged", 403, "BadSignature"), ("bug", 500, "InternalError"),
    ],
)  # fmt: skip
async def test_every_failure_answers_in_one_form(how: str, status: int, name: str, web: httpx.AsyncClient) -> None:
    answer = await web.get(f"/fails/{how}")
    assert (answer.status_code, answer.json()["error"]) == (status, name)
    assert answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_fields_and_the_time_to_wait_are_told(web: httpx.AsyncClient) -> None:
    assert (await web.get("/fails/bad")).json() == {"error": "BadInput", "detail": "no", "fields": {"n": "why"}}
    assert (await web.get("/fails/many")).headers["retry-after"] == "7"


@pytest.mark.parametrize("how", ["forged", "bug"])
async def test_an_answer_does_not_tell_what_went_wrong_inside(how: str, web: httpx.AsyncClient) -> None:
    text = (await web.get(f"/fails/{how}")).text
    assert not any(word in text for word in ("示例甲", "202555", "never told", "Traceback"))


@pytest.mark.parametrize(
    ("path", "method", "status", "name"),
    [("/nowhere", "GET", 404, "NotFound"), ("/echo", "GET", 405, "MethodNotAllowed")],
)
async def test_unknown_paths_and_methods_answer_in_the_same_form(
    path: str, method: str, status: int, name: str, web: httpx.AsyncClient
) -> None:
    answer = await web.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, name)


@pytest.mark.parametrize(
    ("body", "place"), [(b'{"n": "x"}', "n"), (b"{}", "n"), (b"{broken", "1"), (b"[]", "body"), (b"", "body")]
)
async def test_a_body_that_does_not_fit_names_the_place(body: bytes, place: str, web: httpx.AsyncClient) -> None:
    answer = await web.post("/echo", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (422, "BadInput")
    assert list(answer.json()["fields"]) == [place]


async def _pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/raw", LIMIT, 200), ("/raw", LIMIT + 100, 413), ("/upload/raw", 10 * LIMIT, 200),
     ("/upload/raw", 10 * LIMIT + 100, 413), ("/echo", LIMIT + 100, 413)],
)  # fmt: skip
@pytest.mark.parametrize("told", [True, False])
async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_told(
    path: str, size: int, status: int, told: bool, web: httpx.AsyncClient
) -> None:
    content: Any = b"x" * size if told else _pieces(size)
    answer = await web.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["error"] == "TooLarge"


@pytest.mark.parametrize("length", ["x", "-1", ""])
async def test_a_length_that_is_no_number_does_not_break_anything(
    length: str, sqlite_db: Database, clock: ManualClock
) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/raw", "raw_path": b"/raw", "query_string": b"",
        "headers": [(b"content-length", length.encode())], "http_version": "1.1", "scheme": "http",
    }  # fmt: skip
    await _app(sqlite_db, clock)(scope, receive, send)
    assert sent[0]["status"] in {200, 400}


# --- who is asking ---------------------------------------------------------------------------------------------


async def _token(db: Database, clock: ManualClock, *roles: str) -> dict[str, str]:
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "x", roles)
    return {"Authorization": f"Bearer {secret}"}


async def _signed_in(db: Database, clock: ManualClock, *, password: str | None) -> tuple[dict[str, str], str]:
    _, once = await db.write(auth.add_account, clock(), OPERATOR, "anna", ["editor"], password=password)
    entered = await Entrance(db, clock).sign_in("anna", once)
    return {"Cookie": f"{COOKIE}={entered.cookie}"}, entered.principal.csrf


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer sun_x"}, {"Authorization": "Basic eDp5"},
     {"Authorization": "Bearer"}, {"Cookie": f"{COOKIE}=x"}, {"Cookie": f"{COOKIE}="}],
)  # fmt: skip
async def test_nobody_known_is_asked_to_sign_in(headers: dict[str, str], web: httpx.AsyncClient) -> None:
    answer = await web.get("/any", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "Unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("roles", "status"), [(["editor"], 200), (["admin", "sender"], 200), (["reviewer"], 403), (["sender"], 403)]
)
async def test_a_route_lets_in_the_holders_of_its_roles_only(
    roles: list[str], status: int, web: httpx.AsyncClient, sqlite_db: Database, clock: ManualClock
) -> None:
    answer = await web.get("/editors", headers=await _token(sqlite_db, clock, *roles))
    assert answer.status_code == status
    assert (await web.get("/any", headers=await _token(sqlite_db, clock, *roles))).status_code == 200


async def test_a_browser_that_changes_something_shows_that_its_page_is_ours(
    web: httpx.AsyncClient, sqlite_db: Database, clock: ManualClock
) -> None:
    cookie, csrf = await _signed_in(sqlite_db, clock, password="correct horse battery")
    assert (await web.get("/any", headers=cookie)).status_code == 200
    statuses = [
        (await web.post("/any", headers=cookie | more)).status_code
        for more in ({}, {CSRF_HEADER: ""}, {CSRF_HEADER: "wrong"}, {CSRF_HEADER: csrf})
    ]
    assert statuses == [403, 403, 403, 200]


async def test_a_password_for_once_opens_nothing_until_it_is_changed(
    web: httpx.AsyncClient, sqlite_db: Database, clock: ManualClock
) -> None:
    cookie, _ = await _signed_in(sqlite_db, clock, password=None)
    assert (await web.get("/any", headers=cookie)).status_code == 403


async def test_a_session_in_use_once_ended_after_eight_hours(
    web: httpx.AsyncClient, sqlite_db: Database, clock: ManualClock
) -> None:
    """Its use was never noted, so everybody was signed out in the middle of the working day."""
    cookie, _ = await _signed_in(sqlite_db, clock, password="correct horse battery")
    for _ in range(3):
        clock.advance(timedelta(hours=5))
        assert (await web.get("/any", headers=cookie)).status_code == 200
    clock.advance(auth.SESSION_IDLE + timedelta(seconds=1))
    assert (await web.get("/any", headers=cookie)).status_code == 401


def test_a_guard_s_dependency_names_its_roles(sqlite_db: Database, clock: ManualClock) -> None:
    assert Guard(sqlite_db, clock).needs(Role.EDITOR).roles == (Role.EDITOR,)  # type: ignore[attr-defined]


# --- addresses -------------------------------------------------------------------------------------------------

OURS = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def _request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.9, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.9, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("192.0.2.9", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.2",), "10.0.0.1"),
        ("10.0.0.1", ("not an address",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1, <script>",), "10.0.0.1"),
        ("::1", ("2001:db8::7",), "2001:db8::/64"),
        ("::1", ("2001:db8::8:0:0:7",), "2001:db8::/64"),
        ("::1", ("2001:db8:0:1::7",), "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", (), "203.0.113.7"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("", ("198.51.100.1",), ""),
        ("unix", ("198.51.100.1",), "unix"),
    ],
)
def test_the_address_counted_is_the_nearest_hop_that_is_not_ours(
    peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    assert client_address(_request(peer, *forwarded), OURS) == address


def test_without_proxies_of_ours_nothing_a_caller_claims_is_believed() -> None:
    assert client_address(_request("10.0.0.1", "198.51.100.1"), ()) == "10.0.0.1"
