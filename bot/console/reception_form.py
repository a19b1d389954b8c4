"""The rules of reception days as a form and back: lines of text for what comes several times. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from core.errors import BadInput
from notify.reception.days import Leader, Pattern, Rules, Season, Slot

PLAIN = ("starts_on", "on_free_day", "place", "ahead_days", "notice_days", "remind_at", "keep_days")
"""Fields of the rules that are one field of the form."""
BLANKS = 2
"""Empty exceptions offered below those there are."""
MOST_SEASONS = 60
_BETWEEN = re.compile(r"[\s,，、;；|]+")
_SLOT = re.compile(
    r"(\d{1,2}):(\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2}):(\d{2})\s*[,，、:：]?\s*(\d{1,3})\s*(?:个|人|號|号|places?)?"
)
_SAID = {
    "slots overlap": ("slots", "overlap"),
    "a slot ends": ("slots", "ends before it starts"),
    "a leader is named twice": ("leaders", "named twice"),
    "a season ends": ("seasons", "ends before it starts"),
    "a date outside": ("seasons", "date outside"),
}
"""What the rules say of fields together: the field of the form it belongs to, and what is wrong there."""

Numbers = Mapping[str, str]
"""Ids of persons by staff number, or the other way round."""


def given(rules: Rules, staff_no: Numbers) -> dict[str, str]:
    """The rules as fields of the form; ``staff_no`` by a person's id."""
    filled = {
        "starts_on": rules.starts_on.isoformat(),
        "on_free_day": rules.on_free_day,
        "place": rules.place,
        "ahead_days": str(rules.ahead_days),
        "notice_days": str(rules.notice_days),
        "remind_at": f"{rules.remind_at:%H:%M}",
        "keep_days": str(rules.keep_days),
        "leaders": "\n".join(_leader_line(one, staff_no) for one in rules.leaders),
        "substitute": _leader_line(rules.substitute, staff_no) if rules.substitute else "",
        "slots": "\n".join(_slot_line(one) for one in rules.slots),
        **_pattern_fields("", rules.regular),
    }
    for at, season in enumerate(rules.seasons):
        filled |= {f"s{at}_{name}": value for name, value in _season_fields(season).items()}
    return filled


def _leader_line(leader: Leader, staff_no: Numbers) -> str:
    number = staff_no.get(leader.person, leader.person)
    return "，".join([leader.name, leader.post, *([number] if number else [])]).rstrip("，")


def _slot_line(slot: Slot) -> str:
    return f"{slot.begins:%H:%M}-{slot.ends:%H:%M} {slot.places}"


def _pattern_fields(head: str, pattern: Pattern) -> dict[str, str]:
    lists = {"days": pattern.days_of_month, "weekdays": pattern.weekdays, "weeks": pattern.weeks}
    return {f"{head}{name}": "、".join(str(one) for one in values) for name, values in lists.items()}


def _season_fields(season: Season) -> dict[str, str]:
    dates = "、".join(day.isoformat() for day in season.dates)
    first, last = season.first.isoformat(), season.last.isoformat()
    return {"first": first, "last": last, "dates": dates, "note": season.note, **_pattern_fields("", season)}


def read(form: Mapping[str, str], ids: Numbers) -> Rules:
    """The form as rules; ``ids`` by staff number. Raises BadInput naming each field that does not fit."""
    reader = _Reader(form, ids)
    values: dict[str, Any] = {name: reader.text(name) for name in PLAIN if reader.text(name)}
    values["regular"] = reader.pattern("")
    values["leaders"] = [reader.leader("leaders", line) for line in reader.lines("leaders")]
    values["substitute"] = next((reader.leader("substitute", line) for line in reader.lines("substitute")), None)
    values["slots"] = [reader.slot(line) for line in reader.lines("slots")]
    values["seasons"] = reader.seasons()
    wrong = dict(reader.wrong)
    for name in ("starts_on", "place", "leaders", "slots"):
        if not values.get(name):
            wrong.setdefault(name, "is needed")
    if wrong:
        raise BadInput("Something in the rules does not fit; see fields.", fields=wrong)
    try:
        return Rules.model_validate(values)
    except ValidationError as error:
        raise BadInput("Something in the rules does not fit; see fields.", fields=_named(error)) from error


def _named(error: ValidationError) -> dict[str, str]:
    """The form's fields that the rules complain of, the first complaint of each."""
    wrong: dict[str, str] = {}
    for one in error.errors():
        known = next((place for words, place in _SAID.items() if words in one["msg"]), None)
        name, what = known or (_field_of(one["loc"]), "does not fit")
        wrong.setdefault(name, what)
    return wrong


def _field_of(loc: Sequence[int | str]) -> str:
    head = str(loc[0]) if loc else "leaders"
    names = {"days_of_month": "days", "weekdays": "weekdays", "weeks": "weeks"}
    return names.get(str(loc[1]), "days") if head == "regular" and len(loc) > 1 else head


class _Reader:
    """Reads fields and remembers what could not be read."""

    def __init__(self, form: Mapping[str, str], ids: Numbers) -> None:
        self._form = form
        self._ids = ids
        self.wrong: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self._form.get(name, "").strip()

    def lines(self, name: str) -> list[str]:
        return [line.strip() for line in self._form.get(name, "").splitlines() if line.strip()]

    def numbers(self, name: str) -> list[int]:
        parts = [part for part in _BETWEEN.split(self.text(name)) if part]
        if not all(part.isascii() and part.isdecimal() and len(part) <= 2 for part in parts):
            self.wrong[name] = "only numbers"
            return []
        return [int(part) for part in parts]

    def pattern(self, head: str) -> dict[str, list[int]]:
        names = {"days_of_month": "days", "weekdays": "weekdays", "weeks": "weeks"}
        return {field: self.numbers(head + name) for field, name in names.items()}

    def leader(self, name: str, line: str) -> dict[str, str]:
        """Name, post and staff number, in this order with commas between."""
        parts = [part.strip() for part in re.split(r"[,，\t]", line)]
        number = parts[2] if len(parts) > 2 else ""
        if number and number not in self._ids:
            self.wrong[name] = "unknown person"
        return {"name": parts[0], "post": parts[1] if len(parts) > 1 else "", "person": self._ids.get(number, "")}

    def slot(self, line: str) -> dict[str, Any]:
        found = _SLOT.fullmatch(line.replace("：", ":"))
        if not found:
            self.wrong["slots"] = "is no slot"
            return {}
        hours = [int(found[n]) for n in (1, 2, 3, 4)]
        begins, ends = f"{hours[0]:02}:{hours[1]:02}", f"{hours[2]:02}:{hours[3]:02}"
        return {"begins": begins, "ends": ends, "places": int(found[5])}

    def seasons(self) -> list[dict[str, Any]]:
        """The exceptions in the order of the form; one without any word is left out."""
        found = []
        for at in range(MOST_SEASONS + BLANKS):
            names = ("first", "last", "days", "weekdays", "weeks", "dates", "note")
            if any(self.text(f"s{at}_{name}") for name in names):
                found.append(self._season(f"s{at}_"))
        return found

    def _season(self, head: str) -> dict[str, Any]:
        season: dict[str, Any] = {name: self._day(head, name) for name in ("first", "last")}
        season["dates"] = [day for day in _BETWEEN.split(self.text(f"{head}dates")) if day]
        if not all(_is_day(day) for day in season["dates"]):
            self.wrong[f"{head}dates"] = "not a day"
        return season | self.pattern(head) | {"note": self.text(f"{head}note")[:100]}

    def _day(self, head: str, name: str) -> str:
        text = self.text(head + name)
        if not _is_day(text):
            self.wrong[head + name] = "not a day" if text else "is needed"
        return text


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def seasons_shown(form: Mapping[str, str]) -> int:
    """How many exceptions the page shows: those filled in, and some empty ones."""
    filled = [int(found[1]) + 1 for name in form if form[name] and (found := re.match(r"s(\d{1,2})_", name))]
    return min(max(filled, default=0) + BLANKS, MOST_SEASONS + BLANKS)
