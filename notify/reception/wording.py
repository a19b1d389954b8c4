"""Days and times as a citizen reads them. Pure."""

from datetime import date

_WEEK = "一二三四五六日"
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, locale: str) -> str:
    """``12月15日周二``, ``Tue 15 Dec``: with the weekday, because people plan by it."""
    week, month = _parts(day, locale)
    return f"{week} {month}" if locale == "en" else f"{month}{week}"


def label_words(day: date, locale: str) -> str:
    """``周二12月15日``: behind the number of a list the day must not begin with a digit."""
    week, month = _parts(day, locale)
    return f"{week} {month}" if locale == "en" else f"{week}{month}"


def _parts(day: date, locale: str) -> tuple[str, str]:
    weekday = day.weekday()
    if locale == "en":
        return _NAMES[weekday], f"{day.day} {_MONTHS[day.month - 1]}"
    return ("週" if locale == "zh-Hant" else "周") + _WEEK[weekday], f"{day.month}月{day.day}日"
