"""The office's own rules: a file that says only what differs; a wrong one stops the start with a sentence."""

from pathlib import Path

import pytest

from bot.hotline.rules import default_rules, load_rules, read_rules
from bot.hotline.words import Kind
from core.errors import StartupError


def test_without_a_file_the_rules_that_come_along_hold() -> None:
    assert load_rules(None) is default_rules()


def test_a_file_says_only_what_differs() -> None:
    rules = read_rules(
        '[kinds.help]\npromise = "3 working days"\n[sources]\n"督办" = "5 working days"\n[days]\nreopen = 30\n'
    )
    assert str(rules.kinds[Kind.HELP].promise) == "3 working days"
    assert str(rules.kinds[Kind.HELP].answer) == "5 working days", "the statutory limit stays"
    assert str(rules.sources["督办"]) == "5 working days"
    assert rules.days["reopen"] == 30
    assert rules.days["contest"] == 15


def test_an_office_may_add_a_reason_and_an_emergency_of_its_own() -> None:
    rules = read_rules(
        '[reasons.school]\nzh = "校内事务"\n'
        'why = { zh-Hans = "学校办。", zh-Hant = "學校辦。", en = "For the school." }\n'
        'where = { zh-Hans = "请找学校。", zh-Hant = "請找學校。", en = "Ask the school." }\n'
        '[urgent.flood]\naccept = "20 minutes"\nwords = ["积水"]\n'
    )
    assert rules.reason("校内事务") == "school"
    assert rules.category_in("地下车库积水") == "flood"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[kinds.help", "no TOML"),
        ('[kinds.helpp]\npromise = "1 working day"', "kinds.helpp"),
        ('[kinds.help]\npromise = "soon"', "soon"),
        ("[days]\nreopen = -1", "days.reopen"),
        ('[counts]\nredos = "2"', "counts.redos"),
        ("limits = 5", "limits"),
        ("[score.off]\nlateness = 1", "score.off.lateness"),
        ('[reasons.school]\nzh = "校内事务"', "why"),
    ],
)
def test_a_line_that_does_not_fit_is_named(text: str, named: str) -> None:
    with pytest.raises(StartupError, match=named):
        read_rules(text)


def test_a_file_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="SUNLINE_HOTLINE_RULES"):
        load_rules(tmp_path / "none.toml")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[days]\nreopenn = 3\n", "utf-8")
    with pytest.raises(StartupError, match=r"SUNLINE_HOTLINE_RULES.*reopenn"):
        load_rules(wrong)
