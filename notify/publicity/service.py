"""Publicity as others call it: ``await db.write(publicity.submit, notice_id, who)``. Nothing here commits or awaits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from core.audit import Actor, record
from core.auth import Principal
from core.clock import Clock
from core.errors import AppError
from core.ports import Channel
from notify.outbox.service import Outbox
from notify.publicity import (
    afterwards,
    confirming,
    editing,
    importing,
    keeping,
    moves,
    own_lists,
    preview,
    progress,
    publishing,
    reports,
    row_changes,
)
from notify.publicity.editing import Content
from notify.publicity.models import Beneficiary, Notice, NoticeBadRow, NoticeList, NoticeStep
from notify.publicity.office import PublicityOffice, Work
from notify.publicity.rows import clean
from notify.timers import Owner, Timer


class Publicity:
    """The notices of one office."""

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel], clock: Clock, office: PublicityOffice) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self.office = office

    def work(self, session: Session, now: datetime | None = None) -> Work:
        """One piece of work in this transaction."""
        return Work(session, now or self._clock(), self._outbox, self.office, self._channels)

    def owners(self) -> dict[str, Owner]:
        """The owner of the notices' timers, for ``notify.timers.Timers``."""

        def carry_on(session: Session, now: datetime, timers: Sequence[Timer]) -> None:
            publishing.fire(self.work(session, now), timers)

        return {publishing.OWNER: carry_on}

    # --- writing and approving

    def create(self, session: Session, content: Content, who: Principal) -> Notice:
        """A draft with its number. Raises BadInput."""
        return editing.create(self.work(session), content, who)

    def edit(
        self, session: Session, notice_id: str, changes: Mapping[str, Any], who: Principal, version: int = 0
    ) -> Notice:
        """Change the content; approval is void. Raises BadInput, IllegalMove, StaleVersion."""
        return editing.edit(self.work(session), notice_id, changes, who, version)

    def submit(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """Ask for approval. Raises NothingToSend, BadInput, IllegalMove, StaleVersion."""
        return editing.submit(self.work(session), notice_id, who, version)

    def approve(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """Approve. Raises SamePerson, IllegalMove, StaleVersion."""
        return editing.approve(self.work(session), notice_id, who, version)

    def reject(self, session: Session, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
        """Back to the author. Raises IllegalMove, StaleVersion."""
        return editing.reject(self.work(session), notice_id, reason, who, version)

    def find(self, session: Session, notice_id: str) -> Notice:
        """One notice. Raises UnknownNotice."""
        return moves.find(self.work(session), notice_id)

    def listed(self, session: Session, states: Sequence[str], before: str, limit: int) -> list[Notice]:
        """Notices in these states (none named: all), the newest first, from before an id."""
        query = select(Notice).order_by(col(Notice.id).desc()).limit(limit)
        if states:
            query = query.where(col(Notice.state).in_(list(states)))
        if before:
            query = query.where(Notice.id < clean(before))
        return list(session.exec(query))

    # --- the list

    def begin_upload(self, session: Session, notice_id: str, who: Principal, name: str, version: int = 0) -> str:
        """Note that a list is being read; its id. Raises UploadRunning, IllegalMove, StaleVersion."""
        return importing.begin(self.work(session), notice_id, who, name, version)

    def finish_upload(self, session: Session, reading: importing.Reading, who: Principal) -> NoticeList:
        """Attach what was read, or refuse it."""
        return importing.finish(self.work(session), reading, who)

    def fail_upload(self, session: Session, list_id: str, error: AppError, who: Principal) -> None:
        """The file could not be read at all."""
        importing.fail(self.work(session), list_id, error, who)

    def upload(self, session: Session, notice_id: str) -> NoticeList | None:
        """The latest upload for a notice, also while it runs."""
        query = select(NoticeList).where(NoticeList.notice_id == clean(notice_id)).order_by(col(NoticeList.id).desc())
        return session.exec(query.limit(1)).first()

    def bad_rows(self, session: Session, list_id: str, after: int, limit: int) -> list[NoticeBadRow]:
        """Lines of an upload that could not be taken, in the order of the file."""
        query = select(NoticeBadRow).where(NoticeBadRow.list_id == list_id, col(NoticeBadRow.id) > after)
        return list(session.exec(query.order_by(col(NoticeBadRow.id)).limit(limit)))

    def change_row(
        self, session: Session, notice_id: str, number: int, changes: Mapping[str, str], who: Principal,
        version: int = 0,
    ) -> Beneficiary:  # fmt: skip
        """Correct one row. Raises NotFound, BadInput, IllegalMove, StaleVersion."""
        return row_changes.change_row(self.work(session), notice_id, number, changes, who, version)

    def looked(self, session: Session, notice_id: str, number: int, who: Principal) -> None:
        """Somebody saw a row whole: a write, because the look is recorded."""
        record(session, self._clock(), who.actor, "beneficiary.look", f"notice:{notice_id}:{number}")

    def replace_own_list(self, session: Session, kind: str, data: bytes, who: Principal) -> int:
        """One of the office's own lists from a file; how many names. Raises BadInput."""
        return own_lists.replace(self.work(session), kind, data, who)

    # --- preview and sending

    def estimate(self, session: Session, notice_id: str) -> dict[str, Any]:
        """What it will look like and cost. Reads every row: not inside a request's own transaction."""
        return preview.estimate(self.work(session), notice_id)

    def remember(self, session: Session, notice_id: str, found: dict[str, Any]) -> None:
        """Keep an estimate with its notice."""
        preview.remember(self.work(session), notice_id, found)

    def quiet_until(self, session: Session, notice_id: str, at: datetime | None) -> datetime | None:
        """When it would really begin to be sent because quiet hours hold at ``at``; None when they do not."""
        work = self.work(session)
        return preview.quiet_until(work, moves.find(work, notice_id), at)

    def try_out(self, session: Session, notice_id: str, who: Principal) -> str:
        """A test to oneself. Raises BadInput."""
        return preview.try_out(self.work(session), notice_id, who)

    def publish(
        self, session: Session, notice_id: str, at: datetime | None, who: Principal, version: int = 0
    ) -> Notice:
        """Now or at a time; ``in_review`` when the period had to be moved. Raises NotReviewed, IllegalMove."""
        return publishing.publish(self.work(session), notice_id, at, who, version)

    def pause(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """Hold everything that waits. Raises IllegalMove, StaleVersion."""
        return publishing.pause(self.work(session), notice_id, who, version)

    def resume(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """Go on. Raises IllegalMove, StaleVersion."""
        return publishing.resume(self.work(session), notice_id, who, version)

    def cancel(self, session: Session, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
        """Take it back. Raises IllegalMove, StaleVersion."""
        return publishing.cancel(self.work(session), notice_id, reason, who, version)

    def correct(self, session: Session, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
        """Begin a correction. Raises IllegalMove, StaleVersion."""
        return publishing.correct(self.work(session), notice_id, reason, who, version)

    def finalise(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """公示结束. Raises ObjectionsOpen, IllegalMove, StaleVersion."""
        return publishing.finalise(self.work(session), notice_id, who, version)

    def progress(self, session: Session, notice_id: str) -> progress.Progress:
        """Where the sending stands. Raises UnknownNotice."""
        return progress.progress(self.work(session), notice_id)

    def retry(self, session: Session, notice_id: str) -> int:
        """Try again what failed and may still succeed; how many messages."""
        return progress.retry(self.work(session), notice_id)

    # --- what households say, and the township

    def ask(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """Ask every household whether its row is right. Raises NotReviewed, IllegalMove, StaleVersion."""
        return publishing.ask(self.work(session), notice_id, who, version)

    def confirm_row(self, session: Session, row_id: int, actor: Actor, via: str) -> Beneficiary:
        """The household says its row is right (确认). Raises NotFound, NotAsked."""
        return confirming.confirm_row(session, self._clock(), row_id, actor, via)

    def dispute_row(self, session: Session, row_id: int, text: str, actor: Actor, via: str) -> Beneficiary:
        """The household says its row is wrong (有误), in its own words. Raises NotFound, NotAsked."""
        return confirming.dispute_row(session, self._clock(), row_id, text, actor, via)

    def remove_number(self, session: Session, address: str, actor: Actor) -> list[str]:
        """Take a number out of every list (不是本人); the ids of the notices it stood in."""
        return confirming.remove_number(session, self._clock(), address, actor)

    def answered(
        self, session: Session, notice_id: str, number: int, said: str, text: str, who: Principal
    ) -> Beneficiary:
        """What a household said in person. Raises NotFound, NotAsked."""
        return row_changes.answered(self.work(session), notice_id, number, said, text, who)

    def review_row(
        self, session: Session, notice_id: str, number: int, changes: Mapping[str, str], who: Principal
    ) -> Beneficiary:
        """The township keeps a row or changes it. Raises NotFound, BadInput, IllegalMove."""
        return row_changes.review_row(self.work(session), notice_id, number, changes, who)

    def reviewed(self, session: Session, notice_id: str, who: Principal, version: int = 0) -> Notice:
        """The township has reviewed the answers. Raises NotReviewed, SamePerson, IllegalMove."""
        return row_changes.reviewed(self.work(session), notice_id, who, version)

    def confirmations(self, session: Session, notice_id: str) -> dict[str, int]:
        """Households by what they said."""
        return row_changes.confirmations(self.work(session), notice_id)

    def to_tell(
        self, session: Session, notice_id: str, after: int, limit: int, who: Principal
    ) -> list[tuple[Beneficiary, str, Any]]:
        """Households to be told in person (入户告知); a write, because the look is recorded."""
        return row_changes.to_tell(self.work(session), notice_id, after, limit, who)

    def told(
        self, session: Session, notice_id: str, numbers: Sequence[int], who: Principal, *, done: bool = True
    ) -> int:
        """Tick households off, or take the tick back; how many."""
        return row_changes.told(self.work(session), notice_id, numbers, who, done=done)

    # --- afterwards

    def steps(self, session: Session, notice_id: str) -> list[NoticeStep]:
        """The steps after the period."""
        return afterwards.steps(self.work(session), notice_id)

    def add_step(
        self, session: Session, notice_id: str, step: str, on_day: date, person: str, document: str, who: Principal
    ) -> NoticeStep:
        """Record a step. Raises IllegalMove, BadInput."""
        return afterwards.add_step(self.work(session), notice_id, step, on_day, person, document, who)

    def changes(self, session: Session, notice_id: str) -> afterwards.Changes:
        """What changed against the round before."""
        return afterwards.changes(self.work(session), notice_id)

    def report(self, session: Session, notice_id: str) -> list[reports.Line]:
        """Reached and not reached by village and channel."""
        return reports.report(self.work(session), notice_id)

    def figures(self, session: Session, since: datetime, until: datetime, by: str) -> list[reports.Figures]:
        """Notices and recipients over a time."""
        return reports.figures(self.work(session), since, until, by)

    def open_objections(self, session: Session, notice_id: str) -> int:
        """Objections not answered yet."""
        return self.office.open_objections(session, notice_id)

    def tidy(self, session: Session) -> int:
        """Remove rows of lists nobody uses, some at a time, and old lines that could not be taken; a job."""
        return importing.unused(session, self._clock()) + keeping.forget_bad_rows(session, self._clock())
