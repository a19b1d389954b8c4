"""Reading the cases of a period out of the database, in a fixed number of queries however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta

from sqlmodel import col, select

from bot.hotline import stats
from bot.hotline.models import Dispatch, Matter, MatterReply
from bot.hotline.office import Desk
from bot.hotline.reply_models import FollowUpTry, Rating
from bot.hotline.words import Grade, Kind, State
from core.errors import BadInput
from core.office_hours import wall_to_utc
from core.people import Unit
from core.worktime import working_days_between

BY = ("kind", "unit", "source")
LONGEST = timedelta(days=800)
_ENDED = frozenset({State.WITHDRAWN.value, State.MERGED.value})
_CHUNK = 500


def cases(desk: Desk, first: date, last: date) -> list[stats.Case]:
    """The matters received from one office day to another, both included. Raises BadInput for no such period."""
    if last < first or last - first > LONGEST:
        raise BadInput("From is before to, at most 800 days.", fields={"to": "not after from, or too late"})
    zone = desk.office.hours.zone
    found = select(Matter).where(
        col(Matter.received_at) >= wall_to_utc(first, time(0), zone),
        col(Matter.received_at) < wall_to_utc(last + timedelta(days=1), time(0), zone),
    )
    matters = desk.session.exec(found).all()
    ids = [matter.id for matter in matters]
    units = {unit.id: unit.name for unit in desk.session.exec(select(Unit))}
    sent, replies = _sent(desk, ids), _replies(desk, ids)
    judged, reached = _judged(desk, replies), _reached(desk, ids)
    return [
        _case(desk, matter, units, sent[matter.id], replies.get(matter.id), judged.get(matter.id), matter.id in reached)
        for matter in matters
    ]


def _case(
    desk: Desk,
    matter: Matter,
    units: dict[str, str],
    sent: Sequence[stats.Sent],
    reply: MatterReply | None,
    judged: stats.Judged | None,
    reached: bool,
) -> stats.Case:
    zone, answered = desk.office.hours.zone, matter.replied_at
    rejected = matter.state == State.REJECTED
    return stats.Case(
        kind=Kind(matter.kind),
        unit=units.get(matter.unit_id or "", ""),
        source=matter.source,
        received_at=matter.received_at,
        accept_by=matter.accept_by,
        answer_by=matter.answer_by,
        late_day=matter.answer_by.astimezone(zone).date(),
        decided_at=matter.closed_at if rejected else matter.accepted_at,
        rejected=rejected,
        ended=matter.state in _ENDED,
        replied_at=answered,
        done_day=answered.astimezone(zone).date() if answered else None,
        direct=bool(reply and reply.direct),
        days=_days(desk, matter),
        sent=tuple(sent),
        redone=matter.redone > 0,
        reached=reached,
        judged=judged if answered else None,
    )


def _days(desk: Desk, matter: Matter) -> float | None:
    if matter.replied_at is None:
        return None
    calendar = desk.calendar
    return float(working_days_between(matter.clock_from, matter.replied_at, calendar.hours, calendar.days))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _sent(desk: Desk, ids: Sequence[str]) -> defaultdict[str, list[stats.Sent]]:
    found: defaultdict[str, list[stats.Sent]] = defaultdict(list)
    for some in _chunks(ids):
        rows = select(Dispatch).where(col(Dispatch.matter_id).in_(some), col(Dispatch.lead).is_(True))
        for row in desk.session.exec(rows.order_by(col(Dispatch.at))):
            found[row.matter_id].append(stats.Sent(row.sign_by, row.signed_at, row.returned_at is not None))
    return found


def _replies(desk: Desk, ids: Sequence[str]) -> dict[str, MatterReply]:
    """The latest answer of each matter."""
    found: dict[str, MatterReply] = {}
    for some in _chunks(ids):
        rows = select(MatterReply).where(
            col(MatterReply.matter_id).in_(some),
            MatterReply.state == "held",
            col(MatterReply.supplement).is_(False),
        )
        found |= {row.matter_id: row for row in desk.session.exec(rows.order_by(col(MatterReply.at)))}
    return found


def _judged(desk: Desk, replies: dict[str, MatterReply]) -> dict[str, stats.Judged]:
    found: dict[str, stats.Judged] = {}
    latest = {reply.id for reply in replies.values()}
    for some in _chunks(list(replies)):
        for row in desk.session.exec(select(Rating).where(col(Rating.matter_id).in_(some))):
            if row.reply_id in latest:
                found[row.matter_id] = stats.Judged(Grade(row.grade), row.solved, bool(row.set_aside))
    return found


def _reached(desk: Desk, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in _chunks(ids):
        rows = select(FollowUpTry.matter_id).where(
            col(FollowUpTry.matter_id).in_(some), col(FollowUpTry.reached).is_(True)
        )
        found |= set(desk.session.exec(rows))
    return found
