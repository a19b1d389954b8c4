"""The tree keeps the shape it was given."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.write_settings_doc import PAGE, page

ROOT = Path(__file__).parent.parent.parent
LONGEST = 300


def _tracked(*patterns: str) -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return (ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists())


def test_no_file_of_code_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(ROOT)): length
        for path in _tracked("*.py")
        if "migrations/versions" not in str(path) and (length := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_setting_is_documented_as_it_is() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tools.write_settings_doc"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    packages = re.findall(r"^[a-z0-9][\w.\[\]-]*==", text, re.MULTILINE | re.IGNORECASE)
    assert len(packages) > 30
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(packages)


def test_sample_telephone_numbers_reach_nobody() -> None:
    """Only +1 202 555 01xx and +44 7700 900xxx are kept free for examples; Chinese mobile numbers never are."""
    mobile = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.])")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _tracked("*.py", "*.md", "*.toml", "*.jsonl", "*.html", "*.js")
        for match in mobile.finditer(path.read_text("utf-8"))
    }
    assert found == set()


def test_nothing_unfinished_is_marked_in_product_code() -> None:
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|NotImplementedError|pytest\.skip\(|mark\.(skip|xfail)")
    here = Path(__file__).resolve()
    found = [str(path) for path in _tracked("*.py") if path.resolve() != here and marks.search(path.read_text("utf-8"))]
    assert found == []


def test_one_version_stands_in_the_package_the_api_and_the_newest_change() -> None:
    package = re.search(r'^version = "([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    api = re.search(r'FastAPI\(title="Sunline", version="([\d.]+)"', (ROOT / "main.py").read_text("utf-8"))
    change = re.search(r"^## ([\d.]+) ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert package
    assert api
    assert change
    assert package[1] == api[1] == change[1]
