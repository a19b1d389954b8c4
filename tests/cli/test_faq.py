"""``sunline faq``: files in whatever form, good lines kept, bad ones named; out again; why an answer was given."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Operator

HEADS = "编号,问题,相似问,答复,分类\n"
ROWS = (
    "sb-1,社会保障卡丢失怎么补办？,社保卡丢了咋补|补社保卡,先挂失再补办。,社保\n"
    "yb-1,城乡居民医保怎么缴费？,,手机上缴。,医疗\n"
)


def _workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for line in (HEADS + ROWS).splitlines():
        sheet.append(line.split(","))
    book.save(buffer)
    return buffer.getvalue()


def _jsonl() -> str:
    lines = (dict(zip(("id", "question", "aliases", "answer"), row.split(","), strict=False)) for row in ROWS.split())
    return "\n".join(json.dumps(line | {"aliases": line["aliases"].split("|")}, ensure_ascii=False) for line in lines)


FORMS = {
    "utf-8.csv": (HEADS + ROWS).encode(),
    "bom.csv": (HEADS + ROWS).encode("utf-8-sig"),
    "gbk.csv": (HEADS + ROWS).encode("gbk"),
    "gb18030.csv": (HEADS + ROWS).encode("gb18030"),
    "utf-16.csv": (HEADS + ROWS).encode("utf-16"),
    "crlf.csv": (HEADS + ROWS).replace("\n", "\r\n").encode("gbk"),
    "semicolons.csv": (HEADS + ROWS).replace(",", ";").encode(),
    "book.xlsx": _workbook(),
    "lines.jsonl": _jsonl().encode(),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_read_whatever_its_form_and_encoding(name: str, office: Operator) -> None:
    done = office.types("faq", "import", office.file(name, FORMS[name]))
    assert done.code == 0, done.said
    assert done.last == "2 added, 0 changed (published), 0 unchanged, 0 bad."


def test_the_same_file_again_changes_nothing_and_another_answer_one_entry(either: Operator) -> None:
    either.types("faq", "import", either.file("a.csv", HEADS + ROWS))
    assert either.types("faq", "import", "a.csv").last == "0 added, 0 changed (published), 2 unchanged, 0 bad."
    either.file("a.csv", (HEADS + ROWS).replace("手机上缴。", "手机或银行缴。"))
    assert either.types("faq", "import", "a.csv").last == "0 added, 1 changed (published), 1 unchanged, 0 bad."


def test_good_lines_are_kept_and_every_bad_one_is_named(office: Operator) -> None:
    bad = "sb-1,同一个编号？,,甲,社保\n,没有编号？,,乙,社保\nx-3,没有答复？,,,社保\nx-4\n"
    done = office.types("faq", "import", office.file("a.csv", HEADS + ROWS + bad))
    assert done.code == 1
    assert done.last.startswith("2 added, 0 changed (published), 0 unchanged, ")
    for line in (4, 5, 6, 7):
        assert f"line {line}, " in done.err


def test_broken_lines_of_jsonl_are_named_and_the_others_kept(office: Operator) -> None:
    lines = _jsonl() + '\n{"id": "x", \n[1]\n{"id": 7}\n'
    done = office.types("faq", "import", office.file("a.jsonl", lines))
    assert done.code == 1
    assert "2 added" in done.last
    assert all(f"line {line}, " in done.err for line in (3, 4, 5))


def test_columns_nobody_knows_are_told_and_ignored(office: Operator) -> None:
    rows = "id,question,answer,心情,mood\na-1,怎么办证？,带身份证来。,好,fine\n"
    done = office.types("faq", "import", office.file("a.csv", rows))
    assert done.code == 0
    assert "Columns not known and ignored: 心情, mood" in done.err


def test_html_in_an_answer_does_not_arrive_as_html(office: Operator) -> None:
    rows = 'id,question,answer\na-1,怎么办证？,"<script>alert(1)</script><b>带身份证</b>来。"\n'
    office.types("faq", "import", office.file("a.csv", rows))
    office.types("faq", "export", "out.jsonl")
    kept = (office.folder / "out.jsonl").read_text("utf-8")
    assert "<script>" not in kept


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "empty"),
        ("heads.csv", "编号,答复\n1,x\n".encode(), "question"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(600), ".xlsx"),
        ("broken.xlsx", b"PK\x03\x04" + bytes(600), ""),
        ("noise.csv", bytes(range(256)) * 20, ""),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    name: str, content: bytes, sentence: str, office: Operator
) -> None:
    done = office.types("faq", "import", office.file(name, content))
    assert done.code == 1
    assert sentence in done.err
    assert "added" not in done.out or "0 added" in done.out


def test_a_file_over_200_megabytes_is_refused_at_once(office: Operator) -> None:
    with (office.folder / "huge.csv").open("wb") as huge:
        huge.write(HEADS.encode())
        huge.truncate(201_000_000)
    done = office.types("faq", "import", "huge.csv")
    assert done.code == 1
    assert "201 MB" in done.err


@pytest.mark.parametrize("name", ["nothing.csv", ".", "[/b].csv"])
def test_a_file_that_is_not_there_is_a_sentence(name: str, office: Operator) -> None:
    done = office.types("faq", "import", name)
    assert done.code == 1
    assert f"There is no file '{name}'" in done.err


def test_two_thousand_lines_take_seconds_and_show_how_far_they_are(either: Operator) -> None:
    rows = "".join(
        f"n-{n},第{n}号窗口办什么？,第{n}窗口在哪|{n}号窗口,第{n}号窗口办第{n}类事。,其他\n" for n in range(2000)
    )
    done = either.types("faq", "import", either.file("a.csv", HEADS + rows))
    assert done.last == "2000 added, 0 changed (published), 0 unchanged, 0 bad."
    assert "entries" in done.err


def test_the_starter_pack_comes_as_drafts_outside_the_demo(office: Operator) -> None:
    done = office.types("faq", "import", "starter")
    assert done.code == 0
    assert "as drafts, to be reviewed" in done.last
    assert int(done.last.split()[0]) >= 180
    explained = office.types("faq", "explain", "社保卡丢了咋补")
    assert "outcome    none" in explained.out, "nothing is answered before somebody has approved it"


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_what_goes_out_comes_in_again_unchanged(form: str, office: Operator) -> None:
    office.types("faq", "import", office.file("a.csv", HEADS + ROWS))
    done = office.types("faq", "export", f"out.{form}")
    assert (done.code, done.last) == (0, f"2 entries written to out.{form}.")
    assert office.types("faq", "import", f"out.{form}").last == ("0 added, 0 changed (published), 2 unchanged, 0 bad.")


@pytest.mark.parametrize("name", ["out.pdf", "out", "nowhere/out.csv"])
def test_an_export_that_cannot_be_written_is_a_sentence(name: str, office: Operator) -> None:
    done = office.types("faq", "export", name)
    assert done.code == 1
    assert done.err.startswith("BadInput:")
    assert not Path(office.folder / name).exists()


def test_an_answer_can_be_explained(office: Operator) -> None:
    office.types("faq", "import", office.file("a.csv", HEADS + ROWS))
    said = office.types("faq", "explain", "社保卡丢了咋补").out
    assert "outcome    answer" in said
    assert "sb-1" in said


def test_labelled_questions_give_figures(office: Operator) -> None:
    office.types("faq", "import", office.file("a.csv", HEADS + ROWS))
    labelled = '{"q": "社保卡丢了咋补", "id": "sb-1", "tag": "easy"}\n{"q": "今天天气怎么样", "id": null}\n'
    done = office.types("faq", "eval", office.file("q.jsonl", labelled))
    assert done.code == 0
    assert "R@1" in done.out
    assert "easy" in done.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "no question"), (b"{", "Line 1"), (b'{"x": 1}', "Line 1"), ("问".encode("gbk"), "UTF-8"), (b"7", "Line 1")],
)
def test_labels_that_cannot_be_read_are_named(content: bytes, sentence: str, office: Operator) -> None:
    done = office.types("faq", "eval", office.file("q.jsonl", content))
    assert done.code == 1
    assert sentence in done.err
