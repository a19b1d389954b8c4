"""Visits on a matter's page: asked for, booked, reported, called off; what is wrong is said beside its field."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlmodel import Session, select

from bot.hotline.models import Matter, MatterEvent
from bot.hotline.work_models import SiteVisit
from bot.house import House
from core.people import Person, Role
from tests.bot.console.conftest import Staff


def _matter(house: House, state: str) -> str:
    def found(session: Session) -> str:
        return session.exec(select(Matter.number).where(Matter.state == state).order_by(Matter.number)).first() or ""

    return house.db.read_now(found)


def _visits(house: House) -> list[SiteVisit]:
    return house.db.read_now(lambda session: list(session.exec(select(SiteVisit))))


def _goer(house: House) -> str:
    def found(session: Session) -> str:
        return next(one.id for one in session.exec(select(Person)) if one.active and Role.HANDLER in one.roles)

    return house.db.read_now(found)


def _tomorrow(house: House) -> str:
    return f"{(house.clock() + timedelta(days=1)).astimezone(house.settings.zone):%Y-%m-%dT%H:%M}"


async def _hidden(client: httpx.AsyncClient, page: str) -> dict[str, str]:
    text = (await client.get(page)).text
    found = [re.search(rf'name="{name}" value="([^"]+)"', text) for name in ("csrf", "once")]
    assert found[0]
    return {name: one[1] for name, one in zip(("csrf", "once"), found, strict=True) if one}


async def test_a_visit_is_asked_for_once_booked_moved_and_reported(house: House, staff: Staff) -> None:
    page = f"/console/tickets/{_matter(house, 'dispatched')}"
    async with staff("supervisor") as client:
        form = {**await _hidden(client, page), "purpose": "service", "note": "二楼，请带梯子"}
        sent = [await client.post(f"{page}/visits", data=form) for _ in range(2)]
        assert [one.status_code for one in sent] == [303, 303]
        (row,) = _visits(house)
        assert (row.state, row.purpose, row.note) == ("wished", "service", "二楼，请带梯子")
        booking = {**form, "person": _goer(house), "at": _tomorrow(house)}
        for _ in range(2):
            assert (await client.post(f"{page}/visits/{row.id}/book", data=booking)).status_code == 303
        shown = (await client.get(page)).text
        assert "改人或改时间" in shown
        assert booking["at"] in shown
        told = {**await _hidden(client, page), "outcome": "done", "note": "灯换好了"}
        for _ in range(2):
            assert (await client.post(f"{page}/visits/{row.id}/report", data=told)).status_code == 303
    (row,) = _visits(house)
    assert (row.state, row.note) == ("done", "灯换好了")

    def noted(session: Session) -> list[str]:
        found = select(MatterEvent.what).where(MatterEvent.matter_id == row.matter_id)
        return [what for what in session.exec(found) if what in {"visit", "visited"}]

    assert sorted(house.db.read_now(noted)) == ["visit", "visit", "visited"]


async def test_a_visit_is_called_off_with_a_reason(house: House, staff: Staff) -> None:
    page = f"/console/tickets/{_matter(house, 'dispatched')}"
    async with staff("agent") as client:
        form = await _hidden(client, page)
        await client.post(f"{page}/visits", data={**form, "purpose": "service"})
        (row,) = _visits(house)
        empty = await client.post(f"{page}/visits/{row.id}/cancel", data={**form, "why": " "})
        assert empty.status_code == 422
        assert f'id="visit-cancel-{row.id}-why-wrong"' in empty.text
        done = await client.post(f"{page}/visits/{row.id}/cancel", data={**form, "why": "已经自己修好"})
        assert done.status_code == 303
        assert _visits(house)[0].state == "cancelled"
        assert "安排上门或核查" in (await client.get(page)).text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"at": "2020-01-01T10:00", "person": "who"}, "at"),
        ({"at": "soon", "person": "who"}, "at"),
        ({"at": "", "person": "who"}, "at"),
        ({"at": "tomorrow", "person": ""}, "person"),
        ({"at": "tomorrow", "person": "nobody"}, "person"),
    ],
)
async def test_what_is_wrong_with_a_booking_stands_beside_the_field(
    house: House, staff: Staff, given: dict[str, str], field: str
) -> None:
    page = f"/console/tickets/{_matter(house, 'dispatched')}"
    real = {"who": _goer(house), "tomorrow": _tomorrow(house)}
    values = {name: real.get(value, value) for name, value in given.items()}
    async with staff("supervisor") as client:
        form = {**await _hidden(client, page), "purpose": "service", "note": "请带梯子", **values}
        answer = await client.post(f"{page}/visits", data=form)
    assert answer.status_code == 422
    assert f'id="visit-ask-{field}-wrong"' in answer.text
    assert "请带梯子" in answer.text
    assert _visits(house) == []


async def test_a_visit_of_another_matter_and_a_form_without_the_token_change_nothing(
    house: House, staff: Staff
) -> None:
    mine, other = (f"/console/tickets/{_matter(house, state)}" for state in ("dispatched", "accepted"))
    async with staff("supervisor") as client:
        form = {**await _hidden(client, mine), "purpose": "service", "why": "x"}
        assert (await client.post(f"{mine}/visits", data={"purpose": "service"})).status_code == 403
        await client.post(f"{mine}/visits", data=form)
        (row,) = _visits(house)
        assert (await client.post(f"{other}/visits/{row.id}/cancel", data=form)).status_code == 404
        assert (await client.post(f"{mine}/visits/{row.id}/burn", data=form)).status_code == 404
    assert _visits(house)[0].state == "wished"


async def test_a_check_on_site_is_offered_once_a_matter_was_answered(house: House, staff: Staff) -> None:
    page = f"/console/tickets/{_matter(house, 'replied')}"
    early = f"/console/tickets/{_matter(house, 'dispatched')}"
    async with staff("supervisor") as client:
        assert 'value="check"' in (await client.get(page)).text
        assert 'value="check"' not in (await client.get(early)).text
        form = await _hidden(client, page)
        await client.post(f"{page}/visits", data={**form, "purpose": "check"})
        (row,) = _visits(house)
        unsaid = await client.post(f"{page}/visits/{row.id}/report", data={**form, "note": "看过了", "outcome": "done"})
        assert unsaid.status_code == 422
        assert "看过了" in unsaid.text
        told = {**form, "note": "路灯还是不亮", "outcome": "faulty"}
        assert (await client.post(f"{page}/visits/{row.id}/report", data=told)).status_code == 303
    assert _visits(house)[0].result == "faulty"
