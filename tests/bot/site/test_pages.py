"""What all citizen pages share."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
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


def test_every_text_a_page_asks_for_exists_and_none_is_left_over() -> None:
    keys = pages.texts().keys
    used: set[Any] = set()
    for file in pages.FOLDER.glob("templates/*.html"):
        source = file.read_text("utf-8")
        used |= set(re.findall(r"\bt\('([a-z_.]+)'|'([a-z]+\.[a-z_]+)'", source))
    used = {name for pair in used for name in pair if name}
    files = {"sun.svg", "look.css", "site.css", "talk.js", "chat.js", "phone.css", "phone.js"}
    assert used - keys - shared().keys == files
    for file in pages.FOLDER.glob("*.py"):
        used |= {key for key in keys if f'"{key}"' in file.read_text("utf-8")}
    by_name = {key for key in keys if key.startswith(("ended.", "error."))}
    assert keys - used - by_name == set()


def test_every_language_is_offered_by_its_own_name() -> None:
    assert set(NAMES) == set(i18n.LOCALES)
