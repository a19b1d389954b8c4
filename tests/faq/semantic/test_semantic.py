"""The semantic stage: finds what shares no word, never holds up a question, and is nothing where it is not set up."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from core.clock import ManualClock
from core.db import Database
from core.errors import StartupError
from faq.live import LiveIndex
from faq.semantic import store
from faq.semantic.embedder import Away, Embedder, LocalEmbedder, RemoteEmbedder, embedder_of
from faq.semantic.settings import SemanticSettings, load_semantic
from faq.semantic.stage import Semantic, nearest, scale
from faq.semantic.suggest import Suggester, fresh, suggester_of
from tests.faq.kb import CARD, PLAIN, ZONE, publish, publish_three
from tests.faq.kb_http import serving
from tests.faq.semantic import tiny
from tests.faq.semantic.service import KEY, MODEL, Service, running

TOW = {
    "question": "车拖领回",
    "aliases": [],
    "answer": "带行驶证和身份证到停车场，缴清费用后领回。",
    "category": "交通",
    "unit": "公安局",
}
ASKED = "轿牵取走"
"""Shares no character with TOW's question; the tiny model takes the one for the other."""


def settings(service: Service | None = None, **more: object) -> SemanticSettings:
    given = {"url": service.url, "model": MODEL, "key": KEY} if service else {}
    return SemanticSettings(_env_file=None, **(given | more))  # type: ignore[arg-type]


@asynccontextmanager
async def live(db: Database, clock: ManualClock, embedder: Embedder, **more: float) -> AsyncIterator[LiveIndex]:
    stage = Semantic(db, embedder, timeout_s=more.get("timeout_s", 5.0), weight=more.get("weight", 0.5))
    made = LiveIndex(db, clock, ZONE, PLAIN, stage)
    await made.start()
    try:
        yield made
    finally:
        made.close()
        await stage.aclose()


async def first(index: LiveIndex, text: str) -> str:
    found = (await index.ask(text)).matches
    return found[0].id if found else ""


@pytest.mark.parametrize("pooled", [False, True])
async def test_a_question_that_shares_no_word_finds_its_entry(
    pooled: bool, db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await publish_three(db, clock)
    await db.write(publish, clock(), "tow", TOW)
    async with live(db, clock, LocalEmbedder(tiny.build(tmp_path / "model", pooled=pooled))) as index:
        assert await first(index, ASKED) != "tow", "words alone do not find it"
        assert index.semantic is not None
        assert await index.semantic.sync(index.published) == 4
        index.generation += 1  # as any change of the entries would: what was remembered is forgotten
        assert await first(index, ASKED) == "tow"
        assert await first(index, "社保卡丢了怎么补办") == "card", "and what words find is found as before"


async def test_vectors_are_kept_follow_changes_and_are_made_once(
    db: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await publish_three(db, clock)
    folder = tiny.build(tmp_path / "model")
    async with live(db, clock, LocalEmbedder(folder)) as index, live(db, clock, LocalEmbedder(folder)) as other:
        assert index.semantic is not None
        assert other.semantic is not None
        assert await index.semantic.sync(index.published) == 3
        assert await other.semantic.sync(other.published) == 0, "another process reads what is there"
        assert len(other.semantic) == 3
        await db.write(publish, clock(), "card", CARD | {"aliases": ["社保卡不见了"]})
        await index.catch_up()
        assert await index.semantic.sync(index.published) == 1
        del index._published["fund"]
        assert await index.semantic.sync(index.published) == 0
        assert len(index.semantic) == 2
        assert set(await db.read(store.digests, LocalEmbedder(folder).name)) == {"card", "school"}


def test_pooling_by_the_first_token_is_read_from_the_folder(tmp_path: Path) -> None:
    mean = LocalEmbedder(tiny.build(tmp_path / "a"))._embed(["车拖领回"])
    first_token = LocalEmbedder(tiny.cls(tiny.build(tmp_path / "b")))._embed(["车拖领回"])
    assert mean.shape == first_token.shape == (1, tiny.SIZE)
    assert not np.allclose(mean, first_token)


async def test_a_service_answers_in_any_order_and_gets_key_and_prefix(db: Database, clock: ManualClock) -> None:
    async with running() as service:
        embedder = RemoteEmbedder(settings(service, prefix="query: "))
        vectors = await embedder.embed(["一二", "三"])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
        again = await embedder.embed(["三"])
        assert np.allclose(vectors[1], again[0])
        await embedder.embed(["四"], question=True)
        assert service.asked[-1] == "query: 四"
        await embedder.aclose()


@pytest.mark.parametrize(
    "body", [{}, {"data": []}, {"data": [{"index": 0, "embedding": ["x"]}]}, {"data": [{"index": 0}]}, []]
)
async def test_an_answer_that_is_none_is_away(body: object) -> None:
    async with running() as service:
        service.body = body
        embedder = RemoteEmbedder(settings(service))
        with pytest.raises(Away):
            await embedder.embed(["一"])
        await embedder.aclose()


async def test_a_service_that_is_away_or_slow_never_holds_up_a_question(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with running() as service, live(db, clock, RemoteEmbedder(settings(service)), timeout_s=0.2) as index:
        assert index.semantic is not None
        await index.semantic.sync(index.published)
        service.delay_s = 30
        begun = time.monotonic()
        assert await first(index, "社保卡丢了怎么补办") == "card"
        assert await first(index, "孩子上小学怎么报名") == "school", "and the next does not even try"
        assert time.monotonic() - begun < 10
        assert await index.semantic.near("社保卡") == {}


async def test_vectors_that_cannot_be_made_are_made_later(db: Database, clock: ManualClock) -> None:
    await publish_three(db, clock)
    async with running() as service, live(db, clock, RemoteEmbedder(settings(service))) as index:
        assert index.semantic is not None
        service.status = 503
        with pytest.raises(Away):
            await index.semantic.sync(index.published)
        service.status = 200
        assert await index.semantic.sync(index.published) == 3


def test_the_office_s_own_entries_give_the_scale() -> None:
    rows = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    ids = np.array(["a", "b", "c"], object)
    assert scale(rows, ids) == pytest.approx(0.8, abs=0.01)
    near = nearest(np.array([1, 0], np.float32), rows, ids, 0.81)
    assert near == {"a": pytest.approx(1.0)}
    assert scale(np.zeros((0, 1), np.float32), np.zeros(0, object)) == 0.5


def test_off_means_off_and_what_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedder_of(settings()) is None
    assert suggester_of(settings()) is None
    with pytest.raises(StartupError, match=r"model\.onnx is not in"):
        embedder_of(settings(folder=tmp_path))
    tiny.build(tmp_path / "broken")
    (tmp_path / "broken" / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(StartupError, match="cannot be read"):
        embedder_of(settings(folder=tmp_path / "broken"))
    monkeypatch.setenv("SUNLINE_SEMANTIC_MODEL", "x")
    with pytest.raises(StartupError, match="SUNLINE_SEMANTIC_URL"):
        load_semantic()
    monkeypatch.setenv("SUNLINE_SEMANTIC_URL", "ftp://x")
    with pytest.raises(StartupError, match="SUNLINE_SEMANTIC_URL"):
        load_semantic()


def test_a_folder_without_the_extra_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(StartupError, match=r"sunline\[semantic\]"):
        LocalEmbedder(tiny.build(tmp_path / "model"))


async def test_phrasings_are_proposed_without_those_known_and_nothing_changes(
    sqlite_db: Database, clock: ManualClock
) -> None:
    async with running() as service, serving(sqlite_db, clock) as http:
        await publish_three(sqlite_db, clock)
        assert (await http("POST", "/faq/card/proposals", "editor")).status_code == 404, "there is no chat model"
        remote = RemoteEmbedder(settings(service))
        http.service.suggester = Suggester(remote, MODEL)
        service.proposes = ["卡掉了去哪儿补", "社保卡丢了怎么补办", "卡掉了去哪儿补", "好" * 100, ""]
        told = await http.ok("POST", "/faq/card/proposals", "editor")
        assert told == {"phrasings": ["卡掉了去哪儿补"]}
        assert (await http("POST", "/faq/card/proposals", "agent")).status_code == 403
        service.status = 500
        assert (await http("POST", "/faq/card/proposals", "editor")).status_code == 503
        service.status, service.body = 200, "no list"
        assert await http.ok("POST", "/faq/card/proposals", "editor") == {"phrasings": []}
        assert (await http.ok("GET", "/faq/card", "editor"))["version"] == 1
        await remote.aclose()


def test_nearly_the_same_phrasing_is_no_new_one() -> None:
    assert fresh(["社保卡丢了怎么补办？", "掉了卡咋整"], ["社保卡丢了怎么补办"]) == ["掉了卡咋整"]


async def test_a_loop_follows_until_it_is_ended(db: Database, clock: ManualClock, tmp_path: Path) -> None:
    await publish_three(db, clock)
    async with live(db, clock, LocalEmbedder(tiny.build(tmp_path / "model"))) as index:
        stage = index.semantic
        assert stage is not None
        running_loop = asyncio.create_task(stage.run(lambda: index.published))
        async with asyncio.timeout(20):
            while len(stage) < 3:
                await asyncio.sleep(0.02)
        running_loop.cancel()
        await asyncio.gather(running_loop, return_exceptions=True)
