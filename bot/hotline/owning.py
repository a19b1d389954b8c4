"""Who is responsible (首问负责): claim, release, hand over, take over; and notes among staff."""

from bot.hotline import merging, paging, record
from bot.hotline.errors import illegal
from bot.hotline.given import Given
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from bot.hotline.words import State
from core.people import Person


def claim(desk: Desk, matter: Matter, doer: Doer, _given: Given) -> None:
    """Become the owner of a matter nobody owns. Raises IllegalMove when somebody else does."""
    if matter.owner_ref and matter.owner_ref != doer.ref:
        raise illegal(matter, f"{matter.owner_name} has it; ask for a hand-over.")
    record.change(desk, matter, "claim", doer, {"owner_ref": doer.ref, "owner_name": doer.name})


def release(desk: Desk, matter: Matter, doer: Doer, _given: Given) -> None:
    """Put a claimed matter back; once accepted it leaves its owner only by a hand-over."""
    if matter.owner_ref != doer.ref:
        raise illegal(matter, "Only its owner can put it back.")
    if matter.state != State.SUBMITTED:
        raise illegal(matter, "It was taken up: hand it over instead.")
    record.change(desk, matter, "release", doer, {"owner_ref": "", "owner_name": "", "offered_to": ""})


def hand_over(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Offer it to a colleague; it stays the owner's until taken over."""
    given.need("to")
    if matter.owner_ref != doer.ref:
        raise illegal(matter, "Only its owner hands it over.")
    record.change(desk, matter, "hand_over", doer, {"offered_to": given.to}, data={"to": given.to})
    person = desk.session.get(Person, given.to)
    if person:
        paging.page(desk, matter, [person], "staff_offered", f"offer:{matter.version}", unit=doer.name)


def take_over(desk: Desk, matter: Matter, doer: Doer, _given: Given) -> None:
    """Take what was offered."""
    if matter.offered_to != doer.ref:
        raise illegal(matter, "It was not offered to you.")
    changes = {"owner_ref": doer.ref, "owner_name": doer.name, "offered_to": ""}
    record.change(desk, matter, "take_over", doer, changes)


def note(desk: Desk, matter: Matter, doer: Doer, given: Given) -> None:
    """Words among staff (内部备注). With ``tell`` an agent has them told to the citizen as progress."""
    given.need("text")
    record.change(desk, matter, "progress" if given.tell else "note", doer, text=given.text, public=given.tell)
    if given.tell:
        merging.tell_everyone(desk, matter, "matter_progress", f"progress:{matter.version}", text=given.text)
