"""Likely repeats (重复诉求): the same sender, or a similar text and place. Scoring is pure; people decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz, utils
from sqlmodel import col, or_, select

from bot.hotline import states
from bot.hotline.intake import phone_key
from bot.hotline.models import Matter
from bot.hotline.office import Desk
from core.text import graphemes

LOOK_BACK = timedelta(days=90)
CANDIDATES = 500
SHOWN = 5
SIMILAR = 70.0
"""Score from which a text is shown as similar. Chosen by hand on the dialogues' own texts: too many is worse."""
SAME_PLACE = 85.0
_NEAR_DEGREES = 0.002
"""About 200 metres north to south."""


@dataclass(frozen=True, slots=True)
class Side:
    """What two matters are compared by."""

    number: str
    text: str
    place: dict[str, Any] | None
    senders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Likely:
    """A likely repeat: ``why`` is "sender", "text" or "place"; ``score`` 0 to 100."""

    number: str
    why: str
    score: float


def likely(one: Side, others: Iterable[Side]) -> list[Likely]:
    """The likeliest repeats of a matter, best first."""
    found = []
    for other in others:
        score = similarity(one.text, other.text)
        if one.senders & other.senders and score >= SIMILAR / 2:
            found.append(Likely(other.number, "sender", max(score, 90.0)))
        elif same_place(one.place, other.place) and score >= SIMILAR / 2:
            found.append(Likely(other.number, "place", max(score, 80.0)))
        elif score >= SIMILAR:
            found.append(Likely(other.number, "text", score))
    return sorted(found, key=lambda item: -item.score)[:SHOWN]


def similarity(one: str, other: str) -> float:
    """How alike two texts are, 0 to 100; order and length matter little, because people tell a thing differently."""
    return float(fuzz.token_set_ratio(_spaced(one), _spaced(other), processor=utils.default_process))


def _spaced(text: str) -> str:
    """Chinese has no spaces: pairs of neighbouring characters take the place of words."""
    chars = [char for char in graphemes(text) if char.isalnum()]
    return " ".join(a + b for a, b in pairwise(chars)) or text


def same_place(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether two places are one: coordinates within some 200 metres, or nearly the same words."""
    if not one or not other:
        return False
    if all(isinstance(place.get(key), int | float) for place in (one, other) for key in ("lat", "lon")):
        return bool(max(abs(one[key] - other[key]) for key in ("lat", "lon")) < _NEAR_DEGREES)
    first, second = str(one.get("address") or ""), str(other.get("address") or "")
    return bool(first and second) and fuzz.ratio(first, second) >= SAME_PLACE


def of(desk: Desk, matter: Matter) -> list[Likely]:
    """Likely repeats of a matter among the latest, protected ones left out unless the sender is the same."""
    return likely(_side(matter), [_side(other) for other in _recent(desk, matter)])


def _recent(desk: Desk, matter: Matter) -> Sequence[Matter]:
    open_or_new = or_(
        col(Matter.state).in_([state.value for state in states.WORKING | states.ANSWERED]),
        col(Matter.received_at) >= desk.now - LOOK_BACK,
    )
    found = select(Matter).where(
        Matter.id != matter.id, Matter.state != "merged", col(Matter.protected).is_(matter.protected), open_or_new
    )
    return desk.session.exec(found.order_by(col(Matter.received_at).desc()).limit(CANDIDATES)).all()


def _side(matter: Matter) -> Side:
    return Side(matter.number, matter.body, matter.place, senders(matter))


def senders(matter: Matter) -> frozenset[str]:
    """All by which the same person is known, whatever way they came: address, telephone, and who they are to us.

    A telephone they wrote from and one they typed into a form are the same telephone.
    """
    keys = {matter.reply_index, matter.phone_index, matter.person_id or ""}
    if (matter.reply_address or "").startswith("+"):
        keys.add(phone_key(matter.reply_address or ""))
    return frozenset(keys - {""})


def complaints_here(desk: Desk, matter: Matter, days: int) -> int:
    """How many complaints about this matter's place came in so many days, itself included."""
    found = select(Matter).where(Matter.kind == matter.kind, col(Matter.received_at) >= desk.now - timedelta(days=days))
    rows = desk.session.exec(found.order_by(col(Matter.received_at).desc()).limit(CANDIDATES))
    return sum(1 for other in rows if other.id == matter.id or same_place(matter.place, other.place))
