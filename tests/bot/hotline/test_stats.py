"""The rates, checked against an example of 30 matters worked out by hand.

All came in on 3 November 2026; figures are drawn on the 30th. Every limit of acceptance is one day after receipt,
every limit of an answer is Friday the 20th, 18:00.

| no. | kind | unit | what became of it |
| --- | --- | --- | --- |
| 1–10 | consultation | – | answered directly on the 4th, 1 day; 5 非常满意, 2 满意, 1 不满意 (unsolved), 2 unrated |
| 11–14 | help | lamps | signed in time, answered on the 10th, 4 days; 2 基本满意, 1 非常不满意 (set aside), 1 unrated |
| 15–18 | complaint | lamps | signed late, answered on the 20th at 17:00, 12 days each; reached by call, not rated |
| 19–22 | complaint | water | signed in time, answered on the 25th (late), 16 days each; done over, 满意 each |
| 23 | complaint | water | returned by lamps, then signed by water in time, no answer, overdue |
| 24 | suggestion | water | dispatched, never signed, no answer, overdue |
| 25 | suggestion | – | accepted a day late, no answer, overdue |
| 26–27 | complaint | – | rejected in time |
| 28 | complaint | – | never accepted, overdue |
| 29 | complaint | – | merged after acceptance |
| 30 | information request | – | answered; belongs to another register |

By hand, the 29 of the hotline: accepted 29 − 2 rejected − 1 never = 26. Answered 10+4+4+4 = 22. Still open: numbers
23, 24, 25 and 28 = 4.
Response: decided 28, and number 28 is past its limit: 29; in time 28 − 1 (number 25) = 27.
Dispatches: 4+4+4 + 2 (number 23) + 1 = 15. Signed for or past the limit: 15 − 1 returned = 14; in time 4 + 4 + 1 = 9.
On time: 22 answered + 4 overdue = 26; in time 10 + 4 + 4 = 18. On an earlier day: 10 + 4 = 14 of 22.
Returned 1 of 15. Done over 4 of 22. Direct 10 of 22. Reached or rated: 8 + 3 + 4 + 4 = 19 of 22.
Rated 8 + 3 + 4 = 15: content 7 + 2 + 4 = 13; without the one set aside 13 of 14. Solved 13 of 15, adjusted 13 of 14.
Unrated 22 − 15 = 7. Days: (10×1 + 4×4 + 4×12 + 4×16) / 22 = 138 / 22 = 6.27.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.hotline.stats import Case, Judged, Rate, Sent, figures, grouped, rated_kinds
from bot.hotline.words import Grade, Kind

DAY = timedelta(days=1)
CAME = datetime(2026, 11, 3, 2, tzinfo=UTC)
LIMIT = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)
IN_TIME, TOO_LATE = Sent(CAME + DAY, CAME + DAY / 2), Sent(CAME + DAY, CAME + 2 * DAY)
G = Grade


def _case(kind: Kind, unit: str = "", **more: object) -> Case:
    base = Case(kind, unit, "sms", CAME, CAME + DAY, LIMIT, date(2026, 11, 20), decided_at=CAME + DAY / 4)
    return replace(base, **more)  # type: ignore[arg-type]


def _answered(kind: Kind, unit: str, day: int, days: float, **more: object) -> Case:
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    return _case(kind, unit, replied_at=at, done_day=date(2026, 11, day), days=days, **more)


def _example() -> list[Case]:
    ratings = [Judged(G.VERY_SATISFIED, True)] * 5 + [Judged(G.SATISFIED, True)] * 2 + [Judged(G.DISSATISFIED, False)]
    cases = [_answered(Kind.CONSULTATION, "", 4, 1, direct=True, judged=one) for one in (*ratings, None, None)]
    helped = [Judged(G.FAIR, True)] * 2 + [Judged(G.VERY_DISSATISFIED, False, set_aside=True), None]
    cases += [_answered(Kind.HELP, "lamps", 10, 4, sent=(IN_TIME,), judged=one) for one in helped]
    cases += [_answered(Kind.COMPLAINT, "lamps", 20, 12, sent=(TOO_LATE,), reached=True)] * 4
    again = {"sent": (IN_TIME,), "redone": True, "judged": Judged(G.SATISFIED, True)}
    cases += [_answered(Kind.COMPLAINT, "water", 25, 16, **again)] * 4
    returned = Sent(CAME + DAY, returned=True)
    cases += [
        _case(Kind.COMPLAINT, "water", sent=(returned, IN_TIME)),
        _case(Kind.SUGGESTION, "water", sent=(Sent(CAME + DAY),)),
        _case(Kind.SUGGESTION, decided_at=CAME + 2 * DAY),
        _case(Kind.COMPLAINT, rejected=True),
        _case(Kind.COMPLAINT, rejected=True),
        _case(Kind.COMPLAINT, decided_at=None),
        _case(Kind.COMPLAINT, ended=True),
        _answered(Kind.INFORMATION_REQUEST, "", 20, 13),
    ]
    return cases


def test_thirty_matters_give_the_figures_worked_out_by_hand() -> None:
    cases = _example()
    assert len(cases) == 30
    got = figures(rated_kinds(cases), NOW)
    assert (got.received, got.accepted, got.rejected, got.answered, got.open, got.unrated) == (29, 26, 2, 22, 4, 7)
    assert got.response == Rate(27, 29)
    assert got.signed == Rate(9, 14)
    assert got.on_time == Rate(18, 26)
    assert got.early == Rate(14, 22)
    assert got.returned == Rate(1, 15)
    assert got.redone == Rate(4, 22)
    assert got.direct == Rate(10, 22)
    assert got.followed_up == Rate(19, 22)
    assert got.satisfied == Rate(13, 15)
    assert got.satisfied_adjusted == Rate(13, 14)
    assert got.solved == Rate(13, 15)
    assert got.solved_adjusted == Rate(13, 14)
    assert got.average_days == 6.27
    assert got.satisfied.rate == 0.8667


def test_groups_add_up_to_the_whole_and_leave_information_requests_out() -> None:
    groups = grouped(_example(), "kind", NOW)
    assert {name: group.received for name, group in groups.items()} == {
        "consultation": 10,
        "help": 4,
        "complaint": 13,
        "suggestion": 2,
    }
    by_unit = grouped(_example(), "unit", NOW)
    assert by_unit["lamps"].on_time == Rate(8, 8)
    assert by_unit["water"].on_time == Rate(0, 6)


def test_an_empty_period_has_rates_of_nothing() -> None:
    assert figures([], NOW).satisfied.rate is None
    assert figures([], NOW).average_days is None
