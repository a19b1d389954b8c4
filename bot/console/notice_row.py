"""One row of a notice's list: corrected by an editor; answered in person and reviewed while households are asked."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from core.errors import AppError, BadInput, Forbidden
from core.people import Role
from notify.publicity import row_changes
from notify.publicity.models import Beneficiary, Notice
from notify.publicity.rows import yuan
from notify.publicity.states import EDITABLE, State

PEOPLE = (Role.EDITOR, Role.REVIEWER)
PATH = "/console/notices"
COLUMNS = row_changes.COLUMNS
Number = Annotated[int, Path(ge=1, le=1_000_000_000)]


def add(router: APIRouter, console: Console) -> None:
    """``/console/notices/{id}/rows/{number}``."""

    @router.get("/{notice_id}/rows/{number}")
    async def row(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str, number: Number) -> Response:
        return await _shown(visit, notice_id, number)

    @router.post("/{notice_id}/rows/{number}")
    async def change(visit: Annotated[Visit, console.needs(*PEOPLE)], notice_id: str, number: Number) -> Response:
        """Correct it, write down what the household said, or decide about what it disputes."""
        try:
            await visit.house.db.write(_act, visit, notice_id, number)
        except AppError as error:
            return await _shown(visit, notice_id, number, error)
        return visit.go(f"{PATH}/{notice_id}/rows/{number}", "notices.done_row")


def _act(session: Session, visit: Visit, notice_id: str, number: int) -> None:
    publicity, who, what = visit.house.publicity, visit.who, visit.text("what")
    if what in {"confirmed", "disputed"}:
        publicity.answered(session, notice_id, number, what, visit.text("said"), who)
        return
    row = _find(session, visit, notice_id, number)[1]
    changes = {name: visit.text(name) for name in COLUMNS if visit.text(name).strip() != _cells(row)[name]}
    if what == "keep" and who.has(Role.REVIEWER):
        publicity.review_row(session, notice_id, number, {}, who)
    elif what == "review" and who.has(Role.REVIEWER):
        if not changes:
            raise BadInput("Nothing was changed; keep the row, or change a column.")
        publicity.review_row(session, notice_id, number, changes, who)
    elif what == "change" and who.has(Role.EDITOR):
        if changes:
            publicity.change_row(session, notice_id, number, changes, who)
    else:
        raise Forbidden("This is not for your role.")


def _find(session: Session, visit: Visit, notice_id: str, number: int) -> tuple[Notice, Beneficiary]:
    notice = visit.house.publicity.find(session, notice_id)
    return notice, row_changes.row_of(visit.house.publicity.work(session), notice, number)


def _cells(row: Beneficiary) -> dict[str, str]:
    return {
        "name": row.name, "phone": row.phone or "", "area": row.area, "quantity": row.quantity, "rate": row.rate,
        "amount": yuan(row.amount_cents),
    }  # fmt: skip


async def _shown(visit: Visit, notice_id: str, number: int, error: AppError | None = None) -> Response:
    notice, row = await visit.house.db.write(_looked, visit, notice_id, number)
    asked = notice.state == State.CONFIRMING.value
    return visit.render(
        "notice_row.html", status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "", wrong=problems(error, visit.say) if error else {},
        columns=COLUMNS, asked=asked, may_review=asked and visit.who.has(Role.REVIEWER),
        may_change=State(notice.state) in EDITABLE and visit.who.has(Role.EDITOR),
        given=visit.given() if error else _cells(row), notice=notice, row=row,
    )  # fmt: skip


def _looked(session: Session, visit: Visit, notice_id: str, number: int) -> tuple[Notice, Beneficiary]:
    """The row is shown whole, so the look is recorded."""
    found = _find(session, visit, notice_id, number)
    visit.house.publicity.looked(session, notice_id, number, visit.who)
    return found
