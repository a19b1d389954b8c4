"""What the fault tests share: sizes, databases, workers that are killed, and counting at the receiving end.

``FULL=1`` runs the sizes of TARGETS.md; otherwise the same faults are met at a reduced size.
"""

import contextlib
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlmodel import Session, func, select

from adapters.memory import MemoryChannel
from adapters.telegram import LIMITS as TELEGRAM_LIMITS
from adapters.twilio_sms import TwilioChannel
from bot.models import InboxMessage
from core import schema
from core.clock import system_clock
from core.db import Database
from core.messages import Lane
from core.ports import Can, Channel
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Message, Outbox
from tests.contract.cases.twilio import settings as twilio_settings
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, FakeTwilio
from tests.fakes.twilio_callbacks import signature
from tests.support.background import Background
from tests.support.service import Service

FULL = bool(os.environ.get("FULL"))
FIGURES = Path(os.environ.get("FIGURES", "bench/faults.jsonl"))
"""Where full runs note their counts; ``python -m tests.faults.report`` makes the page of them."""
WINDOW = 64


def sized(reduced: int, full: int) -> int:
    """How many: the size of TARGETS.md when asked for, else less."""
    return full if FULL else reduced


def note(row: str, database: str, **counts: int | float) -> None:
    """Keep the counts of a full run for ``docs/figures.md``."""
    if FULL:
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        with FIGURES.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"fault": row, "database": database, **counts}) + "\n")


def number(n: int) -> str:
    """A made-up mobile number."""
    return f"+447700900{n % 1000:03d}"


@dataclass
class Sent:
    """What ended where, by state."""

    states: Counter[str]
    doubled: int
    uncertain: int

    @property
    def open(self) -> int:
        """Messages about which something is still to happen."""
        return self.states["queued"] + self.states["sending"] + self.states["uncertain"] - self.uncertain


def outcome(session: Session) -> Sent:
    """The outbox as it stands; ``uncertain`` are those left so by policy."""
    rows = session.exec(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all()
    doubled = session.exec(select(func.count()).where(OutboxMessage.doubled > 0)).one()
    left = session.exec(select(func.count()).where(OutboxMessage.state == "uncertain", OutboxMessage.reason == "504"))
    return Sent(Counter(dict(rows)), doubled, left.one())


class Office:
    """A database, the stand-in for Twilio, and workers of the real program that are killed and started again."""

    def __init__(self, folder: Path, url: str, background: Background) -> None:
        self.folder = folder
        self.url = url
        self.background = background
        self.twilio = background.enter(FakeTwilio(receipts=False))
        self.db = Database(url)
        self._workers = 0

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()

    @property
    def settings(self) -> dict[str, str]:
        """What the program is told; look-ups follow each other fast, so that a test need not wait minutes."""
        return {
            "SUNLINE_DATABASE_URL": self.url,
            "SUNLINE_UNCERTAIN_PAUSE": "2",
            "SUNLINE_QUIET_HOURS": "",
            "SUNLINE_SMS_DAILY_CAP": "0",
            "SUNLINE_SMS_NUMBER_CAP": "0",
            "SUNLINE_CHANNELS": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_FROM": NUMBER,
            "TWILIO_API_BASE": self.twilio.url,
            "TWILIO_SEGMENTS_PER_SECOND": "100000",
            "TWILIO_TIMEOUT_SECONDS": "2",
        }

    def worker(self, **more: str) -> Service:
        """A worker process, started."""
        self._workers += 1
        folder = self.folder / f"worker-{self._workers}"
        folder.mkdir()
        return Service(folder, "worker", ready=lambda: True, **{**self.settings, **more}).start()

    def fill(self, count: int, lane: Lane = Lane.BULK, channel: Channel | None = None, prefix: str = "") -> None:
        """Put ``count`` announcements into the outbox, each with a text of its own."""
        way = channel or TwilioChannel(
            twilio_settings(api_base=self.twilio.url, segments_per_second=100_000), clock=system_clock
        )
        outbox = Outbox({way.name: way}, system_clock, "阳光热线")
        for begin in range(0, count, 500):
            messages = [
                Message(
                    kind="announcement", channel=way.name, lane=lane, payload={"text": f"第{prefix}{n}号通知"},
                    address=number(n) if way.name == "twilio" else str(1000 + n), dedup_key=f"fault:{prefix}{n}",
                )
                for n in range(begin, min(begin + 500, count))
            ]  # fmt: skip
            self.db.write_now(outbox.put_many, messages)

    def received(self) -> Counter[str]:
        """How often each text was accepted at the receiving end."""
        return Counter(self.background.call(lambda: [record.body for record in self.twilio.state.messages]))

    def arrived(self) -> int:
        """How many requests were accepted at the receiving end; asked often, so it costs that end nothing."""
        return len(self.twilio.state.messages)

    def open_work(self) -> str:
        """What the database is at, for the message of a test that waits in vain."""
        if self.db.sqlite:
            return str(self.db.read_now(outcome))
        query = text("SELECT pid, state, wait_event, left(query, 90) FROM pg_stat_activity WHERE datname IS NOT NULL")
        return f"{self.db.read_now(outcome)} {self.db.read_now(lambda session: list(session.execute(query)))}"

    def settled(self, timeout_s: float, stop_when: Callable[[Sent], bool] = lambda sent: not sent.open) -> Sent:
        """Wait until nothing more is to happen, and how everything ended."""
        deadline = time.monotonic() + timeout_s
        while not stop_when(sent := self.db.read_now(outcome)):
            assert time.monotonic() < deadline, f"still open: {sent}"
            time.sleep(0.2)
        return sent


def kill_at_random(office: Office, kills: int, done: Callable[[], int], total: int, **more: str) -> None:
    """Kill a worker ``kills`` times while messages go out, at moments spread over the whole run; leave one running.

    Moments are chosen by what has arrived, not by the clock: on any machine each kill meets messages under way.
    """
    chance = random.Random(7)
    moments = sorted(chance.sample(range(1, max(kills + 2, total * 9 // 10)), kills))
    worker = office.worker(**more)
    try:
        for moment in moments:
            deadline = time.monotonic() + 120
            while done() < moment:
                assert worker.running, worker.log.read_text("utf-8")[-2000:]
                assert time.monotonic() < deadline, (
                    f"stuck at {done()} of {total}: {office.open_work()}\n{worker.log.read_text('utf-8')[-3000:]}"
                )
                time.sleep(0.002)
            worker.kill()
            worker = office.worker(**more)
        yield_to = time.monotonic() + 300
        while office.db.read_now(outcome).open:
            assert time.monotonic() < yield_to, f"still open: {office.db.read_now(outcome)}"
            time.sleep(0.2)
    finally:
        worker.stop()


@contextlib.contextmanager
def office_at(folder: Path, url: str) -> Iterator[Office]:
    """An office for the length of the block; its database is migrated."""
    with Background() as background:
        office = Office(folder, url, background)
        schema.upgrade(office.db)
        try:
            yield office
        finally:
            office.close()


def telegram_like() -> MemoryChannel:
    """A channel with Telegram's name and limits, to fill an outbox that the real one empties."""
    return MemoryChannel(name="telegram", limits=TELEGRAM_LIMITS, can=(Can.BUTTONS, Can.TWO_WAY))


def post_webhook(serve: Service, form: dict[str, str], *, once: bool = False) -> bool:
    """Deliver a signed webhook of Twilio's; whether it was acknowledged. ``once`` does not wait for the answer."""
    url = f"{serve.url}/hooks/twilio"
    headers = {"X-Twilio-Signature": signature(AUTH_TOKEN, url, form)}
    with contextlib.suppress(httpx.TransportError):
        return httpx.post(url, data=form, headers=headers, timeout=0.05 if once else 20).status_code == 200
    return False


def inbox(session: Session) -> tuple[int, int]:
    """How many inbox rows there are, and how many are handled."""
    every = session.exec(select(func.count()).select_from(InboxMessage)).one()
    done = session.exec(select(func.count()).where(InboxMessage.state == "done")).one()
    return every, done
