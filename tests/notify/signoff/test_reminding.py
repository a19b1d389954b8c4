"""Reminders in fast time: every step and urgency, on SMS and chat; after the signing none starts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from core.clock import ManualClock
from core.errors import Unreachable
from core.people import Contact
from notify.outbox import taking
from notify.outbox.states import State
from notify.signoff.models import Reminder, SignOrder
from notify.signoff.signing import Outcome
from notify.timers import Timer, Timers
from tests.notify.signoff.conftest import Rig, contact

LIMITS = {"urgent": 60, "important": 240, "normal": 360}


@pytest.mark.parametrize("urgency", sorted(LIMITS))
async def test_every_step_reaches_the_right_people_on_the_right_channels(rig: Rig, urgency: str) -> None:
    minutes = LIMITS[urgency]
    await rig.issue(urgency=urgency)
    await rig.fire()
    await rig.send()
    assert rig.kinds() == [("a", "document_issued")], "the official's own first channel"
    rig.forget()
    await rig.tick(minutes=minutes / 2)
    assert rig.kinds() == [("a", "document_again"), ("chat-a", "document_again")], (
        "not signed: the next channel as well"
    )
    rig.forget()
    await rig.tick(minutes=minutes / 3)
    assert rig.kinds() == [("a", "document_yellow"), ("chat-a", "document_yellow")]
    rig.forget()
    await rig.tick(minutes=minutes / 6)
    assert sorted(rig.kinds()) == [
        ("a", "document_red"),
        ("b", "document_red_other"),
        ("boss", "document_supervision"),
        ("chat-a", "document_red"),
        ("leader", "document_red_other"),
    ]
    for _ in range(6):
        rig.forget()
        await rig.tick(minutes=30)
        assert {("a", "document_red"), ("b", "document_red_other"), ("leader", "document_red_other")} <= set(
            rig.kinds()
        )
    rig.forget()
    await rig.tick(hours=3)
    assert not [kind for _, kind in rig.kinds() if kind.startswith("document_red")], "six times at the most"


async def test_signing_stops_everything_and_closes_the_order(rig: Rig) -> None:
    issued = await rig.issue()
    await rig.tick(minutes=61)
    assert (await rig.sign(issued.recipients[0].id)).late_minutes == 1
    rig.forget()
    await rig.tick(hours=6)
    assert rig.kinds() == []
    orders = await rig.db.read(lambda session: list(session.exec(select(SignOrder))))
    assert [order.closed_at is not None for order in orders] == [True]


async def test_a_reminder_being_taken_for_sending_does_not_start_after_the_signing(rig: Rig) -> None:
    issued = await rig.issue()
    await rig.fire()
    now = rig.clock()
    chosen = await rig.db.read(taking.due, now, "sms", (0,), 10)
    assert [taken.kind for taken in chosen] == ["document_issued"]
    await rig.sign(issued.recipients[0].id)
    started = await rig.db.write(taking.start, now, chosen, "worker", timedelta(seconds=60))
    assert started == []
    await rig.send()
    assert rig.kinds() == []
    assert [row.state for row in await rig.rows()] == [State.CANCELLED]


async def test_a_reminder_that_failed_and_would_be_tried_again_is_not_after_the_signing(rig: Rig) -> None:
    issued = await rig.issue()
    await rig.fire()
    now = rig.clock()
    chosen = await rig.db.read(taking.due, now, "sms", (0,), 10)
    assert len(await rig.db.write(taking.start, now, chosen, "worker", timedelta(seconds=1))) == 1
    await rig.sign(issued.recipients[0].id)

    def back(session: Session) -> None:
        row = session.get_one(type(rows[0]), rows[0].id)
        row.state, row.worker, row.lease_until = State.QUEUED.value, None, None
        session.add(row)

    rows = await rig.rows()
    await rig.db.write(back)
    await rig.send()
    assert rig.kinds() == []


async def test_documents_due_within_a_minute_are_one_message_and_one_signing_says_the_other_again(rig: Rig) -> None:
    first = await rig.issue()
    rig.clock.advance(timedelta(seconds=40))
    second = await rig.issue("示发〔2026〕15号")
    await rig.fire()
    await rig.send()
    rig.forget()
    rig.clock.set(first.document.issued_at + timedelta(minutes=30))
    await rig.fire()
    rows = [row for row in await rig.rows() if row.kind == "document_list"]
    assert {row.channel for row in rows} == {"sms", "chat"}
    assert "2件待签收：1〔2026〕12号防汛值守11:00前；2〔2026〕15号防汛值守11:00前" in rows[0].text
    await rig.sign(first.recipients[0].id)
    await rig.send()
    assert {kind for _, kind in rig.kinds()} == {"document_again"}, "the list is stopped, the other said alone"
    assert all("15号" in text for text in rig.sms.texts[-1:])
    rig.forget()
    await rig.tick(seconds=60)
    assert rig.kinds() == [], "what came early does not come again"
    assert (await rig.sign(second.recipients[0].id)).outcome is Outcome.SIGNED


async def test_steps_past_at_issue_go_out_at_once_as_one(rig: Rig) -> None:
    await rig.issue(issued_at=rig.clock() - timedelta(minutes=95))
    await rig.fire()
    await rig.send()
    kinds = rig.kinds()
    assert sorted(set(kinds)) == [
        ("a", "document_red"),
        ("b", "document_red_other"),
        ("boss", "document_supervision"),
        ("leader", "document_red_other"),
    ]
    assert len(kinds) == 4
    rig.forget()
    await rig.tick(minutes=25)
    assert ("a", "document_red") in rig.kinds()


async def test_a_document_at_the_end_of_the_year_is_reminded_in_the_next(rig: Rig) -> None:
    rig.clock.set(datetime.fromisoformat("2026-12-31T23:30:00+08:00"))
    issued = await rig.issue()
    await rig.fire()
    assert issued.document.due_at == datetime.fromisoformat("2027-01-01T00:30:00+08:00")
    assert [warned.code for warned in issued.warnings] == ["NightLimit"]
    await rig.tick(minutes=30)
    await rig.tick(minutes=31)
    assert (await rig.sign(issued.recipients[0].id)).late_minutes == 1


async def test_a_crash_between_steps_loses_and_repeats_nothing(rig: Rig) -> None:
    await rig.issue()
    dead = Timers(rig.db, rig.clock, {**rig.signoff.owners(), "signoff": _dies_after(rig)})
    with pytest.raises(_KilledError):
        await dead.fire()
    assert await rig.rows() == [], "nothing of the broken transaction is there"
    await rig.fire()
    await rig.fire()
    assert [row.kind for row in await rig.rows()] == ["document_issued"]


class _KilledError(BaseException):
    """As if the process ended."""


def _dies_after(rig: Rig):  # type: ignore[no-untyped-def]
    def owner(session: Session, now: datetime, timers: Sequence[Timer]) -> None:
        rig.signoff.owners()["signoff"](session, now, timers)
        session.flush()
        raise _KilledError

    return owner


async def test_an_undeliverable_channel_gives_way_to_the_next_at_once(rig: Rig) -> None:
    rig.sms.fail_next(Unreachable("no such number", provider_code="30005"))
    await rig.issue()
    await rig.fire()
    await rig.send()
    assert rig.kinds() == [("chat-a", "document_issued")]
    assert "undelivered" in await rig.events()


async def test_when_no_channel_delivers_the_supervisor_is_told_at_once_by_name(rig: Rig) -> None:
    rig.sms.fail_next(Unreachable("no such number", provider_code="30005"))
    rig.chat.fail_next(Unreachable("blocked", provider_code="403"))
    await rig.issue()
    await rig.fire()
    await rig.send()
    assert rig.kinds() == [("boss", "document_unreachable")]
    assert "联系不上城管局示例甲" in rig.sms.texts[-1]
    assert "unreachable" in await rig.events()


async def test_what_was_sent_stays_as_proof_of_who_was_asked(lite: Rig) -> None:
    await lite.issue()
    await lite.tick(minutes=30)
    rows = await lite.db.read(lambda session: list(session.exec(select(Reminder).order_by(Reminder.id))))
    assert [(row.person_id, row.role, row.step, row.rung, row.channel) for row in rows] == [
        ("a", "a", "half", 0, "sms"),
    ], "issued and half were due together and went out as one"


async def test_a_person_without_any_contact_is_passed_over_for_the_deputy(lite: Rig, clock: ManualClock) -> None:
    def drop(session: Session) -> None:
        for row in session.exec(select(Contact).where(Contact.person_id == "a")):
            session.delete(row)

    await lite.db.write(drop)
    await lite.issue()
    await lite.fire()
    await lite.send()
    assert lite.kinds() == [("b", "document_issued")]
    await lite.db.write(contact, clock, "a", "sms", "+12025550105")
    lite.forget()
    await lite.tick(minutes=30)
    assert ("+12025550105", "document_again") in lite.kinds(), "who holds a role is looked up at each step"
