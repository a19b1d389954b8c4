"""Who may see what (信息隔离): which matters, which identity. Pure decisions over a reader and a matter.

Handlers see only their own unit's matters. Who wrote a report or a confidential matter is seen by the hotline
alone, and each look is written to the audit trail. The unit a matter is about never handles it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from core.auth import Principal
from core.people import Role

HOTLINE = (Role.AGENT, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the barrier looks at: whether a matter is protected, the units that have it, the unit it is about.

    ``checkers`` are the leaders of those whose answers wait to be checked (审核).
    """

    protected: bool
    anonymous: bool
    units: Collection[str]
    about_unit: str | None = None
    checkers: Collection[str] = ()


def may_see(who: Principal, matter: Guarded) -> bool:
    """Whether somebody may open a matter at all."""
    if matter.about_unit and who.unit_id == matter.about_unit and not who.has(Role.SUPERVISOR):
        return False
    if who.has(*HOTLINE):
        return True
    if who.person_id is not None and who.person_id in matter.checkers:
        return True
    return who.has(Role.HANDLER) and who.unit_id is not None and who.unit_id in matter.units


def may_see_identity(who: Principal, matter: Guarded) -> bool:
    """Whether somebody may ask who wrote; nobody can for an anonymous matter, there is nothing to see."""
    if matter.anonymous or not may_see(who, matter):
        return False
    return who.has(*HOTLINE) or not matter.protected


def only_a_handler(who: Principal) -> bool:
    """Whether somebody acts for a unit alone, so that an agent checks their answers where the kind asks for it."""
    return not who.has(*HOTLINE)
