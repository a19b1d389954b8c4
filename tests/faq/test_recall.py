"""What the matching reached once it keeps: our own labelled questions over the starter pack, with a margin.

Nobody tuned on these questions; the floors stand two to four points under what was measured on 22 November 2026 with
the pack's 309 entries and their wider phrasings (in the order of the files: Recall@1 .723 and .736, Recall@3 .822 and
.832; of the first AUROC .85, wrong .08, refused .87, which is 40 of 46; of the second wrong .037).
"""

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from faq.evaluate import Labelled, Report, ask_all, report
from faq.index import FaqIndex, IndexEntry

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def index() -> FaqIndex:
    packs = sorted(path.name for path in files("faq.starter").iterdir() if path.name.endswith(".jsonl"))
    rows = [
        json.loads(line)
        for name in packs
        for line in files("faq.starter").joinpath(name).read_text("utf-8").splitlines()
        if line.strip()
    ]
    return FaqIndex(
        [IndexEntry(row["id"], row["question"], tuple(row["aliases"]), row["answer"], row["category"]) for row in rows]
    )


def measured(index: FaqIndex, name: str) -> Report:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return report(ask_all(index, [Labelled.parse(line) for line in lines], TODAY), by_tag=False)


def test_people_who_ask_in_their_own_words_find_their_entry(index: FaqIndex) -> None:
    found = measured(index, "starter_questions.jsonl")
    assert found.recall[1] >= 0.69
    assert found.recall[3] >= 0.79
    assert found.auroc >= 0.82


def test_what_is_sure_is_seldom_wrong_and_what_is_not_here_is_mostly_refused(index: FaqIndex) -> None:
    found = measured(index, "starter_questions.jsonl")
    assert found.wrong_among_answers <= 0.1
    assert found.refused >= 0.84


def test_another_writers_questions_find_theirs(index: FaqIndex) -> None:
    found = measured(index, "starter_questions_b.jsonl")
    assert found.recall[1] >= 0.71
    assert found.recall[3] >= 0.8
    assert found.wrong_among_answers <= 0.06
