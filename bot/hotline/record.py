"""Changing a matter: one guarded UPDATE, one line of its record, one audit entry. Nothing else writes a matter."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from bot.hotline.errors import stale
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk, Doer
from core import audit


def change(
    desk: Desk,
    matter: Matter,
    what: str,
    doer: Doer,
    changes: dict[str, Any] | None = None,
    *,
    text: str | None = None,
    public: bool = False,
    data: dict[str, Any] | None = None,
) -> None:
    """Apply ``changes`` if nobody was faster, and write it down. Raises StaleVersion, then nothing was changed.

    ``text`` goes into the record encrypted; ``public`` shows the line to the citizen.
    """
    before = {"state": matter.state, "version": matter.version}
    values = {**(changes or {}), "version": matter.version + 1, "changed_at": desk.now}
    moved = desk.session.execute(
        update(Matter)
        .where(col(Matter.id) == matter.id, col(Matter.version) == matter.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    desk.session.refresh(matter)
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise stale(matter)
    note(desk, matter, what, doer, before=str(before["state"]), text=text, public=public, data=data)
    after = {"state": matter.state, "version": matter.version, **(data or {})}
    audit.record(
        desk.session, desk.now, doer.actor, f"matter.{what}", f"matter:{matter.number}", before=before, after=after
    )


def mark(desk: Desk, matter: Matter, values: dict[str, Any], **expected: Any) -> bool:
    """Keep book of what the clock has done, if ``expected`` still holds. No move: the version stays."""
    conditions = [getattr(Matter, name) == value for name, value in expected.items()]
    done = desk.session.execute(
        update(Matter)
        .where(col(Matter.id) == matter.id, *conditions)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    desk.session.refresh(matter)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def note(
    desk: Desk,
    matter: Matter,
    what: str,
    doer: Doer,
    *,
    before: str = "",
    text: str | None = None,
    public: bool = False,
    data: dict[str, Any] | None = None,
) -> None:
    """A line of the record that changes nothing in the matter."""
    desk.session.add(
        MatterEvent(
            matter_id=matter.id,
            at=desk.now,
            what=what,
            actor=doer.ref,
            actor_name=doer.name,
            via=doer.actor.via,
            unit_id=doer.unit_id,
            before=before or matter.state,
            after=matter.state,
            public=public,
            text=text,
            data=data or {},
        )
    )
    desk.session.flush()


def events(desk: Desk, matter: Matter) -> list[MatterEvent]:
    """The record, oldest first."""
    found = select(MatterEvent).where(MatterEvent.matter_id == matter.id)
    return list(desk.session.exec(found.order_by(col(MatterEvent.id))))
