"""Days and times as a citizen reads them. Pure."""

from datetime import date

_WEEK = "一二三四五六日"
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, locale: str) -> str:
    """``12月15日周二``, ``Tue 15 Dec``: with the weekday, because people plan by it."""
    weekday = day.weekday()
    if locale == "en":
        return f"{_NAMES[weekday]} {day.day} {_MONTHS[day.month - 1]}"
    week = "週" if locale == "zh-Hant" else "周"
    return f"{day.month}月{day.day}日{week}{_WEEK[weekday]}"
