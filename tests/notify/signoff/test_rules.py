"""An office's own rules: what differs is enough; a slip of the pen stops the start with a sentence that names it."""

from datetime import time
from pathlib import Path

import pytest

from core.errors import BadInput, StartupError
from core.terms import Limit
from notify.signoff.rules import default_rules, load_rules, read_rules


def test_what_is_not_said_stays_as_it_was() -> None:
    rules = read_rules('night = "23:00-06:00"\n[urgency.urgent]\nlimit = "45 minutes"\n')
    assert rules.urgencies["urgent"].limit == Limit.parse("45 minutes")
    assert rules.urgencies["urgent"].aliases == default_rules().urgencies["urgent"].aliases
    assert rules.night == (time(23), time(6))
    assert rules.overdue_times == 6


def test_an_urgency_may_be_added_if_it_says_everything() -> None:
    own = """
    [urgency.flash]
    zh-Hans = "特提"
    zh-Hant = "特提"
    en = "Flash"
    aliases = ["flash", "特提件"]
    limit = "20 minutes"
    order = "30 minutes"
    """
    assert read_rules(own).urgency("特提件").name == "flash"
    with pytest.raises(StartupError, match=r"urgency\.flash\.order is missing"):
        read_rules(own.replace("order", "# order"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nihgt = '22:00-07:00'", "nihgt"),
        ("night = 'late'", "night"),
        ("[overdue]\nevery = '30'", "overdue.every"),
        ("[overdue]\ntimes = 500", "overdue.times"),
        ("[overdue]\ntime = 5", "overdue.time"),
        ("[urgency.urgent]\nlimit = '3 days'", "urgency.urgent.limit"),
        ("[urgency.urgent]\nlimits = '1 hour'", "urgency.urgent.limits"),
        ("urgency = 5", "urgency"),
        ("[calls]\nsteps = ['dawn']", "dawn"),
        ("[calls]\nurgencies = ['flash']", "flash"),
        ("forbidden_in_title = 'secret'", "forbidden_in_title"),
        ("[instructions]\nregister = '{month}'", "instructions.register"),
        ("this is no TOML", "TOML"),
    ],
)
def test_a_wrong_line_is_named(text: str, named: str) -> None:
    with pytest.raises(StartupError, match="The rules for documents") as caught:
        read_rules(text)
    assert named in str(caught.value)


def test_the_setting_is_named_when_its_file_cannot_be_read(tmp_path: Path) -> None:
    assert load_rules(None) is default_rules()
    with pytest.raises(StartupError, match="SUNLINE_SIGNOFF_RULES"):
        load_rules(tmp_path / "absent.toml")
    (tmp_path / "own.toml").write_text("[calls]\nsteps = []\n")
    assert load_rules(tmp_path / "own.toml").calls.steps == frozenset()
    (tmp_path / "own.toml").write_text("nothing = 1")
    with pytest.raises(StartupError, match=r"SUNLINE_SIGNOFF_RULES.*'nothing'"):
        load_rules(tmp_path / "own.toml")


def test_an_unknown_urgency_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="urgent, important, normal"):
        default_rules().urgency("whenever")
