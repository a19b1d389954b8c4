"""``sunline init``, ``token`` and ``account``: who may sign in and which programs may call."""

from datetime import timedelta
from typing import Annotated

import typer
from sqlmodel import Session, select

from bot.cli.base import Build, opened, out, print_alone
from bot.leaving import disable_account
from core import auth, schema
from core import tokens as tokens_of
from core.audit import OPERATOR
from core.errors import NotFound
from core.people import Person, Role, Unit

Roles = Annotated[list[str], typer.Option("--role", help=f"One of: {', '.join(Role)}. May be repeated.")]


def commands(app: typer.Typer, build: Build) -> None:
    """Add the commands to ``app``."""
    tokens, accounts = typer.Typer(help="API tokens."), typer.Typer(help="People who sign in.")
    app.add_typer(tokens, name="token", no_args_is_help=True)
    app.add_typer(accounts, name="account", no_args_is_help=True)

    @app.command()
    def init(admin: Annotated[str, typer.Option("--admin", help="Name of the first account.")]) -> None:
        """Create the tables and the first account; prints its one-time password."""
        with opened(build) as house:
            schema.upgrade(house.db)
            _, once = house.db.write_now(auth.add_account, house.clock(), OPERATOR, admin, [Role.ADMIN])
            out.print(f"Account {admin} is there. One-time password, to be changed at the first sign-in:")
            print_alone(once)

    @tokens.command("create")
    def token_create(
        name: str,
        role: Roles,
        person: Annotated[str | None, typer.Option(help="Id or staff number of the person behind it.")] = None,
        unit: Annotated[str | None, typer.Option(help="Id or name of the unit it is limited to.")] = None,
        expires: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it ends.")] = None,
    ) -> None:
        """Create an API token; it is shown once, alone on the last line."""
        with opened(build) as house:
            now = house.clock()

            def create(session: Session) -> str:
                return tokens_of.create_token(
                    session,
                    now,
                    OPERATOR,
                    name,
                    role,
                    person_id=_person(session, person),
                    unit_id=_unit(session, unit),
                    expires_at=now + timedelta(days=expires) if expires else None,
                )

            print_alone(house.db.write_now(create))

    _more_tokens(tokens, build)
    _add_accounts(accounts, build)


def _add_accounts(accounts: typer.Typer, build: Build) -> None:
    @accounts.command("add")
    def account_add(
        name: str,
        role: Roles,
        person: Annotated[str | None, typer.Option(help="Id or staff number of the person who signs in.")] = None,
        unit: Annotated[str | None, typer.Option(help="Id or name of the unit it is limited to.")] = None,
    ) -> None:
        """Add an account; prints its one-time password alone on the last line."""
        with opened(build) as house:

            def add(session: Session) -> str:
                return auth.add_account(
                    session,
                    house.clock(),
                    OPERATOR,
                    name,
                    role,
                    person_id=_person(session, person),
                    unit_id=_unit(session, unit),
                )[1]

            print_alone(house.db.write_now(add))

    @accounts.command("disable")
    def account_disable(name: str) -> None:
        """Disable an account: sessions, its person's tokens and chat links end at once. Lists what they still hold."""
        with opened(build) as house:
            held = house.db.write_now(disable_account, house.clock(), OPERATOR, name)
            out.print(f"Account {name} is disabled.")
            for what, numbers in (("matters", held.matters), ("documents", held.documents)):
                if numbers:
                    out.print(f"Open {what} to hand over ({len(numbers)}): {', '.join(numbers)}")

    @accounts.command("reset")
    def account_reset(name: str) -> None:
        """Give an account a new one-time password, unlock it and take its second factor away."""
        with opened(build) as house:
            print_alone(house.db.write_now(auth.reset_password, house.clock(), OPERATOR, name))

    @accounts.command("list")
    def account_list() -> None:
        """Show every account with its roles."""
        with opened(build) as house:
            for account in house.db.read_now(auth.accounts):
                state = "disabled" if account.disabled else "active"
                out.print(f"{account.name}\t{state}\t{', '.join(account.roles)}")


def _more_tokens(tokens: typer.Typer, build: Build) -> None:
    @tokens.command("list")
    def token_list() -> None:
        """Show every token with its id, state, roles and end."""
        with opened(build) as house:
            for token in house.db.read_now(tokens_of.tokens):
                state = tokens_of.state_of(token, house.clock())
                ends = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no end"
                out.print(f"{token.id}\t{token.name}\t{state}\t{', '.join(token.roles)}\t{ends}")

    @tokens.command("revoke")
    def token_revoke(
        token: Annotated[str, typer.Argument(help="Its id or its name; `token list` shows both.")],
    ) -> None:
        """Make a token useless from now on."""
        with opened(build) as house:
            found = house.db.write_now(tokens_of.revoke_named, house.clock(), OPERATOR, token)
            out.print(f"Token {found} is revoked.")


def _person(session: Session, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    found = session.get(Person, wanted) or session.exec(select(Person).where(Person.staff_no == wanted)).first()
    if found is None:
        raise NotFound(f"There is no person {wanted!r}.")
    return found.id


def _unit(session: Session, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    found = session.get(Unit, wanted) or session.exec(select(Unit).where(Unit.name == wanted)).first()
    if found is None:
        raise NotFound(f"There is no unit {wanted!r}.")
    return found.id
