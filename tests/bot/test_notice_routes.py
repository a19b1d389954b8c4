"""The office's side of notices over HTTP: areas, topics, posters, photos, the register, feedback on consultations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.audit import OPERATOR
from core.clock import ManualClock
from core.db import Database
from core.people import Role
from core.tokens import create_token
from core.web import Guard, install_error_handlers
from tests.bot.office import BOSS, settle
from tests.bot.posted import post
from tests.bot.site.world import SETTINGS
from tests.bot.world import World, built

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 200
ENTRY = {"number": "示发〔2026〕12号", "title": "防汛应急预案", "attribute": "open", "editor": f"p-{BOSS}"}


@dataclass
class Staff:
    """A client with a token for each role."""

    world: World
    client: httpx.AsyncClient
    tokens: dict[str, str]

    async def __call__(self, method: str, path: str, who: str = "editor", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def ok(self, method: str, path: str, who: str = "editor", **more: Any) -> dict[str, Any]:
        """A call that has to succeed."""
        answer = await self(method, path, who, **more)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def office(sqlite_db: Database, clock: ManualClock) -> AsyncIterator[Staff]:
    async with built(sqlite_db, clock) as world:
        await sqlite_db.write(settle, world)
        tokens = {r.value: await sqlite_db.write(create_token, clock(), OPERATOR, f"示例{r}", [r]) for r in Role}
        app = FastAPI()
        install_error_handlers(app)
        guard = Guard(sqlite_db, clock)
        for router in world.notices.routers(world.publicity, sqlite_db, clock, guard, SETTINGS):
            app.include_router(router)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
            yield Staff(world, client, tokens)


async def test_areas_are_added_and_found_by_anyone(office: Staff) -> None:
    await office.ok("POST", "/areas", "admin", json={"level": "township", "name": "示例镇"})
    made = await office.ok("POST", "/areas", json={"level": "village", "name": "西河村", "parent": "示例镇"})
    assert made["path"] == ["示例镇", "西河村"]
    found = await office("GET", "/areas?q=西河", "")
    assert [area["id"] for area in found.json()["items"]] == [made["id"]]
    below = await office("GET", f"/areas?parent={made['parent_id']}", "")
    assert [area["name"] for area in below.json()["items"]] == ["西河村"]
    assert (await office("POST", "/areas", "agent", json={"level": "village", "name": "x"})).status_code == 403


async def test_a_topic_of_the_office_s_own_can_be_subscribed_to_and_taken_off(office: Staff) -> None:
    body: dict[str, Any] = {"id": "locust", "labels": {"zh-Hans": "蝗虫防治"}, "aliases": ["蝗灾"]}
    await office.ok("POST", "/subscriptions/topics", json=body)
    listed = (await office("GET", "/subscriptions/topics", "")).json()["items"]
    assert "locust" in [topic["id"] for topic in listed]
    asked = await office("POST", "/subscriptions", "", json={"topic": "蝗灾", "phone": "+1 202 555 0101"})
    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    wrong = await office("POST", f"/subscriptions/{asked.json()['id']}/confirm", "", json={"code": "1"})
    assert wrong.status_code == 404
    assert (await office.ok("GET", "/subscriptions"))["items"] == []
    await office.ok("POST", "/subscriptions/topics", json=body | {"active": False})
    gone = await office("POST", "/subscriptions", "", json={"topic": "蝗灾", "phone": "+1 202 555 0102"})
    assert (gone.status_code, gone.json()["fields"]) == (404, {"topic": "unknown"})


async def test_a_poster_for_each_group_and_photos_of_the_posting(office: Staff) -> None:
    notice = await office.world.db.write(post, office.world.clock)
    areas = (await office.ok("GET", f"/notices/{notice}/poster/areas"))["items"]
    assert areas == ["西河村一组", "西河村二组"]
    made = await office("GET", f"/notices/{notice}/poster?area=西河村一组", "reviewer")
    assert made.headers["content-type"] == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    assert (await office("GET", f"/notices/{notice}/poster", "agent")).status_code == 403
    kept = await office.ok(
        "POST", f"/notices/{notice}/photos", data={"stage": "start"}, files={"file": ("board.jpg", JPEG)}
    )
    photo = await office("GET", f"/notices/{notice}/photos/{kept['id']}")
    assert (photo.content, photo.headers["content-type"]) == (JPEG, "image/jpeg")
    assert [one["stage"] for one in (await office.ok("GET", f"/notices/{notice}/photos"))["items"]] == ["start"]


async def test_the_register_from_entry_to_public_search(office: Staff) -> None:
    made = await office.ok("POST", "/register", json=ENTRY)
    assert (made["state"], made["due_at"][:10]) == ("waiting", "2026-12-14")
    assert (await office("POST", f"/register/{made['id']}/publish", json={"where": "网站"})).status_code == 409
    await office.ok("POST", f"/register/{made['id']}/approve", "reviewer")
    shown = await office.ok("POST", f"/register/{made['id']}/publish", json={"where": "县政府网站"})
    assert shown["state"] == "published"
    found = (await office("GET", "/register?q=示发[2026]12号", "")).json()["items"]
    assert [(one["title"], one["published_where"]) for one in found] == [("防汛应急预案", "县政府网站")]
    assert "approver_name" not in found[0]
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        assert (await office("GET", f"/staff/register.{form}", "supervisor")).content.startswith(begins)
    assert (await office("GET", "/staff/register?state=nothing")).status_code == 422


async def test_feedback_on_a_consultation_counts_the_opinions_and_is_public_once_approved(office: Staff) -> None:
    world = office.world
    draft = await world.db.write(
        lambda s: post(s, world.clock, title="搬迁方案", kind="consultation", rows=(), ends_on=date(2026, 12, 20))
    )
    for text in ("留一个早市", "停车位要多一些"):
        assert (await office("POST", f"/notices/{draft}/opinions", "", json={"text": text})).status_code == 201
    written = await office.ok("PUT", f"/notices/{draft}/feedback", json={"text": "早市予以保留。", "adopted": 1})
    assert (written["opinions"], written["state"]) == (2, "draft")
    assert (await office("GET", f"/notices/{draft}", "")).json()["feedback"] is None
    await office.ok("POST", f"/notices/{draft}/feedback/publish", "reviewer")
    shown = (await office("GET", f"/notices/{draft}", "")).json()["feedback"]
    assert (shown["text"], shown["opinions"], shown["adopted"]) == ("早市予以保留。", 2, 1)
