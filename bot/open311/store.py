"""Finding what came in through Open311: nothing else is public."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.hotline import citizen_view, states
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from bot.hotline.privacy import ERASED
from bot.hotline.service import owner_of
from bot.open311 import shaping
from bot.open311.services import SOURCE, services
from core import files

MOST = 1000
"""Requests in one answer at the most, as the standard says."""
_OVER = [state.value for state in states.FINAL]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``updated`` looks at the last change instead of the receipt."""

    begin: datetime | None = None
    end: datetime | None = None
    numbers: Collection[str] = ()
    codes: Collection[str] = ()
    status: str = ""
    limit: int = MOST
    offset: int = 0
    updated: bool = False


def _public() -> Any:
    return select(Matter).where(
        Matter.source == SOURCE, col(Matter.protected).is_(False), col(Matter.silent).is_(False), Matter.text != ERASED
    )


def found(desk: Desk, wanted: Wanted, url: str) -> list[dict[str, Any]]:
    """The requests that are wanted, latest first."""
    return [shaped(desk, matter, url) for matter in _matters(desk, wanted)]


def _matters(desk: Desk, wanted: Wanted) -> list[Matter]:
    asked = _public()
    when = col(Matter.changed_at) if wanted.updated else col(Matter.received_at)
    if wanted.numbers:
        asked = asked.where(col(Matter.number).in_(wanted.numbers))
    if wanted.codes:
        asked = asked.where(col(Matter.category).in_(wanted.codes))
    if wanted.begin:
        asked = asked.where(when >= wanted.begin)
    if wanted.end:
        asked = asked.where(when <= wanted.end)
    if wanted.status:
        over = col(Matter.state).in_(_OVER)
        asked = asked.where(over if wanted.status == "closed" else ~over)
    return list(
        desk.session.exec(asked.order_by(when.desc(), col(Matter.id)).offset(wanted.offset).limit(wanted.limit))
    )


def one(desk: Desk, number: str) -> Matter | None:
    """A public request by its number."""
    matter: Matter | None = desk.session.exec(_public().where(Matter.number == number)).first()
    return matter


def shaped(desk: Desk, matter: Matter, url: str) -> dict[str, Any]:
    """As GeoReport shows it."""
    pictures = [row.id for row in files.listed(desk.session, owner_of(matter)) if row.mime in files.IMAGES]
    view = citizen_view.view(desk, matter)
    return shaping.request(matter, view, services().get(matter.category), pictures, url)


def updates(desk: Desk, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """What happened to requests between two moments, oldest first."""
    changed = _matters(desk, Wanted(begin=begin, updated=True))
    found_updates = [
        update for matter in changed for update in shaping.updates(matter, citizen_view.view(desk, matter), begin, end)
    ]
    return sorted(found_updates, key=lambda update: str(update["updated_datetime"]))[:MOST]
