"""A matter in a citizen's words: each state says who has it and what follows by when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.hotline.citizen_view import CitizenView, EventOut, LimitsOut
from bot.hotline.rules import default_rules
from bot.hotline.words import State
from bot.site.case_words import Story, story
from bot.site.pages import all_words
from core import i18n

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
IN_TIME, LATE = NOW + timedelta(days=2), NOW - timedelta(minutes=1)


def _told(state: State, *events: EventOut, locale: str = "zh-Hans", due: datetime = IN_TIME, **more: Any) -> Story:
    plain: dict[str, Any] = {"unit": "城管局", "can": [], "lamp": "green", "merged_into": None} | more
    view = CitizenView(
        number="26112103",
        kind="complaint",
        state=state.value,
        limits=LimitsOut(accept=due, answer=due),
        events=list(events),
        received_at=NOW,
        **plain,
    )
    return story(view, default_rules(), locale, lambda at: f"{at:%d}日", NOW)


def _event(what: str, text: str | None = None, **about: Any) -> EventOut:
    return EventOut(at=NOW, what=what, text=text, about=about)


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("unit", ["城管局", None])
@pytest.mark.parametrize("due", [IN_TIME, LATE], ids=["in-time", "late"])
def test_every_state_has_its_words_in_every_language(
    state: State, unit: str | None, due: datetime, locale: str
) -> None:
    told, say = _told(state, _event("reply", "好了"), locale=locale, unit=unit, due=due), all_words().among(locale)
    assert say(told.state)
    sentence = say(told.now, **told.values)
    assert "None" not in sentence
    assert unit is not None or "城管局" not in sentence


@pytest.mark.parametrize(
    ("state", "more", "key"),
    [
        (State.SIGNED, {}, "signed"),
        (State.RETURN_ASKED, {}, "dispatched"),
        (State.EXTENSION_ASKED, {}, "signed"),
        (State.SIGNED, {"due": LATE}, "overdue"),
        (State.ACCEPTED, {"due": LATE, "unit": None}, "overdue_here"),
        (State.SUBMITTED, {"due": LATE}, "accept_overdue"),
        (State.PAUSED, {"due": LATE}, "paused_citizen"),
        (State.CLOSED, {"can": ["reopen"]}, "closed"),
        (State.CLOSED, {}, "closed_for_good"),
        (State.FOLLOWED_UP, {"can": ["rate"]}, "rate"),
    ],
)
def test_what_follows_is_said_and_moves_between_offices_are_not(state: State, more: dict[str, Any], key: str) -> None:
    assert _told(state, _event("reply", "好了"), **more).now == f"now.{key}"


def test_an_answer_that_has_not_left_is_neither_read_nor_rated() -> None:
    told = _told(State.REPLIED, _event("accept"), can=["rate"])
    assert told.coming
    assert (told.now, told.lamp, told.answer) == ("now.answer_coming", "", None)


def test_the_newest_line_comes_first_and_what_staff_note_is_left_out() -> None:
    told = _told(
        State.REPLIED, _event("submitted"), _event("visit"), _event("dispatch", unit="城管局"), _event("reply", "好了")
    )
    assert [line.key for line in told.trail] == ["event.reply", "event.dispatch", "event.submitted"]
    assert told.answer is not None
    assert told.answer.said == "好了"


def test_a_refusal_and_what_is_missing_are_told_in_the_reader_s_language() -> None:
    told = _told(State.REJECTED, _event("reject", reason="litigation"), _event("ask", missing=["where", "since"]))
    assert "12368" in told.trail[1].said
    assert told.trail[0].said == "在哪里、哪天起"
    english = _told(State.SUBMITTED, _event("ask", missing=["where", "since"]), locale="en")
    assert english.trail[0].said == "where, since when"


def test_waiting_for_others_is_not_waiting_for_the_citizen() -> None:
    assert _told(State.PAUSED, _event("pause", reason="third_party")).now == "now.paused_third_party"
