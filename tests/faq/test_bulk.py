"""Files in and out: good lines go in, twice the same is the same as once, and what goes out comes back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlmodel import Session, select

from core.clock import ManualClock
from core.db import Database
from faq import bulk, export, review, store
from faq.bulk import ImportReport, import_file
from faq.models import FaqEntry, FaqVersion
from faq.review import OPERATOR_AUTHOR
from tests.faq.kb import EDITOR, REVIEWER, acts

CSV = (
    "编号,问题,答复,相似问,分类\na1,社保卡怎么办,带身份证。,办社保卡|社保卡办理,社保\na2,公积金怎么提,去窗口。,,住房\n"
)


async def _load(
    db: Database, clock: ManualClock, data: str | bytes, *, publish: bool = True, name: str = "x.csv"
) -> ImportReport:
    raw = data.encode() if isinstance(data, str) else data
    return await import_file(db, raw, clock, OPERATOR_AUTHOR, name=name, publish=publish)


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.bad)


def _entries(session: Session) -> list[FaqEntry]:
    return list(session.exec(select(FaqEntry).order_by(FaqEntry.id)))


# --- writing -----------------------------------------------------------------------------------------------


async def test_the_same_file_again_changes_nothing(db: Database, clock: ManualClock) -> None:
    assert _counts(await _load(db, clock, CSV)) == (2, 0, 0, 0)
    before = await db.read(store.head)
    assert _counts(await _load(db, clock, CSV)) == (0, 0, 2, 0)
    assert await db.read(store.head) == before
    assert await db.read(acts) == ["faq.import"]


async def test_a_changed_line_is_a_new_version_and_the_others_stay(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV)
    assert _counts(await _load(db, clock, CSV.replace("去窗口。", "网上也能提。"))) == (0, 1, 1, 0)
    newest = (await db.read(store.versions, "a2"))[0]
    assert (newest.version, newest.content["answer"]) == (2, "网上也能提。")
    assert {e.id: e.content.answer for e in await db.read(store.published)}["a2"] == "网上也能提。"


async def test_the_same_file_again_leaves_what_editors_wrote_since(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV)
    await db.write(review.add_phrasings, clock(), EDITOR, "a2", ["提取公积金"], why="test")
    await db.write(review.approve, clock(), REVIEWER, "a2")
    assert _counts(await _load(db, clock, CSV)) == (0, 0, 2, 0)
    assert (await db.read(store.find, "a2")).aliases == ["提取公积金"]


async def test_columns_a_file_does_not_have_stay_as_they_are(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV)
    await _load(db, clock, "id,question,answer\na1,社保卡怎么办,新答复。\n")
    entry = await db.read(store.find, "a1")
    assert (entry.answer, entry.aliases, entry.category) == ("新答复。", ["办社保卡", "社保卡办理"], "社保")


async def test_drafts_are_not_live_and_publishing_the_same_file_makes_them_so(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV, publish=False)
    assert await db.read(store.published) == []
    assert _counts(await _load(db, clock, CSV, publish=False)) == (0, 0, 2, 0)
    assert _counts(await _load(db, clock, CSV)) == (0, 2, 0, 0)
    assert len(await db.read(store.published)) == 2
    assert _counts(await _load(db, clock, CSV)) == (0, 0, 2, 0)


async def test_a_draft_import_over_a_published_entry_leaves_it_live(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV)
    assert _counts(await _load(db, clock, CSV.replace("带身份证。", "带户口簿。"), publish=False)) == (0, 1, 1, 0)
    entry = await db.read(store.find, "a1")
    assert (entry.state, entry.version, entry.live_version) == ("draft", 2, 1)
    assert {e.id: e.content.answer for e in await db.read(store.published)}["a1"] == "带身份证。"


async def test_good_lines_are_kept_beside_bad_ones(db: Database, clock: ManualClock) -> None:
    report = await _load(db, clock, CSV + "a3,,没有问题,,\n")
    assert _counts(report) == (2, 0, 0, 1)
    assert len(await db.read(_entries)) == 2


async def test_two_thousand_lines_go_in_batches_and_progress_is_told(db: Database, clock: ManualClock) -> None:
    data = "id,question,answer\n" + "".join(f"n{n},第{n}个问题,第{n}个答复\n" for n in range(2000))
    told: list[int] = []
    report = await import_file(
        db, data.encode(), clock, OPERATOR_AUTHOR, name="x.csv", publish=True, progress=told.append
    )
    assert (report.added, told) == (2000, [501, 1001, 1501, 2001])
    assert await db.read(store.changes_after, 0, 9) == [(n, store.EVERYTHING) for n in (1, 2, 3, 4)]


async def test_the_starter_pack_loads_whole(db: Database, clock: ManualClock) -> None:
    report = await import_file(db, Path(bulk.STARTER), clock, OPERATOR_AUTHOR, publish=True)
    assert report.added >= 180
    assert not report.bad
    assert not report.unknown_columns
    again = await import_file(db, Path(bulk.STARTER), clock, OPERATOR_AUTHOR, publish=True)
    assert (again.unchanged, again.added, again.changed) == (report.added, 0, 0)


async def test_every_imported_version_names_its_import(db: Database, clock: ManualClock) -> None:
    report = await _load(db, clock, CSV)
    reasons = await db.read(lambda s: set(s.exec(select(FaqVersion.why))))
    assert reasons == {f"import {report.id}"}


# --- export ------------------------------------------------------------------------------------------------


def _exported(db: Database, form: Any, **more: Any) -> bytes:
    first = db.read_now(export.rows, "", **more)
    return b"".join(export.encode([first], form))


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
async def test_what_is_exported_comes_back_the_same(db: Database, clock: ManualClock, form: str) -> None:
    tricky = {
        "id": "t1",
        "question": "=1+1 怎么算?",
        "answer": '-第一行\n第二行,"引"',
        "aliases": ["+86 是什么", "'=x"],
    }
    plain = {
        "id": "t2",
        "question": "问",
        "answer": "答",
        "valid_until": "2026-12-31",
        "source_number": "示例〔2026〕1号",
    }
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in (tricky, plain))
    await _load(db, clock, lines, name="x.jsonl")
    report = await _load(db, clock, _exported(db, form), name=f"x.{form}")
    assert (_counts(report), report.unknown_columns) == ((0, 0, 2, 0), [])


async def test_no_exported_cell_is_a_formula(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, "id,question,answer\n=A1,@SUM(1),+1\n")
    (row,) = list(csv.reader(io.StringIO(_exported(db, "csv").decode("utf-8-sig"))))[1:]
    assert row[:2] == ["'=A1", "'@SUM(1)"]
    book = openpyxl.load_workbook(io.BytesIO(_exported(db, "xlsx")))
    assert all(cell.data_type != "f" for cells in book["FAQ"].iter_rows() for cell in cells)


async def test_an_export_has_what_is_live_else_the_draft_and_nothing_archived(db: Database, clock: ManualClock) -> None:
    await _load(db, clock, CSV)
    await _load(db, clock, CSV.replace("带身份证。", "还没审。"), publish=False)
    await _load(db, clock, "id,question,answer\nd1,草稿,草稿答复\nz1,作废,作废\n", publish=False)
    await db.write(review.archive, clock(), EDITOR, "z1")
    answers = {row["id"]: row["answer"] for row in await db.read(export.rows, "")}
    assert answers == {"a1": "带身份证。", "a2": "去窗口。", "d1": "草稿答复"}
    assert [row["id"] for row in await db.read(lambda s: export.rows(s, "", live_only=True))] == ["a1", "a2"]
