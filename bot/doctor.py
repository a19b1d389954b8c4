"""What ``sunline doctor`` looks at, with a sentence for each finding."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, col, func, select

from bot.house import House
from core import schema
from core.auth import Account
from core.calendar import load_days
from core.clock import office_day
from core.errors import SendError, Unavailable
from core.leases import database_now
from core.people import Role
from core.ports import Can, Health
from faq.models import FaqEntry

_CLOCKS_MAY_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``warning``: it runs, but somebody should look."""

    what: str
    well: bool
    sentence: str
    warning: bool = False


async def examine(house: House) -> list[Finding]:
    """Every finding, the good ones too."""
    return [finding async for finding in _examine(house)]


async def _examine(house: House) -> AsyncIterator[Finding]:
    yield _settings(house)
    try:
        yield await house.db.read(_schema)
        yield await house.db.read(_clock)
        yield await house.db.read(_accounts)
        yield await house.db.read(_entries)
        for sentence in await house.db.read(lambda s: load_days(s).warnings(_today(house))):
            yield Finding("calendar", well=False, warning=True, sentence=sentence)
    except Unavailable as error:
        yield Finding("database", well=False, sentence=error.detail)
    yield _semantic(house)
    async for finding in _channels(house):
        yield finding


def _today(house: House) -> date:
    return office_day(house.clock(), house.settings.zone)


def _settings(house: House) -> Finding:
    settings = house.settings
    if not settings.public_url and not house.demo:
        return Finding(
            "settings", well=False, warning=True,
            sentence="SUNLINE_PUBLIC_URL is not set: providers cannot call us and receipts stay away.",
        )  # fmt: skip
    if settings.public_url.startswith("http://") and not house.demo:
        return Finding(
            "settings",
            well=False,
            warning=True,
            sentence="SUNLINE_PUBLIC_URL is not https: cookies travel in the clear.",
        )
    return Finding("settings", well=True, sentence=f"{settings.office_name}, {settings.timezone}, {settings.url}")


def _schema(session: Session) -> Finding:
    current, head = schema.revision(session), schema.head()
    if current != head:
        return Finding(
            "database",
            well=False,
            sentence=f"at {current or 'nothing'}, newest is {head}: run `sunline db upgrade`",
        )
    return Finding("database", well=True, sentence=f"{session.get_bind().dialect.name} at {current}")


def _clock(session: Session) -> Finding:
    apart = abs(database_now(session) - datetime.now(UTC))
    well = apart < _CLOCKS_MAY_DIFFER
    return Finding("clock", well=well, sentence=f"{apart.total_seconds():.1f} s from the database's")


def _accounts(session: Session) -> Finding:
    rows = session.exec(select(Account).where(col(Account.disabled).is_(False))).all()
    if not any(Role.ADMIN in row.roles for row in rows):
        return Finding("accounts", well=False, sentence="there is no administrator: run `sunline init --admin NAME`")
    return Finding("accounts", well=True, sentence=f"{len(rows)} active")


def _entries(session: Session) -> Finding:
    count = session.exec(select(func.count()).select_from(FaqEntry).where(FaqEntry.state == "published")).one()
    if not count:
        return Finding(
            "knowledge base", well=False, warning=True,
            sentence="no published entry: `sunline faq import starter`, then review, or import your own.",
        )  # fmt: skip
    return Finding("knowledge base", well=True, sentence=f"{count} published entries")


def _semantic(house: House) -> Finding:
    stage = house.faq.live.semantic
    if stage is None:
        return Finding("semantic stage", well=True, sentence="off: matching by words alone")
    return Finding("semantic stage", well=True, sentence=f"on, {stage.weight:.0%} of an entry's score")


async def _channels(house: House) -> AsyncIterator[Finding]:
    if not house.channels:
        yield Finding("channels", well=False, sentence="no channel is configured")
    for channel in house.channels.values():
        if isinstance(channel, Health):
            try:
                yield Finding(channel.name, well=True, sentence=await channel.check())
            except SendError as error:
                yield Finding(channel.name, well=False, sentence=error.reason)
        else:
            yield Finding(channel.name, well=True, sentence="ready")
        if Can.METERED in channel.can and Can.TWO_WAY not in channel.can:
            yield Finding(
                channel.name, well=False, warning=True,
                sentence="one-way: texts name the telephone instead of asking for a reply.",
            )  # fmt: skip
