"""A stand-in for an OpenAI-compatible service: key, model name, order of the answers, faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

KEY = "sk-for-tests-only"
MODEL = "tiny"


class Service:
    """Gives each text the counts of its characters as a vector. The next answers can be scripted."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.status = 200
        self.delay_s = 0.0
        self.body: Any = None
        self.proposes: Sequence[str] = ()

    async def embeddings(self, request: web.Request) -> web.Response:
        """One vector for each input, in reverse, with its index: a caller must not trust the order."""
        posted = await request.json()
        if (refused := self._refused(request, posted)) is not None:
            return refused
        await asyncio.sleep(self.delay_s)
        if self.body is not None:
            return web.json_response(self.body)
        self.asked += posted["input"]
        data = [
            {"object": "embedding", "index": n, "embedding": _vector(text)} for n, text in enumerate(posted["input"])
        ]
        return web.json_response({"object": "list", "data": data[::-1], "model": MODEL})

    async def chat(self, request: web.Request) -> web.Response:
        """A chatty model: the list stands in other words."""
        posted = await request.json()
        if (refused := self._refused(request, posted)) is not None:
            return refused
        said = (
            "Here you are:\n" + json.dumps(list(self.proposes), ensure_ascii=False) if self.body is None else self.body
        )
        return web.json_response({"choices": [{"index": 0, "message": {"role": "assistant", "content": said}}]})

    def _refused(self, request: web.Request, posted: dict[str, Any]) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "Incorrect API key provided"}}, status=401)
        if posted["model"] != MODEL:
            return web.json_response({"error": {"message": "The model does not exist"}}, status=404)
        if self.status != 200:
            return web.json_response({"error": {"message": "try later"}}, status=self.status)
        return None


def _vector(text: str) -> list[float]:
    counts = [0.0] * 64
    for char in text:
        counts[ord(char) % 64] += 1.0
    return counts


@asynccontextmanager
async def running() -> AsyncIterator[Service]:
    """The service on loopback."""
    service, app = Service(), web.Application()
    app.router.add_post("/v1/embeddings", service.embeddings)
    app.router.add_post("/v1/chat/completions", service.chat)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield service
    await runner.cleanup()
