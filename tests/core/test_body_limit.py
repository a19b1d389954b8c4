"""A body that stops coming, or comes in crumbs, is given up; sizes are tried in test_web."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from core.body_limit import BodyLimit, Patience
from core.web import install_error_handlers


class Body(BaseModel):
    """Something small."""

    n: int


def _app(patience: Patience) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(BodyLimit, default=1000, patience=patience)

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.post("/echo")
    async def echo(body: Body) -> Body:
        return body

    return app


async def _post_slowly(app: FastAPI, path: str, *, pause: float, parts: int) -> httpx.Response:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(parts):
            yield b"{"
            await asyncio.sleep(pause)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as web:
        return await web.post(path, content=body(), headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("path", ["/raw", "/echo"])
async def test_a_body_that_stops_coming_is_given_up(path: str) -> None:
    answer = await _post_slowly(_app(Patience(silent=0.05, whole=5.0)), path, pause=10.0, parts=2)
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    assert answer.json()["error"] == "TooSlow"


async def test_a_body_in_crumbs_has_an_end_too() -> None:
    app = _app(Patience(silent=5.0, whole=0.1))
    assert (await _post_slowly(app, "/raw", pause=0.03, parts=500)).status_code == 408
    assert (await _post_slowly(app, "/raw", pause=0.0, parts=5)).text == "5"
