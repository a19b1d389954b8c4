"""After the period (公示期满): the steps to the payment, and what changed between the rounds of a programme."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import col, select

from core.audit import record
from core.auth import Principal
from core.errors import BadInput
from core.text import mask_name
from notify.publicity import moves, rows
from notify.publicity.checks import household
from notify.publicity.errors import IllegalMove
from notify.publicity.models import Beneficiary, NoticeStep
from notify.publicity.office import Work
from notify.publicity.rows_store import published, rows_of
from notify.publicity.states import State, next_steps

SHOWN = 500
_PAGE = 2000


def steps(work: Work, notice_id: str) -> list[NoticeStep]:
    """The steps recorded, in their order."""
    query = select(NoticeStep).where(NoticeStep.notice_id == rows.clean(notice_id)).order_by(col(NoticeStep.id))
    return list(work.session.exec(query))


def add_step(
    work: Work, notice_id: str, step: str, on_day: date, person: str, document: str, who: Principal
) -> NoticeStep:
    """Record a step: day, person, document number. Raises IllegalMove when another comes first, BadInput."""
    notice = moves.held(work, notice_id)
    if notice.state != State.FINAL.value:
        raise IllegalMove("Steps follow when the publicity has ended (finalise).", fields={"state": notice.state})
    done = steps(work, notice_id)
    allowed = next_steps(done[-1].step if done else "")
    if step not in allowed:
        named = ", ".join(sorted(allowed)) or "nothing more"
        raise IllegalMove(f"What follows now is: {named}.", fields={"step": step[:24]})
    if on_day > work.today or (done and on_day < done[-1].on_day):
        raise BadInput("The day is in the future, or before the last step's.", fields={"on": "does not fit"})
    made = NoticeStep(
        notice_id=notice_id, step=step, on_day=on_day, by=who.identity, at=work.now,
        person=rows.clean(person).strip(), document=rows.clean(document).strip(),
    )  # fmt: skip
    work.session.add(made)
    note = {"step": step, "on": on_day.isoformat(), "document": made.document}
    record(work.session, work.now, who.actor, "notice.step", f"notice:{notice_id}", after=note)
    work.session.flush()
    return made


@dataclass(slots=True)
class Changes:
    """Between two rounds: how many, and the first of each kind, with masked names."""

    new: int = 0
    gone: int = 0
    changed: int = 0
    same: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, before: "dict[str, str] | None", after: "dict[str, str] | None") -> None:
        """Count one; keep it while there is room."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.items) < SHOWN:
            self.items.append({"change": kind, "before": before, "after": after})


def changes(work: Work, notice_id: str) -> Changes:
    """What is new, gone or changed against the round before (资格公示 → 资金公示)."""
    notice = moves.find(work, notice_id)
    found = Changes()
    former = published(work.session, notice.previous_id) if notice.previous_id else None
    if former is None or former.list_id is None or notice.list_id is None:
        return found
    before = {household(row.name, row.area): _shown(row) for row in _all(work, former.list_id)}
    seen: set[bytes] = set()
    for row in _all(work, notice.list_id):
        key = household(row.name, row.area)
        seen.add(key)
        now, then = _shown(row), before.get(key)
        if then is None:
            found.add("new", None, now)
        elif then != now:
            found.add("changed", then, now)
        else:
            found.same += 1
    for key, left in before.items():
        if key not in seen:
            found.add("gone", left, None)
    return found


def _all(work: Work, list_id: str) -> Iterator[Beneficiary]:
    after = 0
    while page := rows_of(work.session, list_id, after, _PAGE):
        yield from page
        after = page[-1].number
        work.session.expunge_all()


def _shown(row: Beneficiary) -> dict[str, str]:
    return {
        "name": mask_name(row.name), "area": row.area, "quantity": row.quantity, "rate": row.rate,
        "amount": rows.yuan(row.amount_cents),
    }  # fmt: skip
