"""An instant HTTP stand-in in its own process: answers every POST at once, so that only the client's speed shows.

It does the least a server can do (find the end of each request, write a fixed answer), because a slower one would
hide what the sender costs. Answers look like Twilio's and Telegram's, so that the real adapters run against it.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

_IDS = itertools.count(1)
_DELAY_S = [0.0]
"""How long each answer takes, in seconds."""


def _twilio(number: int) -> dict[str, object]:
    now = format_datetime(datetime(2026, 11, 23, tzinfo=UTC))
    sid = f"SM{number:032x}"
    return {
        "sid": sid, "account_sid": "AC" + "0" * 32, "api_version": "2010-04-01", "from": "+12025550100",
        "to": "+12025550101", "body": "x", "status": "queued", "direction": "outbound-api", "num_segments": "1",
        "num_media": "0", "error_code": None, "error_message": None, "price": None, "price_unit": "USD",
        "date_created": now, "date_updated": now, "date_sent": None, "uri": f"/Messages/{sid}.json",
        "messaging_service_sid": None, "subresource_uris": {},
    }  # fmt: skip


def _telegram(number: int) -> dict[str, object]:
    chat = {"id": 1001, "type": "private", "first_name": "示例甲"}
    me = {"id": 7, "is_bot": True, "first_name": "bot"}
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": me, "text": "x"}
    return {"ok": True, "result": message}


class _Answers(asyncio.Protocol):
    """One connection; requests may come in pieces."""

    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            if _DELAY_S[0]:
                asyncio.get_running_loop().call_later(_DELAY_S[0], self._transport.write, _answer(head))
            else:
                self._transport.write(_answer(head))


def _answer(head: bytes) -> bytes:
    number = next(_IDS)
    status = b"200 OK"
    if b"/messages.json" in head[:200]:
        body, status = json.dumps(_twilio(number)).encode(), b"201 Created"
    elif b"/bot" in head[:100]:
        body = json.dumps(_telegram(number)).encode()
    else:
        body = b'{"id":"%d"}' % number
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status, len(body), body,
    )  # fmt: skip


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def instant_standin(delay_ms: int = 0) -> Iterator[str]:
    """Its address, for the length of the block; each answer takes ``delay_ms``."""
    command = [sys.executable, "-m", "tests.bench.standin", "--delay-ms", str(delay_ms)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay-ms", type=int, default=0)
    _DELAY_S[0] = parser.parse_args().delay_ms / 1000
    asyncio.run(_serve())
