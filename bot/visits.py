"""A visit on a reception day (来访) becomes a matter, answered like any other."""

from sqlmodel import Session

from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.office import Doer
from bot.hotline.service import Hotline
from bot.hotline.words import Kind
from core.auth import Principal
from core.errors import BadInput
from notify.reception.office import OpenVisit, Visit, VisitMatter

SOURCE = "visit"


def visit_opener(hotline: Hotline) -> OpenVisit:
    """What reception days call when somebody came; raises BadInput for an unknown kind."""

    def open_visit(session: Session, visit: Visit, who: Principal) -> VisitMatter:
        new = NewMatter(
            kind=_kind(visit.kind),
            text=visit.text,
            source=SOURCE,
            reply_to=ReplyTo(visit.channel, visit.address, visit.sender, visit.thread) if visit.channel else None,
            locale=visit.locale,
            name=visit.name,
            phone=visit.phone,
            dedup_key=visit.key,
        )
        opened = hotline.open(session, new, Doer.staff(who))
        return VisitMatter(opened.number, opened.code)

    return open_visit


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise BadInput(f"There is no kind {name!r}.", fields={"kind": "unknown"}) from error
