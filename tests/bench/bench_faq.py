"""Matching beside its yardsticks in the same run: `python -m tests.bench.bench_faq [--data DIR] [--sizes N …]`.

Recall on labelled sets (folders with `faq.jsonl` and `queries.jsonl`; the weights were fitted on some of them, so the
cross-validated figures of `tools.fit_weights` are the honest ones there), then speed, memory and changes on made-up
banks. Yardsticks: rapidfuzz WRatio and ratio, BM25 over character pairs, TF-IDF over characters and pairs.
"""

import argparse
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from faq.evaluate import Labelled, ask_all, auroc, learn, report, split_writers
from faq.index import FaqIndex, IndexEntry
from faq.lexicon import Lexicon
from faq.normalise import fold

TODAY = date(2026, 1, 1)
SETS = (
    ("dev_zh_city", "dev_zh_city"), ("dev_zh_city", "noise_dev_city"), ("dev_zh_general", "dev_zh_general"),
    ("dev_en_intent", "dev_en_intent"), ("dev_en_intent", "noise_dev_en"),
)  # fmt: skip
Scorer = Callable[[str], NDArray[np.float32]]


class Grams:
    """Character pairs (and singles for TF-IDF) of phrasings, for the two yardsticks that count them."""

    def __init__(self, texts: Sequence[str], *, singles: bool) -> None:
        self.singles = singles
        self.postings: dict[str, list[tuple[int, int]]] = {}
        self.lengths = np.zeros(len(texts), np.float32)
        for number, text in enumerate(texts):
            for gram, count in Counter(self.of(text)).items():
                self.postings.setdefault(gram, []).append((number, count))
                self.lengths[number] += count
        self.mean = float(self.lengths.mean())
        self.norms = np.zeros(len(texts), np.float32)
        for rows in self.postings.values():
            for number, count in rows:
                self.norms[number] += (count * self.rarity(len(rows))) ** 2
        self.norms = np.sqrt(np.maximum(self.norms, 1e-9))

    def of(self, text: str) -> list[str]:
        """The grams of a text."""
        plain = fold(text).replace(" ", "")
        return [*(plain if self.singles else ()), *(plain[i : i + 2] for i in range(len(plain) - 1))]

    def rarity(self, count: int) -> float:
        """ln(1 + (N − n + ½)/(n + ½))."""
        return float(np.log1p((len(self.lengths) - count + 0.5) / (count + 0.5)))

    def bm25(self, text: str) -> NDArray[np.float32]:
        """BM25 (k1 1.2, b 0.75) of every phrasing."""
        out = np.zeros(len(self.lengths), np.float32)
        for gram in self.of(text):
            rows = self.postings.get(gram, ())
            for number, count in rows:
                length = 0.25 + 0.75 * self.lengths[number] / self.mean
                out[number] += self.rarity(len(rows)) * count * 2.2 / (count + 1.2 * length)
        return out

    def cosine(self, text: str) -> NDArray[np.float32]:
        """TF-IDF cosine (without the question's own norm) of every phrasing."""
        out = np.zeros(len(self.lengths), np.float32)
        for gram, times in Counter(self.of(text)).items():
            rows = self.postings.get(gram, ())
            for number, count in rows:
                out[number] += times * count * self.rarity(len(rows)) ** 2
        return np.asarray(out / self.norms, np.float32)


def yardsticks(entries: Sequence[IndexEntry]) -> tuple[list[str], dict[str, Scorer]]:
    """The entry of each phrasing, and the scorers."""
    owners = [e.id for e in entries for _ in (e.question, *e.aliases)]
    texts = [t for e in entries for t in (e.question, *e.aliases)]
    pairs, both = Grams(texts, singles=False), Grams(texts, singles=True)

    def rapid(scorer: Callable[..., float]) -> Scorer:
        return lambda q: process.cdist([q], texts, scorer=scorer, dtype=np.float32)[0]

    return owners, {
        "rapidfuzz WRatio": rapid(fuzz.WRatio), "rapidfuzz ratio": rapid(fuzz.ratio),
        "pair BM25": pairs.bm25, "character TF-IDF": both.cosine,
    }  # fmt: skip


def _yardstick_row(owners: Sequence[str], score: Scorer, questions: Sequence[Labelled]) -> str:
    first = third = inside = 0
    tops: tuple[list[float], list[float]] = ([], [])
    for question in questions:
        values = score(question.text)
        best: list[str] = []
        for at in np.argsort(-values, kind="stable")[:60].tolist():
            if owners[at] not in best:
                best.append(owners[at])
        tops[0 if question.right else 1].append(float(values.max()))
        if question.right:
            inside += 1
            first += best[0] in question.right
            third += any(b in question.right for b in best[:3])
    return f"{first / max(inside, 1):.3f} | {third / max(inside, 1):.3f} | {auroc(*tops):.3f} | |"


def recall_table(data: Path, every: int) -> None:
    """One table for each labelled set; with one in n of its questions where n > 1."""
    for bank, asked in SETS:
        entries = _read_bank(data / bank / "faq.jsonl")
        lines = (data / asked / "queries.jsonl").read_text(encoding="utf-8").splitlines()
        whole = [Labelled.parse(line) for line in lines if line.strip()]
        # Writers and scripts alternate in the sets, so every n-th line would be one writer's.
        questions = [q for q in whole if crc32(q.text.encode()) % every == 0]
        print(f"\n### {asked}: {len(questions)} questions, {len(entries)} entries\n")
        print("| matcher | Recall@1 | Recall@3 | AUROC | F1 · wrong · refused |\n| --- | --- | --- | --- | --- |")
        owners, scorers = yardsticks(entries)
        for name, score in scorers.items():
            print(f"| {name} | {_yardstick_row(owners, score, questions)}")
        for name, lexicon in (("Sunline without lexicon", Lexicon([])), ("Sunline", None)):
            found = report(ask_all(FaqIndex(entries, lexicon), questions, TODAY), by_tag=False)
            kept = f"{found.f1:.3f} · {found.wrong_among_answers:.3f} · {found.refused:.3f}"
            print(f"| {name} | {found.recall[1]:.3f} | {found.recall[3]:.3f} | {found.auroc:.3f} | {kept} |")
        if bank == asked == "dev_zh_city":
            lessons, later = split_writers(whole)
            weeks = learn(entries, lessons, later, TODAY)
            steps = ", ".join(f"week {w.week}: {w.recall_1:.3f} ({w.learned} learned)" for w in weeks)
            print(f"\nLearning one person's wording, Recall@1 on another's: {steps}")


def _read_bank(path: Path) -> list[IndexEntry]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [IndexEntry(str(r["id"]), r["question"], tuple(r.get("aliases") or ()), r.get("answer") or "") for r in rows]


_SUBJECTS = [
    "社保卡",
    "医保",
    "公积金",
    "居住证",
    "驾驶证",
    "营业执照",
    "不动产登记",
    "养老金",
    "生育津贴",
    "入学报名",
    "公租房",
    "低保",
    "残疾人证",
    "老年优待证",
    "停车证",
]
_ACTS = [
    "办理",
    "补办",
    "注销",
    "变更",
    "查询",
    "缴费",
    "退费",
    "申诉",
    "预约",
    "年审",
    "转移",
    "领取",
    "激活",
    "延期",
    "公示",
]
_WISHES = [
    "要带什么材料",
    "在哪里办",
    "多少钱",
    "要多久",
    "有什么条件",
    "可以网上办吗",
    "需要本人去吗",
    "找哪个部门",
    "怎么申请",
    "能代办吗",
]


def made_up(count: int, seed: int = 3) -> list[IndexEntry]:
    """Entries put together from words, with an answer of some 150 characters each."""
    rng = random.Random(seed)
    common = [chr(c) for c in range(0x4E00, 0x4E00 + 2500)]
    out = []
    for number in range(count):
        place = "".join(rng.choices(common, k=3))
        words = (rng.choice(_SUBJECTS), rng.choice(_ACTS), rng.choice(_WISHES))
        answer = "".join(
            rng.choice((*_SUBJECTS, *_ACTS, *_WISHES, "".join(rng.choices(common, k=4)))) for _ in range(40)
        )
        out.append(IndexEntry(f"m{number}", f"{place}{words[0]}{words[1]}{words[2]}", (), answer))
    return out


def _percentiles(seconds: Sequence[float]) -> str:
    return f"{np.percentile(seconds, 50) * 1e3:.2f} / {np.percentile(seconds, 99) * 1e3:.2f} ms"


def _timed(act: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    out = []
    for text in texts:
        start = time.perf_counter()
        act(text)
        out.append(time.perf_counter() - start)
    return out


def _speed_row(size: int) -> str:
    entries = made_up(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    index = FaqIndex(entries)
    built = time.perf_counter() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rng = random.Random(11)
    asked = [rng.choice(entries).question[2:] + "，想问一下怎么弄" for _ in range(300)]
    _timed(lambda q: index.ask(q, today=TODAY), asked[:20])
    mine = _timed(lambda q: index.ask(q, today=TODAY), asked)
    texts = [e.question for e in entries]
    scan = _timed(lambda q: process.extract(q, texts, scorer=fuzz.WRatio, limit=3), asked[:30])
    put = _timed(lambda q: index.put(IndexEntry("new" + q, q, (), q)), asked)
    gone = _timed(lambda q: index.remove("new" + q), asked)
    return (
        f"| {size:,} | {_percentiles(mine)} | {_percentiles(scan)} | {built:.1f} s | {_percentiles(put)} "
        f"| {_percentiles(gone)} | {memory:.0f} MB |"
    )


def speed_table(sizes: Sequence[int]) -> None:
    """p50 / p99 of a question, building, changing and peak memory, beside a WRatio scan over the same phrasings."""
    print("\n| entries | question p50 / p99 | WRatio scan p50 / p99 | build | put p50 / p99 | remove | peak memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in sizes:
        print(_speed_row(size), flush=True)


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask one in n of the labelled questions only")
    parser.add_argument("--sizes", type=int, nargs="*", default=[2000, 100_000])
    options = parser.parse_args()
    if options.data:
        recall_table(options.data, options.every)
    speed_table(options.sizes)


if __name__ == "__main__":
    main()
