"""The demo's notices: one that is public, one that waits for approval, one draft. Nobody in them exists."""

from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from core.auth import Principal
from core.people import Role
from notify.publicity import importing
from notify.publicity.editing import Content
from notify.publicity.models import Notice
from notify.publicity.rows import Line
from notify.publicity.service import Publicity

TEXT = "{name}户{programme}公示：{quantity}亩×{rate}元＝{amount}元，到{ends_on}。不对回“异议”加原因，举报{report_phone}"
_WRITER = Principal("demo-writer", "示例甲", frozenset({Role.EDITOR}), "cli")
_APPROVER = Principal("demo-approver", "示例乙", frozenset({Role.REVIEWER}), "cli")
_HOUSEHOLDS = (
    ("示例甲", "西河村一组", "3.5"), ("示例乙", "西河村一组", "4.2"), ("示例丙", "西河村一组", "2"),
    ("示例丁", "西河村二组", "6.8"), ("示例戊", "西河村二组", "1.5"), ("示例己", "西河村二组", "5"),
    ("示例庚", "西河村三组", "3"), ("示例辛", "西河村三组", "7.1"),
)  # fmt: skip


def tell(session: Session, publicity: Publicity, phone: str) -> None:
    """Write them. None of the households has a number, so nothing is sent."""
    today = publicity.work(session).today
    shown = _listed(session, publicity, "西河村耕地地力保护补贴公示", today, phone)
    publicity.submit(session, shown.id, _WRITER)
    publicity.approve(session, shown.id, _APPROVER)
    publicity.publish(session, shown.id, None, _APPROVER)
    waiting = _listed(session, publicity, "东河村耕地地力保护补贴公示", today + timedelta(days=1), phone)
    publicity.submit(session, waiting.id, _WRITER)
    alert = Content(
        title="西河村停水检修",
        text="西河村明天9点至17点停水检修，请提前储水。",
        kind="alert",
        area="西河村",
        topic="water",
    )
    publicity.create(session, alert, _WRITER)


def _listed(session: Session, publicity: Publicity, title: str, starts_on: date, phone: str) -> Notice:
    ends_on = starts_on + timedelta(days=10)
    content = Content(
        title=title, text=TEXT, programme="耕地地力保护补贴", area=title[:3], starts_on=starts_on, ends_on=ends_on,
        report_phone=phone,
    )  # fmt: skip
    notice = publicity.create(session, content, _WRITER)
    list_id = publicity.begin_upload(session, notice.id, _WRITER, "名单.csv")
    reading = importing.prepare(session, notice.id, list_id, notice.audience, None)
    importing.take_lines(session, publicity.work(session).now, reading, list(_lines(title[:3])))
    publicity.finish_upload(session, reading, _WRITER)
    return notice


def _lines(village: str) -> list[Line]:
    rate = Decimal(100)
    return [
        Line(place, name, "", area.replace("西河村", village), Decimal(mu), rate, int(Decimal(mu) * rate * 100))
        for place, (name, area, mu) in enumerate(_HOUSEHOLDS, 2)
    ]
