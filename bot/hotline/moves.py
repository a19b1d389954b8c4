"""The gate every action passes: may this person see it, is it the role's business, is it current and legal."""

from datetime import date, timedelta

from sqlmodel import col, select

from bot.hotline import barrier, numbers, states
from bot.hotline.errors import illegal, stale
from bot.hotline.models import Dispatch, Matter, MatterReply
from bot.hotline.office import Desk
from bot.hotline.reply_models import Rating
from bot.hotline.words import Action, Grade, Kind, State
from core.auth import Principal
from core.errors import Forbidden, NotFound
from core.people import Person, Role
from core.worktime import end_of_calendar_days

UNKNOWN = "There is no matter with this number."


def find(desk: Desk, number: str) -> Matter:
    """A matter by its number as people type it; raises NotFound."""
    plain = numbers.normal(number)
    matter = desk.session.exec(select(Matter).where(Matter.number == plain)).first() if plain else None
    if matter is None:
        raise NotFound(UNKNOWN)
    return matter


def units_of(desk: Desk, matter: Matter) -> set[str]:
    """The units that have a matter now, lead and others."""
    found = select(Dispatch.unit_id).where(Dispatch.matter_id == matter.id, col(Dispatch.ended_at).is_(None))
    return set(desk.session.exec(found))


def guarded(desk: Desk, matter: Matter) -> barrier.Guarded:
    """A matter as the barrier sees it."""
    units = units_of(desk, matter)
    return barrier.Guarded(matter.protected, matter.anonymous, units, matter.about_unit_id, _checkers(desk, matter))


def _checkers(desk: Desk, matter: Matter) -> set[str]:
    writers = select(MatterReply.by_ref).where(MatterReply.matter_id == matter.id, MatterReply.state == "check")
    found = desk.session.exec(select(Person.leader_id).where(col(Person.id).in_(writers)))
    return {leader for leader in found if leader}


def leads(desk: Desk, who: Principal, writer_ref: str) -> bool:
    """Whether somebody is the leader of whoever wrote an answer."""
    writer = desk.session.get(Person, writer_ref)
    return writer is not None and who.person_id is not None and writer.leader_id == who.person_id


def find_for(desk: Desk, number: str, who: Principal) -> Matter:
    """As ``find``; what somebody may not see is unknown to them."""
    matter = find(desk, number)
    if not barrier.may_see(who, guarded(desk, matter)):
        raise NotFound(UNKNOWN)
    return matter


def begin(desk: Desk, number: str, action: Action, who: Principal, version: int) -> Matter:
    """The matter an action may be done to. ``version`` 0: as it is now.

    Raises NotFound, Forbidden, StaleVersion, IllegalMove, in this order.
    """
    matter = find_for(desk, number, who)
    if not who.has(*states.ROLES[action]):
        raise Forbidden(f"{action} needs one of the roles: {', '.join(sorted(states.ROLES[action]))}.")
    if version and version != matter.version:
        raise stale(matter)
    check(desk, matter, action, supervisor=who.has(Role.SUPERVISOR))
    return matter


def check(desk: Desk, matter: Matter, action: Action, *, supervisor: bool = False) -> None:
    """Raises IllegalMove when the matter does not allow the action now."""
    if sentence := states.refusal(action, facts(desk, matter, supervisor=supervisor)):
        raise illegal(matter, sentence)


def lead_dispatch(desk: Desk, matter: Matter) -> Dispatch | None:
    """The unit that answers (主办), None when no unit has it."""
    return desk.session.exec(
        select(Dispatch)
        .where(Dispatch.matter_id == matter.id, col(Dispatch.lead).is_(True), col(Dispatch.ended_at).is_(None))
        .order_by(col(Dispatch.at).desc())
    ).first()


def facts(desk: Desk, matter: Matter, *, supervisor: bool = False) -> states.Facts:
    """What the conditions of the table look at."""
    rules, now = desk.rules, desk.now
    lead = lead_dispatch(desk, matter) if matter.state == State.DISPATCHED else None
    return states.Facts(
        state=State(matter.state),
        kind=Kind(matter.kind),
        dispatches=matter.dispatches,
        free_dispatches=rules.counts["free_dispatches"],
        designated=matter.designated,
        return_lapsed=lead is not None and now > lead.return_by,
        extended=matter.extended,
        late=now >= matter.answer_by,
        contested=matter.contested,
        contest_lapsed=_days_over(desk, matter, rules.days["contest"]),
        reopen_lapsed=_days_over(desk, matter, rules.days["reopen"]),
        asked_already=bool(matter.asked_for),
        rated_kind=rules.kinds[Kind(matter.kind)].rated,
        awaits_check=_awaits_check(desk, matter),
        twice_dissatisfied=matter.redone >= rules.counts["redos"] and dissatisfied(desk, matter),
        supervisor=supervisor,
    )


def last_day(desk: Desk, matter: Matter, days: int) -> date:
    """The last calendar day on which a closed or rejected matter can be taken up again."""
    start = matter.closed_at or matter.changed_at
    return start.astimezone(desk.office.hours.zone).date() + timedelta(days=days)


def _days_over(desk: Desk, matter: Matter, days: int) -> bool:
    return desk.now > end_of_calendar_days(matter.closed_at or matter.changed_at, days, desk.office.hours)


def _awaits_check(desk: Desk, matter: Matter) -> bool:
    found = select(MatterReply.id).where(MatterReply.matter_id == matter.id, MatterReply.state == "check")
    return desk.session.exec(found).first() is not None


def dissatisfied(desk: Desk, matter: Matter) -> bool:
    """Whether the latest rating says 不满意 or worse, or that nothing was solved."""
    rating = desk.session.exec(
        select(Rating).where(Rating.matter_id == matter.id).order_by(col(Rating.at).desc()).limit(1)
    ).first()
    return rating is not None and (not rating.solved or not Grade(rating.grade).satisfied)


def number_of(desk: Desk, matter_id: str) -> str:
    """The number of a matter we hold the id of."""
    return desk.session.get_one(Matter, matter_id).number
