"""Pure functions under whatever there is: they answer, or say in a sentence why not."""

import contextlib
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import files, sheet
from core.errors import AppError
from core.sheet_out import as_csv, defused, undefused
from core.text import fold_punctuation, mask_personal, segments, sign, split_message, trim
from faq.index import FaqIndex
from faq.normalise import normalise
from tests.faq.bank import ENTRIES

TEXTS = st.text(max_size=300)
CJK = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=80)
HEADS = {"name": ("户主姓名", "姓名"), "amount": ("补贴金额", "金额")}


@pytest.fixture(scope="module")
def index() -> FaqIndex:
    return FaqIndex(ENTRIES)


@given(TEXTS | CJK)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once.canon).canon == once.canon


@settings(max_examples=200, deadline=None)
@given(text=TEXTS | CJK, limit=st.integers(1, 10))
def test_any_question_gets_an_outcome(text: str, limit: int, index: FaqIndex) -> None:
    answered = index.ask(text, limit=limit, today=date(2026, 11, 23))
    assert answered.outcome in {"answer", "choices", "none"}
    assert len(answered.matches) <= limit
    assert all(0 <= match.score <= 1 for match in answered.matches)


@given(st.binary(max_size=2000))
def test_bytes_that_are_no_table_are_refused_with_a_sentence(data: bytes) -> None:
    with contextlib.suppress(AppError):
        assert "name" in sheet.read_table(data, HEADS, ["name"]).columns


@given(st.binary(max_size=300))
def test_a_workbook_of_nonsense_is_refused_with_a_sentence(content: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", content)
        archive.writestr("[Content_Types].xml", content)
    with pytest.raises(AppError):
        sheet.read_table(packed.getvalue(), HEADS, ["name"])


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=10))
def test_a_table_written_and_read_again_is_the_same_and_runs_nothing(rows: list[tuple[str, str]]) -> None:
    data = as_csv(["name", "amount"], rows)
    assert not any(line.startswith(b"=") for line in data.split(b"\r\n"))
    for row in rows:
        assert all(undefused(defused(cell)) == cell for cell in row)


@given(st.binary(max_size=200), TEXTS)
def test_any_file_has_a_kind_or_none_and_a_safe_name(content: bytes, name: str) -> None:
    assert files.sniff(content) is None or "/" in str(files.sniff(content))
    safe = files.safe_name(name)
    assert safe
    assert not set(safe) & set('/\\"<>|:*?\n\r\0')


@given(TEXTS, st.integers(1, 4))
def test_texts_are_cut_split_and_masked_without_breaking(text: str, most: int) -> None:
    assert segments(trim(text, segments_max=most)) <= most
    assert all(len(part) <= 160 for part in split_message(text, 160))
    assert sign(text, "阳光热线").startswith("【阳光热线】")
    mask_personal(text)
    fold_punctuation(text)
