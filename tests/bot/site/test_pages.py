"""What all citizen pages share."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.pages.taste import NAMES
from bot.pages.times import when
from bot.pages.words import shared
from bot.site import pages
from core import i18n

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def _say(key: str, /, **values: object) -> str:
    return shared()("zh-Hans", key, **values)


def test_times_are_told_in_words() -> None:
    told = {
        timedelta(seconds=-3): "刚刚",
        timedelta(seconds=59): "刚刚",
        timedelta(minutes=3): "3分钟前",
        timedelta(hours=2): "08:00",
        timedelta(hours=12): "11月22日 22:00",
        timedelta(days=365): "2025年11月23日 10:00",
        timedelta(hours=-3): "13:00",
    }
    assert {ago: when(NOW, NOW - ago, ZONE, _say) for ago in told} == told


BY_NAME = (
    "does.", "emergency.", "ended.", "error.", "event.", "follow.contest", "follow.done_", "follow.fault_",
    "follow.reopen", "grade.", "kind.", "kind_note.", "lamp.", "new.way_", "notices.stage_", "now.",
    "privacy.", "say.", "state.",
)  # fmt: skip
"""Texts whose key is put together."""


def test_every_text_a_page_asks_for_exists_and_none_is_left_over() -> None:
    keys = pages.texts().keys
    templates = "".join(file.read_text("utf-8") for file in sorted(pages.FOLDER.glob("templates/*.html")))
    code = "".join(file.read_text("utf-8") for file in sorted(pages.FOLDER.glob("*.py")))
    asked = set(re.findall(r"\bt\('([a-z_]+(?:\.[a-z_]+)+)'[,)]", templates))
    assert asked - keys - shared().keys == set()
    told = {key for key in keys if f"'{key}'" in templates or f'"{key}"' in code}
    assert {key for key in keys - told if not key.startswith(BY_NAME)} == set()


def test_every_language_is_offered_by_its_own_name() -> None:
    assert set(NAMES) == set(i18n.LOCALES)
