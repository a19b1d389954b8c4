"""From approved to public and beyond: publish, pause, resume, cancel, correct, end of the period, final.

Timers of the owner ``notice`` carry it on: ``start`` at the hour it was scheduled for, ``fan`` for each batch,
``watch`` while messages are under way, ``end`` when the period is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.audit import SERVICE, Actor, record
from core.auth import Principal
from core.clock import office_day
from core.ids import new_id
from core.people import contacts_of
from notify.outbox import hands
from notify.outbox.service import Message
from notify.publicity import editing, moves, sending
from notify.publicity.errors import NotReviewed, ObjectionsOpen
from notify.publicity.models import ALERT, NOBODY, Notice, NoticeRevision
from notify.publicity.office import Work
from notify.publicity.period import Period, over_at, shifted
from notify.publicity.rows import clean
from notify.publicity.states import Move, State
from notify.timers import Timer, cancel_timers, set_timers

OWNER = "notice"
START, FAN, WATCH, END = "start", "fan", "watch", "end"
WATCH_EVERY = timedelta(seconds=5)
SAMPLES = 24
"""How many looks the estimate of the time left remembers: two minutes of real speed."""
_SENDING = frozenset({State.SENDING.value, State.CONFIRMING.value})


def publish(work: Work, notice_id: str, at: datetime | None, who: Principal, version: int = 0) -> Notice:
    """Have an approved notice sent and made public, now or ``at`` a time.

    When its period would begin before that day it is moved, and the notice is back in review: the caller finds it in
    the state ``in_review`` and says so after the commit. Raises IllegalMove, StaleVersion, NotReviewed.
    """
    notice = moves.begin(work, notice_id, Move.PUBLISH, version)
    if notice.confirm_first and notice.reviewed_at is None:
        raise NotReviewed("The households have to confirm their rows first, and the township to review them.")
    when = max(at, work.now) if at else work.now
    _keep_period(work, notice)
    if _shift(work, notice, when, who.actor):
        return notice
    notice.publish_at = when
    moves.go(work, notice, Move.PUBLISH, who.actor, note={"at": when.isoformat()})
    if when <= work.now:
        return _start(work, notice)
    _set(work, notice, START, when)
    return notice


def _keep_period(work: Work, notice: Notice) -> None:
    """A correction that changes nothing the public reads does not restart the period: the former one goes on."""
    last = editing.last_published(work, notice)
    if last and last.published_digest == editing.published_digest(work, notice):
        notice.starts_on, notice.ends_on = last.starts_on, last.ends_on


def _restarts(work: Work, notice: Notice) -> bool:
    last = editing.last_published(work, notice)
    return last is None or last.published_digest != editing.published_digest(work, notice)


def _shift(work: Work, notice: Notice, when: datetime, actor: Actor) -> bool:
    """Move a period that would begin before the notice is public; True when it was moved."""
    if notice.kind == ALERT or notice.starts_on is None or notice.ends_on is None or not _restarts(work, notice):
        return False
    planned = Period(notice.starts_on, notice.ends_on)
    real = shifted(planned, office_day(when, work.office.zone))
    if real == planned:
        return False
    notice.starts_on, notice.ends_on = real.starts_on, real.ends_on
    editing.void(notice)
    note = {"starts_on": real.starts_on.isoformat(), "ends_on": real.ends_on.isoformat()}
    moves.go(work, notice, Move.SHIFT, actor, note=note)
    return True


def _start(work: Work, notice: Notice) -> Notice:
    """It is public now: keep what was published, begin to send."""
    revision = NoticeRevision(
        notice_id=notice.id, revision=notice.revision, kind=notice.kind, title=notice.title,
        programme=notice.programme, text=notice.text, area=notice.area, area_id=notice.area_id,
        starts_on=notice.starts_on, ends_on=notice.ends_on, report_phone=notice.report_phone,
        emergency=notice.emergency, list_id=notice.list_id, why=notice.why if notice.revision > 1 else "",
        published_digest=editing.published_digest(work, notice), restarted=_restarts(work, notice),
        batch=new_id(), published_at=work.now,
    )  # fmt: skip
    work.session.add(revision)
    notice.batch, notice.published_at, notice.publish_at = revision.batch, work.now, None
    moves.go(work, notice, Move.SEND, SERVICE, note={"revision": notice.revision, "batch": revision.batch})
    _begin_fan(work, notice)
    if notice.ends_on:
        _set(work, notice, END, over_at(notice.ends_on, work.office.zone))
    return notice


def _begin_fan(work: Work, notice: Notice) -> None:
    notice.cursor, notice.samples = "", [[work.now.timestamp(), 0]]
    notice.fanned = notice.audience == NOBODY
    notice.planned = 0 if notice.fanned else sending.count_targets(work, notice)
    work.session.add(notice)
    work.session.flush()
    _set(work, notice, WATCH if notice.fanned else FAN, work.now)


def ask(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """Ask every household whether its row is right, before the notice is public. Raises IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.ASK, version)
    if not notice.confirm_first:
        raise NotReviewed("This notice was not written to be confirmed first; set confirm_first and have it approved.")
    notice.batch = new_id()
    moves.go(work, notice, Move.ASK, who.actor)
    _begin_fan(work, notice)
    return notice


def pause(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """No further message starts, also of those that wait in the outbox. Raises IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.PAUSE, version)
    if notice.batch:
        hands.pause_batch(work.session, work.now, notice.batch)
    return moves.go(work, notice, Move.PAUSE, who.actor)


def resume(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """Go on where it was paused. Raises IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.RESUME, version)
    if notice.batch:
        hands.resume_batch(work.session, work.now, notice.batch)
    notice.samples = []
    moves.go(work, notice, Move.RESUME, who.actor)
    _set(work, notice, WATCH if notice.fanned else FAN, work.now)
    return notice


def cancel(work: Work, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
    """Take it back: nothing more is sent, and it is no longer public. Raises IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.CANCEL, version)
    stop(work, notice)
    last = editing.last_published(work, notice)
    if last:
        last.withdrawn_at = work.now
        work.session.add(last)
    notice.why = clean(reason).strip()[:500]
    return moves.go(work, notice, Move.CANCEL, who.actor, note={"reason": notice.why})


def stop(work: Work, notice: Notice) -> None:
    """Nothing that waits is sent any more, and no timer fires for it."""
    cancel_timers(work.session, OWNER, notice.id)
    if notice.batch:
        hands.cancel_batch(work.session, work.now, notice.batch)


def correct(work: Work, notice_id: str, reason: str, who: Principal, version: int = 0) -> Notice:
    """Begin a correction of what is published; what waits to be sent of it is not sent any more.

    The public goes on reading the former content until the correction is published. Raises IllegalMove, StaleVersion.
    """
    notice = moves.begin(work, notice_id, Move.CORRECT, version)
    stop(work, notice)
    notice.revision += 1
    editing.void(notice)
    notice.writers, notice.why = [who.identity], clean(reason).strip()[:500]
    notice.batch, notice.cursor, notice.fanned, notice.samples = None, "", False, []
    return moves.go(work, notice, Move.CORRECT, who.actor, note={"reason": notice.why, "revision": notice.revision})


def finalise(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """公示结束: the period is over and no objection is open. Raises ObjectionsOpen, IllegalMove, StaleVersion."""
    notice = moves.begin(work, notice_id, Move.FINALISE, version)
    waiting = work.office.open_objections(work.session, notice.id)
    if waiting:
        raise ObjectionsOpen(
            f"{waiting} objections to this notice are not answered yet; it cannot become final.",
            fields={"open_objections": str(waiting)},
        )
    notice.final_at = work.now
    return moves.go(work, notice, Move.FINALISE, who.actor)


# --- timers ----------------------------------------------------------------------------------------------------


def _set(work: Work, notice: Notice, what: str, at: datetime) -> None:
    set_timers(work.session, [Timer(OWNER, notice.id, at, {"what": what, "revision": notice.revision})])


def fire(work: Work, timers: Sequence[Timer]) -> None:
    """What is due for notices. One of another revision, or of a state that has passed, does nothing."""
    for timer in timers:
        notice = moves.held(work, timer.ref)
        if timer.data.get("revision") != notice.revision:
            continue
        what = timer.data.get("what")
        if what == START and notice.state == State.SCHEDULED.value and notice.publish_at == timer.planned_at:
            _due(work, notice)
        elif what == FAN and notice.state in _SENDING and not notice.fanned:
            _fan(work, notice)
        elif what == WATCH and notice.state in _SENDING and notice.fanned:
            _watch(work, notice)
        elif what == END and notice.state == State.PUBLIC.value:
            _end(work, notice)


def _due(work: Work, notice: Notice) -> None:
    """Its hour has come. If the day it was to begin on has passed meanwhile, it goes back to be approved again."""
    if _shift(work, notice, work.now, SERVICE):
        tell_editor(work, notice, f"未能按时公示，公示期已改为{notice.starts_on}至{notice.ends_on}，请重新审核")
        return
    _start(work, notice)


def _fan(work: Work, notice: Notice) -> None:
    sending.fan(work, notice)
    work.session.add(notice)
    work.session.flush()
    _set(work, notice, WATCH if notice.fanned else FAN, work.now)


def _watch(work: Work, notice: Notice) -> None:
    """Note the real speed; when nothing is under way any more, the notice is public and sent."""
    progress = hands.batch_progress(work.session, notice.batch or "")
    under_way = sum(progress.by_state.get(state, 0) for state in ("queued", "sending"))
    done = sum(progress.segments.values()) - sum(progress.segments.get(state, 0) for state in ("queued", "sending"))
    notice.samples = [*notice.samples, [work.now.timestamp(), done]][-SAMPLES:]
    work.session.add(notice)
    work.session.flush()
    if under_way:
        _set(work, notice, WATCH, work.now + WATCH_EVERY)
    elif notice.state == State.SENDING.value:
        moves.go(work, notice, Move.SENT, SERVICE)
        if notice.ends_on and over_at(notice.ends_on, work.office.zone) <= work.now:
            _end(work, notice)


def _end(work: Work, notice: Notice) -> None:
    """The period is over (公示期满): its editor is told."""
    waiting = work.office.open_objections(work.session, notice.id)
    moves.go(work, notice, Move.END, SERVICE, note={"open_objections": waiting})
    left = f"还有{waiting}件异议没有结论，不能定稿" if waiting else "没有未结异议，可以定稿并上报审核"
    tell_editor(work, notice, f"公示期已满，{left}")


def tell_editor(work: Work, notice: Notice, what: str) -> None:
    """A message to the author, on the first of their contacts that we can use."""
    for contact in contacts_of(work.session, notice.author):
        if contact.channel in work.channels:
            work.outbox.put(work.session, Message(
                kind="notice_work", channel=contact.channel, address=contact.address, person_id=notice.author,
                payload={"number": notice.number, "title": notice.title, "what": what},
                dedup_key=f"notice:{notice.id}:{notice.version}:work",
            ))  # fmt: skip
            return
    record(work.session, work.now, SERVICE, "notice.editor_not_told", f"notice:{notice.id}")
