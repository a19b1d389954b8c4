"""Instructions: who writes a unit's feedback and takes it back, the register, the inspector, what ends with it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from core.auth import Principal
from core.errors import BadInput, Conflict, Forbidden
from core.lamps import Lamp
from core.people import Person, Role
from notify.signoff import instructions
from notify.signoff.issuing import Issued, NewDocument, NewRecipient
from notify.signoff.models import Deadline, Feedback, SignEvent
from notify.signoff.returns import Decision
from notify.signoff.signing import Signer
from tests.notify.signoff.conftest import Rig

BY = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def principal(person: str, *roles: Role) -> Principal:
    return Principal(person, person, frozenset(roles or (Role.OFFICIAL,)), "api", person)


async def instruct(rig: Rig, **more: object) -> Issued:
    return await rig.issue(kind="instruction", feedback_by=BY, **more)


async def owed(rig: Rig, who: Principal, **more: bool) -> list[instructions.Owed]:
    return await rig.db.read(instructions.listed, rig.clock(), who, **more)


async def deadlines(rig: Rig) -> list[Deadline]:
    return await rig.db.read(lambda session: list(session.exec(select(Deadline))))


async def test_another_unit_neither_writes_the_feedback_nor_sees_it_in_the_register(lite: Rig) -> None:
    made = await instruct(lite)

    def move(session: Session) -> None:
        person = session.get(Person, "other")
        assert person is not None
        person.unit_id = "water"
        session.add(person)

    await lite.db.write(move)
    with pytest.raises(Forbidden):
        await lite.db.write(lite.signoff.write_feedback, made.recipients[0].id, "已整改。", principal("other"))
    assert await owed(lite, principal("other")) == []
    assert [one.unit for one in await owed(lite, principal("a"))] == ["城管局"]
    assert [one.unit for one in await owed(lite, lite.boss)] == ["城管局"]


async def test_a_draft_is_taken_back_by_its_writer_until_it_has_left(lite: Rig) -> None:
    made = await instruct(lite)
    recipient = made.recipients[0].id
    draft = await lite.db.write(lite.signoff.write_feedback, recipient, "已整改。", principal("a"))
    with pytest.raises(Forbidden):
        await lite.db.write(lite.signoff.take_back_feedback, draft.id, principal("b"))
    await lite.db.write(lite.signoff.take_back_feedback, draft.id, principal("a"))
    assert await lite.db.read(lambda session: session.exec(select(Feedback)).all()) == []
    assert "feedback_taken_back" in await lite.events()
    again = await lite.db.write(lite.signoff.write_feedback, recipient, "已整改7处。", principal("a"))

    def leave(session: Session) -> None:
        row = session.get(Feedback, again.id)
        assert row is not None
        row.left_at = lite.clock()
        session.add(row)

    await lite.db.write(leave)
    with pytest.raises(Conflict):
        await lite.db.write(lite.signoff.take_back_feedback, again.id, principal("a"))


async def test_the_register_shows_the_lamp_of_the_feedback(lite: Rig) -> None:
    await instruct(lite)
    assert [one.lamp for one in await owed(lite, lite.boss, only_open=True)] == [Lamp.GREEN]
    lite.clock.advance(timedelta(days=3))
    assert [one.lamp for one in await owed(lite, lite.boss, only_open=True)] == [Lamp.RED]


async def test_the_issuer_names_another_inspector_who_hears_of_late_feedback(lite: Rig) -> None:
    made = await instruct(lite)
    assert made.document.inspector_id == "clerk"
    with pytest.raises(Forbidden):
        await lite.db.write(lite.signoff.appoint_inspector, made.document.id, "b", principal("a"))
    with pytest.raises(BadInput):
        await lite.db.write(lite.signoff.appoint_inspector, made.document.id, "nobody", lite.boss)
    await lite.db.write(lite.signoff.appoint_inspector, made.document.id, "b", lite.clerk)
    await lite.sign(made.recipients[0].id)
    assert [one.inspector for one in await owed(lite, principal("b"))] == ["示例乙"]
    events = await lite.db.read(lambda s: s.exec(select(SignEvent).where(SignEvent.what == "inspector")).all())
    assert [event.data["to"] for event in events] == ["b"]
    lite.forget()
    lite.clock.advance(timedelta(days=3))
    await lite.fire()
    await lite.send()
    assert ("b", "deadline_red") in lite.kinds()


async def test_nobody_owes_feedback_on_what_was_withdrawn_corrected_or_given_back(lite: Rig) -> None:
    first, second = await instruct(lite), await instruct(lite, number="示发〔2026〕13号")
    assert len(await deadlines(lite)) == 2
    await lite.db.write(lite.signoff.withdraw, first.document.id, lite.clerk)
    assert [row.ref for row in await deadlines(lite)] == [second.recipients[0].id]
    actor = lite.clerk.actor
    signer = Signer("a", "sms", actor)
    await lite.db.write(lite.signoff.ask_return, second.recipients[0].id, signer, "应送水务局")
    await lite.db.write(lite.signoff.decide_return, second.recipients[0].id, "clerk", actor, Decision(granted=True))
    assert await deadlines(lite) == []
    assert await owed(lite, lite.boss, only_open=True) == []
    lite.forget()
    lite.clock.advance(timedelta(days=4))
    await lite.fire()
    await lite.send()
    assert [kind for _, kind in lite.kinds() if kind.startswith("deadline")] == []


async def test_a_corrected_instruction_keeps_its_number_in_the_register(lite: Rig) -> None:
    first = await instruct(lite)
    again = NewDocument(
        "示发〔2026〕12号", "关于防汛的批示", "urgent", True, [NewRecipient("城管局", "a")],
        kind="instruction", feedback_by=BY,
    )  # fmt: skip
    corrected = await lite.db.write(lite.signoff.correct, first.document.id, again, lite.clerk)
    assert corrected.document.corrects_id == first.document.id
    other = await instruct(lite, number="示发〔2026〕14号")
    numbers = [one.document.register_no for one in (first, corrected, other)]
    assert numbers == ["督〔2026〕1号", "督〔2026〕1号", "督〔2026〕2号"]
