"""``kill -9`` between the steps of documents: nothing is lost, nothing comes twice, who signed hears nothing more.

The limit is seconds away instead of an hour, so a real worker goes through every step while it is killed. Counted
at the receiving end, and compared with what sign-off recorded.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, func, select

from adapters.twilio_sms import TwilioChannel
from core.audit import Actor
from core.auth import Principal
from core.clock import system_clock
from core.office_hours import OfficeHours
from core.people import Contact, Person, Role, Unit, address_index
from notify.outbox.models import OutboxMessage
from notify.outbox.service import Outbox
from notify.signoff.issuing import NewDocument, NewRecipient
from notify.signoff.models import Recipient, Reminder
from notify.signoff.office import SignOffice
from notify.signoff.plan import Step
from notify.signoff.service import SignOff
from notify.signoff.signing import Outcome, Signer
from notify.timer_models import TimerRow
from tests.contract.cases.twilio import settings as twilio_settings
from tests.faults.rig import Office, note, number, sized

pytestmark = pytest.mark.timeout(900)
CLERK = Principal("clerk", "示例戊", frozenset({Role.OFFICIAL}), "api")
BOSS = "+12025550104"
LIMIT = timedelta(seconds=sized(12, 30))
TOGETHER = 50
"""Documents issued in one transaction."""
STEPS = (Step.ISSUED, Step.HALF, Step.YELLOW, Step.LIMIT)


@dataclass
class Town:
    """Officials with a document each, and the service that signs, in this process."""

    office: Office
    signoff: SignOff
    count: int

    def issue(self) -> list[str]:
        """A document for each; the ids of their recipients. Each has its time from when it was issued."""
        return [one for begin in range(0, self.count, TOGETHER) for one in self.office.db.write_now(self._some, begin)]

    def _some(self, session: Session, begin: int) -> list[str]:
        due = system_clock() + LIMIT
        return [self._one(session, n, due) for n in range(begin, min(begin + TOGETHER, self.count))]

    def _one(self, session: Session, n: int, due: datetime) -> str:
        unit = [NewRecipient("示例局", f"person-{n}")]
        new = NewDocument(f"示发〔2026〕{n + 1}号", "关于做好防汛值守的通知", "urgent", True, unit, due_at=due)
        return self.signoff.issue(session, new, CLERK).recipients[0].id

    def sign(self, n: int, recipient_id: str) -> Outcome:
        """Somebody signs their document."""
        signer = Signer(f"person-{n}", "sms", Actor(f"person-{n}", "sms"))
        return self.office.db.write_now(self.signoff.sign, recipient_id, signer).outcome

    def heard(self) -> dict[int, Counter[str]]:
        """How often each official got each text."""
        by_phone = {number(n): n for n in range(self.count)}
        records = self.office.background.call(lambda: list(self.office.twilio.state.messages))
        found: dict[int, Counter[str]] = {n: Counter() for n in range(self.count)}
        for record in records:
            if record.to in by_phone:
                found[by_phone[record.to]][record.body] += 1
        return found


def town(office: Office, count: int) -> Town:
    """Officials with a telephone each, and a supervisor."""
    office.db.write_now(_people, count)
    api = twilio_settings(api_base=office.twilio.url, segments_per_second=100_000)
    channels = {"twilio": TwilioChannel(api, clock=system_clock)}
    outbox = Outbox(channels, system_clock, "阳光热线")
    work = SignOffice(OfficeHours.parse(), "12345", phone_channel="twilio")
    return Town(office, SignOff(outbox, channels, system_clock, work), count)


def _people(session: Session, count: int) -> None:
    session.add(Unit(id="unit", name="示例局"))
    session.flush()
    boss = [("boss", "示例丁", [Role.SUPERVISOR.value], BOSS)]
    for who, name, roles, phone in [*boss, *((f"person-{n}", f"示例{n}", [], number(n)) for n in range(count))]:
        session.add(Person(id=who, name=name, unit_id="unit", roles=["official", *roles], created_at=system_clock()))
        session.flush()
        key = address_index("twilio", phone)
        session.add(
            Contact(person_id=who, channel="twilio", address=phone, address_index=key, verified_at=system_clock())
        )


def _steps(session: Session) -> dict[str, list[str]]:
    """The steps recorded for each recipient, in order."""
    found: dict[str, list[str]] = {}
    for row in session.exec(select(Reminder).order_by(col(Reminder.id))):
        found.setdefault(row.recipient_id, []).append(row.step)
    return found


def _settled(session: Session) -> bool:
    """Whether nothing is due or under way; the reminders after the limit are half an hour off."""
    soon = select(func.count()).where(TimerRow.due_at <= system_clock() + timedelta(minutes=1))
    waits = select(func.count()).where(col(OutboxMessage.state).in_(["queued", "sending", "uncertain"]))
    return not session.exec(soon).one() and not session.exec(waits).one()


def _go_through(office: Office, made: Town, kills: int, until: float) -> None:
    """A worker works and is killed at random moments; one is left to end it."""
    chance = random.Random(11)
    moments = sorted(time.monotonic() + chance.uniform(0.5, until) for _ in range(kills))
    worker = office.worker()
    try:
        for moment in moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            worker.kill()
            worker = office.worker()
        deadline = time.monotonic() + 180
        while not office.db.read_now(_settled):
            assert time.monotonic() < deadline, worker.log.read_text("utf-8")[-2000:]
            time.sleep(0.2)
    finally:
        worker.stop()


def test_killed_between_steps_every_official_hears_each_step_once_and_red_is_never_lost(office: Office) -> None:
    made = town(office, sized(60, 600))
    recipients = made.issue()
    kills = sized(4, 12)
    _go_through(office, made, kills, LIMIT.total_seconds() + 2)
    heard, steps = made.heard(), office.db.read_now(_steps)
    twice = sum(count > 1 for texts in heard.values() for count in texts.values())
    lost = sum(len(steps[recipient]) - len(heard[n]) for n, recipient in enumerate(recipients))
    without_red = sum(Step.LIMIT not in steps[recipient] for recipient in recipients)
    database = "SQLite" if office.db.sqlite else "PostgreSQL"
    reminders = sum(map(len, steps.values()))
    note("documents, worker killed", database, documents=made.count, kills=kills, reminders=reminders, lost=lost,
         twice=twice, without_red=without_red)  # fmt: skip
    assert (lost, twice, without_red) == (0, 0, 0)
    for recipient in recipients:
        assert len(set(steps[recipient])) == len(steps[recipient]), "no step twice"
        assert steps[recipient] == [step for step in STEPS if step in steps[recipient]], "in their order"


def test_who_has_signed_hears_nothing_more_whatever_is_killed(office: Office) -> None:
    made = town(office, sized(40, 300))
    recipients = made.issue()
    begun: dict[int, int] = {}
    """How many messages to each had begun to be sent when their signing was committed."""
    worker = office.worker()
    try:
        deadline = time.monotonic() + 120
        while len(begun) < made.count // 2:
            assert time.monotonic() < deadline, worker.log.read_text("utf-8")[-2000:]
            ready = [n for n, texts in made.heard().items() if texts and n % 2 == 0 and n not in begun]
            for n in ready:
                assert made.sign(n, recipients[n]) is Outcome.SIGNED
                begun[n] = office.db.read_now(_begun, number(n))
            if ready:
                worker.kill()
                worker = office.worker()
            time.sleep(0.05)
    finally:
        worker.kill()
    _go_through(office, made, sized(2, 6), LIMIT.total_seconds())
    heard = made.heard()
    more = sum(max(0, heard[n].total() - count) for n, count in begun.items())
    still_open = office.db.read_now(_open)
    database = "SQLite" if office.db.sqlite else "PostgreSQL"
    note("documents, signed while killed", database, documents=made.count, signed=len(begun), more=more)
    assert more == 0, "nothing starts to be sent after a signing"
    assert still_open == made.count - len(begun)
    assert all(max(texts.values()) == 1 for texts in heard.values())


def _begun(session: Session, phone: str) -> int:
    rows = select(func.count()).where(
        OutboxMessage.address_index == address_index("twilio", phone),
        col(OutboxMessage.state).not_in(["queued", "cancelled"]),
    )
    return session.exec(rows).one()


def _open(session: Session) -> int:
    return session.exec(select(func.count()).where(Recipient.state == "open")).one()
