"""Two workers and four servers on one PostgreSQL, and receipts that arrive while workers are killed."""

import asyncio
import contextlib
import random
import threading
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlmodel import Session, func, select

from bot.models import InboxMessage
from core.clock import system_clock
from core.db import Database
from core.people import Unit
from notify.timers import Timer, Timers, set_timers
from tests.fakes.twilio import NUMBER
from tests.faults.rig import Office, inbox, kill_at_random, note, number, outcome, post_webhook, sized
from tests.support.service import Service, until

pytestmark = pytest.mark.timeout(1200)
SERVERS = 4


def _serve(office: Office, name: str) -> Service:
    folder = office.folder / name
    folder.mkdir()
    return Service(folder, "serve", "--no-with-worker", SUNLINE_PUBLIC_URL="{url}", **office.settings).start()


def test_two_workers_and_four_servers_take_every_message_and_every_webhook_once(postgres_office: Office) -> None:
    office = postgres_office
    messages, webhooks = sized(300, 10_000), sized(40, 1000)
    chance = random.Random(7)
    forms = [office.background.call(office.twilio.inbound, number(n), NUMBER, f"帮助 {n}") for n in range(webhooks)]
    deliveries = [form for form in forms for _ in range(3)]
    chance.shuffle(deliveries)
    office.fill(messages)
    with contextlib.ExitStack() as stack:
        servers = [_until_the_end(stack, _serve(office, f"serve-{n}")) for n in range(SERVERS)]
        for _ in range(2):
            _until_the_end(stack, office.worker())
        _together([(server, deliveries[place::SERVERS]) for place, server in enumerate(servers)])
        until(lambda: office.db.read_now(inbox) == (webhooks, webhooks), 240, lambda: office.db.read_now(inbox))
        office.settled(300)
    announced = [count for body, count in office.received().items() if "号通知" in body]
    note("two workers, four servers", "PostgreSQL", messages=messages, twice=sum(count > 1 for count in announced),
         lost=messages - len(announced), webhooks=webhooks, deliveries=len(deliveries),
         handled=office.db.read_now(inbox)[1])  # fmt: skip
    assert (len(announced), set(announced)) == (messages, {1})
    assert office.db.read_now(_ids) == webhooks, "each delivery of a webhook ended at the same row"


def _until_the_end(stack: contextlib.ExitStack, process: Service) -> Service:
    stack.callback(process.stop)
    return process


def _together(parts: Sequence[tuple[Service, Sequence[dict[str, str]]]]) -> None:
    """Deliver each part to its server, all at once, each form until it is acknowledged."""

    def deliver(server: Service, forms: Sequence[dict[str, str]]) -> None:
        for form in forms:
            until(lambda form=form: post_webhook(server, form), 60)  # type: ignore[misc]

    threads = [threading.Thread(target=deliver, args=part) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ids(session: Session) -> int:
    return session.exec(select(func.count(func.distinct(InboxMessage.provider_id)))).one()


async def test_two_workers_fire_each_timer_once(postgres_office: Office) -> None:
    count = sized(1500, 10_000)
    office = postgres_office
    at = system_clock()
    office.db.write_now(set_timers, [Timer("test", f"t{n}", at) for n in range(count)])
    databases = [Database(office.url, pool=2) for _ in range(2)]
    try:
        fired = await asyncio.gather(*(_fire_all(database) for database in databases))
    finally:
        for database in databases:
            database.close()
    names = office.db.read_now(lambda session: session.exec(select(Unit.name)).all())
    note("two workers, timers due at once", "PostgreSQL", timers=count, fired=len(names), by_each=min(fired))
    assert sorted(names) == sorted(f"t{n}" for n in range(count))
    assert sum(fired) == count


async def _fire_all(database: Database) -> int:
    """Fire until nothing is due; a name that came twice would break its unique key."""

    def owner(session: Session, _now: datetime, timers: Sequence[Timer]) -> None:
        session.add_all([Unit(name=timer.ref) for timer in timers])
        session.flush()

    timers, fired = Timers(database, system_clock, {"test": owner}), 0
    while count := await timers.fire():
        fired += count
    return fired


def test_signed_receipts_supply_what_a_killed_worker_could_not_write_down(office: Office) -> None:
    total, kills = sized(300, 10_000), sized(2, 20)
    office.twilio.receipts = True
    office.fill(total)
    serve = _serve(office, "serve")
    try:
        kill_at_random(office, kills, office.arrived, total, SUNLINE_PUBLIC_URL=serve.url)
        until(lambda: office.db.read_now(outcome).states["delivered"] == total, 120, office.open_work)
    finally:
        serve.stop()
    received = office.received()
    twice = sum(count > 1 for count in received.values())
    note("worker killed, receipts and look-up", "SQLite" if office.db.sqlite else "PostgreSQL", messages=total,
         kills=kills, lost=total - len(received), twice=twice)  # fmt: skip
    assert (len(received), twice) == (total, 0)
