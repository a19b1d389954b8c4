"""Absence on the phone: 外出 3天, who stands in, 销假. Asked first, then done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.dialogue import official
from bot.dialogue.base import Question, Say
from bot.officials_case import Case
from core import absence as absences
from core.people import Person
from notify.signoff import away, away_words, roster, signing

_CANDIDATES = 5


def _ask(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """外出 with a length: who would stand in, and is that right?"""
    now, zone = case.work.now, case.work.office.hours.zone
    length = str(data.get("length", ""))
    until = official.away_until(length, now, zone) if length else None
    if until is None:
        return (case.say("away.how_long"),)
    if until - now > official.LONGEST_ABSENCE:
        return (case.say("away.too_long"),)
    found = away.stand_in_for(case.work, case.person)
    values = {
        "until": _words(case, until),
        "held": _held(case),
        "name": found.person.name if found.person else "",
        "deputy": found.deputy.name if found.deputy else "",
        "back": _words(case, found.deputy_back) if found.deputy_back else "",
    }
    if found.person is None:
        key = "away.plan_nobody"
    elif found.deputy and found.deputy_back:
        key = "away.plan_deputy_away"
    else:
        key = "away.plan_deputy" if found.deputy else "away.plan_other"
    kept = {"until": until.isoformat(), "stand_in": found.person.id if found.person else ""}
    labels = (case.text("away.confirm"), case.text("away.change"))
    question = Question(official.AWAY, labels, case.text("away.cancel"), data=kept, said=True)
    return (Say("ready", {"text": case.text(key, **values)}, question),)


def _held(case: Case) -> str:
    matters = case.work.office.matters.in_hand(case.work.session, case.person.id)
    return away_words.held(len(signing.to_sign(case.work, case.person.id)), len(matters), case.locale)


def _words(case: Case, moment: datetime) -> str:
    return case.work.due_words(moment, case.locale).removesuffix("前")


def _confirmed(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    """1 goes, 2 chooses somebody else, 0 stays."""
    if data["number"] == 0:
        return (case.say("away.cancelled"),)
    if data["number"] == 2:
        return (_whom(case, data),)
    return _go(case, str(data["until"]), str(data["stand_in"]))


def _whom(case: Case, data: Mapping[str, Any]) -> Say:
    candidates = _candidates(case)
    if not candidates:
        return case.say("away.nobody_else")
    kept = {"until": data["until"], "ids": [person.id for person in candidates]}
    labels = tuple(person.name for person in candidates)
    question = Question(official.AWAY_WHO, labels, case.text("away.cancel"), data=kept)
    return Say("ready", {"text": case.text("away.who")}, question)


def _candidates(case: Case) -> list[Person]:
    """Leader first, then colleagues of the unit; only those who are there and can be written to."""
    session, person = case.work.session, case.person
    gone = absences.away_now(session, case.work.now)
    found = (
        select(Person).where(Person.unit_id == person.unit_id, col(Person.active).is_(True)).order_by(col(Person.id))
    )
    people = list(session.exec(found.limit(50))) if person.unit_id else []
    leader = session.get(Person, person.leader_id) if person.leader_id else None
    people = ([leader] if leader and leader.active else []) + [each for each in people if each.id != person.leader_id]
    known = roster.officials(session, [each.id for each in people], case.work.channels)
    fits = [each for each in people if each.id != person.id and each.id not in gone and known[each.id].addresses]
    return fits[:_CANDIDATES]


def _chosen(case: Case, data: Mapping[str, Any]) -> tuple[Say, ...]:
    if data["number"] == 0:
        return (case.say("away.cancelled"),)
    return _go(case, str(data["until"]), str(data["ids"][data["number"] - 1]))


def _go(case: Case, until: str, stand_in: str) -> tuple[Say, ...]:
    ends_at = datetime.fromisoformat(until)
    if ends_at <= case.work.now:
        return (case.say("away.how_long"),)
    present = absences.absence_of(case.work.session, case.work.now, case.person.id)
    if present and present.ends_at == ends_at:  # the same answer twice
        found = away.stand_in_for(case.work, case.person, stand_in or None)
    else:
        found = away.go(case.work, case.person, ends_at, case.signer.actor, stand_in_id=stand_in or None)
    if found.person is None:
        return (case.say("away.done_nobody", until=_words(case, ends_at)),)
    return (case.say("away.done", name=found.person.name, until=_words(case, ends_at)),)


def _back(case: Case, _data: Mapping[str, Any]) -> tuple[Say, ...]:
    present = absences.absence_of(case.work.session, case.work.now, case.person.id)
    if present is None:
        return (case.say("away.not_away"),)
    meanwhile = away.back(case.work, present, case.signer.actor, tell=False)
    return (case.say("away.welcome", back=away_words.handed_back(meanwhile, case.locale)),)


AWAY_ACTS: dict[str, Callable[[Case, Mapping[str, Any]], tuple[Say, ...]]] = {
    "away": _ask,
    "back_in": _back,
    official.AWAY: _confirmed,
    official.AWAY_WHO: _chosen,
}
