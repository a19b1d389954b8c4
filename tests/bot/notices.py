"""Notices in a test's house: publicity beside the desk that is built as ``main`` builds it."""

from collections.abc import Mapping

from bot.notice_desk import NoticeDesk, audiences
from core.clock import ManualClock
from core.ports import Channel
from notify.outbox.service import Outbox
from notify.publicity.office import PublicityOffice
from notify.publicity.service import Publicity


def made_publicity(desk: NoticeDesk, outbox: Outbox, channels: Mapping[str, Channel], clock: ManualClock) -> Publicity:
    """The notices of the test's office."""
    office = PublicityOffice(
        "阳光热线",
        desk.hotline.office.hours.zone,
        "sms",
        audiences=audiences("sms"),
        open_objections=desk.objections.open_count,
    )
    return Publicity(outbox, channels, clock, office)
