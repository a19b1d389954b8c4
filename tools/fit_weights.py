"""Fit the weights of the matching: `python -m tools.fit_weights --data DIR`.

DIR holds folders with `faq.jsonl` and `queries.jsonl`. Only sets whose licence allows it are fitted on: the city
set (Open Government Data License, with questions written for this project), the English intents (CC BY 3.0), and
the starter pack's own phrasings. Prints cross-validated figures (by entry) and writes `faq/data/weights.json`.
"""

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from zlib import crc32

import numpy as np

from faq.evaluate import Labelled, auroc, split_writers
from faq.index import FaqIndex, IndexEntry
from faq.match import TRUST_NAMES
from faq.names import NAMES
from faq.search import Scope
from tools.fitting import Array, Example, Tops, fit_rank, fit_trust, recalls, removed, sure_from, tops
from tools.typos import spoiled

FOLDS = 5
CITY, ENGLISH = "dev_zh_city", "dev_en_intent"
#: Weight of an entry's own question, spoiled as people type it, beside a real question (1): it keeps the easy easy.
SPOILED_WEIGHT, SPOILED_COUNT = 0.1, 400
STARTER_WEIGHT, STARTER_COUNT = 0.1, 500
#: Weight of a real question asked of a bank that has learned another person's wording of the same matter.
TAUGHT_WEIGHT = 0.3
#: Weight of a real question with its entry taken out, beside the same question with it.
REMOVED_WEIGHT = 0.3
#: Share of wrong answers among given ones that is accepted here: one point under what an office is promised (0.12), as
#: another office's questions are harder to be sure of than those the weights were fitted on.
MOST_WRONG = 0.11


def read_bank(path: Path) -> list[IndexEntry]:
    """Entries of a `faq.jsonl`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        IndexEntry(
            str(r["id"]),
            r["question"],
            tuple(r.get("aliases") or ()),
            r.get("answer") or "",
            r.get("category") or "",
        )
        for r in rows
    ]


def read_questions(path: Path) -> list[Labelled]:
    """Labelled questions of a `queries.jsonl`."""
    return [Labelled.parse(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def fold_of(question: Labelled) -> int:
    """By entry, so that no entry is both learned from and measured on."""
    return crc32((min(question.right) if question.right else question.text).encode()) % FOLDS


def collect(
    index: FaqIndex, questions: Iterable[Labelled], weight: float = 1.0, without_own: bool = False
) -> list[Example]:
    """Candidates and features of labelled questions. `without_own`: the phrasing asked is left out of its entry."""
    out = []
    for question in questions:
        _, found = index.gather(question.text, Scope())
        keep = [not (without_own and f[NAMES.index("same_canon")]) for f in found.features]
        ids = tuple(i for i, k in zip(found.ids, keep, strict=True) if k)
        right = np.array([i in question.right for i in ids], np.bool_)
        features, mass = found.features[keep].astype(np.float64), found.mass[keep].astype(np.float64)
        out.append(Example(features, mass, ids, right, bool(question.right), fold_of(question), weight))
    return out


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of the ranking, the trust and being sure."""

    rank: Array
    trust: Array
    sure: Array


def fit(examples: Sequence[Example]) -> Fitted:
    """Trust and sureness are learned from whole questions only, not from spoiled or held-out phrasings."""
    rank = fit_rank(examples)
    whole = [e for e in examples if e.weight >= 1]
    first = tops([*whole, *removed(whole, REMOVED_WEIGHT)], rank)
    # Trust says whether anything here answers, so a wrong first candidate of an answerable question is worth a right
    # one: cross-validated, AUROC on the city set is .835 with that and .815 with 0.6.
    return Fitted(rank, fit_trust(first, wrong_worth=1.0), fit_trust(first, wrong_worth=0.0))


def cross_validated(examples: Sequence[Example]) -> tuple[dict[str, float], float]:
    """Figures on the whole questions, each fold under weights fitted without it; and where sure begins."""
    found: list[tuple[int, tuple[float, float, float]]] = []
    trusts: list[Array] = []
    sures: list[Array] = []
    firsts: list[Tops] = []
    for fold in range(FOLDS):
        fitted = fit([e for e in examples if e.fold != fold])
        held = [e for e in examples if e.fold == fold and e.weight >= 1]
        found.append((sum(e.inside for e in held), recalls(held, fitted.rank)))
        firsts.append(tops(held, fitted.rank))
        trusts.append(firsts[-1].x @ fitted.trust)
        sures.append(firsts[-1].x @ fitted.sure)
    n = sum(count for count, _ in found)
    mean = [sum(count * f[k] for count, f in found) / n for k in range(3)]
    inside, right = np.concatenate([f.inside for f in firsts]), np.concatenate([f.right for f in firsts])
    trust, sure = np.concatenate(trusts), 1 / (1 + np.exp(-np.concatenate(sures)))
    start = sure_from(sure, right, MOST_WRONG)
    given = sure >= start
    precision, recall = float(right[given].mean()), float(right[given].sum() / n)
    return {
        "recall@1": mean[0], "recall@3": mean[1], "candidates": mean[2],
        "auroc": auroc(trust[inside].tolist(), trust[~inside].tolist()),
        "wrong": 1 - precision,
        "refused": float((~given[~inside]).mean()),
        "f1": 2 * precision * recall / (precision + recall),
    }, start  # fmt: skip


def named(names: Sequence[str], values: Array) -> dict[str, float]:
    """Weights worth writing down."""
    return {n: round(float(v), 4) for n, v in zip(names, values, strict=True) if abs(v) > 1e-4}


def starter_bank() -> list[IndexEntry]:
    """The starter pack."""
    folder = resources.files("faq").joinpath("starter")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".jsonl")), key=lambda f: f.name)
    return [entry for f in files for entry in read_bank(Path(str(f)))]


def taught(bank: Sequence[IndexEntry], lessons: Sequence[Labelled], asked: Iterable[Labelled]) -> list[Example]:
    """Questions asked of a bank whose entries have learned the lessons, as an office's have after some weeks."""
    learned = {min(lesson.right): lesson.text for lesson in lessons}
    entries = [replace(e, aliases=(*e.aliases, learned[e.id])) if e.id in learned else e for e in bank]
    return collect(FaqIndex(entries), asked, TAUGHT_WEIGHT)


def chinese(data: Path, *, with_starter: bool) -> list[Example]:
    """What the Chinese weights are fitted on."""
    bank = read_bank(data / CITY / "faq.jsonl")
    index = FaqIndex(bank)
    questions = read_questions(data / CITY / "queries.jsonl")
    one, other = split_writers(questions)
    examples = collect(index, questions) + taught(bank, one, other) + taught(bank, other, one)
    examples += collect(index, spoiled(bank, SPOILED_COUNT), SPOILED_WEIGHT)
    if with_starter:
        pack = starter_bank()
        index = FaqIndex(pack)
        phrasings = [Labelled(alias, frozenset([e.id])) for e in pack for alias in e.aliases]
        random.Random(7).shuffle(phrasings)  # noqa: S311 - a sample for fitting, no secret
        examples += collect(index, phrasings[:STARTER_COUNT], STARTER_WEIGHT, without_own=True)
    return examples


def main() -> None:
    """Fit, print the figures, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--no-starter", action="store_true", help="leave the starter pack's phrasings out")
    parser.add_argument("--out", type=Path, default=Path("faq/data/weights.json"))
    options = parser.parse_args()
    sets = {
        "zh": chinese(options.data, with_starter=not options.no_starter),
        "latin": collect(
            FaqIndex(read_bank(options.data / ENGLISH / "faq.jsonl")),
            read_questions(options.data / ENGLISH / "queries.jsonl"),
        ),
    }
    written = {}
    for kind, examples in sets.items():
        figures, start = cross_validated(examples)
        print(kind, ", ".join(f"{name} {value:.3f}" for name, value in figures.items()), "(cross-validated by entry)")
        fitted = fit(examples)
        written[kind] = {
            "answer_from": round(start, 3),
            "rank": named(NAMES, fitted.rank),
            "trust": named(TRUST_NAMES, fitted.trust),
            "sure": named(TRUST_NAMES, fitted.sure),
        }
    options.out.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
