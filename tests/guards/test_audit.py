"""The audit of libraries: a known hole fails, a recorded one passes until its day, a network away is no failure."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tools import audit

TODAY = date(2026, 11, 22)
HOLE = {"id": "PYSEC-2026-1", "aliases": ["GHSA-aaaa-bbbb-cccc"], "fix_versions": ["2.0"], "description": "x"}


def report(*holes: dict[str, Any], unknown: tuple[str, ...] = ()) -> str:
    """What pip-audit prints for one library with these holes."""
    found = [{"name": "example", "version": "1.0", "vulns": list(holes)}]
    skipped = [{"name": name, "skip_reason": "not found"} for name in unknown]
    return json.dumps({"dependencies": [*found, *skipped], "fixes": []})


def excused(until: str) -> dict[str, audit.Excused]:
    return dict(
        audit.exceptions(
            f'[tool.sunline.audit.exceptions]\n"GHSA-aaaa-bbbb-cccc" = {{ reason = "not used", until = {until} }}'
        )
    )


def test_nothing_known_passes() -> None:
    code, lines = audit.verdict(audit.read(report()), {}, TODAY)
    assert (code, lines) == (0, ["1 libraries compared, 0 known holes."])


def test_a_known_hole_fails_and_says_where_it_is_mended() -> None:
    code, lines = audit.verdict(audit.read(report(HOLE)), {}, TODAY)
    assert code == 1
    assert lines[0] == "example 1.0: PYSEC-2026-1, GHSA-aaaa-bbbb-cccc, mended in 2.0"


def test_a_recorded_hole_passes_under_any_of_its_names_until_its_day() -> None:
    found = audit.read(report(HOLE))
    assert audit.verdict(found, excused("2026-11-22"), TODAY)[0] == 0
    code, lines = audit.verdict(found, excused("2026-11-21"), TODAY)
    assert (code, "ended on 2026-11-21" in lines[0]) == (1, True)


def test_an_exception_without_a_day_is_refused() -> None:
    with pytest.raises(TypeError):
        audit.exceptions('[tool.sunline.audit.exceptions]\n"X" = { reason = "not used" }')


def test_libraries_that_the_list_does_not_know_are_named() -> None:
    code, lines = audit.verdict(audit.read(report(unknown=("own",))), {}, TODAY)
    assert (code, lines[0]) == (0, "Not on the list, so not compared: own.")


def program(folder: Path, prints: str, code: int) -> Path:
    """A stand-in for pip-audit."""
    path = folder / "pip-audit"
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.write({prints!r})\nsys.exit({code})\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("prints", ["", '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}'])
def test_without_the_list_nothing_was_compared_and_only_a_build_passes(
    prints: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in = ["--program", str(program(tmp_path, prints, 1))]
    assert audit.main([*stand_in, "--if-reachable"]) == 0
    assert "nothing was compared" in capsys.readouterr().out
    assert audit.main(stand_in) == audit.NOT_COMPARED


def test_a_hole_fails_a_build_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in = str(program(tmp_path, report(HOLE), 1))
    assert audit.main(["--program", stand_in, "--if-reachable"]) == 1
    assert "PYSEC-2026-1" in capsys.readouterr().out
