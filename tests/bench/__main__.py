"""Runs every bench and writes ``bench/report.md``: machine, versions, figures beside yardsticks of the same run."""

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

REPORT = Path("bench/report.md")
LIBRARIES = ("aiohttp", "aiogram", "twilio", "sqlalchemy", "psycopg", "fastapi", "rapidfuzz", "numpy")
BENCHES = {
    "Delivery beside the bare client": "tests.bench.delivery",
    "Filling, timers, adapters, urgent, workers": "tests.bench.delivery_more",
    "Sign-off": "tests.bench.signoff",
    "Matching": "tests.bench.bench_faq",
}
"""Title and module of each bench; what a module prints is its part of the report."""


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
    parts = [f"# Bench\n\n{_machine()}\n"]
    for title, module in BENCHES.items():
        if given.only and module.rpartition(".")[2] not in given.only:
            continue
        data = ["--data", given.data] if given.data and module.endswith("bench_faq") else []
        print(f"{title} …", flush=True)
        done = subprocess.run([sys.executable, "-m", module, *data], stdout=subprocess.PIPE, text=True, check=False)
        failed = "" if done.returncode == 0 else f"\n(ended with {done.returncode})\n"
        body = done.stdout.strip()
        parts.append(f"## {title}\n\n" + (body if body.startswith(("|", "#")) else f"```\n{body}\n```") + f"\n{failed}")
        print(body)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
