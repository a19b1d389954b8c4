"""The shipped civic lexicon is plain data that people edit by hand: these tests name the line that is wrong."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "faq" / "data" / "lexicon"
FILES = sorted(FOLDER.glob("*.tsv"))
HEADER = ["colloquial", "official", "weight", "category"]
#: The categories of the product to begin with; an empty one means that the group fits all of them.
CATEGORIES = {
    "",
    "教育",
    "社保",
    "就业",
    "医疗",
    "住房",
    "交通",
    "证件办理",
    "企业办证",
    "资质认定",
    "惠农补贴",
    "政务公开",
    "其他",
}
MAX_TERM_CHARACTERS = 14
MAX_ALTERNATIVES = 8
MIN_GROUPS = 2_000


@dataclass(frozen=True)
class Line:
    """One data line of a lexicon file, split at its tabs."""

    place: str
    cells: list[str]

    @property
    def sides(self) -> tuple[list[str], list[str]]:
        return self.cells[0].split("|"), self.cells[1].split("|")


def data_lines(file: Path) -> Iterator[Line]:
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, text in enumerate(lines[1:], start=2):
        if text.strip() and not text.startswith("#"):
            yield Line(f"{file.name}:{number} {text}", text.split("\t"))


def is_weight(cell: str) -> bool:
    try:
        return 0 < float(cell) <= 1
    except ValueError:
        return False


def faults(line: Line) -> list[str]:
    """What is wrong with a line, in words; nothing when it is right."""
    if len(line.cells) != len(HEADER):
        return [f"{len(line.cells)} columns"]
    terms = [term for side in line.sides for term in side]
    checks = {
        "an empty wording": all(term.strip() for term in terms),
        "a blank around a wording": all(term == term.strip() for term in terms),
        "a wording that is too long": all(len(term) <= MAX_TERM_CHARACTERS for term in terms),
        "a wording twice": len(terms) == len(set(terms)),
        "too many alternatives": all(len(side) <= MAX_ALTERNATIVES for side in line.sides),
        f"weight {line.cells[2]!r}": is_weight(line.cells[2]),
        f"category {line.cells[3]!r}": line.cells[3] in CATEGORIES,
    }
    return [fault for fault, fine in checks.items() if not fine]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_begins_with_the_same_header(file: Path) -> None:
    assert file.read_text(encoding="utf-8").split("\n", 1)[0].split("\t") == HEADER


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_group_is_well_formed(file: Path) -> None:
    wrong = {line.place: found for line in data_lines(file) if (found := faults(line))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (["办照", "营业执照", "0.9"], "3 columns"),
        (["办照|", "营业执照", "0.9", ""], "an empty wording"),
        (["", "营业执照", "0.9", ""], "an empty wording"),
        ([" 办照", "营业执照", "0.9", ""], "a blank around a wording"),
        (["办" * 15, "营业执照", "0.9", ""], "a wording that is too long"),
        (["办照|执照", "执照|营业执照", "0.9", ""], "a wording twice"),
        (["甲|乙|丙|丁|戊|己|庚|辛|壬", "天干", "0.9", ""], "too many alternatives"),
        (["办照", "营业执照", "0", ""], "weight '0'"),
        (["办照", "营业执照", "1.2", ""], "weight '1.2'"),
        (["办照", "营业执照", "高", ""], "weight '高'"),
        (["办照", "营业执照", "0.9", "工商"], "category '工商'"),
    ],
)
def test_a_fault_in_a_group_is_seen(cells: list[str], fault: str) -> None:
    assert faults(Line("here", cells)) == [fault]


def test_no_group_stands_twice() -> None:
    places = defaultdict(list)
    for file in FILES:
        for line in data_lines(file):
            colloquial, official = line.sides
            places[frozenset(colloquial), frozenset(official)].append(line.place)
    assert [where for where in places.values() if len(where) > 1] == []


def test_the_lexicon_is_broad() -> None:
    assert sum(1 for file in FILES for _ in data_lines(file)) >= MIN_GROUPS
