"""Circulars (通报): a month's, quarter's or year's figures, the places of the units, and a text ready to be issued.

Computed on demand; issued, it is kept as it was and supervisors and leaders are told. Matters count in the period in
which they were received, as in every other statistic.
"""

import re
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, select

from bot.hotline import paging, score, stats, stats_store
from bot.hotline.duty_models import CrossCheck
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk
from bot.hotline.reply_models import Alert, SupervisionOrder
from bot.hotline.sending import Letter, tell_office
from bot.hotline.stats_view import GroupOut, group_out, per_cent
from bot.hotline.work_models import Circular
from core import audit
from core.auth import Principal
from core.errors import BadInput, Conflict
from core.office_hours import wall_to_utc
from core.people import Role, Unit

_PERIOD = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])|Q([1-4]))?$")
_MONTHS = {1: (1, 3), 2: (4, 6), 3: (7, 9), 4: (10, 12)}


class UnitLine(BaseModel):
    """A unit in a circular: its place (none with too few matters), score, figures, and what counts against it."""

    unit: str
    place: int | None
    score: float | None
    figures: GroupOut
    warnings: int
    alarms: int
    reds: int
    faulty: int


class CircularOut(BaseModel):
    """A circular. ``issued_at`` is empty for one that was only computed."""

    period: str
    label: str
    first: date
    last: date
    total: GroupOut
    units: list[UnitLine]
    orders: int
    orders_open: int
    checked: int
    faulty: int
    text: str
    issued_at: datetime | None = None


def span(period: str) -> tuple[date, date, str]:
    """First and last day of ``2026-11``, ``2026Q4`` or ``2026``, and its name. Raises BadInput. Pure."""
    match = _PERIOD.match(period.strip().upper())
    if match is None:
        raise BadInput("A period is a month (2026-11), a quarter (2026Q4) or a year (2026).", fields={"period": period})
    year = int(match[1])
    if match[2]:
        begin, end, label = int(match[2]), int(match[2]), f"{year}年{int(match[2])}月"
    elif match[3]:
        (begin, end), label = _MONTHS[int(match[3])], f"{year}年第{'一二三四'[int(match[3]) - 1]}季度"
    else:
        begin, end, label = 1, 12, f"{year}年"
    return date(year, begin, 1), date(year, end, monthrange(year, end)[1]), label


def compute(desk: Desk, period: str) -> CircularOut:
    """The circular of a period as the figures are now."""
    first, last, label = span(period)
    cases = stats.rated_kinds(stats_store.cases(desk, first, last))
    total = stats.figures(cases, desk.now)
    groups = {name: one for name, one in stats.grouped(cases, "unit", desk.now).items() if name}
    counts = _counts(desk, first, last)
    lines = [_line(one) for one in score.ranked(groups, counts, desk.rules.score)]
    orders, still_open = _orders(desk, first, last)
    checked, faulty = _checks(desk, first, last)
    made = CircularOut(
        period=period.strip().upper(),
        label=label,
        first=first,
        last=last,
        total=group_out("total", total),
        units=lines,
        orders=orders,
        orders_open=still_open,
        checked=checked,
        faulty=faulty,
        text="",
    )
    return made.model_copy(update={"text": words(made, desk.office.name)})


def _line(one: score.Standing) -> UnitLine:
    return UnitLine(
        unit=one.unit,
        place=one.place,
        score=one.score,
        figures=group_out(one.unit, one.figures),
        warnings=one.counts.get("warning", 0),
        alarms=one.counts.get("alarm", 0),
        reds=one.counts.get("red", 0),
        faulty=one.counts.get("faulty", 0),
    )


def _bounds(desk: Desk, first: date, last: date) -> tuple[datetime, datetime]:
    zone = desk.office.hours.zone
    return wall_to_utc(first, time(0), zone), wall_to_utc(last + timedelta(days=1), time(0), zone)


def _counts(desk: Desk, first: date, last: date) -> dict[str, Counter[str]]:
    """What counts against each unit in a period: alerts by level, red lamps, faulty cross-checks."""
    since, until = _bounds(desk, first, last)
    names = {unit.id: unit.name for unit in desk.session.exec(select(Unit))}
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    alerts = (
        select(Alert, Matter.unit_id)
        .join(Matter, col(Matter.id) == col(Alert.matter_id))
        .where(col(Alert.at) >= since, col(Alert.at) < until)
    )
    for alert, unit_id in desk.session.exec(alerts):
        found[names.get(str(alert.data.get("unit") or unit_id or ""), "")][alert.level] += 1
    reds = (
        select(Matter.unit_id)
        .join(MatterEvent, col(MatterEvent.matter_id) == col(Matter.id))
        .where(MatterEvent.what == "red", col(MatterEvent.at) >= since, col(MatterEvent.at) < until)
    )
    for unit_id in desk.session.exec(reds):
        found[names.get(unit_id or "", "")]["red"] += 1
    faults = (
        select(Matter.unit_id)
        .join(CrossCheck, col(CrossCheck.matter_id) == col(Matter.id))
        .where(CrossCheck.verdict == "faulty", col(CrossCheck.checked_at) >= since, col(CrossCheck.checked_at) < until)
    )
    for unit_id in desk.session.exec(faults):
        found[names.get(unit_id or "", "")]["faulty"] += 1
    return dict(found)


def _orders(desk: Desk, first: date, last: date) -> tuple[int, int]:
    since, until = _bounds(desk, first, last)
    found = select(SupervisionOrder).where(col(SupervisionOrder.at) >= since, col(SupervisionOrder.at) < until)
    rows = desk.session.exec(found).all()
    return len(rows), sum(row.done_at is None for row in rows)


def _checks(desk: Desk, first: date, last: date) -> tuple[int, int]:
    since, until = _bounds(desk, first, last)
    found = select(CrossCheck).where(col(CrossCheck.checked_at) >= since, col(CrossCheck.checked_at) < until)
    rows = desk.session.exec(found).all()
    return len(rows), sum(row.verdict == "faulty" for row in rows)


def words(made: CircularOut, office: str) -> str:
    """The text of a circular, as an office would write it. Pure."""
    rates = made.total.rates

    def rate(name: str, label: str) -> str:
        return f"{label}{per_cent(rates[name].rate)}（{rates[name].n}/{rates[name].of}）"

    total = made.total
    lines = [
        f"{made.label}{office}办理情况通报",
        f"一、总体情况。收到{total.received}件，受理{total.accepted}件，不予受理{total.rejected}件，"
        f"已答复{total.answered}件，在办{total.open}件。"
        f"{rate('on_time', '按时办结率')}，{rate('early', '提前办结率')}，{rate('signed', '签收率')}，"
        f"{rate('returned', '退单率')}，{rate('redone', '重办率')}。",
        f"二、群众评价。{rate('satisfied', '满意率')}，{rate('solved', '解决率')}；"
        f"未评价{total.unrated}件，不计入满意。",
        *_places(made),
        f"四、督办与抽查。发督办单{made.orders}份，未反馈{made.orders_open}份；"
        f"交叉检查{made.checked}件，其中发现问题{made.faulty}件。",
    ]
    return "\n".join(lines)


def _places(made: CircularOut) -> list[str]:
    lines = ["三、承办单位排名。" if made.units else "三、承办单位排名。本期没有派单。"]
    for line in made.units:
        on_time, content = (per_cent(line.figures.rates[name].rate) for name in ("on_time", "satisfied"))
        place = f"第{line.place}名 " if line.place else "（件数少，不排名）"
        marks = f"，预警{line.warnings}、告警{line.alarms}、红灯{line.reds}"
        value = "—" if line.score is None else f"{line.score:g}分"
        figures = f"{line.figures.received}件，按时办结率{on_time}，满意率{content}{marks}"
        lines.append(f"{place}{line.unit}：{value}（{figures}）")
    return lines


def issue(desk: Desk, who: Principal, period: str) -> CircularOut:
    """Issue it: kept as it is now, supervisors and leaders told. Raises BadInput before its end, Conflict twice."""
    _, last, label = span(period)
    today = desk.now.astimezone(desk.office.hours.zone).date()
    if today <= last:
        raise BadInput(f"{label} is not over yet.", fields={"period": "is not over"})
    made = compute(desk, period)
    if desk.session.exec(select(Circular).where(Circular.period == made.period)).first():
        raise Conflict("This circular was issued already.")
    made = made.model_copy(update={"issued_at": desk.now})
    row = Circular(
        period=made.period,
        text=made.text,
        data=made.model_dump(mode="json"),
        issued_at=desk.now,
        issued_by=who.identity,
    )
    desk.session.add(row)
    desk.session.flush()
    audit.record(desk.session, desk.now, who.actor, "circular.issue", f"circular:{made.period}")
    _tell(desk, made)
    return made


def _tell(desk: Desk, made: CircularOut) -> None:
    rates = made.total.rates
    values: dict[str, Any] = {
        "period": made.label,
        "received": made.total.received,
        "on_time": per_cent(rates["on_time"].rate),
        "satisfied": per_cent(rates["satisfied"].rate),
    }
    letter = Letter("staff_circular", lambda _locale: values, f"circular:{made.period}")
    people = paging.supervisors(desk)
    people += paging.leaders(desk.session, paging.holders(desk.session, Role.HANDLER))
    for person in {person.id: person for person in people}.values():
        tell_office(desk, letter, person)


def issued(desk: Desk) -> list[CircularOut]:
    """Those that were issued, latest first, as they were."""
    rows = desk.session.exec(select(Circular).order_by(col(Circular.issued_at).desc()).limit(100))
    return [CircularOut.model_validate(row.data) for row in rows]
