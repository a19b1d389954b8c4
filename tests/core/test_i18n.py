"""Locales and catalogues: every text in three languages with the same blanks, or the start fails."""

from pathlib import Path

import pytest

from core.errors import StartupError
from core.i18n import DEFAULT, LOCALES, Catalogue, pick, placeholders


@pytest.mark.parametrize(
    ("reported", "locale"),
    [
        ("", "zh-Hans"), ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh_hans", "zh-Hans"), ("ZH-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("zh-MO", "zh-Hant"), ("zh-hant-cn", "zh-Hant"),
        ("en", "en"), ("en-GB", "en"), ("  EN ", "en"), ("fr", "en"), ("ja-JP", "en"), ("x", "en"),
    ],
)  # fmt: skip
def test_a_reported_language_becomes_one_of_ours(reported: str, locale: str) -> None:
    assert pick(reported) == locale


def _files(folder: Path, **changed: str) -> Path:
    for locale in LOCALES:
        text = changed.get(locale.replace("-", "_"), 'hello = "hi {name}"\n[deep]\ntext = """\nlong"""\n')
        (folder / f"{locale}.toml").write_text(text, "utf-8")
    return folder


def test_tables_become_dotted_keys_and_blanks_are_filled(tmp_path: Path) -> None:
    texts = Catalogue.load(_files(tmp_path))
    assert texts.keys == {"hello", "deep.text"}
    assert texts("en", "hello", name="{not a blank}") == "hi {not a blank}"
    assert texts("en", "deep.text") == "long"


def test_an_unknown_locale_gets_the_default_one(tmp_path: Path) -> None:
    folder = _files(tmp_path, zh_Hans='hello = "您好{name}"\ndeep.text = "长"')
    assert Catalogue.load(folder)("tlh", "hello", name="甲") == Catalogue.load(folder)(DEFAULT, "hello", name="甲")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ('hello = "hi {name}"', "deep.text"),
        ('hello = "hi {name}"\ndeep.text = ""\nmore = ""', "more"),
        ('hello = "hi {nme}"\ndeep.text = ""', "hello"),
        ('hello = "hi"\ndeep.text = ""', "hello"),
    ],
)
def test_a_text_missing_or_with_other_blanks_in_one_language_stops_the_start(
    broken: str, named: str, tmp_path: Path
) -> None:
    with pytest.raises(StartupError, match=rf"texts in en: '{named}'"):
        Catalogue.load(_files(tmp_path, en=broken))


@pytest.mark.parametrize("call", [("en", "nothing"), ("en", "hello")])
def test_an_unknown_key_or_a_missing_value_is_an_error_not_a_gap_in_the_text(
    call: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(KeyError):
        Catalogue.load(_files(tmp_path))(*call)


def test_blanks_are_found_by_name() -> None:
    assert placeholders("{a} {b:>3} {{c}} {a}") == {"a", "b"}
