"""Every kind of personal data there is, in one table: a new table of personal data gets its line here."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from bot.hotline.office import Doer
from bot.hotline.proofs import Sender
from bot.hotline.service import Hotline
from bot.personal import messages, notices, persons, wishes
from bot.personal.holding import Erased, Holding, Who
from core import audit
from core.audit import Actor
from core.errors import BadInput
from core.people import normal_phone
from core.ports import Can, Channel
from notify.reception.service import Reception

if TYPE_CHECKING:
    from bot.house import House


def holdings(house: "House") -> list[Holding]:
    """The holdings of a service, with its own periods."""
    settings = house.settings
    return [
        _matters(house.hotline),
        _bookings(house.reception),
        notices.holding(),
        *wishes.holdings(),
        *messages.holdings(settings.keep_messages_days, settings.keep_conversations_days),
        *persons.holdings(settings.keep_questions_days),
    ]


def _matters(hotline: Hotline) -> Holding:
    def export(session: Session, who: Who) -> list[dict[str, Any]]:
        return hotline.export_person(session, Sender(who.channel, who.address))

    def erase(session: Session, _now: datetime, actor: Actor, who: Who) -> Erased:
        count, left = hotline.erase_person(session, Sender(who.channel, who.address), Doer(actor.ref, "", actor))
        return Erased(count, [f"{number} is still at work" for number in left])

    def purge(session: Session, _now: datetime, dry_run: bool) -> int:
        return hotline.purge(session, dry_run=dry_run)

    return Holding("matters", f"{hotline.office.rules.days['kept']} days after their end", export, erase, purge)


def _bookings(reception: Reception) -> Holding:
    def export(session: Session, who: Who) -> list[dict[str, Any]]:
        return reception.export_person(session, who.channel, who.address)

    def erase(session: Session, _now: datetime, actor: Actor, who: Who) -> Erased:
        count, left = reception.erase_person(session, who.channel, who.address, actor)
        return Erased(count, [f"{number} is still booked: cancel it first" for number in left])

    def purge(session: Session, _now: datetime, dry_run: bool) -> int:
        return reception.forget(session, dry_run=dry_run)

    return Holding("reception bookings", "as the reception rules say", export, erase, purge)


def parse_contact(text: str, channels: Mapping[str, Channel]) -> list[Who]:
    """``channel:address``, or a telephone number, which is looked for on every channel that has numbers.

    Raises BadInput naming what is wrong.
    """
    channel, colon, address = text.partition(":")
    if colon and channel in channels:
        return [Who(channel, address)]
    if colon:
        raise BadInput(f"There is no channel {channel!r}.", fields={"contact": ", ".join(sorted(channels))})
    phone = normal_phone(text)
    by_phone = [Who(name, phone) for name, one in channels.items() if Can.METERED in one.can]
    return by_phone or [Who("twilio", phone)]


def export(session: Session, house: "House", people: list[Who]) -> dict[str, list[dict[str, Any]]]:
    """Everything a person may have, by holding; that it was handed out is recorded."""
    audit.record(session, house.clock(), audit.OPERATOR, "privacy.export", f"contact:{people[0].index}")
    return {
        holding.name: [line for who in people for line in holding.export(session, who)]
        for holding in holdings(house)
        if holding.export
    }


def erase(session: Session, house: "House", people: list[Who]) -> dict[str, Erased]:
    """Erase a person everywhere, in one transaction; what had to stay is named."""
    now, done = house.clock(), {}
    audit.record(session, now, audit.OPERATOR, "privacy.erase", f"contact:{people[0].index}")
    for holding in holdings(house):
        if holding.erase:
            each = [holding.erase(session, now, audit.OPERATOR, who) for who in people]
            done[holding.name] = Erased(sum(one.count for one in each), [line for one in each for line in one.left])
    return done
