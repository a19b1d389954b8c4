"""Subscriptions and the cases of other systems, as personal data."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.personal.holding import Erased, Holding, Who
from core.audit import Actor
from notify.cases import keeping as case_keeping
from notify.publicity import subscription_keeping


def holdings() -> list[Holding]:
    """What is kept about who wants to hear of what, and who applied for what elsewhere."""
    return [_subscriptions(), _cases()]


def _subscriptions() -> Holding:
    def export(session: Session, who: Who) -> list[dict[str, Any]]:
        return subscription_keeping.export(session, who.channel, who.address)

    def erase(session: Session, now: datetime, actor: Actor, who: Who) -> Erased:
        return Erased(subscription_keeping.erase(session, now, actor, who.channel, who.address), [])

    def purge(session: Session, now: datetime, dry_run: bool) -> int:
        return subscription_keeping.purge(session, now, dry_run=dry_run)

    kept = f"{subscription_keeping.ENDED_KEPT.days} days after their end, unconfirmed ones a day"
    return Holding("subscriptions", kept, export, erase, purge)


def _cases() -> Holding:
    def export(session: Session, who: Who) -> list[dict[str, Any]]:
        return case_keeping.export(session, who.channel, who.address)

    def erase(session: Session, now: datetime, actor: Actor, who: Who) -> Erased:
        count, left = case_keeping.erase(session, now, actor, who.channel, who.address)
        return Erased(count, [f"case {ref} is still running" for ref in left])

    def purge(session: Session, now: datetime, dry_run: bool) -> int:
        return case_keeping.purge(session, now, dry_run=dry_run)

    return Holding("cases of other systems", f"{case_keeping.KEPT.days} days after their end", export, erase, purge)
