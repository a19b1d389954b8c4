"""The rates an office reports, with their denominators (OFFICE, "Rates"). Pure: cases in, figures out.

Information requests have a register of their own and are kept out of every rate here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.hotline.words import Grade, Kind


@dataclass(frozen=True, slots=True)
class Judged:
    """A rating: ``set_aside`` for one a supervisor keeps out of the adjusted rates."""

    grade: Grade
    solved: bool
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A lead dispatch to a unit."""

    sign_by: datetime
    signed_at: datetime | None = None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What one matter contributes.

    ``decided_at`` is when it was accepted or rejected; ``late_day`` the office day of its limit and ``done_day``
    that of the answer; ``days`` working days from the start of the clock to the answer. ``ended``: withdrawn or
    merged, so that nothing more is expected of it.
    """

    kind: Kind
    unit: str
    source: str
    received_at: datetime
    accept_by: datetime
    answer_by: datetime
    late_day: date
    decided_at: datetime | None = None
    rejected: bool = False
    ended: bool = False
    replied_at: datetime | None = None
    done_day: date | None = None
    direct: bool = False
    days: float | None = None
    sent: tuple[Sent, ...] = ()
    redone: bool = False
    reached: bool = False
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many; ``rate`` is None when there is nothing to divide by."""

    n: int
    of: int

    @property
    def rate(self) -> float | None:
        """Between 0 and 1, to four places."""
        return round(self.n / self.of, 4) if self.of else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group; each rate's denominator stands in its docstring line of ``figures``."""

    received: int
    accepted: int
    rejected: int
    answered: int
    open: int
    unrated: int
    response: Rate
    signed: Rate
    on_time: Rate
    early: Rate
    returned: Rate
    redone: Rate
    direct: Rate
    followed_up: Rate
    satisfied: Rate
    satisfied_adjusted: Rate
    solved: Rate
    solved_adjusted: Rate
    average_days: float | None


def figures(cases: Sequence[Case], now: datetime) -> Figures:
    """The figures of these cases at ``now``.

    * 响应率: accepted or rejected within the limit, of those decided or past that limit.
    * 签收率: dispatches signed for within the limit, of those signed for or past that limit.
    * 按时办结率: answered within the (promised) limit, of those answered or past it.
    * 提前办结率: answered on an earlier day than the limit's, of those answered.
    * 退单率: dispatches returned, of all dispatches. 重办率: done over, of those ever answered.
    * 直接答复率: answered by the hotline itself, of those answered.
    * 有效回访率: reached by call or rated, of those answered.
    * 满意率: 非常满意 + 满意 + 基本满意, of those rated; 解决率: solved, of those rated. 未评价 stands apart.
    """
    answered = [case for case in cases if case.replied_at is not None]
    ever = [case for case in cases if case.replied_at is not None or case.redone]
    sent = [dispatch for case in cases for dispatch in case.sent]
    judged = [case.judged for case in answered if case.judged is not None]
    kept = [one for one in judged if not one.set_aside]
    late = [case for case in cases if _waits(case) and now > case.answer_by]
    days = [case.days for case in answered if case.days is not None]
    return Figures(
        received=len(cases),
        accepted=sum(case.decided_at is not None and not case.rejected for case in cases),
        rejected=sum(case.rejected for case in cases),
        answered=len(answered),
        open=sum(_waits(case) for case in cases),
        unrated=len(answered) - len(judged),
        response=_response(cases, now),
        signed=_signed(sent, now),
        on_time=Rate(_count(answered, lambda case: _by(case.replied_at, case.answer_by)), len(answered) + len(late)),
        early=Rate(_count(answered, _early), len(answered)),
        returned=Rate(sum(dispatch.returned for dispatch in sent), len(sent)),
        redone=Rate(_count(ever, lambda case: case.redone), len(ever)),
        direct=Rate(_count(answered, lambda case: case.direct), len(answered)),
        followed_up=Rate(_count(answered, lambda case: case.reached or case.judged is not None), len(answered)),
        satisfied=Rate(sum(one.grade.satisfied for one in judged), len(judged)),
        satisfied_adjusted=Rate(sum(one.grade.satisfied for one in kept), len(kept)),
        solved=Rate(sum(one.solved for one in judged), len(judged)),
        solved_adjusted=Rate(sum(one.solved for one in kept), len(kept)),
        average_days=round(sum(days) / len(days), 2) if days else None,
    )


def _count(cases: Iterable[Case], test: Callable[[Case], bool]) -> int:
    return sum(test(case) for case in cases)


def _by(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment <= limit


def _early(case: Case) -> bool:
    return case.done_day is not None and case.done_day < case.late_day


def _waits(case: Case) -> bool:
    return case.replied_at is None and not case.rejected and not case.ended


def _response(cases: Sequence[Case], now: datetime) -> Rate:
    due = [case for case in cases if case.decided_at is not None or (now > case.accept_by and not case.ended)]
    return Rate(_count(due, lambda case: _by(case.decided_at, case.accept_by)), len(due))


def _signed(sent: Sequence[Sent], now: datetime) -> Rate:
    due = [one for one in sent if one.signed_at is not None or (now > one.sign_by and not one.returned)]
    return Rate(sum(_by(one.signed_at, one.sign_by) for one in due), len(due))


def grouped(cases: Iterable[Case], by: str, now: datetime) -> dict[str, Figures]:
    """The figures of each group: ``by`` is kind, unit or source."""
    groups: defaultdict[str, list[Case]] = defaultdict(list)
    for case in rated_kinds(cases):
        groups[str(getattr(case, by))].append(case)
    return {name: figures(group, now) for name, group in sorted(groups.items())}


def rated_kinds(cases: Iterable[Case]) -> list[Case]:
    """Without information requests."""
    return [case for case in cases if case.kind is not Kind.INFORMATION_REQUEST]
