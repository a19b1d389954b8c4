"""``make audit``: the locked libraries against the public list of known holes.

A hole fails unless ``[tool.sunline.audit]`` in pyproject.toml names it with a reason and a last day:

    [tool.sunline.audit.exceptions]
    "GHSA-0000-0000-0000" = { reason = "we do not use the part in question", until = 2026-12-31 }

The list lives on the network. Where it cannot be reached, or knows none of the libraries, nothing was compared, and
that is said; ``--if-reachable`` then counts as passed, so that a build without a network is no failure.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOT_COMPARED = 2
_PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Hole:
    """A known hole of a library that we lock. ``names`` are all the ids it goes by."""

    library: str
    names: tuple[str, ...]
    mended_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of the comparison: libraries that were looked up, those the list does not know, the holes."""

    known: int
    unknown: tuple[str, ...]
    holes: tuple[Hole, ...]
    fault: str = ""
    """The last thing that was said when no report came."""


@dataclass(frozen=True, slots=True)
class Excused:
    """Why a hole is lived with, and until which day."""

    reason: str
    until: date


def read(report: str) -> Compared:
    """A report of ``pip-audit --format json``; raises ValueError when it is none."""
    libraries = json.loads(report)["dependencies"]
    unknown = tuple(one["name"] for one in libraries if "skip_reason" in one)
    holes = tuple(
        Hole(f"{one['name']} {one['version']}", (hole["id"], *hole.get("aliases", ())), tuple(hole["fix_versions"]))
        for one in libraries
        for hole in one.get("vulns", ())
    )
    return Compared(len(libraries) - len(unknown), unknown, holes)


def exceptions(pyproject: str) -> Mapping[str, Excused]:
    """The recorded exceptions by id; raises KeyError or TypeError for one without reason or day."""
    given: Mapping[str, Any] = tomllib.loads(pyproject).get("tool", {}).get("sunline", {}).get("audit", {})
    return {name: Excused(**said) for name, said in given.get("exceptions", {}).items()}


def verdict(compared: Compared, excused: Mapping[str, Excused], today: date) -> tuple[int, list[str]]:
    """The exit code (0 good, 1 a hole, 2 nothing compared) and what to say."""
    if not compared.known:
        said = [f"The last word was: {compared.fault}"] if compared.fault else []
        return NOT_COMPARED, ["The list of known holes could not be reached: nothing was compared.", *said]
    lines = [f"Not on the list, so not compared: {', '.join(compared.unknown)}."] if compared.unknown else []
    code = 0
    for hole in compared.holes:
        why = next((excused[name] for name in hole.names if name in excused), None)
        if why and today <= why.until:
            lines.append(f"{hole.library}: {hole.names[0]}, lived with until {why.until}: {why.reason}")
            continue
        code = 1
        end = f"; the exception ended on {why.until}" if why else ""
        mended = f"mended in {', '.join(hole.mended_in)}" if hole.mended_in else "not mended yet"
        lines.append(f"{hole.library}: {', '.join(hole.names)}, {mended}{end}")
    return code, [*lines, f"{compared.known} libraries compared, {len(compared.holes)} known holes."]


def compare(program: Path, requirements: str) -> Compared:
    """Ask about one library first: an unreachable list is then told from one that knows ours within seconds."""
    first = next((line for line in requirements.splitlines() if "==" in line), "")
    tried = _ask(program, first.rstrip("\\ "))
    return _ask(program, requirements) if tried.known else tried


def _ask(program: Path, requirements: str) -> Compared:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(requirements)
        file.flush()
        options = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
        try:
            said = subprocess.run(
                [program, "-r", file.name, *options], capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return Compared(0, (), (), f"no answer within {_PATIENCE} s")
    try:
        return read(said.stdout)
    except ValueError:  # no report
        return Compared(0, (), (), said.stderr.strip().rpartition("\n")[2][:200])


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-reachable", action="store_true", help="pass when the list cannot be reached")
    parser.add_argument("--program", type=Path, default=Path(sys.executable).with_name("pip-audit"))
    given = parser.parse_args(arguments)
    excused = exceptions((ROOT / "pyproject.toml").read_text("utf-8"))
    compared = compare(given.program, (ROOT / "requirements.lock").read_text("utf-8"))
    code, lines = verdict(compared, excused, datetime.now(UTC).date())
    sys.stdout.write("\n".join(["audit:", *(f"  {line}" for line in lines), ""]))
    return 0 if code == NOT_COMPARED and given.if_reachable else code


if __name__ == "__main__":
    sys.exit(main())
