"""Ten thousand documents due in one second: how long until their reminders are rows of the outbox.

``python -m tests.bench.signoff``. Each run: as many officials as documents, every document issued before, its next
step due in the same second. Beside it the yardstick: the bare inserts of as many rows with the same ciphertext.
"""

import argparse
import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, func, select

from adapters.memory import MemoryChannel
from core.calendar import load_days
from core.clock import ManualClock
from core.db import Database
from core.ids import new_id
from core.office_hours import OfficeHours
from core.people import Contact, Person, Unit, address_index
from core.ports import Can
from core.terms import Limit
from notify.outbox.dispatch import tune_process
from notify.outbox.models import OutboxGuard, OutboxMessage
from notify.outbox.service import Outbox
from notify.signoff import firing
from notify.signoff.models import Document, Recipient
from notify.signoff.office import SignOffice
from notify.signoff.plan import OverdueRule, make_plan
from notify.signoff.reminding import guard_name
from notify.signoff.service import SignOff
from notify.timers import Timers, set_timers
from tests.bench.rig import databases

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STEPS = {"issued": 0, "half": 1, "limit": 3}


def fill(session: Session, now: datetime, count: int, step: int) -> None:
    """Officials with a phone each, and a document for each with one due moment."""
    session.add(Unit(id="unit", name="示例局"))
    session.flush()
    hours = OfficeHours.parse()
    rule = OverdueRule(Limit.parse("30 minutes"), 6)
    plan = make_plan(now, Limit.parse("1 hour"), rule, hours, load_days(session))
    people, contacts, documents, recipients, guards, timers = [], [], [], [], [], []
    for n in range(count):
        person, document, recipient = new_id(), new_id(), new_id()
        phone = f"+4477009{n:05d}"
        times = {"due_at": plan.due_at, "yellow_at": plan.yellow_at}
        common = {"unit_id": "unit", "active": True, "created_at": now, "roles": ["official"], "locale": "zh-Hans"}
        people.append({"id": person, "name": f"示例{n}", **common})
        index = address_index("sms", phone)
        reached = {"channel": "sms", "address": phone, "address_index": index, "position": 0, "verified_at": now}
        contacts.append({"id": new_id(), "person_id": person, **reached})
        facts = {"number": f"示发〔2026〕{n}号", "title": "关于做好防汛值守的通知", "urgency": "urgent"}
        state = {"kind": "document", "clock": "round_the_clock", "state": "issued", "issuer": "bench"}
        documents.append({"id": document, "issued_at": now, "created_at": now, **facts, **state, **times})
        roles = {"document_id": document, "position": 0, "unit_id": "unit", "a_id": person, "code": str(n)}
        frozen = {"plan": [planned.to_json() for planned in plan.steps], "generation": 1, **times}
        recipients.append({"id": recipient, "state": "open", "waiting": False, **roles, **frozen})
        guards.append({"name": guard_name(recipient), "generation": 1})
        row = Recipient(**recipients[-1])
        timers += firing.timers_for(row, [(plan.steps[step].at, (step,))])
    tables = (Person, Contact, Document, Recipient, OutboxGuard)
    for table, rows in zip(tables, (people, contacts, documents, recipients, guards), strict=True):
        session.execute(insert(table), rows)
    set_timers(session, timers)


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(OutboxMessage)).one()


async def run(url: str, count: int, step: int) -> tuple[float, float, float]:
    """Seconds to fire everything, by the clock and of this process's time, and for the bare inserts of as many rows."""
    db, clock = Database(url), ManualClock(START)
    channels = {"sms": MemoryChannel(name="sms", can=(Can.METERED, Can.TWO_WAY))}
    outbox = Outbox(channels, clock, "阳光热线")
    signoff = SignOff(outbox, channels, clock, SignOffice(OfficeHours.parse(), "12345"))
    db.write_now(fill, clock(), count, step)
    clock.advance(timedelta(minutes=60))
    timers = Timers(db, clock, signoff.owners())
    tune_process()  # as every process that sends does at its start
    begun, worked = time.perf_counter(), time.process_time()
    while await timers.fire():
        pass
    took, own = time.perf_counter() - begun, time.process_time() - worked
    assert await db.read(_count) >= count
    begun = time.perf_counter()
    await db.write(_again)
    bare = time.perf_counter() - begun
    db.close()
    return took, own, bare


def _again(session: Session) -> None:
    """The yardstick: the same rows once more, as they are, under other ids."""
    rows = [dict(row._mapping) for row in session.execute(select(OutboxMessage.__table__))]  # type: ignore[attr-defined]
    for row in rows:
        row["id"], row["dedup_key"] = new_id(), new_id()
    session.execute(insert(OutboxMessage.__table__), rows)  # type: ignore[attr-defined]


def main() -> None:
    """Medians of three runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    kinds = (given.only,) if given.only else ("sqlite", "postgresql")
    with databases(kinds) as make:
        for kind in kinds:
            for name, step in STEPS.items():
                runs = [asyncio.run(run(make(kind), given.count, step)) for _ in range(given.runs)]
                took, own, bare = (statistics.median(column) for column in zip(*runs, strict=True))
                times = f"in {took:5.2f} s, {own:5.2f} s of processor time"
                print(f"{kind:11} {name:7} {given.count} {times}; bare rows {bare:5.2f} s, ratio {took / bare:4.1f}")


if __name__ == "__main__":
    main()
