"""What people write about a notice on a page or through the API: objections and opinions become matters."""

from datetime import date

from sqlmodel import Session

from bot.hotline.intake import NewMatter
from bot.hotline.service import Hotline
from bot.hotline.words import Kind
from bot.objections import OPINION, NewObjection, Objections
from core.clock import Clock, office_day
from core.errors import Conflict
from notify.publicity import public
from notify.publicity.public_routes import HandedOut, ObjectionIn, TakeWords


def objection_taker(objections: Objections) -> TakeWords:
    """What public routes and pages call for an objection."""

    def take(session: Session, notice_id: str, given: ObjectionIn, key: str) -> HandedOut:
        new = NewObjection(
            notice_id=notice_id,
            text=given.text,
            kind=given.kind,
            name=given.name,
            phone=given.phone,
            locale=given.locale,
            key=key,
        )
        handed = objections.hand_in(session, new)
        return HandedOut(
            number=handed.number,
            code=handed.code,
            kind=handed.kind,
            reviewer=handed.reviewer,
            confidential=handed.secret,
        )

    return take


def opinion_taker(hotline: Hotline, clock: Clock) -> TakeWords:
    """What public routes and pages call for an opinion on a consultation (征求意见)."""

    def take(session: Session, notice_id: str, given: ObjectionIn, key: str) -> HandedOut:
        today: date = office_day(clock(), hotline.office.hours.zone)
        notice = public.one(session, notice_id, today)
        if not public.takes_opinions(notice):
            raise Conflict("This is no consultation, or its time is over.")
        new = NewMatter(
            kind=Kind.SUGGESTION,
            text=given.text,
            source=OPINION,
            title=notice.title[:40],
            name=given.name,
            phone=given.phone,
            locale=given.locale,
            outside_number=notice_id,
            extra={"notice": notice.number, "title": notice.title},
            dedup_key=key,
        )
        opened = hotline.open(session, new)
        return HandedOut(number=opened.number, code=opened.code, kind=Kind.SUGGESTION.value)

    return take
