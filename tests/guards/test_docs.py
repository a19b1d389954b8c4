"""What the pages and ``deploy/`` tell people to type is there: commands, options, targets, paths, settings, routes."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import main
from tests.guards.test_audience import AUDIENCE
from tools.write_settings_doc import PAGE

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*"))
    if path.is_file()
)
_COMMAND = re.compile(
    r"(?:^|[`\s(\[\"/])sunline (?!sunline)((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)((?: [^`\n]*)?)", re.MULTILINE
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_NEXT_COMMAND = re.compile(r"&&|[#|;]")
_PATH = re.compile(r"`((?:bot|core|notify|faq|adapters|tests|tools|docs|deploy)/[\w./*-]+)`")
_TARGET = re.compile(r"(?:`|^)make ([a-z]+)\b", re.MULTILINE)
_SETTING = re.compile(r"\bSUNLINE_[A-Z_]*[A-Z]\b")
_ROUTE = re.compile(r"(?<![\w.-])(/(?:api/v1|open311/v2|console)(?:/[\w.{}$-]+)*)")
_MADE_UP = {"bot/console/thing.py"}
_MADE_UP_ROUTES = {"/console/things"}
"""The example of docs/develop/console.md."""


def _tree(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _tree(inner, (*words, name))


@pytest.fixture(scope="module")
def commands() -> Mapping[tuple[str, ...], Any]:
    """Every command and group by its words."""
    return dict(_tree(get_command(main.cli)))


def _wrong(words: list[str], rest: str, commands: Mapping[tuple[str, ...], Any]) -> str:
    known: tuple[str, ...] = ()
    for word in words:
        if (*known, word) not in commands:
            break
        known = (*known, word)
    command = commands[known]
    if not known or (getattr(command, "commands", None) and len(words) > len(known)):
        return f"no command: sunline {' '.join(words)}"
    options = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    unknown = [name for name in _OPTION.findall(_NEXT_COMMAND.split(rest)[0]) if name not in options]
    return f"sunline {' '.join(known)} has no {', '.join(unknown)}" if unknown else ""


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_that_is_named_exists(page: str, commands: Mapping[tuple[str, ...], Any]) -> None:
    text = (ROOT / page).read_text("utf-8")
    found = [_wrong(said[1].split(), said[2], commands) for said in _COMMAND.finditer(text)]
    assert [problem for problem in found if problem] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_make_target_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    paths = {path for path in _PATH.findall(text) if not list(ROOT.glob(path.rstrip("/")))} - _MADE_UP
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert (paths, set(_TARGET.findall(text)) - targets) == (set(), set())


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_exists(page: str) -> None:
    known = set(_SETTING.findall(PAGE.read_text("utf-8")))
    assert set(_SETTING.findall((ROOT / page).read_text("utf-8"))) <= known


def test_every_address_of_ours_that_is_named_exists() -> None:
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", route.partition(" ")[2])) for route in AUDIENCE]
    missing = {
        route
        for page in PAGES
        for route in _ROUTE.findall((ROOT / page).read_text("utf-8"))
        if not any(pattern.fullmatch(route) or pattern.pattern.startswith(route) for pattern in patterns)
    }
    assert missing == _MADE_UP_ROUTES
