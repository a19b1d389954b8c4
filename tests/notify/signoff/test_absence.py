"""Who stands in: a pure line of A, B and leader without circles; running plans follow; returns wait and go on."""

from datetime import timedelta

import pytest

from core.absence import acting, away_now, set_away
from core.audit import SERVICE, Actor
from core.people import Person
from notify.signoff import away
from notify.signoff.returns import Decision
from notify.signoff.signing import Outcome, Signer
from tests.notify.signoff.conftest import Rig


@pytest.mark.parametrize(
    ("gone", "who"),
    [
        ({}, "a"),
        ({"a": ""}, "b"),
        ({"a": "", "b": ""}, "leader"),
        ({"a": "", "b": "", "leader": ""}, None),
        ({"a": "x"}, "x"),
        ({"a": "x", "x": "y"}, "y"),
        ({"a": "x", "x": ""}, "b"),
        ({"a": "b", "b": "a"}, "leader"),
        ({"a": "x", "x": "y", "y": "a", "b": "", "leader": "x"}, None),
        ({"b": "", "leader": ""}, "a"),
        ({"a": "", "b": "", "leader": "z"}, "z"),
    ],
)
def test_the_first_of_the_line_who_is_there_acts(gone: dict[str, str], who: str | None) -> None:
    assert acting(("a", "b", "leader"), gone) == who


async def _away(rig: Rig, who: str, **by: float) -> None:
    def go(session):  # type: ignore[no-untyped-def]
        person = session.get(Person, who)
        rig.signoff.go_away(session, person, rig.clock() + timedelta(**by), Actor(who, "sms"))

    await rig.db.write(go)


async def test_a_running_plan_goes_on_with_the_deputy_and_comes_back_by_itself(rig: Rig) -> None:
    issued = await rig.issue(urgency="normal")
    await rig.fire()
    await rig.send()
    rig.forget()
    await _away(rig, "a", hours=4)
    await rig.send()
    assert rig.kinds() == [("b", "document_handed")]
    rig.forget()
    await rig.tick(hours=3)
    assert rig.kinds() == [("b", "document_again")]
    rig.forget()
    await rig.tick(hours=1)
    assert {("a", "document_back"), ("b", "document_back_other")} == set(rig.kinds())
    rig.forget()
    await rig.tick(hours=1)
    assert ("a", "document_yellow") in rig.kinds()
    assert not [who for who, _ in rig.kinds() if who == "b"]
    assert await rig.events() == ["issued", "handed", "handed_back"]
    assert (await rig.sign(issued.recipients[0].id, "b")).in_place_of == "a"


async def test_with_a_and_b_away_the_leader_is_reminded_and_with_all_three_the_supervisor(lite: Rig) -> None:
    await lite.issue(urgency="normal")
    await lite.fire()
    await _away(lite, "b", hours=9)
    await lite.send()
    lite.forget()
    await _away(lite, "a", hours=9)
    await lite.send()
    assert lite.kinds() == [("leader", "document_handed")]
    lite.forget()
    await _away(lite, "leader", hours=9)
    await lite.tick(hours=3)
    assert ("boss", "document_nobody") in lite.kinds()
    assert "nobody_there" in await lite.events()


async def test_an_absence_replaces_the_former_one(lite: Rig) -> None:
    person = await lite.db.read(lambda session: session.get_one(Person, "a"))
    for stand_in in ("b", "leader"):
        await lite.db.write(
            set_away, lite.clock(), SERVICE, person, lite.clock() + timedelta(days=1), stand_in_id=stand_in
        )
    assert await lite.db.read(away_now, lite.clock()) == {"a": "leader"}
    lite.clock.advance(timedelta(days=1))
    assert await lite.db.read(away_now, lite.clock()) == {}


async def test_who_would_stand_in_is_known_before_going(lite: Rig) -> None:
    def ask(session):  # type: ignore[no-untyped-def]
        return away.stand_in_for(lite.signoff.work(session), session.get(Person, "a"))

    found = await lite.db.read(ask)
    assert found.person.id == "b"


async def test_reminders_wait_for_the_decision_and_what_waited_goes_out_as_one(rig: Rig) -> None:
    issued = await rig.issue()
    row = issued.recipients[0]
    await rig.fire()
    await rig.send()
    rig.clock.advance(timedelta(minutes=25))
    signer = Signer("a", "sms", Actor("a", "sms"))
    asked = await rig.db.write(rig.signoff.ask_return, row.id, signer, "应送农业农村局")
    assert asked.outcome is Outcome.SIGNED
    rig.forget()
    await rig.tick(minutes=26)
    assert [kind for who, kind in rig.kinds() if who == "a"] == [], "half and yellow fell due and wait"
    await rig.db.write(rig.signoff.decide_return, row.id, "clerk", Actor("clerk", "api"), Decision(False, "确属你局"))
    await rig.fire()
    await rig.send()
    kinds = [kind for who, kind in rig.kinds() if who == "a"]
    assert sorted(kinds) == ["document_return_refused", "document_yellow"]
    assert (await rig.recipient(row.id)).state == "open"
    rig.forget()
    await rig.tick(minutes=10)
    assert ("a", "document_red") in rig.kinds(), "the clock ran meanwhile"


async def test_an_undecided_return_lapses_after_half_an_hour_and_supervisors_hear(rig: Rig) -> None:
    issued = await rig.issue(urgency="normal")
    row = issued.recipients[0]
    await rig.fire()
    await rig.db.write(rig.signoff.ask_return, row.id, Signer("a", "sms", Actor("a", "sms")), "不归我们")
    await rig.tick(minutes=30)
    assert ("boss", "document_return_lapsed") in rig.kinds()
    assert (await rig.recipient(row.id)).state == "open"
    await rig.tick(hours=3)
    assert ("a", "document_again") in rig.kinds()


async def test_a_granted_return_ends_it(rig: Rig) -> None:
    issued = await rig.issue()
    row = issued.recipients[0]
    await rig.fire()
    await rig.send()
    await rig.db.write(rig.signoff.ask_return, row.id, Signer("a", "sms", Actor("a", "sms")), "不归我们")
    await rig.db.write(rig.signoff.decide_return, row.id, "clerk", Actor("clerk", "api"), Decision(True))
    await rig.send()
    rig.forget()
    await rig.tick(hours=5)
    assert rig.kinds() == []
    assert (await rig.sign(row.id)).outcome is Outcome.WITHDRAWN


async def test_not_me_opens_it_again_and_the_plan_goes_on(rig: Rig) -> None:
    issued = await rig.issue()
    row = issued.recipients[0]
    await rig.tick(minutes=1)
    await rig.sign(row.id)
    rig.clock.advance(timedelta(minutes=35))
    rig.forget()
    await rig.db.write(rig.signoff.not_me, row.id, Signer("a", "sms", Actor("a", "sms")))
    await rig.fire()
    await rig.send()
    assert {("boss", "document_not_me"), ("a", "document_again")} <= set(rig.kinds()), "what fell due meanwhile"
    rig.forget()
    await rig.tick(minutes=24)
    assert ("a", "document_red") in rig.kinds()
    assert (await rig.recipient(row.id)).state == "open"
