"""A faithful stand-in for Telegram's Bot API on loopback.

In a test::

    async with FakeTelegram() as telegram:
        telegram.user_says(1001, "社保卡丢了怎么办")
        await telegram.until(lambda: telegram.posts_to(1001))

As a process for fault and bench runs: ``python -m tests.fakes.telegram --port 8081 --any-chat``; deeds of people
and faults are then sent to ``POST /control`` as ``{"do": "user_says", "chat": 1001, "text": "…"}``, and
``GET /control`` tells counts, the transcript and what arrived (``?brief`` only the counts).
"""

import argparse
import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from tests.fakes.telegram_methods import Methods
from tests.fakes.telegram_people import People
from tests.fakes.telegram_state import ApiError, Call, Fault, Json, Memory, Post
from tests.fakes.telegram_updates import Updates

TOKEN = "7000000001:AAH-stand-in-token-of-nobody-000000001"
_PATH = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<rest>.+)")
_DEEDS = {"user_says", "user_presses", "user_sends_file", "blocks", "unblocks", "fault"}
_DEEDS |= {"repeats", "group", "group_message", "deletes_topic", "migrates"}


class FakeTelegram(People):
    """Telegram with one bot. ``any_chat`` lets the bot write to chats that never wrote (never true in reality)."""

    def __init__(self, *, token: str = TOKEN, any_chat: bool = False, port: int = 0) -> None:
        self.token = token
        self.me = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "阳光热线",
            "username": "sunline_test_bot",
        }
        self.memory = Memory()
        self.updates = Updates()
        self.now = lambda: int(time.time())
        self._any_chat = any_chat
        self._methods = Methods(self.memory, self.updates, self.me, any_chat=any_chat, now=self.now)
        self._port = port
        self._runner: web.ServerRunner | None = None
        self._changed = asyncio.Event()

    # --- life ------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        server = web.Server(self._handle, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.updates.aclose()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """What TELEGRAM_API_BASE is set to."""
        return f"http://127.0.0.1:{self._port}"

    # --- what a test asks ------------------------------------------------------------------------------------

    @property
    def posts(self) -> list[Post]:
        """All that the bot posted."""
        return self.memory.posts

    def posts_to(self, chat: int) -> list[Post]:
        """What the bot posted in one chat."""
        return [post for post in self.memory.posts if post.chat == chat]

    def calls(self, method: str) -> list[Call]:
        """Calls of one method, whatever became of them."""
        return [call for call in self.memory.calls if call.method == method]

    def fault(self, method: str, *faults: Fault | Json) -> None:
        """The next calls of ``method`` ("*": any) meet these faults, one each."""
        made = [given if isinstance(given, Fault) else _fault(given) for given in faults]
        self.memory.faults[method].extend(made)

    async def until(self, seen: Callable[[], Any], timeout_s: float = 5) -> Any:
        """Waits until ``seen()`` is true, and returns it; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not (value := seen()):
                # Calls wake it at once; what changes without a call's end is seen a little later.
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await self._changed.wait()
            return value

    # --- HTTP ------------------------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = unquote(request.path)
        if path == "/control":
            return await self._control(request)
        match = _PATH.fullmatch(path)
        if match is None:
            return _answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        if match["token"] != self.token:
            return _answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if match["file"]:
            return self._download(match["rest"])
        return await self._call(match["rest"], await _params(request), request)

    async def _call(self, name: str, params: Json, request: web.BaseRequest) -> web.StreamResponse:
        fault = self.memory.next_fault(name)
        try:
            if fault is not None and fault.error is not None:
                raise fault.error
            if fault is not None and not fault.accept:
                result: object = True
            else:
                result = await self._methods.call(name, params)
            answer = _answer(200, {"ok": True, "result": result})
        except ApiError as error:
            answer = _refusal(error)
        self._note(name, params, answer.status)
        if fault is not None:
            return await _spoiled(fault, request, answer)
        return answer

    def _note(self, name: str, params: Json, status: int) -> None:
        self.memory.calls.append(Call(name, params, status))
        self._changed.set()
        self._changed = asyncio.Event()

    def _download(self, path: str) -> web.Response:
        for known, content in self.memory.files.values():
            if known == path:
                return web.Response(body=content, content_type="application/octet-stream")
        return _answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})

    async def _control(self, request: web.BaseRequest) -> web.Response:
        if request.method == "POST":
            order = json.loads(await request.read())
            name = order.pop("do")
            if name not in _DEEDS:
                return _answer(400, {"detail": f"no such deed: {name}"})
            done = self.fault(order["method"], *order["faults"]) if name == "fault" else _do(self, name, order)
            return _answer(200, {"result": done if isinstance(done, int) else None})
        counts = Counter(call.method for call in self.memory.calls)
        posts = [{"chat": p.chat, "id": p.id, "text": p.text, "thread": p.thread} for p in self.posts]
        brief = {"calls": counts, "posts": len(posts), "pending": len(self.updates.pending)}
        full = {"messages": posts, "transcript": self.memory.transcript}
        return _answer(200, brief | ({} if "brief" in request.query else full))


def _do(fake: FakeTelegram, name: str, order: Json) -> object:
    if "content" in order:
        order["content"] = str(order["content"]).encode()
    return getattr(fake, name)(**order)


def _request(*parts: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = parts
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=64 * 1024 * 1024)


async def _params(request: web.BaseRequest) -> Json:
    kind = request.content_type
    params: Json = dict(request.query)
    if kind == "application/x-www-form-urlencoded":
        params |= parse_qsl((await request.read()).decode(), keep_blank_values=True)
    elif kind == "application/json":
        params |= json.loads(await request.read() or b"{}")
    elif kind.startswith("multipart/"):
        params["_files"] = {}
        for key, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                params["_files"][key] = (unquote(value.filename), value.file.read())
            else:
                params[key] = value
    return params


def _answer(status: int, body: Json) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json")


def _refusal(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    return _answer(error.status, body | ({"parameters": error.parameters} if error.parameters else {}))


async def _spoiled(fault: Fault, request: web.BaseRequest, answer: web.Response) -> web.StreamResponse:
    if fault.what == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault.what == "cut" and request.transport is not None:
        request.transport.abort()
    elif fault.what == "garbage":
        return web.Response(status=fault.status, body=fault.body, content_type="text/html")
    return answer


def _fault(order: Json) -> Fault:
    """A fault from its JSON form: {"what": "too_many", "retry_after": 3}."""
    arguments = dict(order)
    return getattr(Fault, str(arguments.pop("what")))(**arguments)  # type: ignore[no-any-return]


async def _serve(port: int, token: str, *, any_chat: bool) -> None:
    async with FakeTelegram(token=token, any_chat=any_chat, port=port) as telegram:
        print(telegram.url, flush=True)  # noqa: T201 - the caller reads the address from here
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for Telegram's Bot API on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free port; the address is printed")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--any-chat", action="store_true", help="accept messages to chats that never wrote")
    given = parser.parse_args()
    try:
        asyncio.run(_serve(given.port, given.token, any_chat=given.any_chat))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
