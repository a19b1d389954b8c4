"""A stand-in for Twilio's messaging API: real HTTP on loopback, with its checks, codes, receipts and faults.

In a test::

    async with FakeTwilio() as twilio:
        ...                                  # send to twilio.url with ACCOUNT_SID, AUTH_TOKEN, NUMBER
        twilio.fail_next(Fault(status=429, code=20429, retry_after="7"))
        await twilio.handset_says("+12025550110", NUMBER, "你好")     # posted to twilio.webhook_url, signed

As its own process: ``python -m tests.fakes.twilio --port 8100 --webhook http://127.0.0.1:8000/hooks/twilio``;
``/_fake/messages``, ``/_fake/faults`` and ``/_fake/says`` are then its handles.
"""

import argparse
import asyncio
import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from tests.fakes import twilio_calls
from tests.fakes.twilio_answers import Request, error, misbehave
from tests.fakes.twilio_callbacks import Callbacks, Overrides, inbound_form, signature
from tests.fakes.twilio_state import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    NUMBER,
    SECOND_NUMBER,
    SERVICE_SID,
    Fault,
    Record,
    Refused,
    State,
    faults_from,
)

__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "NUMBER", "SECOND_NUMBER", "SERVICE_SID", "FakeTwilio", "Fault", "Record"]

API = "/2010-04-01/Accounts/{sid}"
REDELIVERIES = 50
"""How often a handset's message is tried again; the real service tries less, tests want certainty."""


class FakeTwilio(twilio_calls.Exchange):
    """The account, its HTTP server, and the handsets at the other end.

    ``receipts=False`` leaves messages queued and silent; ``advanced_opt_out`` adds ``OptOutType`` to opt-out
    words, which Twilio does only for messaging services that have it switched on.
    """

    def __init__(
        self,
        *,
        webhook_url: str = "",
        port: int = 0,
        receipts: bool = True,
        advanced_opt_out: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.state = State(clock)
        self.callbacks = Callbacks(self.state)
        self.webhook_url = webhook_url
        self.receipts = receipts
        self.advanced_opt_out = advanced_opt_out
        self.transcript: list[Request] = []
        self.calls = []
        self.url = ""
        self._port = port
        self._basic = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        self._runner: web.AppRunner | None = None

    # --- running -------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1_000_000)
        app.add_routes(
            [
                web.post(f"{API}/Messages.json", self._create),
                web.get(f"{API}/Messages.json", self._list),
                web.post(f"{API}/Calls.json", self.begin_call),
                web.get(f"{API}/Calls/{{call}}.json", self.one_call),
                web.get(f"{API}/Messages/{{message}}.json", self._one),
                web.get(f"{API}/Messages/{{message}}/Media/{{media}}", self._media),
                web.get(f"{API}.json", self._account),
                web.get("/cdn/{media}", self._content),
                web.get("/_fake/messages", self._told_messages),
                web.post("/_fake/faults", self._told_faults),
                web.post("/_fake/says", self._told_says),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        await self.callbacks.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.callbacks.close()
        assert self._runner is not None
        await self._runner.cleanup()

    # --- what a test does ----------------------------------------------------------------------------------

    def fail_next(self, *faults: Fault) -> None:
        """The next sends meet these faults, one each."""
        self.state.faults.extend(faults)

    def to(self, address: str) -> list[Record]:
        """Messages accepted for an address, oldest first."""
        return self.state.to(address)

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """The signature Twilio would give to this request."""
        return signature(self.state.auth_token, url, form)

    def attach(self, content: bytes, mime: str = "image/jpeg", message: str = "") -> tuple[str, str]:
        """Keeps a file; its address in the API and its type, as ``handset_says`` takes them."""
        media = self.state.new_id("ME")
        self.state.media[media] = (mime, content)
        message = message or self.state.new_id("MM")
        return f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{message}/Media/{media}", mime

    def inbound(
        self, from_: str, to: str, body: str, media: Sequence[tuple[str, str]] = (), **more: str
    ) -> dict[str, str]:
        """The parameters of a handset's message; opt-out words have taken effect."""
        word = self.state.hear(from_, to, body)
        form = inbound_form(self.state, self.state.new_id("MM" if media else "SM"), from_, to, body)
        form["NumMedia"] = str(len(media))
        for index, (url, mime) in enumerate(media):
            form |= {f"MediaUrl{index}": url, f"MediaContentType{index}": mime}
        if word and self.advanced_opt_out:
            form["OptOutType"] = word
        if word in {"STOP", "START", "HELP"}:
            self._answer_itself(from_, to, word)
        return {**form, **more}

    def _answer_itself(self, from_: str, to: str, word: str) -> None:
        """Twilio's own reply to an opt-out word, which passes although the handset has just opted out."""
        form = {"To": from_, "Body": f"Auto-reply to {word}"}
        reply = Record(self.state.new_id("SM"), form, to, self.state.clock(), "outbound-reply", "delivered")
        self.state.keep(reply)

    async def handset_says(
        self, from_: str, to: str, body: str, media: Sequence[tuple[str, str]] = (), **more: str
    ) -> str:
        """A person writes: posted to ``webhook_url``, signed, again and again until it answers 2xx; the SID."""
        form = self.inbound(from_, to, body, media, **more)
        await self.callbacks.deliver(self.webhook_url, form, Overrides(REDELIVERIES, frozenset({"all"})))
        return form["MessageSid"]

    # --- the API -------------------------------------------------------------------------------------------

    def refusal(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), self._basic.encode()):
            return error(Refused(20003, "Authenticate", 401))
        if request.match_info["sid"] != self.state.account_sid:
            return error(Refused(20404, "The requested resource was not found", 404))
        return None

    async def _create(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self.transcript.append(Request("POST", request.path, form))
        if refused := self.refusal(request):
            return refused
        fault = self.state.faults.popleft() if self.state.faults else None
        if fault is not None and not fault.accept:
            return await misbehave(request, fault, None)
        try:
            record = self.state.accept(form)
        except Refused as refused_by:
            return error(refused_by)
        answer = web.json_response(record.as_json(ACCOUNT_SID), status=201)
        if self.receipts:
            self.callbacks.follow(record)
        return answer if fault is None else await misbehave(request, fault, answer)

    async def _list(self, request: web.Request) -> web.Response:
        self.transcript.append(Request("GET", request.path, dict(request.query)))
        if refused := self.refusal(request):
            return refused
        size = min(int(request.query.get("PageSize", 50)), 1000)
        page = int(request.query.get("Page", 0))
        found = self.state.find(request.query)
        shown = found[page * size : (page + 1) * size]
        following = urlencode({**request.query, "Page": page + 1, "PageSize": size})
        more = len(found) > (page + 1) * size
        body = {
            "messages": [record.as_json(ACCOUNT_SID) for record in shown],
            "page": page,
            "page_size": size,
            "next_page_uri": f"{request.path}?{following}" if more else None,
            "uri": request.path_qs,
        }
        return web.json_response(body)

    async def _one(self, request: web.Request) -> web.Response:
        if refused := self.refusal(request):
            return refused
        record = self.state.by_sid.get(request.match_info["message"])
        if record is None:
            return error(Refused(20404, "The requested resource was not found", 404))
        return web.json_response(record.as_json(ACCOUNT_SID))

    async def _account(self, request: web.Request) -> web.Response:
        if refused := self.refusal(request):
            return refused
        status = self.state.account_status
        return web.json_response({"sid": ACCOUNT_SID, "friendly_name": "Example Office", "status": status})

    async def _media(self, request: web.Request) -> web.Response:
        if refused := self.refusal(request):
            return refused
        raise web.HTTPTemporaryRedirect(f"{self.url}/cdn/{request.match_info['media']}")

    async def _content(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="credentials must not come here")
        mime, content = self.state.media.get(request.match_info["media"], ("", b""))
        return web.Response(body=content, content_type=mime) if mime else web.Response(status=404)

    # --- handles for other processes -----------------------------------------------------------------------

    async def _told_messages(self, _: web.Request) -> web.Response:
        return web.json_response([record.as_json(ACCOUNT_SID) for record in self.state.messages])

    async def _told_faults(self, request: web.Request) -> web.Response:
        self.fail_next(*faults_from(await request.json()))
        return web.Response(status=204)

    async def _told_says(self, request: web.Request) -> web.Response:
        said = await request.json()
        return web.json_response({"sid": await self.handset_says(said["from"], said["to"], said["body"])})


async def _serve(port: int, webhook: str, receipts: bool) -> None:
    async with FakeTwilio(webhook_url=webhook, port=port, receipts=receipts):
        await asyncio.Event().wait()


def main() -> None:
    """Runs the stand-in until it is stopped."""
    parser = argparse.ArgumentParser(description="Stand-in for Twilio's messaging API on loopback")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook", default="", help="where messages from handsets are posted")
    parser.add_argument("--no-receipts", action="store_true")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.webhook, not options.no_receipts))


if __name__ == "__main__":
    main()
