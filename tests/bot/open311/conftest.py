"""GeoReport over HTTP, beside the hotline that handles what comes in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from bot.open311 import routes
from core.audit import OPERATOR
from core.config import Settings
from core.tokens import create_token
from core.web import install_error_handlers
from tests.bot.hotline.conftest import Rig, lite, rig

__all__ = ["lite", "rig"]

REQUEST = {
    "service_code": "streetlight",
    "description": "西河村口路灯坏了三天，打我电话+12025550133",
    "address_string": "西河村口",
    "lat": "30.2741",
    "long": "120.1551",
    "last_name": "示例",
    "first_name": "庚",
    "phone": "+12025550133",
    "email": "someone@example.org",
}


@dataclass
class GeoReport:
    """A client of the standard."""

    rig: Rig
    http: httpx.AsyncClient
    key: str

    async def get(self, path: str, expected: int = 200, **query: str) -> Any:
        """A JSON answer."""
        got = await self.http.get(f"/open311/v2/{path}.json", params=query)
        assert got.status_code == expected, got.text
        assert got.headers["content-type"] == "application/json; charset=utf-8"
        return got.json()

    async def xml(self, path: str, expected: int = 200, **query: str) -> ElementTree.Element:
        """An XML answer's root."""
        got = await self.http.get(f"/open311/v2/{path}.xml", params=query)
        assert got.status_code == expected, got.text
        assert got.headers["content-type"] == "text/xml; charset=utf-8"
        assert got.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        return ElementTree.fromstring(got.content)  # noqa: S314 - our own answer

    async def post(self, status: int = 201, path: str = "requests.json", **more: Any) -> Any:
        """Hand a request in."""
        data = {"api_key": self.key, **REQUEST, **more.pop("data", {})}
        got = await self.http.post(f"/open311/v2/{path}", data=data, **more)
        assert got.status_code == status, got.text
        return got.json()


@pytest.fixture
async def geo(lite: Rig) -> AsyncIterator[GeoReport]:
    app = FastAPI()
    install_error_handlers(app)
    settings = Settings(secret_key="x" * 40, public_url="https://sunline.example")
    app.include_router(routes.build_router(lite.hotline, lite.db, lite.clock, settings))
    key = lite.db.write_now(create_token, lite.clock(), OPERATOR, "an app", ["sender"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as http:
        yield GeoReport(lite, http, key)
