"""The hotline as the conversations see it: something to hand over to."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bot.hotline.intake import NewMatter, ReplyTo, register
from bot.hotline.office import Desk as WorkingDesk
from bot.hotline.office import OfficeFacts
from bot.hotline.words import Kind
from bot.ports import HandOver, Opened
from core.due_words import describe_due
from core.ports import Can, Channel
from core.worktime import is_close_of_business
from notify.outbox.service import Outbox

SMS = "sms"
"""Source of everything that came over a channel whose texts are metered."""


class HotlineDesk:
    """``bot.ports.Desk`` over the hotline. The conversation itself says that the matter is registered."""

    def __init__(self, outbox: Outbox, office: OfficeFacts, channels: Mapping[str, Channel]) -> None:
        self._outbox = outbox
        self._office = office
        self._channels = channels

    def open(self, session: Session, now: datetime, hand_over: HandOver) -> Opened:
        """Register the matter with everything that was said before."""
        message = hand_over.message
        desk = WorkingDesk.open(session, now, self._outbox, self._office)
        new = NewMatter(
            kind=Kind(hand_over.kind),
            text=hand_over.text,
            source=self._source(message.channel),
            reply_to=ReplyTo(message.channel, message.address, message.to, message.thread),
            locale=hand_over.locale,
            transcript=hand_over.transcript,
            emergency=hand_over.danger,
            dedup_key=hand_over.dedup_key,
            tell=False,
        )
        _, opened = register(desk, new)
        hours, days = desk.calendar.hours, desk.calendar.days
        at_close = is_close_of_business(opened.answer_by, hours, days)
        due = describe_due(opened.answer_by, now, hours.zone, hand_over.locale, at_close=at_close)
        return Opened(opened.number, opened.code, due)

    def _source(self, channel: str) -> str:
        known = self._channels.get(channel)
        return SMS if known and Can.METERED in known.can else channel
