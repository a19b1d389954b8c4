"""Alert points (告警点) beside the lamps: rules in data, each reached once per thing, with a ladder to climb."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.hotline import handling, letters, paging, record
from bot.hotline.models import Matter, MatterEvent
from bot.hotline.office import Desk, Doer
from bot.hotline.reply_models import Alert
from core.audit import record as audit_record
from core.errors import Conflict, NotFound

LADDER = ("电话督促", "通报", "督办单", "整改反馈")
ORDER = LADDER[2]
"""The step at which a supervision order is opened, with its limit and its feedback."""
LOOK_BACK = timedelta(days=10)
_LEVELS = {"warning": "预警", "alarm": "告警"}


def reach(desk: Desk, matter: Matter, rule: str, *, key: str, data: dict[str, Any] | None = None) -> bool:
    """An alert point is reached: listed, and supervisors told; False when it was before for the same ``key``."""
    unique = f"{rule}:{key}"[:120]
    if desk.session.exec(select(Alert).where(Alert.key == unique)).first():
        return False
    entry = desk.rules.alerts[rule]
    row = Alert(matter_id=matter.id, rule=rule, level=entry.level, key=unique, at=desk.now, data=data or {})
    desk.session.add(row)
    desk.session.flush()
    text = f"{_LEVELS[entry.level]} {entry.label}"
    unit = letters.unit_name(desk, (data or {}).get("unit") or matter.unit_id)
    paging.page(desk, matter, paging.supervisors(desk), "staff_alert", f"alert:{row.id}", text=text, unit=unit)
    return True


def idle_looks(desk: Desk) -> int:
    """Identities looked at a working day ago by somebody who then did nothing with the matter."""
    since, until = desk.now - LOOK_BACK, desk.now - timedelta(days=1)
    found = select(MatterEvent).where(
        MatterEvent.what == "identity", col(MatterEvent.at) > since, col(MatterEvent.at) <= until
    )
    reached = 0
    for look in desk.session.exec(found).all():
        work = select(MatterEvent.id).where(
            MatterEvent.matter_id == look.matter_id,
            MatterEvent.actor == look.actor,
            col(MatterEvent.what).not_in(["identity", "yellow", "red"]),
            col(MatterEvent.at) >= look.at,
        )
        over = desk.now > desk.calendar.due(look.at, desk.rules.limits["identity"], desk.now)
        if over and desk.session.exec(work).first() is None:
            matter = desk.session.get_one(Matter, look.matter_id)
            reached += reach(desk, matter, "identity_without_move", key=str(look.id), data={"by": look.actor})
    return reached


def climb(desk: Desk, alert_id: str, doer: Doer, text: str, *, close: bool = False) -> Alert:
    """The next step of the ladder, or its end; written into the matter's record. Raises NotFound, Conflict."""
    row = desk.session.get(Alert, alert_id)
    if row is None:
        raise NotFound("There is no such alert.")
    if row.closed_at is not None or (not close and row.step >= len(LADDER)):
        raise Conflict("This alert is closed, or at the top of its ladder.")
    if close:
        row.closed_at = desk.now
    else:
        row.step += 1
    desk.session.add(row)
    matter = desk.session.get_one(Matter, row.matter_id)
    step = "closed" if close else LADDER[row.step - 1]
    if step == ORDER:
        wanted = f"{desk.rules.alerts[row.rule].label}。{text}"
        handling.order(desk, matter, doer, "alert", wanted)
    record.note(desk, matter, "alert", doer, text=text or None, data={"alert": row.id, "step": step})
    audit_record(desk.session, desk.now, doer.actor, "alert.step", f"alert:{row.id}", after={"step": step})
    desk.session.flush()
    return row


def open_alerts(desk: Desk, limit: int = 200) -> list[Alert]:
    """Those nobody has closed, latest first."""
    found = select(Alert).where(col(Alert.closed_at).is_(None)).order_by(col(Alert.at).desc()).limit(limit)
    return list(desk.session.exec(found))
