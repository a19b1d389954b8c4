"""Every text a page of the console asks for exists; what the record can hold has a name."""

import re
from pathlib import Path

from bot.console.desk import FOLDER, words
from bot.hotline.words import Action, Finding, Grade, Kind, PauseReason, State
from core.lamps import Lamp
from core.people import Role

_ASKED = re.compile(r"""\bt\(\s*['"]([a-z_]+\.[a-z_0-9]+)['"]\s*[,)]""")
_SAID = re.compile(r"""(?:say\(|\.go\([^\n]*?, ?)"([a-z_]+\.[a-z_0-9]+)["]""")


def _missing(pattern: re.Pattern[str], files: list[Path]) -> set[str]:
    return {key for file in files for key in pattern.findall(file.read_text("utf-8"))} - words().keys


def test_templates_ask_for_texts_that_exist() -> None:
    assert _missing(_ASKED, list(FOLDER.glob("templates/*.html"))) == set()


def test_pages_say_texts_that_exist() -> None:
    assert _missing(_SAID, list(FOLDER.glob("*.py"))) == set()


def test_everything_a_matter_can_be_has_a_name() -> None:
    wanted = {
        *(f"kind.{one.value}" for one in Kind),
        *(f"state.{one.value}" for one in State),
        *(f"action.{one.value}" for one in Action if f"action.{one.value}" in words().keys or one not in _CITIZENS),
        *(f"finding.{one.value}" for one in Finding),
        *(f"pause.{one.value}" for one in PauseReason),
        *(f"grade.{one.value}" for one in Grade),
        *(f"lamp.{one.value}" for one in Lamp),
        *(f"role.{one.value}" for one in Role),
    }
    assert wanted - words().keys == set()


_CITIZENS = {Action.APPEND, Action.URGE, Action.WITHDRAW, Action.RATE, Action.REOPEN, Action.CONTEST}


def test_no_page_has_a_script_a_style_or_a_handler_inside() -> None:
    inside = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=")
    assert [file.name for file in FOLDER.glob("templates/*.html") if inside.search(file.read_text("utf-8"))] == []
