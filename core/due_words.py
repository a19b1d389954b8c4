"""How a limit is told to a citizen: by date, in few words, never "please wait patiently". Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.i18n import DEFAULT

# Within a week the day of the month alone is clear ("24日"); later, or in another month, the month is said too.
NEAR_DAYS = 7

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CHINESE = {
    "today": "今天",
    "tomorrow": "明天",
    "day": "{day}日",
    "month": "{month}月{day}日",
    "year": "{year}年{month}月{day}日",
    "close": "{date}下班前",
    "clock": "{date}{time}前",
    "on": "",
}
_WORDS = {
    "zh-Hans": _CHINESE,
    "zh-Hant": _CHINESE,  # the same characters in both scripts
    "en": {
        "today": "today",
        "tomorrow": "tomorrow",
        "day": "{day} {name}",
        "month": "{day} {name}",
        "year": "{day} {name} {year}",
        "close": "close of business {date}",
        "clock": "{time} {date}",
        "on": "on ",
    },
}


def describe_due(due: datetime, now: datetime, zone: ZoneInfo, locale: str, *, at_close: bool = False) -> str:
    """Words for a limit: ``24日下班前``, ``明天18:00前``, ``12月14日``; in English what follows "by".

    ``at_close`` says that business stops at ``due`` (``core.worktime.is_close_of_business``). Such a limit names
    its day rather than "tomorrow", because an SMS may be read late. From a week on, and for a limit that is over,
    the date stands alone. Midnight belongs to the day it ends (24:00). An unknown locale reads Chinese.
    """
    words = _WORDS.get(locale, _WORDS[DEFAULT])
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    day, at = local.date(), f"{local:%H:%M}"
    if local.time() == time(0):
        day, at = day - timedelta(days=1), "24:00"
    ahead = (day - today).days
    form = "day" if day.month == today.month else "month"
    if day.year != today.year:
        form = "year"
    if not 0 <= ahead < NEAR_DAYS:
        form = "month" if form == "day" else form
    elif ahead == 0:
        form = "today"
    elif ahead == 1 and not at_close:
        form = "tomorrow"
    date_words = words[form].format(year=day.year, month=day.month, day=day.day, name=_MONTHS[day.month - 1])
    if not 0 <= ahead < NEAR_DAYS:
        return date_words
    if form not in {"today", "tomorrow"}:
        date_words = words["on"] + date_words
    return words["close" if at_close else "clock"].format(date=date_words, time=at)
