"""Rows of published lists, as personal data."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.personal.holding import Erased, Holding, Who
from core.audit import Actor
from notify.publicity import keeping


def holding() -> Holding:
    """What the lists of notices hold about people."""

    def export(session: Session, who: Who) -> list[dict[str, Any]]:
        return keeping.export(session, who.address)

    def erase(session: Session, now: datetime, actor: Actor, who: Who) -> Erased:
        return Erased(*keeping.erase(session, now, actor, who.address))

    def purge(session: Session, now: datetime, dry_run: bool) -> int:
        return keeping.purge(session, now, dry_run=dry_run)

    return Holding("rows of notices", f"{keeping.KEPT.days} days after the notice has ended", export, erase, purge)
