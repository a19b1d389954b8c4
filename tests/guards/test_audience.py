"""Every route has a named audience, and the application keeps to it."""

import re
import tomllib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from bot.house import House
from core import tokens
from core.audit import OPERATOR
from core.people import Person, Role

LISTED = tomllib.loads(Path(__file__).with_name("audience.toml").read_text("utf-8"))
ANYONE, SIGNED_IN = "anyone", "signed in"
AUDIENCE = {route: audience for audience, routes in LISTED["audience"].items() for route in routes}
STAFF = sorted(route for route, audience in AUDIENCE.items() if audience != ANYONE)
BY_ROLE = [route for route in STAFF if AUDIENCE[route] != SIGNED_IN]
BODIES: dict[str, Any] = LISTED["body"]
"""What a route wants to see before it asks who is there."""


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _flat(included.routes)


def _roles(dependant: Dependant) -> Iterator[tuple[Role, ...]]:
    for dependency in dependant.dependencies:
        roles = getattr(dependency.call, "roles", None)
        if roles is not None:
            yield roles
        yield from _roles(dependency)


def _named(route: APIRoute) -> str | None:
    """The audience that a route's dependencies name, None when they name none."""
    named = list(_roles(route.dependant))
    assert len(named) <= 1, f"{route.path} asks twice who is there"
    if not named:
        return None
    return " ".join(sorted(named[0])) or SIGNED_IN


def _found(application: FastAPI) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for route in _flat(application.routes):
        if isinstance(route, APIRoute):
            found |= {f"{method} {route.path}": _named(route) for method in route.methods}
        elif isinstance(route, Mount | Route):
            found[f"GET {route.path}"] = None
    return found


def test_every_route_has_an_audience_and_every_audience_a_route(application: FastAPI) -> None:
    found = _found(application)
    assert sorted(set(found) - set(AUDIENCE)) == [], "say in audience.toml who may call these"
    assert sorted(set(AUDIENCE) - set(found)) == [], "audience.toml names what is not there"


def test_a_route_s_roles_are_those_listed(application: FastAPI) -> None:
    wrong = {
        route: (named, AUDIENCE.get(route))
        for route, named in _found(application).items()
        if (named or (ANYONE if route not in LISTED["inside"] else AUDIENCE.get(route))) != AUDIENCE.get(route)
    }
    assert wrong == {}


def test_the_roles_in_the_list_exist() -> None:
    named = {
        role for audience in LISTED["audience"] if audience not in {ANYONE, SIGNED_IN} for role in audience.split()
    }
    assert named <= set(Role)


def _address(route: str) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    return method, re.sub(r"\{(\w+)(:path)?\}", lambda name: "1" if name[1].endswith("id") else "26112103", path)


@pytest.fixture
async def web(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("route", STAFF)
async def test_nobody_is_let_in_without_saying_who_they_are(route: str, web: httpx.AsyncClient) -> None:
    method, path = _address(route)
    answer = await web.request(method, path, json=BODIES.get(route))
    assert (answer.status_code, answer.json()["error"]) == (401, "Unauthenticated")


@pytest.fixture(scope="module")
def everything_but(house: House) -> dict[str, str]:
    """For each audience, a token with every role except those let in."""

    def make(session: Any, audience: str) -> str:
        person = Person(name="示例甲", created_at=house.clock())
        session.add(person)
        session.flush()
        roles = sorted(set(Role) - set(audience.split()))
        return tokens.create_token(session, house.clock(), OPERATOR, audience[:60], roles, person_id=person.id)

    audiences = sorted({AUDIENCE[route] for route in BY_ROLE})
    return {audience: house.db.write_now(make, audience) for audience in audiences}


@pytest.mark.parametrize("route", BY_ROLE)
async def test_whoever_holds_every_other_role_is_refused(
    route: str, web: httpx.AsyncClient, everything_but: dict[str, str]
) -> None:
    method, path = _address(route)
    headers = {"Authorization": f"Bearer {everything_but[AUDIENCE[route]]}"}
    answer = await web.request(method, path, json=BODIES.get(route), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
