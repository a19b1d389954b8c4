"""The starter pack is checked like a form: complete, traceable, without repeats, without invented numbers."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
STARTER = HERE.parents[1] / "faq" / "starter"
QUESTIONS = HERE / "data"

Entry = dict[str, Any]

CATEGORIES = {
    "教育": "jy", "社保": "sb", "就业": "jiuye", "医疗": "yl", "住房": "zf", "交通": "jt",
    "证件办理": "zj", "企业办证": "qy", "资质认定": "zz", "惠农补贴": "hn", "政务公开": "zw", "其他": "qt",
}  # fmt: skip
FIELDS = {
    "id", "question", "aliases", "answer", "category", "unit", "source", "source_number", "source_date",
    "valid_from", "valid_until", "locale",
}  # fmt: skip
#: Numbers that ring everywhere in the country, and the digits in the name of the traffic police's own app.
NATIONAL_NUMBERS = {
    "12110", "12123", "12313", "12315", "12316", "12328", "12329", "12333", "12338", "12345", "12348", "12356",
    "12366", "12367", "12378", "12388", "12393", "95598", "96110",
}  # fmt: skip
#: The day the pack was written for: nothing it rests on may be younger.
RELIED_ON = date(2026, 11, 21)
EACH_CATEGORY, ALTOGETHER, FEWEST_ALIASES = 15, 180, 3
SHORTEST_ANSWER, LONGEST_ANSWER = 40, 400
FEWEST_QUESTIONS, FEWEST_OUT_OF_SCOPE = 200, 40
MOST_UNASKED = 0.02

ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇]+条|附件\d*|第\d+条")
DOCUMENT_NUMBER = re.compile(r"〔\d{4}〕\d+号|令第?[\d一二三四五六七八九十百]+号|公告\d{4}年第\d+号|法释")
DIGITS = re.compile(r"\d[\d\- ]{3,}\d")


def _rows(path: Path) -> Iterator[Entry]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise AssertionError(f"{path.name}:{number} is not JSON: {error}") from error


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _phrasings(entry: Entry) -> list[str]:
    return [entry["question"], *entry["aliases"]]


def _telephone_like(text: str) -> Iterator[str]:
    """Runs of digits that somebody might dial; sums of money and years are shorter or named by their unit."""
    for match in DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if text[match.end() : match.end() + 1] not in {"元", "亩", "人", "户"}:
            yield digits


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return [entry for path in sorted(STARTER.glob("*.jsonl")) for entry in _rows(path)]


@pytest.fixture(scope="module")
def questions() -> list[Entry]:
    return [row for path in sorted(QUESTIONS.glob("starter_questions*.jsonl")) for row in _rows(path)]


def test_every_entry_has_exactly_the_fields_of_the_import_format(entries: list[Entry]) -> None:
    wrong = {entry.get("id"): FIELDS ^ entry.keys() for entry in entries if entry.keys() != FIELDS}
    assert not wrong


def test_every_required_field_is_filled_with_trimmed_text(entries: list[Entry]) -> None:
    required = ("id", "question", "answer", "category", "unit", "source", "source_date", "locale")
    bad = [(e["id"], key) for e in entries for key in required if not e[key] or e[key] != e[key].strip()]
    assert not bad
    assert {e["locale"] for e in entries} == {"zh-Hans"}


def test_ids_are_unique_and_carry_the_prefix_of_their_category(entries: list[Entry]) -> None:
    counts = Counter(e["id"] for e in entries)
    assert [i for i, n in counts.items() if n > 1] == []
    assert [e["id"] for e in entries if not re.fullmatch(CATEGORIES[e["category"]] + r"-\d{3}", e["id"])] == []


def test_every_entry_has_at_least_three_ways_people_ask_it(entries: list[Entry]) -> None:
    assert [e["id"] for e in entries if len(e["aliases"]) < FEWEST_ALIASES or not all(e["aliases"])] == []


def test_no_question_or_phrasing_stands_twice_in_the_pack(entries: list[Entry]) -> None:
    owners: dict[str, list[str]] = {}
    for entry in entries:
        for text in _phrasings(entry):
            owners.setdefault(_bare(text), []).append(entry["id"])
    assert {text: ids for text, ids in owners.items() if len(ids) > 1} == {}


def test_answers_are_short_enough_for_a_phone_and_long_enough_to_help(entries: list[Entry]) -> None:
    assert [e["id"] for e in entries if not SHORTEST_ANSWER <= len(e["answer"]) <= LONGEST_ANSWER] == []


def test_every_source_names_an_article_or_a_document_number(entries: list[Entry]) -> None:
    def traceable(entry: Entry) -> bool:
        named = f"{entry['source']} {entry['source_number']}"
        return bool(ARTICLE.search(entry["source"]) or DOCUMENT_NUMBER.search(named))

    assert [e["id"] for e in entries if "《" not in e["source"] or not traceable(e)] == []


def test_no_entry_rests_on_a_document_from_the_future(entries: list[Entry]) -> None:
    assert [e["id"] for e in entries if date.fromisoformat(e["source_date"]) > RELIED_ON] == []


def test_validity_dates_are_absent_or_in_order(entries: list[Entry]) -> None:
    for entry in entries:
        days = [date.fromisoformat(entry[key]) for key in ("valid_from", "valid_until") if entry[key]]
        assert days == sorted(days), entry["id"]


def test_only_national_numbers_can_be_dialled_from_an_answer(entries: list[Entry]) -> None:
    invented = [
        (e["id"], number)
        for e in entries
        for text in (e["answer"], *_phrasings(e))
        for number in _telephone_like(text)
        if number not in NATIONAL_NUMBERS
    ]
    assert not invented


def test_texts_hold_neither_html_nor_web_addresses(entries: list[Entry]) -> None:
    foreign = re.compile(r"<[a-z/!]|&[a-z]+;|https?|www\.|\.(?:com|cn|gov)\b", re.IGNORECASE)
    texts = [(e["id"], t) for e in entries for t in (e["answer"], e["source"], *_phrasings(e))]
    assert [found for found in texts if foreign.search(found[1])] == []


def test_all_twelve_categories_are_there_in_useful_numbers(entries: list[Entry]) -> None:
    counts = Counter(e["category"] for e in entries)
    assert set(counts) == set(CATEGORIES)
    assert {name: n for name, n in counts.items() if n < EACH_CATEGORY} == {}
    assert len(entries) >= ALTOGETHER


def test_a_lost_social_security_card_and_a_school_away_from_home_are_answered(entries: list[Entry]) -> None:
    by_phrasing = {text: e for e in entries for text in _phrasings(e)}
    assert by_phrasing["社保卡丢了咋补"]["question"] == "社会保障卡丢失怎么补办？"
    assert by_phrasing["娃上学户口不在这边行不行"]["category"] == "教育"


def test_labelled_questions_point_at_entries_of_the_pack(entries: list[Entry], questions: list[Entry]) -> None:
    ids = {e["id"] for e in entries}
    named = [(row["q"], i) for row in questions for i in (row["id"], *row.get("alt", [])) if i is not None]
    assert [pair for pair in named if pair[1] not in ids] == []
    assert [row["q"] for row in questions if (row["id"] is None) != (row["tag"] == "oos")] == []


def test_labelled_questions_are_new_wordings(entries: list[Entry], questions: list[Entry]) -> None:
    known = {_bare(text) for e in entries for text in _phrasings(e)}
    asked = Counter(_bare(row["q"]) for row in questions)
    assert [text for text, n in asked.items() if n > 1 or text in known] == []


def test_half_of_the_labelled_questions_are_told_as_a_situation(questions: list[Entry]) -> None:
    tags = Counter(row["tag"] for row in questions)
    assert set(tags) <= {"plain", "typo", "trad", "polite", "situation", "colloquial", "oos"}
    told = tags["situation"] + tags["colloquial"]
    assert 0.45 <= told / (tags.total() - tags["oos"]) <= 0.55
    assert tags.total() - tags["oos"] >= FEWEST_QUESTIONS
    assert tags["oos"] >= FEWEST_OUT_OF_SCOPE


def test_nearly_every_entry_is_asked_for(entries: list[Entry], questions: list[Entry]) -> None:
    asked = {i for row in questions for i in (row["id"], *row.get("alt", []))}
    unasked = {e["id"] for e in entries} - asked
    assert len(unasked) <= len(entries) * MOST_UNASKED, unasked
