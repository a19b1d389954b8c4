"""Accounts and API tokens (账号和令牌): add, other roles, reset, disable with what is to be handed over, revoke."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from bot.console.desk import Console, Visit, problem, problems
from bot.house import House
from bot.leaving import disable_account
from bot.people_routes import other
from core import auth, tokens, units
from core.auth import ApiToken
from core.errors import AppError, BadInput
from core.passwords import OneTime
from core.people import Person, Role
from core.second_factor import is_set_up

PATH = "/console/accounts"
_MOST_DAYS = 3650
Shown = dict[str, Any]
"""What the page shows at once: a password or a token (only now), what is to be handed over."""


def build_router(console: Console) -> APIRouter:
    """``/console/accounts``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)
    house = console.house
    admin = console.needs(Role.ADMIN)

    @router.get("")
    async def accounts(visit: Annotated[Visit, admin]) -> Response:
        return await _page(visit)

    @router.post("/{what}")
    async def act(visit: Annotated[Visit, admin], what: str) -> Response:
        """What the button says. Passwords and tokens are shown once, on this very page."""
        made = await house.entrance.one_time() if what in {"add", "reset"} else None
        try:
            if what not in ACTS:
                raise BadInput("There is no such step.")
            shown = await house.db.write(ACTS[what], house, visit, made)
        except AppError as error:
            return await _page(visit, error=error, at=what)
        return await _page(visit, shown=shown) if shown else visit.go(PATH, f"account.done_{what}")

    return router


def _add(session: Session, house: House, visit: Visit, made: OneTime | None) -> Shown:
    name, roles = visit.text("name").strip(), visit.texts("roles")
    if not roles:
        raise BadInput("Choose at least one role.", fields={"roles": "missing"})
    auth.add_account(
        session, house.clock(), visit.who.actor, name, roles, password=made,
        person_id=other(session, visit.text("person"), "person"), unit_id=_unit(session, visit),
    )  # fmt: skip
    return {"secret": made.plain if made else "", "secret_of": name, "what": "password"}


def _unit(session: Session, visit: Visit) -> str | None:
    return units.unit_by_id(session, visit.text("unit")).id if visit.text("unit") else None


def _roles(session: Session, house: House, visit: Visit, _made: OneTime | None) -> Shown:
    auth.change_roles(session, house.clock(), visit.who.actor, visit.text("name"), visit.texts("roles"))
    return {}


def _reset(session: Session, house: House, visit: Visit, made: OneTime | None) -> Shown:
    once = auth.reset_password(session, house.clock(), visit.who.actor, visit.text("name"), made)
    return {"secret": once, "secret_of": visit.text("name"), "what": "password"}


def _disable(session: Session, house: House, visit: Visit, _made: OneTime | None) -> Shown:
    held = disable_account(session, house.clock(), visit.who.actor, visit.text("name"))
    return {"held": held} if held else {}


def _token(session: Session, house: House, visit: Visit, _made: OneTime | None) -> Shown:
    days, now = visit.text("days").strip(), house.clock()
    if days and not (days.isdecimal() and 1 <= int(days) <= _MOST_DAYS):
        raise BadInput("Days are a number.", fields={"days": "does not fit"})
    name = visit.text("name").strip()
    secret = tokens.create_token(
        session, now, visit.who.actor, name, visit.texts("roles"),
        person_id=other(session, visit.text("person"), "person"), unit_id=_unit(session, visit),
        expires_at=now + timedelta(days=int(days)) if days else None,
    )  # fmt: skip
    return {"secret": secret, "secret_of": name, "what": "token"}


def _revoke(session: Session, house: House, visit: Visit, _made: OneTime | None) -> Shown:
    tokens.revoke_token(session, house.clock(), visit.who.actor, visit.text("token"))
    return {}


ACTS = {"add": _add, "roles": _roles, "reset": _reset, "disable": _disable, "token": _token, "revoke": _revoke}


async def _page(visit: Visit, *, error: AppError | None = None, at: str = "", shown: Shown | None = None) -> Response:
    house = visit.house

    def work(session: Session) -> dict[str, Any]:
        return {
            "rows": [_row(session, account) for account in auth.accounts(session)],
            "tokens": [(token, tokens.state_of(token, house.clock())) for token in _newest(session)],
            "units": [(unit.id, unit.name) for unit in units.find_units(session, active=True)],
        }

    return visit.render(
        "accounts.html",
        status=error.status if error else 200,
        problem=problem(error, visit.say) if error else "",
        wrong=problems(error, visit.say) if error else {},
        given=visit.given() if error else {},
        roles_given=visit.texts("roles") if error else [],
        at=at,
        shown=shown or {},
        all_roles=list(Role),
        now=house.clock(),
        **await house.db.read(work),
    )


def _newest(session: Session) -> list[ApiToken]:
    return sorted(tokens.tokens(session), key=lambda token: (token.revoked, token.name))


def _row(session: Session, account: auth.Account) -> dict[str, Any]:
    person = session.get(Person, account.person_id) if account.person_id else None
    return {"account": account, "person": person, "second_factor": is_set_up(session, account.id)}
