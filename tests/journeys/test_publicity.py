"""An emergency and a subsidy notice through a real service: API, worker, SMS at the stand-in, progress."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from core import tokens
from core.audit import OPERATOR
from core.clock import office_day, system_clock
from core.people import Person
from tests.journeys.town import Town
from tests.support.service import until

WHO = {"writer": ["editor"], "first": ["reviewer"], "second": ["reviewer"]}


@pytest.fixture
def staff(town: Town) -> dict[str, dict[str, str]]:
    """Headers of three people: one writes, two approve."""

    def add(session: Session) -> None:
        for who, roles in WHO.items():
            session.add(Person(id=f"notice-{who}", name=f"示例{who}", created_at=system_clock()))
            session.flush()
            given: dict[str, Any] = {"person_id": f"notice-{who}", "secret": f"journey-notice-{who}"}
            tokens.create_token(session, system_clock(), OPERATOR, f"notice-{who}", roles, **given)

    if not town.db.read_now(lambda session: session.get(Person, "notice-writer")):
        town.db.write_now(add)
    return {who: {"Authorization": f"Bearer journey-notice-{who}"} for who in WHO}


def test_an_emergency_goes_from_two_approvals_to_every_phone_at_any_hour(
    town: Town, staff: dict[str, dict[str, str]]
) -> None:
    phones = [town.handset() for _ in range(3)]
    body: dict[str, Any] = {"title": "红色预警", "kind": "alert", "audience": "list", "emergency": True}
    body["text"] = "请{name}立即转移到村小学"
    made = town.web.post("/api/v1/notices", json=body, headers=staff["writer"])
    assert made.status_code == 201, made.text
    path = f"/api/v1/notices/{made.json()['id']}"
    lines = ["姓名,手机", *(f"示例{n},{phone.number}" for n, phone in enumerate(phones))]
    listed = town.web.put(f"{path}/beneficiaries", content="\n".join(lines).encode(), headers=staff["writer"])
    assert listed.json()["rows"] == 3, listed.text
    town.web.post(f"{path}/submit", headers=staff["writer"]).raise_for_status()
    assert town.web.post(f"{path}/approve", headers=staff["first"]).json()["state"] == "in_review"
    assert town.web.post(f"{path}/publish", headers=staff["first"]).status_code == 409
    assert town.web.post(f"{path}/approve", headers=staff["second"]).json()["state"] == "approved"
    assert town.web.post(f"{path}/publish", headers=staff["first"]).json()["state"] == "sending"
    for phone in phones:
        assert "立即转移到村小学" in phone.hears(1)
    assert town.web.post(f"{path}/cancel", json={"reason": "演练结束"}, headers=staff["first"]).status_code == 200


def test_a_paused_notice_sends_nothing_more_and_its_households_are_all_counted(
    town: Town, staff: dict[str, dict[str, str]]
) -> None:
    today = office_day(system_clock(), ZoneInfo("Asia/Shanghai"))
    body = {
        "title": "耕地地力保护补贴公示", "programme": "耕地地力保护补贴", "report_phone": "12345",
        "text": "{name}户{amount}元，到{ends_on}", "starts_on": str(today), "ends_on": str(today),
    }  # fmt: skip
    short = town.web.post("/api/v1/notices", json=body, headers=staff["writer"])
    assert (short.status_code, "ends_on" in short.json()["fields"]) == (422, True)
    body |= {"ends_on": str(today + timedelta(days=8)), "starts_on": str(today + timedelta(days=1))}
    path = f"/api/v1/notices/{town.web.post('/api/v1/notices', json=body, headers=staff['writer']).json()['id']}"
    lines = ["姓名,手机,金额", *(f"示例{n},+1 202 555 01{n % 100:02d},{n}" for n in range(150))]
    town.web.put(f"{path}/beneficiaries", content="\n".join(lines).encode(), headers=staff["writer"]).raise_for_status()
    town.web.post(f"{path}/submit", headers=staff["writer"]).raise_for_status()
    town.web.post(f"{path}/approve", headers=staff["first"]).raise_for_status()
    town.web.post(f"{path}/publish", headers=staff["first"]).raise_for_status()
    town.web.post(f"{path}/pause", headers=staff["first"]).raise_for_status()

    def settled() -> bool:
        found = town.web.get(f"{path}/progress", headers=staff["first"]).json()
        return found["by_state"].get("sending", 0) == 0

    until(settled, what=lambda: town.web.get(f"{path}/progress", headers=staff["first"]).json())
    found = town.web.get(f"{path}/progress", headers=staff["first"]).json()
    assert (found["state"], found["total"], sum(found["by_state"].values())) == ("paused", 150, 150)
    ended = town.web.post(f"{path}/cancel", json={"reason": "试验"}, headers=staff["first"])
    assert ended.json()["state"] == "cancelled"
