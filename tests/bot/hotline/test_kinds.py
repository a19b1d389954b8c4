"""What the hotline says: within its cost, in three languages, without links, always saying how to go on."""

import pytest

from core.i18n import LOCALES
from core.text import segments, sign
from notify.kinds import KINDS, Kind

HOTLINE = [kind for name, kind in KINDS.items() if name.startswith(("matter_", "staff_"))]
TO_CITIZENS = [kind for kind in HOTLINE if kind.name.startswith("matter_")]


@pytest.mark.parametrize("kind", HOTLINE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("two_way", [True, False])
def test_the_example_stays_within_its_segments_in_chinese(kind: Kind, two_way: bool) -> None:
    for locale in ("zh-Hans", "zh-Hant"):
        text = sign(kind.render(locale, kind.check(kind.example), two_way=two_way), "阳光热线")
        assert segments(text) <= kind.budget, (len(text), text)


_ENGLISH = {
    "subject": "Street lamp ", "unit": "City Management", "due": "14 December", "page": "our page",
    "text": "The lamp was mended on 26 November.", "period": "November 2026", "starts": "1 December 18:00",
    "ends": "2 December 09:00",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOTLINE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("two_way", [True, False])
def test_an_english_text_has_two_segments_even_below_a_chinese_signature(kind: Kind, two_way: bool) -> None:
    values = kind.check({**kind.example, **{name: _ENGLISH[name] for name in kind.example if name in _ENGLISH}})
    values |= {"more": "Please check on site", "text": "CHECKED"} if kind.name == "staff_visit" else {}
    values |= {"more": "Please call 12388."} if kind.name == "matter_rejected" else {}
    text = sign(kind.render("en", values, two_way=two_way), "阳光热线")
    most = 3 if kind.name == "matter_rejected" else 2  # why, where to go, and how to contest: three things at least
    assert segments(text) <= most, (len(text), text)


@pytest.mark.parametrize("kind", HOTLINE, ids=lambda kind: kind.name)
def test_every_text_has_every_locale_and_no_link(kind: Kind) -> None:
    for locale in LOCALES:
        text = kind.render(locale, kind.check(kind.example))
        assert "http" not in text
        assert "{" not in text


ASKING = [kind for kind in TO_CITIZENS if "回" in kind.texts["zh-Hans"].replace("退回", "")]


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.name)
def test_whoever_is_asked_to_reply_is_told_another_way_where_nobody_listens(kind: Kind) -> None:
    for locale, word in (("zh-Hans", "{phone}"), ("zh-Hant", "{phone}"), ("en", "{phone}")):
        assert word in kind.one_way[locale], locale


@pytest.mark.parametrize("kind", TO_CITIZENS, ids=lambda kind: kind.name)
def test_nobody_is_told_to_wait_patiently_or_that_something_is_in_circulation(kind: Kind) -> None:
    for texts in (kind.texts, kind.one_way):
        for text in texts.values():
            assert not any(word in text for word in ("耐心等待", "流转", "patien"))
