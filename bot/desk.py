"""The hotline as the conversations see it: something to hand over to."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bot.hotline.intake import NewMatter, ReplyTo
from bot.hotline.service import Hotline
from bot.hotline.words import Kind
from bot.ports import HandOver, Opened
from core.ports import Can, Channel

SMS = "sms"
"""Source of everything that came over a channel whose texts are metered."""


class HotlineDesk:
    """``bot.ports.Desk`` over the hotline. The conversation itself says that the matter is registered."""

    def __init__(self, hotline: Hotline, channels: Mapping[str, Channel]) -> None:
        self._hotline = hotline
        self._channels = channels

    def open(self, session: Session, now: datetime, hand_over: HandOver) -> Opened:  # noqa: ARG002 - the port
        """Register the matter with everything that was said before."""
        message = hand_over.message
        new = NewMatter(
            kind=Kind(hand_over.kind),
            text=hand_over.text,
            source=source_of(message.channel, self._channels),
            reply_to=ReplyTo(message.channel, message.address, message.to, message.thread),
            locale=hand_over.locale,
            transcript=hand_over.transcript,
            emergency=hand_over.danger,
            dedup_key=hand_over.dedup_key,
            tell=False,
        )
        opened = self._hotline.open(session, new)
        due = self._hotline.desk(session).due_words(opened.answer_by, hand_over.locale)
        return Opened(opened.number, opened.code, due)


def source_of(channel: str, channels: Mapping[str, Channel]) -> str:
    """How a matter came, as the register names it."""
    known = channels.get(channel)
    return SMS if known and Can.METERED in known.can else channel
