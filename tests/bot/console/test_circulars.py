"""Circulars in the console: what is shown, what may be issued, and that one is issued once."""

import re
from datetime import date

import httpx
import pytest
from sqlmodel import Session, select

from bot.console.circulars import choices
from bot.console.desk import words
from bot.hotline.work_models import Circular
from bot.house import House
from core.clock import office_day
from tests.bot.console.conftest import Staff

HERE = "/console/circulars"


def _hidden(page: str) -> dict[str, str]:
    """The fields of the form that issues, as the page shows them."""
    form = re.search(r'<form method="post" action="/console/circulars">.*?</form>', page, re.S)
    assert form
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


def _issued(house: House) -> list[str]:
    def found(session: Session) -> list[str]:
        return list(session.exec(select(Circular.period)))

    return house.db.read_now(found)


async def _token(client: httpx.AsyncClient) -> str:
    found = re.search(r'data-csrf="([^"]+)"', (await client.get("/console")).text)
    assert found
    return found[1]


def test_the_running_period_and_those_before_it_can_be_chosen_across_the_turn_of_the_year() -> None:
    keys = [key for key, _ in choices(date(2026, 1, 31), words().among("zh-Hans"))]
    assert keys[:2] == ["2026-01", "2025-12"]
    assert keys[12] == "2025-01"
    assert keys[13:15] == ["2026Q1", "2025Q4"]
    assert keys[-3:] == ["2026", "2025", "2024"]


async def test_a_circular_is_issued_once_and_stays_as_it_was(house: House, staff: Staff) -> None:
    async with staff("supervisor") as client:
        page = await client.get(HERE)
        assert page.status_code == 200
        assert "还没有发出过通报" in page.text
        form = _hidden(page.text)
        first = await client.post(HERE, data=form)
        again = await client.post(HERE, data=form)
        assert first.status_code == again.status_code == 303
        assert first.headers["location"] == again.headers["location"] == f"{HERE}?period={form['period']}"
        assert f"{form['period']} 的通报已发出" in (await client.get(first.headers["location"])).text
        other = await client.post(HERE, data=form | {"once": "another"})
        assert other.status_code == 409
        assert "已经发出过" in other.text
    assert _issued(house) == [form["period"]]


async def test_a_period_that_is_not_over_is_not_issued(house: House, staff: Staff) -> None:
    running = f"{office_day(house.clock(), house.settings.zone):%Y-%m}"
    async with staff("supervisor") as client:
        page = await client.get(HERE, params={"period": running})
        assert 'method="post" action="/console/circulars"' not in page.text
        refused = await client.post(HERE, data={"csrf": await _token(client), "period": running})
    assert refused.status_code == 422
    assert "还没有结束" in refused.text
    assert _issued(house) == []


@pytest.mark.parametrize("period", ["2026-13", "x", "2026Q5"])
async def test_what_is_no_period_is_said(staff: Staff, period: str) -> None:
    async with staff("supervisor") as client:
        page = await client.get(HERE, params={"period": period})
    assert page.status_code == 422
    assert "没有这样的期间" in page.text


async def test_circulars_are_for_supervisors_and_need_the_page_s_token(house: House, staff: Staff) -> None:
    async with staff("agent") as client:
        assert (await client.get(HERE)).status_code == 403
    async with staff("supervisor") as client:
        assert (await client.post(HERE, data={"period": "2025-01"})).status_code == 403
    assert _issued(house) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_places_are_files_as_well(staff: Staff, form: str) -> None:
    async with staff("supervisor") as client:
        assert f"/api/v1/stats/circular.{form}?period=" in (await client.get(HERE)).text
        assert (await client.get(f"/api/v1/stats/circular.{form}", params={"period": "2026Q3"})).status_code == 200
