"""Writes what full runs noted into the section "Faults" of ``docs/figures.md``: ``python -m tests.faults.report``."""

import json
import platform
from pathlib import Path

from tests.faults.rig import FIGURES

PAGE = Path("docs/figures.md")
_HEAD = """## Faults

Counted at the receiving end by `make faults FULL=1`, the newest run of each row.

| fault | database | counts |
| --- | --- | --- |
"""


def page(lines: list[str], machine: str) -> str:
    """The section for these lines of JSON; a later line replaces an earlier one of the same row."""
    newest: dict[tuple[str, str], dict[str, float]] = {}
    for line in lines:
        row = json.loads(line)
        newest[row.pop("fault"), row.pop("database")] = row
    rows = [f"| {fault} | {database} | {_counts(counts)} |" for (fault, database), counts in sorted(newest.items())]
    return _HEAD + "\n".join(rows) + f"\n\nMachine: {machine}.\n"


def _counts(counts: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())


def main() -> None:
    """Write the section; the rest of the page stays."""
    lines = FIGURES.read_text("utf-8").splitlines() if FIGURES.exists() else []
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    PAGE.write_text(placed(PAGE.read_text("utf-8"), page(lines, machine)), encoding="utf-8")


def placed(whole: str, section: str) -> str:
    """The page with this section in its old place, else at the end; what stands around it stays."""
    before, found, after = whole.partition("## Faults\n")
    if not found:
        return f"{whole.rstrip()}\n\n{section}"
    _, mark, rest = after.partition("\n## ")
    return before + section + mark + rest


if __name__ == "__main__":
    main()
