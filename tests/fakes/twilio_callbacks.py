"""Requests that the stand-in for Twilio makes to us: signed receipts and messages, delivered with retries."""

import asyncio
import base64
import hmac
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from yarl import URL

from tests.fakes.twilio_state import SILENT, UNDELIVERED, Record, State

CONCURRENCY = 8
"""Callbacks under way at the same time."""


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the address and the sorted parameters."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


@dataclass(frozen=True)
class Overrides:
    """Retry settings from the fragment of a callback address; without them one retry of a failed connection."""

    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})
    timeout_s: float = 15.0

    @classmethod
    def of(cls, url: str) -> "Overrides":
        """``#rc=5&rp=all&rt=1500`` as values."""
        given = {name: found[0] for name, found in parse_qs(urlsplit(url).fragment).items()}
        return cls(
            retries=min(int(given.get("rc", 1)), 5),
            policies=frozenset(given.get("rp", "ct").split(",")),
            timeout_s=int(given.get("rt", 15_000)) / 1000,
        )

    def retry(self, failure: str) -> bool:
        """Whether a failure (``ct``, ``rt``, ``4xx``, ``5xx``) is worth another try."""
        return failure in self.policies or "all" in self.policies


@dataclass
class Answer:
    """What we said to one callback: the HTTP status, 0 when nothing came."""

    form: Mapping[str, str]
    status: int


@dataclass
class Callbacks:
    """Posts forms to our webhooks. ``shuffle`` and ``repeat`` disturb the order and number of receipts."""

    state: State
    statuses: Sequence[str] = ("queued", "sent", "delivered")
    shuffle: bool = False
    repeat: int = 1
    pause_s: float = 0.0
    retry_pause_s: float = 0.02
    answers: list[Answer] = field(default_factory=list)
    order: random.Random = field(default_factory=lambda: random.Random(7))
    _queue: asyncio.Queue[tuple[str, list[dict[str, str]]]] = field(default_factory=asyncio.Queue)
    _workers: list[asyncio.Task[None]] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Starts the workers; needs a running loop."""
        self._session = aiohttp.ClientSession()
        self._workers = [asyncio.create_task(self._work()) for _ in range(CONCURRENCY)]

    async def close(self) -> None:
        """Ends the workers; what is still queued is not delivered."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def settled(self) -> None:
        """Returns when every callback has been delivered or given up."""
        await self._queue.join()

    def follow(self, record: Record) -> None:
        """Lets a message run its course and reports it where the message asks for that."""
        if record.to == SILENT:
            return
        code = UNDELIVERED.get(record.to)
        course = [*self.statuses[:-1], "undelivered"] if code else list(self.statuses)
        steps = [(status, code if status == "undelivered" else None) for status in course]
        record.status, record.error_code = steps[-1] if steps else (record.status, None)
        record.sent = self.state.clock() if len(steps) > 1 else None
        callback = record.form.get("StatusCallback")
        if not callback or not steps:
            return
        forms = [status_form(self.state, record, status, error) for status, error in steps] * self.repeat
        if self.shuffle:
            self.order.shuffle(forms)
        self._queue.put_nowait((callback, forms))

    def queue(self, url: str, forms: list[dict[str, str]]) -> None:
        """Reports these, one after the other."""
        self._queue.put_nowait((url, forms))

    async def ask(self, url: str, form: Mapping[str, str]) -> tuple[int, str]:
        """One signed request whose answer is of interest: the status and the body."""
        assert self._session is not None
        headers = {
            "X-Twilio-Signature": signature(self.state.auth_token, url, form),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        # The address is taken as it is signed: aiohttp would otherwise quote it anew.
        async with self._session.post(URL(url, encoded=True), data=urlencode(form), headers=headers) as response:
            return response.status, await response.text()

    async def _work(self) -> None:
        while True:
            url, forms = await self._queue.get()
            try:
                for form in forms:
                    await asyncio.sleep(self.pause_s)
                    await self.deliver(url, form, Overrides.of(url))
            finally:
                self._queue.task_done()

    async def deliver(self, url: str, form: Mapping[str, str], overrides: Overrides) -> int:
        """Posts one form, retrying as the overrides say; the last HTTP status, 0 when none came."""
        status = 0
        for attempt in range(overrides.retries + 1):
            if attempt:
                await asyncio.sleep(self.retry_pause_s)
            status, failure = await self.post(url.partition("#")[0], form, overrides.timeout_s)
            self.answers.append(Answer(form, status))
            if not failure or not overrides.retry(failure):
                break
        return status

    async def post(self, url: str, form: Mapping[str, str], timeout_s: float = 15.0) -> tuple[int, str]:
        """One signed request: the status and the kind of failure, empty when we said 2xx."""
        assert self._session is not None
        headers = {
            "X-Twilio-Signature": signature(self.state.auth_token, url, form),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.post(
                url, data=urlencode(form), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                await response.read()
                kind = "" if response.status < 300 else f"{response.status // 100}xx"
                return response.status, kind
        except TimeoutError:
            return 0, "rt"
        except aiohttp.ClientError:
            return 0, "ct"


def status_form(state: State, record: Record, status: str, code: int | None) -> dict[str, str]:
    """The parameters of a status callback."""
    form = {
        "AccountSid": state.account_sid,
        "ApiVersion": "2010-04-01",
        "From": record.sender,
        "To": record.to,
        "MessageSid": record.sid,
        "MessageStatus": status,
        "SmsSid": record.sid,
        "SmsStatus": status,
    }
    if record.service:
        form["MessagingServiceSid"] = record.service
    return {**form, "ErrorCode": str(code)} if code else form


def inbound_form(state: State, sid: str, address: str, to: str, body: str) -> dict[str, str]:
    """The parameters of a message from a handset, without media."""
    return {
        "AccountSid": state.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": address,
        "To": to,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "FromCountry": "US",
        "ToCountry": "US",
    }
