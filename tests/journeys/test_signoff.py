"""A document's whole way in fast time: issued, reminded, signed on a phone; on SMS and on a chat, for each urgency.

Conversations, due moments and dispatcher are the real ones; only the clock is moved and the channels keep lists.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core.auth import Principal
from core.clock import ManualClock
from core.db import Database
from core.people import Contact, Role, address_index
from notify.outbox.models import OutboxMessage
from notify.signoff.issuing import Issued, NewDocument, NewRecipient
from notify.signoff.models import Recipient
from notify.signoff.signing import Outcome, Signer
from notify.timers import Timers
from tests.bot.world import World, built
from tests.notify.signoff.conftest import people

CLERK = Principal("ref-clerk", "示例戊", frozenset({Role.OFFICIAL}), "api", "clerk")
ADDRESS = {"sms": "+12025550101", "chat": "chat-a"}
LIMITS = {"urgent": 60, "important": 240, "normal": 360}
STEPS = {"at once": 0.0, "half": 0.5, "yellow": 5 / 6, "red": 1.0, "overdue": 1.25}


@pytest.fixture
async def world(db: Database, clock: ManualClock) -> AsyncIterator[World]:
    db.write_now(people, clock)
    async with built(db, clock) as made:
        yield made


def _only(session: Session, channel: str) -> None:
    """The A person has one channel."""
    for row in session.exec(select(Contact).where(Contact.person_id == "a", Contact.channel != channel)):
        session.delete(row)


async def _issue(world: World, urgency: str) -> Issued:
    new = NewDocument(
        "示发〔2026〕12号", "关于做好防汛值守的通知", urgency, True, [NewRecipient("城管局", "a", "b", "leader")]
    )
    issued = await world.db.write(world.signoff.issue, new, CLERK)
    await _fire(world)
    return issued


async def _fire(world: World) -> None:
    timers = Timers(world.db, world.clock, world.signoff.owners())
    while await timers.fire():
        pass


async def _pass(world: World, minutes: float) -> None:
    """Time goes by in steps of five minutes, as the loop of due moments sees it."""
    while minutes > 0:
        world.clock.advance(timedelta(minutes=min(5, minutes)))
        minutes -= 5
        await _fire(world)


@pytest.mark.parametrize("channel", sorted(ADDRESS))
@pytest.mark.parametrize("urgency", sorted(LIMITS))
@pytest.mark.parametrize("step", sorted(STEPS))
async def test_signed_at_any_step_nothing_more_is_said(
    sqlite_db: Database, clock: ManualClock, channel: str, urgency: str, step: str
) -> None:
    sqlite_db.write_now(people, clock)
    sqlite_db.write_now(_only, channel)
    async with built(sqlite_db, clock) as world:
        await _issue(world, urgency)
        await _pass(world, LIMITS[urgency] * STEPS[step])
        said = await world.said(channel, ADDRESS[channel])
        assert "示发〔2026〕12号" in said[0]
        if channel == "chat":
            (answer,) = await world.presses("签收", address=ADDRESS[channel])
        else:
            (answer,) = await world.says("1", address=ADDRESS[channel])
        late = LIMITS[urgency] * (STEPS[step] - 1)
        assert "已签收示发〔2026〕12号" in answer
        assert ("按时" in answer) is (late <= 0)
        count = len(await _everything(world))
        await _pass(world, 400)
        assert len(await _everything(world)) == count, "no reminder after the signing"


async def _everything(world: World) -> list[OutboxMessage]:
    def read(session: Session) -> list[OutboxMessage]:
        return list(session.exec(select(OutboxMessage)))

    return await world.db.read(read)


async def test_two_people_sign_in_the_same_moment_and_one_of_them_did(world: World) -> None:
    issued = await _issue(world, "urgent")
    recipient = issued.recipients[0].id
    signers = [Signer(who, "sms", CLERK.actor) for who in ("a", "b", "leader") * 4]
    done = await asyncio.gather(*(world.db.write(world.signoff.sign, recipient, signer) for signer in signers))
    outcomes = [each.outcome for each in done]
    assert outcomes.count(Outcome.SIGNED) == 1
    assert outcomes.count(Outcome.ALREADY) == len(signers) - 1
    assert len({(each.by, each.at) for each in done}) == 1, "all are told the same"


async def test_signing_and_firing_at_once_never_lets_a_reminder_pass(world: World) -> None:
    for _ in range(5):
        issued = await _issue(world, "urgent")
        recipient = issued.recipients[0]
        world.clock.advance(timedelta(minutes=30))
        timers = Timers(world.db, world.clock, world.signoff.owners())
        signer = Signer("a", "sms", CLERK.actor)
        await asyncio.gather(timers.fire(), world.db.write(world.signoff.sign, recipient.id, signer), timers.fire())
        row = await world.db.read(lambda session, key=recipient.id: session.get_one(Recipient, key))
        current = f"sign:{row.id}:{row.generation}"
        open_ones = [m for m in await _everything(world) if m.guard.startswith(f"sign:{row.id}:")]
        assert all(message.guard != current for message in open_ones), "every reminder is of an older generation"
        world.clock.advance(timedelta(hours=9))
        await _fire(world)


async def test_a_person_with_a_new_number_is_reminded_there_from_the_next_step_on(world: World) -> None:
    await _issue(world, "urgent")

    def move(session: Session) -> None:
        row = session.exec(select(Contact).where(Contact.person_id == "a", Contact.channel == "sms")).one()
        row.address, row.address_index = "+12025550177", address_index("sms", "+12025550177")
        session.add(row)

    await world.db.write(move)
    await _pass(world, 30)
    assert "还没签收" in (await world.said("sms", "+12025550177"))[0]
    assert len(await world.said("sms", ADDRESS["sms"])) == 1
