"""The gate every change of a notice passes: is it there, is it current, is it legal; and the trail it leaves."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from core.audit import Actor, record
from core.errors import StaleVersion
from notify.publicity.errors import IllegalMove, UnknownNotice
from notify.publicity.models import Notice
from notify.publicity.office import Work
from notify.publicity.rows import clean
from notify.publicity.states import Move, State, after, possible


def find(work: Work, notice_id: str) -> Notice:
    """A notice by its id; raises UnknownNotice."""
    found = work.session.get(Notice, clean(notice_id))
    if found is None:
        raise UnknownNotice
    return found


def held(work: Work, notice_id: str, version: int = 0) -> Notice:
    """A notice locked for a change. ``version`` 0: as it is now. Raises UnknownNotice, StaleVersion."""
    found = work.session.exec(
        select(Notice)
        .where(col(Notice.id) == clean(notice_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise UnknownNotice
    if version and version != found.version:
        raise StaleVersion(
            f"Somebody else changed this notice: it is {found.state} in version {found.version}.",
            fields={"version": str(found.version), "state": found.state},
        )
    return found


def begin(work: Work, notice_id: str, move: Move, version: int = 0) -> Notice:
    """A notice on which a move may be made now. Raises UnknownNotice, StaleVersion, IllegalMove."""
    notice = held(work, notice_id, version)
    check(notice, move)
    return notice


def check(notice: Notice, move: Move) -> State:
    """Where the move leads; raises IllegalMove naming what can be done instead."""
    target = after(State(notice.state), move, correcting=notice.revision > 1)
    if target is None:
        can = ", ".join(possible(State(notice.state))) or "nothing"
        raise IllegalMove(
            f"A notice that is {notice.state} does not allow {move}; possible: {can}.",
            fields={"state": notice.state, "version": str(notice.version)},
        )
    return target


def go(work: Work, notice: Notice, move: Move, actor: Actor, *, note: Mapping[str, Any] | None = None) -> Notice:
    """Make the move: state, version, audit."""
    before, notice.state = notice.state, check(notice, move).value
    notice.version += 1
    notice.changed_at = work.now
    work.session.add(notice)
    record(
        work.session, work.now, actor, f"notice.{move}", f"notice:{notice.id}",
        before={"state": before}, after={"state": notice.state, "version": notice.version, **(note or {})},
    )  # fmt: skip
    work.session.flush()
    return notice
