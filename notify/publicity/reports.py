"""Who was reached and who was not, and why: for one notice by village and channel, for the office over a time."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from notify.outbox.states import SENTENCES, Reason
from notify.publicity import moves, rows, sending
from notify.publicity.models import Notice, NoticeList, NoticeRevision
from notify.publicity.office import Work

_R: Any = SQLModel.metadata.tables["notice_recipient"]
_O: Any = SQLModel.metadata.tables["outbox_message"]
BY = ("programme", "area", "kind", "unit", "channel")
REACHED = frozenset({"delivered"})
_OWN_SENTENCES = {
    "no_phone": "The list names no telephone number.",
    "not_me": "The number was somebody else's (不是本人) and was taken out.",
}


@dataclass(slots=True)
class Line:
    """Recipients of one village and channel. ``reached``: delivered, as far as the channel tells; ``sent``: handed to
    the provider and nothing heard yet; ``told``: in person. ``reasons`` of those not reached.
    """

    area: str
    channel: str
    total: int = 0
    reached: int = 0
    sent: int = 0
    waiting: int = 0
    not_reached: int = 0
    told: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, state: str, reason: str, number: int, told: int) -> None:
        """So many in this state for this reason."""
        self.total += number
        self.told += told
        if state in REACHED:
            self.reached += number
        elif state == "sent":
            self.sent += number
        elif state in {"queued", "sending"}:
            self.waiting += number
        else:
            self.not_reached += number
            self.reasons[reason] = self.reasons.get(reason, 0) + number


def report(work: Work, notice_id: str) -> list[Line]:
    """One notice, by village and channel; the last revision sent."""
    notice = moves.find(work, notice_id)
    state, reason = func.coalesce(_O.c.state, "suppressed"), func.coalesce(_O.c.reason, _R.c.excluded)
    found = work.session.execute(
        select(_R.c.area, _R.c.channel, state, reason, func.count(), func.count(_R.c.told_at))
        .select_from(_R.outerjoin(_O, _O.c.id == _R.c.message_id))
        .where(
            _R.c.notice_id == notice.id, _R.c.purpose == sending.PUBLICITY, _R.c.revision == _last(work, notice)
        )
        .group_by(_R.c.area, _R.c.channel, state, reason)
    )  # fmt: skip
    lines: dict[tuple[str, str], Line] = {}
    for area, channel, stands, why, number, told in found:
        lines.setdefault((area, channel), Line(area, channel)).add(stands, why or "", int(number), int(told))
    return [lines[key] for key in sorted(lines)]


def _last(work: Work, notice: Notice) -> int:
    query = select(func.max(col(NoticeRevision.revision))).where(col(NoticeRevision.notice_id) == notice.id)
    return int(work.session.execute(query).scalar() or notice.revision)


def sentence(reason: str) -> str:
    """A reason in words."""
    if reason in _OWN_SENTENCES:
        return _OWN_SENTENCES[reason]
    return SENTENCES.get(Reason(reason), "") if reason in {known.value for known in Reason} else reason


REPORT_HEAD = ("area", "channel", "total", "reached", "sent", "waiting", "not_reached", "told", "reasons")


def report_rows(lines: Iterable[Line]) -> list[Sequence[Any]]:
    """For a file."""
    return [
        (*(getattr(line, name) for name in REPORT_HEAD[:-1]),
         "; ".join(f"{sentence(why) or 'unknown'} {number}" for why, number in sorted(line.reasons.items())))
        for line in lines
    ]  # fmt: skip


@dataclass(slots=True)
class Figures:
    """Notices and their recipients under one key. ``amount`` is in 元, of the lists published."""

    key: str
    notices: int = 0
    published: int = 0
    final: int = 0
    cancelled: int = 0
    corrected: int = 0
    households: int = 0
    amount: str = "0"
    recipients: int = 0
    reached: int = 0
    sent: int = 0
    waiting: int = 0
    not_reached: int = 0
    told: int = 0
    objections_open: int = 0
    reached_rate: float | None = None


HEAD = tuple(Figures.__dataclass_fields__)


def figures(work: Work, since: datetime, until: datetime, by: str) -> list[Figures]:
    """Notices written from ``since`` up to ``until``, by programme, area, kind, unit or channel of the recipients."""
    notices = list(
        work.session.execute(
            select(Notice).where(col(Notice.created_at) >= since, col(Notice.created_at) < until)
        ).scalars()
    )
    lines: dict[str, Figures] = {}
    cents: dict[str, int] = {}
    for notice in notices:
        if by != "channel":
            key = _key(notice, by)
            _count_notice(work, lines.setdefault(key, Figures(key)), notice, cents)
        for part in report(work, notice.id) if notice.published_at else []:
            key = part.channel if by == "channel" else _key(notice, by)
            _count_line(lines.setdefault(key, Figures(key)), part)
    for key, line in lines.items():
        line.amount = rows.yuan(cents.get(key, 0))
        line.reached_rate = round(line.reached / line.recipients, 4) if line.recipients else None
    return [lines[key] for key in sorted(lines)]


def _key(notice: Notice, by: str) -> str:
    return str(
        {"programme": notice.programme, "area": notice.area, "kind": notice.kind, "unit": notice.unit_id}[by] or ""
    )


def _count_notice(work: Work, line: Figures, notice: Notice, cents: dict[str, int]) -> None:
    line.notices += 1
    line.published += notice.published_at is not None
    line.final += notice.state == "final"
    line.cancelled += notice.state == "cancelled"
    line.corrected += notice.revision > 1
    line.objections_open += work.office.open_objections(work.session, notice.id)
    found = work.session.get(NoticeList, notice.list_id) if notice.list_id and notice.published_at else None
    if found:
        line.households += found.rows
        cents[line.key] = cents.get(line.key, 0) + found.amount_cents


def _count_line(line: Figures, part: Line) -> None:
    line.recipients += part.total
    for name in ("reached", "sent", "waiting", "not_reached", "told"):
        setattr(line, name, getattr(line, name) + getattr(part, name))


def figure_rows(lines: Iterable[Figures]) -> list[Sequence[Any]]:
    """For a file."""
    return [tuple(asdict(line).values()) for line in lines]
