"""The figures behind the charts, read from the same records as the lists and the API's statistics."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from bot.console.charts import Chart, Series
from bot.hotline import stats, stats_store
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.reply_models import Rating
from bot.hotline.words import Grade
from bot.house import House
from bot.pages.words import Say
from core.errors import BadInput
from core.office_hours import wall_to_utc
from faq import queries
from notify.signoff import stats as sign_stats

KEYS = ("flow", "lamps", "on_time", "satisfaction", "faq", "documents", "notices")
LONGEST = timedelta(days=370)
DEFAULT = timedelta(days=29)
_DAILY = 35
"""Up to so many days each has its own column; beyond, weeks."""


@dataclass(frozen=True, slots=True)
class Period:
    """Office days, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first or self.last - self.first > LONGEST:
            raise BadInput("From is before to, at most a year.", fields={"to": "does not fit"})

    def steps(self) -> list["Period"]:
        """Days, or weeks when there are many."""
        width = 1 if (self.last - self.first).days < _DAILY else 7
        starts = range(0, (self.last - self.first).days + 1, width)
        days = [self.first + timedelta(days=one) for one in starts]
        return [Period(day, min(self.last, day + timedelta(days=width - 1))) for day in days]

    @property
    def label(self) -> str:
        """The first day, as a column's name."""
        return f"{self.first.month}-{self.first.day}"


def chart(session: Session, house: House, key: str, period: Period, say: Say) -> Chart:
    """One chart's figures by its key, one of ``KEYS``."""
    desk = house.hotline.desk(session)
    if key == "notices":
        return _notices(session, house, desk, period, say)
    return _OF_HOTLINE[key](desk, period, say)


def totals(session: Session, house: House, period: Period) -> stats.Figures:
    """The rates of the period, all kinds together."""
    desk = house.hotline.desk(session)
    return stats.figures(stats.rated_kinds(stats_store.cases(desk, period.first, period.last)), desk.now)


def _utc(desk: Desk, day: date) -> datetime:
    return wall_to_utc(day, time(0), desk.office.hours.zone)


def _ends(desk: Desk, period: Period) -> tuple[datetime, datetime]:
    return _utc(desk, period.first), _utc(desk, period.last + timedelta(days=1))


def _flow(desk: Desk, period: Period, say: Say) -> Chart:
    begin, end = _ends(desk, period)
    came = desk.session.exec(
        select(Matter.received_at).where(col(Matter.received_at) >= begin, col(Matter.received_at) < end)
    ).all()
    done = func.coalesce(col(Matter.replied_at), col(Matter.closed_at))
    went = desk.session.exec(select(Matter.replied_at, Matter.closed_at).where(done >= begin, done < end)).all()
    steps = period.steps()
    into = _counted(desk, steps, came)
    out = _counted(desk, steps, [replied or closed for replied, closed in went if replied or closed])
    series = [Series(say("reports.received"), into), Series(say("reports.done"), out)]
    return Chart("flow", "bar", [one.label for one in steps], series)


def _counted(desk: Desk, steps: Sequence[Period], moments: Sequence[datetime | None]) -> list[float | None]:
    zone = desk.office.hours.zone
    by_day = Counter(moment.astimezone(zone).date() for moment in moments if moment)
    return [float(sum(by_day[day] for day in _days(one))) for one in steps]


def _days(period: Period) -> list[date]:
    return [period.first + timedelta(days=at) for at in range((period.last - period.first).days + 1)]


def _lamps(desk: Desk, period: Period, say: Say) -> Chart:
    """Red and yellow at the end of each step, by the limits as they are now (an extension is seen from its grant)."""
    begin, end = _ends(desk, period)
    done = func.coalesce(col(Matter.replied_at), col(Matter.closed_at))
    rows = desk.session.exec(
        select(Matter.received_at, Matter.yellow_at, Matter.due_at, done).where(
            col(Matter.received_at) < end, or_(done.is_(None), done >= begin)
        )
    ).all()
    steps = period.steps()
    red: list[float | None] = []
    yellow: list[float | None] = []
    for step in steps:
        at = min(_utc(desk, step.last + timedelta(days=1)), desk.now)
        there = [row for row in rows if row[0] < at and (row[3] is None or row[3] > at)]
        red.append(float(sum(row[2] <= at for row in there)))
        yellow.append(float(sum(row[1] <= at < row[2] for row in there)))
    series = [Series(say("reports.yellow"), yellow, "yellow"), Series(say("reports.red"), red, "red")]
    return Chart("lamps", "stacked", [one.label for one in steps], [series[1], series[0]])


def _on_time(desk: Desk, period: Period, say: Say) -> Chart:
    grouped = stats.grouped(stats_store.cases(desk, period.first, period.last), "unit", desk.now)
    judged = {unit or say("reports.direct"): one for unit, one in grouped.items() if one.on_time.of}
    rates = [one.on_time.rate for one in judged.values()]
    return Chart("on_time", "across", list(judged), [Series(say("reports.on_time"), rates)], percent=True)


def _satisfaction(desk: Desk, period: Period, say: Say) -> Chart:
    begin, end = _ends(desk, period)
    rows = desk.session.exec(
        select(Rating.grade, func.count())
        .where(col(Rating.at) >= begin, col(Rating.at) < end)
        .group_by(col(Rating.grade))
    ).all()
    found = dict(rows)
    values: list[float | None] = [float(found.get(grade.value, 0)) for grade in Grade]
    labels = [say(f"grade.{grade.value}") for grade in Grade]
    return Chart("satisfaction", "bar", labels, [Series(say("reports.ratings"), values)])


def _faq(desk: Desk, period: Period, say: Say) -> Chart:
    steps = period.steps()
    counts = [queries.counts(desk.session, *_ends(desk, one)) for one in steps]
    series = [
        Series(say("reports.answered"), [float(one.answered) for one in counts]),
        Series(say("reports.choices"), [float(one.choices) for one in counts]),
        Series(say("reports.unanswered"), [float(one.unanswered) for one in counts]),
    ]
    return Chart("faq", "stacked", [one.label for one in steps], series)


def _documents(desk: Desk, period: Period, say: Say) -> Chart:
    lines = sign_stats.figures(desk.session, desk.now, *_ends(desk, period), "unit")
    series = [
        Series(say("reports.signed_on_time"), [float(one.on_time) for one in lines]),
        Series(say("reports.signed_late"), [float(one.late) for one in lines], "yellow"),
        Series(say("reports.overdue"), [float(one.overdue) for one in lines], "red"),
    ]
    return Chart("documents", "across", [one.name for one in lines], series)


def _notices(session: Session, house: House, desk: Desk, period: Period, say: Say) -> Chart:
    lines = house.publicity.figures(session, *_ends(desk, period), "programme")
    names = ("recipients", "sent", "reached", "not_reached", "told")
    values: list[float | None] = [float(sum(getattr(line, name) for line in lines)) for name in names]
    labels = [say(f"reports.notice_{name}") for name in names]
    return Chart("notices", "across", labels, [Series(say("reports.people"), values)])


_OF_HOTLINE: Mapping[str, Callable[[Desk, Period, Say], Chart]] = MappingProxyType(
    {
        "flow": _flow,
        "lamps": _lamps,
        "on_time": _on_time,
        "satisfaction": _satisfaction,
        "faq": _faq,
        "documents": _documents,
    }
)
