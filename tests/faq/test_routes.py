"""Asking over HTTP: anybody may, nothing breaks it, and only so often."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import select

from core.clock import ManualClock
from core.config import load_settings
from core.db import Database
from faq.models import FaqQuery
from tests.faq.kb import publish_three
from tests.faq.kb_http import Http, serving


@pytest.fixture
async def http(db: Database, clock: ManualClock) -> AsyncIterator[Http]:
    await publish_three(db, clock)
    async with serving(db, clock) as served:
        yield served


# --- asking ------------------------------------------------------------------------------------------------


async def test_anybody_may_ask_and_the_question_is_recorded(http: Http, db: Database) -> None:
    body = await http.ok("POST", "/ask", json={"text": "社保卡丢了怎么补办？"})
    assert (body["outcome"], body["matches"][0]["id"]) == ("answer", "card")
    assert {"id", "question", "answer", "score", "category", "unit", "source"} <= set(body["matches"][0])
    said = await http.ok("POST", f"/ask/{body['query_id']}/feedback", json={"helpful": True, "chosen": "card"})
    assert said == {"query_id": body["query_id"], "helpful": True, "chosen": "card"}
    (query,) = await db.read(lambda s: list(s.exec(select(FaqQuery))))
    assert (query.id, query.channel, query.helpful) == (body["query_id"], "api", True)


async def test_there_are_at_most_as_many_matches_as_asked_for_best_first(http: Http) -> None:
    for limit in (1, 2, 10):
        body = await http.ok("POST", "/ask", json={"text": "怎么办理要带什么", "limit": limit})
        scores = [match["score"] for match in body["matches"]]
        assert len(scores) <= limit
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": ""}, {"text": "   "}, {"text": "长" * 1001}, {"text": 7}, {"text": None}, [], "text",
        {"text": "问", "limit": 0}, {"text": "问", "limit": 11}, {"text": "问", "limit": "x"},
        {"text": "问", "locale": "x" * 50},
    ],
)  # fmt: skip
async def test_a_question_that_does_not_fit_is_422_and_says_where(
    sqlite_db: Database, clock: ManualClock, body: Any
) -> None:
    async with serving(sqlite_db, clock) as http:
        refused = await http.ok("POST", "/ask", status=422, json=body)
    assert refused["error"] == "BadInput"
    assert refused["fields"]


@pytest.mark.parametrize("question", ["长" * 1000, "😀", "a\x00b", "<script>", "' OR 1=1 --", "%00", "\u202e反", "1"])
async def test_odd_questions_are_answered_like_any_other(http: Http, question: str) -> None:
    body = await http.ok("POST", "/ask", json={"text": question})
    assert body["outcome"] in {"answer", "choices", "none"}


@pytest.mark.parametrize("raw", [b"", b"{", b'{"text": "\\ud800"}', b"\xff\xfe"])
async def test_a_body_that_is_no_json_text_is_422(sqlite_db: Database, clock: ManualClock, raw: bytes) -> None:
    async with serving(sqlite_db, clock) as http:
        answer = await http("POST", "/ask", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}


async def test_one_address_may_ask_so_many_times_a_minute(sqlite_db: Database, clock: ManualClock) -> None:
    await publish_three(sqlite_db, clock)
    async with serving(sqlite_db, clock, load_settings(limit_ask=3)) as http:
        codes = [(await http("POST", "/ask", json={"text": "公积金"})).status_code for _ in range(4)]
        refused = await http("POST", "/ask", json={"text": "公积金"})
    assert codes == [200, 200, 200, 429]
    assert refused.json()["error"] == "TooMany"
    assert int(refused.headers["Retry-After"]) >= 1


async def test_feedback_on_an_unknown_question_is_404_and_on_an_entry_not_shown_422(http: Http) -> None:
    for unknown in ("0" * 32, "nobody", "%00"):
        await http.ok("POST", f"/ask/{unknown}/feedback", status=404, json={"helpful": True})
    query = (await http.ok("POST", "/ask", json={"text": "公积金怎么提取"}))["query_id"]
    await http.ok("POST", f"/ask/{query}/feedback", status=422, json={"helpful": True, "chosen": "nobody"})
