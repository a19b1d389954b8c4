"""Reading files: whatever the encoding, every bad line named and none of the good ones lost."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput, TooLarge
from faq import bulk, sheet
from faq.bulk import ImportReport
from faq.content import check, plain_text

CSV = (
    "编号,问题,答复,相似问,分类\na1,社保卡怎么办,带身份证。,办社保卡|社保卡办理,社保\na2,公积金怎么提,去窗口。,,住房\n"
)


def _rows(data: bytes, name: str = "x.csv") -> tuple[list[bulk.Row], ImportReport, list[str]]:
    report = ImportReport()
    opened = sheet.open_sheet(io.BytesIO(data), name)
    return list(bulk.good_rows(opened.lines, report)), report, opened.unknown


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_table_is_read_in_any_encoding_delimiter_and_line_end(encoding: str, delimiter: str, ending: str) -> None:
    data = CSV.replace(",", delimiter).replace("\n", ending).encode(encoding)
    rows, report, unknown = _rows(data)
    assert [row.id for row in rows] == ["a1", "a2"]
    assert not report.bad
    assert not unknown
    assert rows[0].values["aliases"] == ("办社保卡", "社保卡办理")
    assert rows[1].values["category"] == "住房"


def test_columns_are_found_by_name_in_any_order_and_the_others_are_named() -> None:
    data = "备注,Answer,ID *,question(问题),Valid Until\nx,答。,a1,问？,2026年12月31日\n".encode()
    rows, report, unknown = _rows(data)
    assert rows[0].values["valid_until"] == date(2026, 12, 31)
    assert (rows[0].id, unknown, report.bad) == ("a1", ["备注"], [])


def test_a_file_without_the_required_columns_is_refused_with_their_names() -> None:
    with pytest.raises(BadInput, match="answer") as caught:
        _rows("编号,问题\na1,问\n".encode())
    assert caught.value.fields == {"answer": "column missing"}


@pytest.mark.parametrize("data", [b"", b"  \n \n", b"\xd0\xcf\x11\xe0 old workbook", b"PK\x03\x04 no zip", b"no table"])
def test_what_is_no_table_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(BadInput):
        _rows(data)


def test_every_bad_line_is_named_with_its_column_and_the_good_ones_are_kept() -> None:
    lines = [
        "id,question,answer,valid_from,valid_until,locale",
        "a1,问一,答一,,,",
        ",问二,答二,,,",
        "a3,,答三,,,",
        "a4,问四,,,,",
        "a5,问五,答五,昨天,,",
        "a6,问六,答六,2026-02-01,2026-01-01,",
        "a7,问七,答七,,,fr",
        "a1,问一,答一,,,",
        "a9,问九,答九,,,,,多余",
        "a10,问十,答十,2026/1/5,20261231,zh_TW",
    ]
    rows, report, _ = _rows("\n".join(lines).encode())
    assert [row.id for row in rows] == ["a1", "a10"]
    assert [(note.line, note.column) for note in report.bad] == [
        (3, "id"), (4, "question"), (5, "answer"), (6, "valid_from"), (7, "valid_until"), (8, "locale"), (9, "id"),
        (10, ""),
    ]  # fmt: skip
    assert "line 2" in report.bad[6].reason
    assert rows[1].values["locale"] == "zh-Hant"


def test_a_quotation_mark_never_closed_costs_its_own_line_only() -> None:
    lines = ["id,question,answer", 'a1,问,"没有关上', *(f"b{n},问{n},答{n}" for n in range(500))]
    rows, report, _ = _rows("\n".join(lines).encode())
    assert (len(rows), [note.line for note in report.bad]) == (500, [2])


def test_quoted_cells_hold_line_breaks_delimiters_and_quotation_marks() -> None:
    data = 'id,question,answer\na1,"问,""甲""?","第一行\n第二行"\na2,5" 水管,答\n'.encode()
    rows, report, _ = _rows(data)
    assert (rows[0].values["question"], rows[0].values["answer"]) == ('问,"甲"?', "第一行\n第二行")
    assert (rows[1].number, rows[1].values["question"], report.bad) == (4, '5" 水管', [])


def test_one_damaged_character_costs_its_own_line_only() -> None:
    good = "".join(f"a{n},问题{n},答复{n}\n" for n in range(20)).encode()
    data = b"id,question,answer\n" + good + "b1,坏的".encode()[:-1] + ",答复\n".encode()
    rows, report, _ = _rows(data)
    assert (len(rows), [(note.line, note.column) for note in report.bad]) == (20, [(22, "question")])


def test_json_lines_are_read_and_broken_ones_named() -> None:
    lines = [
        '{"id": "a1", "question": "问", "answer": "答", "aliases": ["甲", "乙"], "note": 1}',
        "{broken",
        '["a list"]',
        "",
        '{"编号": 7, "问题": "问", "答复": "答", "valid_until": null}',
        '{"id": "a3", "question": {"a": 1}, "answer": "答", "aliases": [1]}',
    ]
    rows, report, unknown = _rows("\n".join(lines).encode(), "x.jsonl")
    assert [row.id for row in rows] == ["a1", "7"]
    assert unknown == ["note"]
    assert rows[0].values["aliases"] == ("甲", "乙")
    assert [(note.line, note.column) for note in report.bad] == [(2, ""), (3, ""), (6, "question"), (6, "aliases")]
    assert "character" in report.bad[0].reason


def test_a_workbook_is_read_with_numbers_days_and_the_values_of_formulas() -> None:
    data = _workbook(
        [
            ["编号", "问题", "答复", "失效日期"],
            [1001, "问", "答", datetime(2026, 12, 31)],  # noqa: DTZ001 - as Excel stores a day
            [1002.0, "问", "答", "2026-12-31"],
            [1003, "问", "#REF!", None],
            [1004, "问", "=1+1", None],
            [None, None, None, None],
        ]
    )
    rows, report, _ = _rows(data, "x.xlsx")
    assert [(row.id, row.values["valid_until"]) for row in rows] == [
        ("1001", date(2026, 12, 31)), ("1002", date(2026, 12, 31)),
    ]  # fmt: skip
    assert [(note.line, note.column) for note in report.bad] == [(4, "answer"), (5, "answer")]


def test_a_workbook_that_unfolds_into_far_too_much_is_not_opened() -> None:
    out = io.BytesIO(_workbook([["id", "question", "answer"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 60_000_000)
    with pytest.raises(TooLarge):
        _rows(out.getvalue(), "x.xlsx")


def test_a_workbook_with_entities_is_refused() -> None:
    source, out = zipfile.ZipFile(io.BytesIO(_workbook([["id", "question", "answer"], ["a", "b", "c"]]))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in source.infolist():
            text = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                text = b'<!DOCTYPE x [<!ENTITY a "b">]>' + text.split(b"?>", 1)[-1]
            archive.writestr(part.filename, text)
    with pytest.raises((BadInput, InvalidFileException)):
        _rows(out.getvalue(), "x.xlsx")


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(sheet.MAX_FILE + 1)
    with path.open("rb") as file, pytest.raises(TooLarge, match="200 MB"):
        sheet.open_sheet(file, path.name)


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>第一段</p><p>第二段</p>", "第一段\n第二段"),
        ("甲<br/>乙&nbsp;丙", "甲\n乙 丙"),
        ('见<a href="https://example.gov/x">办事指南</a>', "见办事指南（https://example.gov/x）"),
        ("<script>alert(1)</script>正文<!-- 注 -->", "正文"),
        ("<ul><li>一</li><li>二</li></ul>", "一\n二"),
        ("《条例》第<7>条，年龄<60岁且>18岁，<必填>", "《条例》第<7>条，年龄<60岁且>18岁，<必填>"),
    ],
)
def test_html_becomes_the_text_a_reader_saw(html: str, plain: str) -> None:
    assert plain_text(html) == plain


def test_html_in_an_answer_is_warned_of_and_chinese_brackets_are_not_html() -> None:
    dirty = check({"question": "问", "answer": "<b>答</b>"})
    assert dirty.content
    assert (dirty.content.answer, set(dirty.warnings)) == ("答", {"answer"})
    clean = check({"question": "问", "answer": "依据《条例》，<60岁免费。"})
    assert clean.content
    assert not clean.warnings
    assert check({"question": "问", "answer": "自20xx年起"}).warnings
