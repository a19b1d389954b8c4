"""Files that staff add to a matter (现场照片、答复扫描件): among themselves, or shown to the citizen.

They are kept apart from what citizens send, so that nothing is shown by mistake: neither on the page of the matter nor
over Open311. What a file is, its first bytes say, as with those of citizens (``core.files``). Whether the citizen sees
one, the record says: the last line about it. Only the hotline shows something to a citizen; a unit asks it to.
"""

from dataclasses import dataclass

from bot.hotline import barrier, moves, record
from bot.hotline.models import Matter
from bot.hotline.office import Desk, Doer
from core import audit, files
from core.auth import Principal
from core.errors import Forbidden, NotFound
from core.files import StoredFile
from core.messages import File

ADDED, SHOWN, HIDDEN = "staff_file", "file_shown", "file_hidden"
"""Lines of the record about such a file; one that is public shows it to the citizen."""


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A file of staff, and whether the citizen sees it."""

    file: StoredFile
    shown: bool


def owner(matter: Matter) -> str:
    """Under which the files of staff are kept."""
    return f"staff-of:{matter.id}"


def of_citizen(matter: Matter) -> str:
    """Under which the files of the citizen are kept."""
    return f"matter:{matter.id}"


def add(desk: Desk, number: str, who: Principal, name: str, content: bytes, *, shown: bool) -> StoredFile:
    """Keep a file with a matter; the same content again is the one kept already.

    Raises NotFound, Forbidden when a unit wants to show it, TooLarge, BadInput, Conflict when there are enough.
    """
    matter = moves.find_for(desk, number, who)
    _may_show(who, shown=shown)
    known = {row.id for row in files.listed(desk.session, owner(matter))}
    kept = files.save(desk.session, desk.now, owner(matter), name, content, who.identity)
    if kept.id not in known:
        _note(desk, matter, who, ADDED, kept, public=shown)
    elif shown and kept.id not in _shown(desk, matter):
        _note(desk, matter, who, SHOWN, kept, public=True)
    return kept


def show(desk: Desk, number: str, who: Principal, file_id: str, *, shown: bool) -> None:
    """Let the citizen see a file, or see it no longer. Raises NotFound, Forbidden."""
    matter = moves.find_for(desk, number, who)
    _may_show(who, shown=True)
    row = next((one for one in files.listed(desk.session, owner(matter)) if one.id == file_id), None)
    if row is None:
        raise NotFound("There is no such file.")
    if shown != (file_id in _shown(desk, matter)):
        _note(desk, matter, who, SHOWN if shown else HIDDEN, row, public=shown)


def _may_show(who: Principal, *, shown: bool) -> None:
    if shown and barrier.only_a_handler(who):
        raise Forbidden("What the citizen sees goes through the hotline.")


def _note(desk: Desk, matter: Matter, who: Principal, what: str, kept: StoredFile, *, public: bool) -> None:
    doer = Doer.staff(who)
    record.note(desk, matter, what, doer, public=public, data={"file": kept.id})
    after = {"file": kept.id, "mime": kept.mime, "shown": public}
    audit.record(desk.session, desk.now, doer.actor, f"matter.{what}", f"matter:{matter.number}", after=after)


def _shown(desk: Desk, matter: Matter) -> set[str]:
    """The ids of the files of staff that the citizen sees."""
    last: dict[str, bool] = {}
    for event in record.events(desk, matter):
        if event.what in {ADDED, SHOWN, HIDDEN}:
            last[str(event.data.get("file", ""))] = event.public
    return {file_id for file_id, public in last.items() if public}


def listed(desk: Desk, matter: Matter) -> list[StaffFile]:
    """The files of staff, oldest first."""
    seen = _shown(desk, matter)
    return [StaffFile(row, row.id in seen) for row in files.listed(desk.session, owner(matter))]


def for_citizen(desk: Desk, matter: Matter) -> tuple[list[StoredFile], list[StoredFile]]:
    """What the citizen sees: their own files, and those staff show them."""
    shown = [one.file for one in listed(desk, matter) if one.shown]
    return files.listed(desk.session, of_citizen(matter)), shown


def load(desk: Desk, matter: Matter, file_id: str) -> File:
    """One file with its content, for staff. Raises NotFound."""
    try:
        return files.load(desk.session, file_id, of_citizen(matter))
    except NotFound:
        return files.load(desk.session, file_id, owner(matter))


def load_for_citizen(desk: Desk, matter: Matter, file_id: str) -> File:
    """One file with its content, for the citizen. Raises NotFound, also for one that is not shown."""
    ours = file_id in _shown(desk, matter)
    return files.load(desk.session, file_id, owner(matter) if ours else of_citizen(matter))


def forget(desk: Desk, matter: Matter) -> None:
    """Remove every file of a matter, the citizen's and the staff's."""
    files.remove_of(desk.session, of_citizen(matter))
    files.remove_of(desk.session, owner(matter))
