"""Runs every bench and writes ``bench/report.md``: machine, versions, figures beside yardsticks of the same run.

The rows about delivery also replace the table "Delivering" of ``docs/figures.md`` when all of its benches ran.
"""

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

REPORT = Path("bench/report.md")
LIBRARIES = ("aiohttp", "aiogram", "twilio", "sqlalchemy", "psycopg", "fastapi", "rapidfuzz", "numpy")
FIGURES = Path("docs/figures.md")
DELIVERY = {
    "Delivery beside the bare client": "tests.bench.delivery",
    "Filling, timers, adapters, urgent, workers": "tests.bench.delivery_more",
    "The way in": "tests.bench.inbound",
}
BENCHES = DELIVERY | {
    "A day in a region of ten million": "tests.bench.day",
    "Sign-off": "tests.bench.signoff",
    "A notice to 100,000 households": "tests.bench.publicity",
    "Matching": "tests.bench.bench_faq",
}
"""Title and module of each bench; what a module prints is its part of the report."""


_HEAD = "| measure | SQLite | PostgreSQL | reach |\n| --- | --- | --- | --- |\n"


def _machine() -> str:
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load {load:.1f} at the start; "
        f"Python {platform.python_version()}; {libraries}."
    )


def main() -> None:
    """Run them one after the other; a bench that fails says so in its part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of labelled questions")
    parser.add_argument("--only", nargs="*", help="names of modules, without tests.bench.")
    given = parser.parse_args()
    machine = _machine()
    parts, rows = [f"# Bench\n\n{machine}\n"], {}
    for title, module in BENCHES.items():
        if given.only and module.rpartition(".")[2] not in given.only:
            continue
        data = ["--data", given.data] if given.data and module.endswith("bench_faq") else []
        print(f"{title} …", flush=True)
        done = subprocess.run([sys.executable, "-m", module, *data], stdout=subprocess.PIPE, text=True, check=False)
        failed = "" if done.returncode == 0 else f"\n(ended with {done.returncode})\n"
        body = done.stdout.strip()
        if body.startswith("|"):
            body = f"{_HEAD}{body}"
        if module in DELIVERY.values() and not failed:
            rows[module] = body.removeprefix(_HEAD)
        parts.append(f"## {title}\n\n" + (body if body.startswith(("|", "#")) else f"```\n{body}\n```") + f"\n{failed}")
        print(body)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(parts), encoding="utf-8")
    if len(rows) == len(DELIVERY):
        page = FIGURES.read_text("utf-8")
        table = _HEAD + "\n".join(rows.values()) + f"\n\nMeasured by `make bench`: {machine}\n"
        FIGURES.write_text(_with_section(page, "## Delivering", table), encoding="utf-8")


def _with_section(page: str, title: str, body: str) -> str:
    """The page with the text below this heading replaced, up to the next heading of its kind."""
    before, _, after = page.partition(f"{title}\n")
    _, mark, rest = after.partition("\n## ")
    return f"{before}{title}\n\n{body}{mark}{rest}"


if __name__ == "__main__":
    main()
