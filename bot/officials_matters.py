"""The matters an official handles, as absence and 待办 count them (DIALOGUES 9)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.hotline.models import Dispatch, Matter, MatterReply
from bot.hotline.states import IN_A_UNIT
from bot.hotline.words import State
from notify.signoff.matters import InHand

_AT_ONCE = 100
_WITH_THEM = tuple(state.value for state in (*IN_A_UNIT, State.PAUSED))
_SENT = ("check", "held", "final")
"""States of an answer that was given; taken back and refused ones count for nothing."""


class HandledMatters:
    """``notify.signoff.matters.Matters`` over the hotline's tables."""

    def in_hand(self, session: Session, person_id: str) -> Sequence[InHand]:
        """What a person signed for (as handler) and nobody has answered, by limit. Protected ones without title."""
        rows = session.execute(
            select(col(Matter.number), col(Matter.title), col(Matter.protected), col(Dispatch.due))
            .join(Dispatch, col(Dispatch.matter_id) == col(Matter.id))
            .where(
                col(Dispatch.signed_by) == person_id,
                col(Dispatch.ended_at).is_(None),
                col(Matter.state).in_(_WITH_THEM),
            )
            .order_by(col(Dispatch.due), col(Matter.number))
            .limit(_AT_ONCE)
        )
        return [InHand(number, "" if protected else title, due) for number, title, protected, due in rows]

    def answered_for(self, session: Session, person_id: str, since: datetime) -> int:
        """How many matters that a person had signed for others have answered since then."""
        found = (
            select(func.count(func.distinct(col(MatterReply.matter_id))))
            .join(Dispatch, col(Dispatch.matter_id) == col(MatterReply.matter_id))
            .where(
                col(Dispatch.signed_by) == person_id,
                col(MatterReply.by_ref) != person_id,
                col(MatterReply.at) >= since,
                col(MatterReply.state).in_(_SENT),
            )
        )
        return int(session.execute(found).scalar_one())
