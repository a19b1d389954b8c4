"""The knowledge base over HTTP: who may do what, and the path from a missed question to an answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.clock import ManualClock
from core.db import Database
from tests.faq.kb import CARD, publish, publish_three
from tests.faq.kb_http import Http, serving

CSV = "编号,问题,答复,备注\na1,养狗要办证吗,要办养犬登记证。,x\n,没有编号,答,x\n"


@pytest.fixture
async def http(db: Database, clock: ManualClock) -> AsyncIterator[Http]:
    await publish_three(db, clock)
    async with serving(db, clock) as served:
        yield served


# --- who may do what ---------------------------------------------------------------------------------------

STAFF_ROUTES = [
    ("GET", "/faq"), ("POST", "/faq"), ("GET", "/faq/card"), ("PATCH", "/faq/card"), ("POST", "/faq/card/submit"),
    ("POST", "/faq/card/approve"), ("POST", "/faq/card/reject"), ("POST", "/faq/card/archive"),
    ("POST", "/faq/import"), ("GET", "/faq/export"), ("GET", "/faq/misses"), ("GET", "/faq/misses/1"),
    ("POST", "/faq/misses/1/phrasing"), ("POST", "/faq/misses/1/entry"), ("POST", "/faq/misses/1/dismiss"),
    ("GET", "/faq/hints"), ("GET", "/faq/categories"),
]  # fmt: skip


async def test_staff_routes_need_a_token_of_the_right_role(sqlite_db: Database, clock: ManualClock) -> None:
    async with serving(sqlite_db, clock) as http:
        for method, path in STAFF_ROUTES:
            assert (await http(method, path, json={})).status_code in {401, 422}, (method, path)
            assert (await http(method, path, "agent", json={})).status_code in {403, 422}, (method, path)
        for path in ("/faq/card/approve", "/faq/card/reject"):
            assert (await http("POST", path, "editor")).status_code == 403
        assert (await http("POST", "/faq/card/submit", "reviewer")).status_code == 403


# --- entries -----------------------------------------------------------------------------------------------


async def test_an_entry_goes_from_draft_to_answer_with_two_persons(http: Http) -> None:
    made = await http.ok(
        "POST", "/faq", "both", 201, json={"id": "dog", "question": "养狗要办证吗？", "answer": "要办养犬登记证。"}
    )
    assert (made["state"], made["version"], made["live_version"]) == ("draft", 1, None)
    await http.ok("POST", "/faq/dog/submit", "both")
    refused = await http.ok("POST", "/faq/dog/approve", "both", 403)
    assert refused["error"] == "SamePerson"
    approved = await http.ok("POST", "/faq/dog/approve", "reviewer", json={"version": 1})
    assert (approved["state"], approved["live_version"]) == ("published", 1)
    await http.service.live.catch_up()
    assert (await http.ok("POST", "/ask", json={"text": "养狗要办证吗"}))["matches"][0]["id"] == "dog"


async def test_an_edit_on_an_older_version_is_409_and_changes_nothing(http: Http) -> None:
    await http.ok("PATCH", "/faq/card", "editor", json={"answer": "第二版。", "version": 1})
    refused = await http.ok("PATCH", "/faq/card", "second", 409, json={"answer": "别的第二版。", "version": 1})
    assert (refused["error"], refused["fields"]["version"]) == ("StaleVersion", "2")
    shown = await http.ok("GET", "/faq/card", "editor")
    assert (shown["answer"], [v["version"] for v in shown["versions"]]) == ("第二版。", [2, 1])
    await http.ok("POST", "/faq/card/submit", "editor", 409, json={"version": 1})


async def test_a_step_that_does_not_fit_the_state_is_409_with_the_state(http: Http) -> None:
    refused = await http.ok("POST", "/faq/card/approve", "reviewer", 409)
    assert (refused["error"], refused["fields"]["state"]) == ("IllegalMove", "published")


async def test_what_does_not_fit_an_entry_is_422_by_field(http: Http) -> None:
    long = await http.ok("POST", "/faq", "editor", 422, json={"question": "问", "answer": "答" * 20_001})
    assert "answer" in long["fields"]
    days = {"question": "问", "answer": "答", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}
    assert "valid_until" in (await http.ok("POST", "/faq", "editor", 422, json=days))["fields"]
    unknown = {"question": "问", "answer": "答", "colour": "red"}
    assert "colour" in (await http.ok("POST", "/faq", "editor", 422, json=unknown))["fields"]
    await http.ok("POST", "/faq", "editor", 409, json={"id": "card", "question": "问", "answer": "答"})
    await http.ok("PATCH", "/faq/card", "editor", 422, json={"question": None})
    for unknown_id in ("nobody", "%00", "a%2Fb"):
        await http.ok("GET", f"/faq/{unknown_id}", "editor", 404)


async def test_an_entry_whose_id_holds_a_slash_can_be_reached(http: Http) -> None:
    await http.ok("POST", "/faq", "editor", 201, json={"id": "2026/1 号", "question": "问题甲", "answer": "答"})
    await http.ok("POST", "/faq/2026/1%20号/submit", "editor")
    assert (await http.ok("GET", "/faq/2026/1%20号", "editor"))["state"] == "in_review"


async def test_lists_are_paged_and_narrowed(http: Http) -> None:
    first = await http.ok("GET", "/faq", "editor", params={"limit": 2})
    assert [entry["id"] for entry in first["items"]] == ["card", "fund"]
    rest = await http.ok("GET", "/faq", "reviewer", params={"limit": 2, "cursor": first["next"]})
    assert ([entry["id"] for entry in rest["items"]], rest["next"]) == (["school"], None)
    for query in (
        {"category": "住房"},
        {"q": "租房、买房"},
        {"q": "fund", "state": "published"},
        {"unit": "住房公积金中心"},
    ):
        assert [e["id"] for e in (await http.ok("GET", "/faq", "editor", params=query))["items"]] == ["fund"], query
    for query in ({"q": "100%"}, {"q": "\x00"}, {"state": "draft"}):
        assert len((await http.ok("GET", "/faq", "editor", params=query))["items"]) in {0, 3}
    for cursor in ("nonsense", "WzFd", "eyJhIjoxfQ"):
        await http.ok("GET", "/faq", "editor", 422, params={"cursor": cursor})
    names = [c["name"] for c in (await http.ok("GET", "/faq/categories", "editor"))["items"]]
    assert names[:3] == ["教育", "社保", "就业"]
    assert len(names) == 12


async def test_a_creating_call_repeated_with_its_key_creates_once(http: Http) -> None:
    key, body = {"Idempotency-Key": "k-1"}, {"question": "问题", "answer": "答复"}
    first = await http.ok("POST", "/faq", "editor", 201, json=body, headers=key)
    assert await http.ok("POST", "/faq", "editor", 201, json=body, headers=key) == first
    await http.ok("POST", "/faq", "editor", 422, json=body | {"answer": "别的"}, headers=key)
    other = await http.ok("POST", "/faq", "second", 201, json=body, headers=key)
    assert other["id"] != first["id"], "a key belongs to who sent it"


async def test_a_failed_call_frees_its_key(http: Http) -> None:
    key = {"Idempotency-Key": "k-2"}
    taken = {"id": "card", "question": "问题", "answer": "答复"}
    await http.ok("POST", "/faq", "editor", 409, json=taken, headers=key)
    await http.ok("POST", "/faq", "editor", 201, json=taken | {"id": "free"}, headers=key)


async def test_calls_with_one_key_at_the_same_moment_create_once(http: Http) -> None:
    body = {"question": "同时写的", "answer": "答复"}
    calls = (http("POST", "/faq", "editor", json=body, headers={"Idempotency-Key": "k-3"}) for _ in range(4))
    codes = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert len((await http.ok("GET", "/faq", "editor", params={"q": "同时写的"}))["items"]) == 1


# --- files -------------------------------------------------------------------------------------------------


async def test_an_uploaded_file_makes_drafts_and_names_its_bad_lines(http: Http) -> None:
    files = {"file": ("faq.csv", CSV.encode("gbk"), "text/csv")}
    report = await http.ok("POST", "/faq/import", "editor", 201, files=files)
    assert (report["added"], report["unknown_columns"]) == (1, ["备注"])
    assert report["bad"] == [{"line": 3, "column": "id", "reason": "is missing"}]
    assert (await http.ok("GET", "/faq/a1", "editor"))["state"] == "draft"
    again = await http.ok("POST", "/faq/import", "editor", 201, files=files)
    assert (again["added"], again["unchanged"]) == (0, 1)


async def test_an_upload_that_is_too_large_or_no_table_is_refused(http: Http) -> None:
    await http.ok("POST", "/faq/import", "editor", 413, files={"file": ("x.csv", b"x" * 100_001)})
    await http.ok("POST", "/faq/import", "editor", 422, files={"file": ("x.csv", "编号,问题\n1,2\n".encode())})
    await http.ok("POST", "/faq/import", "editor", 422, data={"other": "x"})


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_an_export_can_be_imported_again_and_changes_nothing(http: Http, form: str) -> None:
    answer = await http("GET", "/faq/export", "reviewer", params={"format": form})
    assert answer.status_code == 200
    assert f"faq.{form}" in answer.headers["content-disposition"]
    report = await http.ok("POST", "/faq/import", "editor", 201, files={"file": (f"faq.{form}", answer.content)})
    assert (report["unchanged"], report["added"], report["changed"], report["bad"]) == (3, 0, 0, [])
    await http.ok("GET", "/faq/export", "reviewer", 422, params={"format": "doc"})


# --- the loop ----------------------------------------------------------------------------------------------


async def test_from_a_missed_question_to_an_answered_one(http: Http) -> None:
    for _ in range(3):
        assert (await http.ok("POST", "/ask", json={"text": "崽崽开蒙找谁"}))["outcome"] != "answer"
    query = (await http.ok("POST", "/ask", json={"text": "崽崽开蒙找谁"}))["query_id"]
    await http.ok("POST", f"/ask/{query}/feedback", json={"helpful": False})
    (group,) = (await http.ok("GET", "/faq/misses", "editor"))["items"]
    assert group["text"] == "崽崽开蒙找谁"
    assert group["count"] >= 1
    shown = await http.ok("GET", f"/faq/misses/{group['id']}", "reviewer")
    assert len(shown["members"]) == group["count"]
    changed = await http.ok("POST", f"/faq/misses/{group['id']}/phrasing", "editor", json={"entry": "school"})
    assert (changed["state"], changed["id"]) == ("in_review", "school")
    await http.ok("POST", "/faq/school/approve", "editor", 403)
    await http.ok("POST", "/faq/school/approve", "reviewer")
    await http.service.live.catch_up()
    body = await http.ok("POST", "/ask", json={"text": "崽崽开蒙找谁"})
    assert (body["outcome"], body["matches"][0]["id"]) == ("answer", "school")
    assert (await http.ok("GET", "/faq/misses", "editor"))["items"] == []
    assert len((await http.ok("GET", "/faq/misses", "editor", params={"state": "answered"}))["items"]) == 1


async def test_a_missed_question_becomes_an_entry_or_is_dismissed(http: Http) -> None:
    for text in ("xyzzy plugh", "grault waldo"):
        await http.ok("POST", "/ask", json={"text": text})
    page = await http.ok("GET", "/faq/misses", "editor", params={"limit": 1})
    rest = await http.ok("GET", "/faq/misses", "editor", params={"cursor": page["next"]})
    (one,), (two,) = page["items"], rest["items"]
    path = f"/faq/misses/{one['id']}/entry"
    made = await http.ok("POST", path, "editor", 201, json={"question": "新问题", "answer": "答复"})
    assert made["aliases"] == [one["text"]]
    await http.ok("POST", path, "editor", 409, json={"answer": "又写一条"})
    gone = await http.ok("POST", f"/faq/misses/{two['id']}/dismiss", "editor", json={"reason": "不是政策问题"})
    assert (gone["state"], gone["note"]) == ("dismissed", "不是政策问题")
    await http.ok("GET", f"/faq/misses/{10**12}", "editor", 404)
    for bad in ("0", "x", str(2**64)):
        await http.ok("GET", f"/faq/misses/{bad}", "editor", 422)
    await http.ok("GET", "/faq/misses", "editor", 422, params={"cursor": "WyJhIl0"})


async def test_hints_name_what_editors_should_look_at(http: Http, db: Database, clock: ManualClock) -> None:
    await db.write(publish, clock(), "old", {"question": "旧办法", "answer": "旧。", "valid_until": "2026-11-01"})
    await db.write(publish, clock(), "card-2", CARD | {"answer": "补办要等十五个工作日，到市民中心。"})
    await http.service.live.catch_up()
    everything = (await http.ok("GET", "/faq/hints", "editor"))["items"]
    assert {("expired", "old"), ("contradicting", "card")} <= {(hint["kind"], hint["id"]) for hint in everything}
    for kind in ("never_asked", "expired", "expiring", "similar", "contradicting"):
        page = await http.ok("GET", "/faq/hints", "reviewer", params={"kind": kind, "limit": 1})
        assert {hint["kind"] for hint in page["items"]} <= {kind}
    await http.ok("GET", "/faq/hints", "editor", 422, params={"kind": "nonsense"})
    await http.ok("GET", "/faq/hints", "editor", 422, params={"kind": "similar", "cursor": "WzFd"})
