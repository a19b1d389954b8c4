"""Single rows: corrected by an editor, reviewed by the township, answered or told in person."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, literal, or_, select, update
from sqlmodel import SQLModel, col
from sqlmodel import select as pick

from core.audit import record
from core.auth import Principal
from core.errors import BadInput, NotFound, SamePerson
from core.ids import new_id
from notify.publicity import confirming, moves, rows
from notify.publicity.editing import note_writer, stop_asking, void
from notify.publicity.errors import IllegalMove, NotReviewed
from notify.publicity.models import Beneficiary, Notice, NoticeList, NoticeRecipient, NoticeRevision
from notify.publicity.office import Work
from notify.publicity.reading import read_line
from notify.publicity.states import Move, State

KEPT, CHANGED = "kept", "changed"
COLUMNS = ("name", "phone", "area", "quantity", "rate", "amount")
_B: Any = SQLModel.metadata.tables["beneficiary"]
_R: Any = SQLModel.metadata.tables["notice_recipient"]
_O: Any = SQLModel.metadata.tables["outbox_message"]
_NOT_REACHED = ("suppressed", "failed", "undeliverable", "cancelled")


def change_row(
    work: Work, notice_id: str, number: int, changes: Mapping[str, str], who: Principal, version: int = 0
) -> Beneficiary:
    """Correct one row of what is being written; approval is void. A published list stays as it was: its copy changes.

    Raises UnknownNotice, NotFound, BadInput naming the columns, IllegalMove, StaleVersion.
    """
    notice = moves.begin(work, notice_id, Move.EDIT, version)
    if notice.state == State.CONFIRMING.value:
        raise IllegalMove("While households are asked, rows change only by review: …/rows/{number}/review.")
    row = _change(work, notice, number, changes)
    void(notice)
    note_writer(notice, who.identity)
    moves.go(work, notice, Move.EDIT, who.actor, note={"row": number, "columns": sorted(changes)})
    return row


def _change(work: Work, notice: Notice, number: int, changes: Mapping[str, str]) -> Beneficiary:
    if unknown := set(changes) - set(COLUMNS):
        raise BadInput("There is no such column.", fields=dict.fromkeys(sorted(unknown), "unknown"))
    _own_list(work, notice)
    row = row_of(work, notice, number)
    before = (row.name, row.area, row.quantity, row.rate, row.amount_cents)
    cells = {
        "name": row.name, "phone": row.phone or "", "area": row.area, "quantity": row.quantity, "rate": row.rate,
        "amount": rows.yuan(row.amount_cents), **changes,
    }  # fmt: skip
    line, problems = read_line(row.line, cells, {}, ("name",))
    if line is None:
        raise BadInput("This row does not fit; see fields.", fields={p.column: p.code for p in problems})
    had = row.amount_cents or 0
    row.name, row.phone, row.area, row.amount_cents = line.name, line.phone or None, line.area, line.amount_cents
    row.quantity, row.rate = rows.plain(line.quantity), rows.plain(line.rate)
    row.phone_index = rows.phone_index(line.phone) if line.phone else None
    row.entry_index = rows.entry_index(line.name, line.phone) if line.phone else None
    row.phone_gone = "" if line.phone else row.phone_gone
    work.session.add(row)
    found = work.session.get(NoticeList, row.list_id)
    if found and before != (row.name, row.area, row.quantity, row.rate, row.amount_cents):
        found.amount_cents += (line.amount_cents or 0) - had
        parts = (found.digest, str(number), *line.published())
        found.digest = sha256("\x1f".join(parts).encode()).hexdigest()
        work.session.add(found)
    work.session.flush()
    return row


def _own_list(work: Work, notice: Notice) -> None:
    """A list that was published is copied before it changes, in one statement and without opening it."""
    published = pick(NoticeRevision.id).where(NoticeRevision.list_id == notice.list_id).limit(1)
    if notice.list_id is None or work.session.exec(published).first() is None:
        return
    old = work.session.get(NoticeList, notice.list_id)
    if old is None:
        raise NotFound("This notice has no list.")
    copy = NoticeList(**{**old.model_dump(), "id": new_id(), "notice_id": notice.id, "seen_at": work.now})
    work.session.add(copy)
    work.session.flush()
    names = [column.name for column in _B.columns if column.name not in {"id", "list_id"}]
    taken = select(literal(copy.id), *(_B.c[name] for name in names)).where(_B.c.list_id == old.id)
    work.session.execute(insert(_B).from_select(["list_id", *names], taken))
    notice.list_id = copy.id


def row_of(work: Work, notice: Notice, number: int) -> Beneficiary:
    """A row of the present list by its number; raises NotFound."""
    found = work.session.exec(
        pick(Beneficiary).where(Beneficiary.list_id == (notice.list_id or ""), Beneficiary.number == number)
    ).first()
    if found is None:
        raise NotFound(f"There is no row {number} in this list.")
    return found


# --- confirming ------------------------------------------------------------------------------------------------


def answered(work: Work, notice_id: str, number: int, said: str, text: str, who: Principal) -> Beneficiary:
    """What a household said in person or on the telephone, written down by staff. Raises NotFound, NotAsked."""
    row = row_of(work, moves.find(work, notice_id), number)
    if said == confirming.CONFIRMED:
        return confirming.confirm_row(work.session, work.now, row.id or 0, who.actor, "in person")
    return confirming.dispute_row(work.session, work.now, row.id or 0, text, who.actor, "in person")


def review_row(work: Work, notice_id: str, number: int, changes: Mapping[str, str], who: Principal) -> Beneficiary:
    """The township decides about a row: kept as it is, or changed. Raises IllegalMove, NotFound, BadInput."""
    notice = moves.begin(work, notice_id, Move.REVIEWED)
    row = _change(work, notice, number, changes) if changes else row_of(work, notice, number)
    row.review, row.reviewed_by = (CHANGED if changes else KEPT), who.identity
    work.session.add(row)
    if changes:
        note_writer(notice, who.identity)
        work.session.add(notice)
    note = {"review": row.review, "columns": sorted(changes)}
    record(work.session, work.now, who.actor, "beneficiary.review", f"notice:{notice.id}:{number}", after=note)
    work.session.flush()
    return row


def reviewed(work: Work, notice_id: str, who: Principal, version: int = 0) -> Notice:
    """The township has reviewed the answers. If rows changed, the notice is a draft again and has to be approved anew.

    Raises NotReviewed while a disputed row is open, SamePerson for its author, IllegalMove, StaleVersion.
    """
    notice = moves.begin(work, notice_id, Move.REVIEWED, version)
    if who.identity == notice.author:
        raise SamePerson("Who wrote the notice does not review it.")
    waiting = _count(work, notice, _B.c.confirmation == confirming.DISPUTED, _B.c.review == "")
    if waiting:
        raise NotReviewed(
            f"{waiting} rows that their households dispute are not reviewed yet.", fields={"rows": str(waiting)}
        )
    stop_asking(work, notice)
    notice.reviewed_at, notice.reviewed_by = work.now, who.identity
    changed = _count(work, notice, _B.c.review == CHANGED)
    if changed:
        void(notice)
    note = {"confirmed": _count(work, notice, _B.c.confirmation == confirming.CONFIRMED), "changed": changed}
    return moves.go(work, notice, Move.EDIT if changed else Move.REVIEWED, who.actor, note=note)


def _count(work: Work, notice: Notice, *conditions: Any) -> int:
    query = select(func.count()).select_from(_B).where(_B.c.list_id == notice.list_id, *conditions)
    return int(work.session.execute(query).scalar_one())


def confirmations(work: Work, notice_id: str) -> dict[str, int]:
    """Households by what they said: ``""`` nobody answered, ``confirmed``, ``disputed``; ``open`` waits for review."""
    notice = moves.find(work, notice_id)
    found = work.session.execute(
        select(_B.c.confirmation, func.count()).where(_B.c.list_id == notice.list_id).group_by(_B.c.confirmation)
    )
    counted = {row[0]: int(row[1]) for row in found}
    counted["open"] = _count(work, notice, _B.c.confirmation == confirming.DISPUTED, _B.c.review == "")
    return counted


# --- told in person --------------------------------------------------------------------------------------------


def to_tell(work: Work, notice_id: str, after: int, limit: int, who: Principal) -> list[tuple[Beneficiary, str, Any]]:
    """Households no message reached: row, reason, when they were told in person (入户告知). The look is recorded."""
    notice = moves.find(work, notice_id)
    reason = func.coalesce(_O.c.reason, _R.c.excluded)
    query = (
        pick(Beneficiary, reason, _R.c.told_at)
        .select_from(_R.outerjoin(_O, _O.c.id == _R.c.message_id))
        .join(Beneficiary, (col(Beneficiary.list_id) == notice.list_id) & (col(Beneficiary.number) == _R.c.row))
        .where(
            _R.c.notice_id == notice.id, _R.c.revision == notice.revision, _R.c.purpose == "publicity",
            _R.c.row > after, or_(_R.c.message_id.is_(None), _O.c.state.in_(_NOT_REACHED)),
        )
        .order_by(_R.c.row)
        .limit(limit)
    )  # fmt: skip
    record(work.session, work.now, who.actor, "notice.look_to_tell", f"notice:{notice.id}", after={"after": after})
    return [(row[0], str(row[1] or ""), row[2]) for row in work.session.execute(query)]


def told(work: Work, notice_id: str, numbers: Sequence[int], who: Principal, *, done: bool = True) -> int:
    """Tick households off as told in person, or take the tick back; how many."""
    notice = moves.find(work, notice_id)
    values = {"told_at": work.now if done else None, "told_by": who.identity if done else None}
    changed = work.session.execute(
        update(NoticeRecipient)
        .where(
            col(NoticeRecipient.notice_id) == notice.id, col(NoticeRecipient.revision) == notice.revision,
            col(NoticeRecipient.purpose) == "publicity", col(NoticeRecipient.row).in_(list(numbers)[:500]),
        )
        .values(values)
    )  # fmt: skip
    note = {"rows": list(numbers)[:500], "told": done}
    record(work.session, work.now, who.actor, "notice.told", f"notice:{notice.id}", after=note)
    work.session.flush()
    return int(getattr(changed, "rowcount", 0))
