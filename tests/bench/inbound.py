"""The way in: webhooks accepted, questions answered, memory and start of ``serve``: ``python -m tests.bench.inbound``.

Real processes on SQLite; the client posts signed webhooks as Twilio does, and replies are counted at the stand-in.
"""

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import aiohttp

from core.ids import new_id
from tests.bench.rig import databases, row
from tests.fakes.twilio import AUTH_TOKEN, NUMBER
from tests.fakes.twilio_callbacks import signature
from tests.faults.rig import Office, office_at
from tests.support.service import Service, until

QUESTION = "医保卡丢了怎么补办"
ACCEPTED, ANSWERED, IDLE, PACED = 3000, 1000, 30, 1000
CONNECTIONS = 32
_NUMBERS = itertools.count()


def _form(office: Office, text: str) -> dict[str, str]:
    """A message from one of a thousand made-up numbers, each in its turn."""
    number = f"+447700900{next(_NUMBERS) % 1000:03d}"
    return office.background.call(office.twilio.inbound, number, NUMBER, text)


async def _post(http: aiohttp.ClientSession, serve: Service, form: dict[str, str]) -> None:
    url = f"{serve.url}/hooks/twilio"
    headers = {"X-Twilio-Signature": signature(AUTH_TOKEN, url, form)}
    async with http.post(url, data=form, headers=headers) as answer:
        assert answer.status == 200, answer.status


async def _all(serve: Service, forms: Iterable[dict[str, str]], rate: float | None = None) -> float:
    """Post every form over some connections, or at a rate; the seconds it took."""
    waiting = iter(forms)
    began = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        if rate:
            tasks = []
            for place, form in enumerate(waiting):
                await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
                tasks.append(asyncio.create_task(_post(http, serve, form)))
            await asyncio.gather(*tasks)
        else:

            async def loop() -> None:
                for form in waiting:
                    await _post(http, serve, form)

            await asyncio.gather(*(loop() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began


class _Replies:
    """When the first reply to each number arrived at the stand-in."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._seen = office.arrived()
        self.at: dict[str, float] = {}

    def look(self) -> int:
        """Note what has come since the last look; how many numbers were answered."""
        records = self._office.twilio.state.messages
        while self._seen < len(records):
            self.at.setdefault(records[self._seen].to, time.perf_counter())
            self._seen += 1
        return len(self.at)


def _service(office: Office, *more: str) -> Service:
    folder = office.folder / new_id()
    folder.mkdir()
    settings = {**office.settings, "SUNLINE_PUBLIC_URL": "{url}"}
    return Service(folder, "serve", *more, ready=None, **settings)


def _accepted(office: Office) -> None:
    serve = _service(office, "--no-with-worker")
    began = time.perf_counter()
    serve.start()
    ready_s = time.perf_counter() - began
    try:
        forms = [_form(office, QUESTION) for _ in range(ACCEPTED)]
        rate = ACCEPTED / asyncio.run(_all(serve, forms))
    finally:
        serve.stop()
    row("inbound webhooks accepted, one process", {"sqlite": f"{rate:,.0f}/s"}, "1,000/s", [rate >= 1000])
    row("`serve` ready after start", {"sqlite": f"{ready_s:.1f} s"}, "3 s", [ready_s <= 3])


def _answered(office: Office) -> None:
    serve = _service(office, "--with-worker").start()
    try:
        memory_mb = _memory_mb(serve)
        idle = [_one(office, serve) for _ in range(IDLE)]
        paced = _under_load(office, serve)
        rate = _as_fast_as_it_can(office, serve)
    finally:
        serve.stop()
    for name, took, limit in (("idle", idle, 0.5), ("at 100 messages/s", paced, 2.0)):
        p95 = statistics.quantiles(took, n=20)[-1]
        row(f"inbound message to its reply handed over, p95, {name}", {"sqlite": f"{p95:.2f} s"}, f"{limit} s",
            [p95 <= limit])  # fmt: skip
    row("inbound messages understood and answered, one process", {"sqlite": f"{rate:,.0f}/s"}, "250/s", [rate >= 250])
    row("memory of `serve` with its worker and Twilio", {"sqlite": f"{memory_mb:.0f} MB"}, "220 MB", [memory_mb <= 220])


def _one(office: Office, serve: Service) -> float:
    replies, form = _Replies(office), _form(office, QUESTION)
    began = time.perf_counter()
    asyncio.run(_all(serve, [form]))
    until(replies.look, 30, "a reply")
    return replies.at[form["From"]] - began


def _under_load(office: Office, serve: Service) -> list[float]:
    return _replies_to(office, serve, PACED, rate=100.0)[1]


def _as_fast_as_it_can(office: Office, serve: Service) -> float:
    began = time.perf_counter()
    replies, _ = _replies_to(office, serve, ANSWERED)
    return ANSWERED / (max(replies.at.values()) - began)


def _replies_to(office: Office, serve: Service, count: int, rate: float | None = None) -> tuple[_Replies, list[float]]:
    """Post and watch at the same time; the replies, and how long after its turn to be posted each came."""
    forms, replies = [_form(office, QUESTION) for _ in range(count)], _Replies(office)
    began = time.perf_counter()
    posting = office.background.begin(_all(serve, forms, rate))
    until(lambda: replies.look() >= count, 180, lambda: f"{replies.look()} of {count} replies")
    posting.result(60)
    return replies, [
        replies.at[form["From"]] - began - (place / rate if rate else 0.0) for place, form in enumerate(forms)
    ]


def _memory_mb(serve: Service) -> float:
    status = Path(f"/proc/{serve.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    """All of it on SQLite, as a town office runs it."""
    with tempfile.TemporaryDirectory(prefix="sunline-bench-") as folder, databases(("sqlite",)) as make:
        for measure in (_accepted, _answered):
            path = Path(folder) / new_id()
            path.mkdir()
            with office_at(path, make("sqlite")) as office:
                measure(office)


if __name__ == "__main__":
    main()
