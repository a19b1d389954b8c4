"""API tokens: shown once, limited in roles, unit and time."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import tokens
from core.audit import OPERATOR, AuditEntry
from core.auth import ApiToken
from core.clock import ManualClock
from core.db import Database
from core.errors import BadInput, NotFound
from core.people import Person, Role, Unit


def _someone(session: Session, clock: ManualClock) -> tuple[str, str]:
    unit = Unit(name="城管局")
    session.add(unit)
    session.flush()
    person = Person(name="示例甲", unit_id=unit.id, created_at=clock())
    session.add(person)
    session.flush()
    return person.id, unit.id


async def test_a_token_says_who_holds_it_and_what_they_may(db: Database, clock: ManualClock) -> None:
    person, unit = await db.write(_someone, clock)
    secret = await db.write(
        tokens.create_token, clock(), OPERATOR, "kiosk", ["handler", "editor", "editor"], person_id=person,
        unit_id=unit,
    )  # fmt: skip
    principal = await db.read(tokens.by_token, clock(), secret)
    assert principal is not None
    assert (principal.name, principal.roles, principal.via) == ("kiosk", {Role.HANDLER, Role.EDITOR}, "api")
    assert (principal.identity, principal.unit_id) == (person, unit)
    assert principal.csrf == ""


async def test_a_token_without_a_person_stands_for_itself(sqlite_db: Database, clock: ManualClock) -> None:
    made = [
        await sqlite_db.write(tokens.create_token, clock(), OPERATOR, "x", [role]) for role in ("editor", "reviewer")
    ]
    found = [await sqlite_db.read(tokens.by_token, clock(), secret) for secret in made]
    assert len({principal.identity for principal in found if principal}) == 2


async def test_the_secret_is_kept_only_as_a_digest_and_never_in_the_trail(db: Database, clock: ManualClock) -> None:
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "kiosk", ["sender"])
    kept = await db.read(lambda s: (s.exec(select(ApiToken)).one(), s.exec(select(AuditEntry)).one()))
    assert secret not in str([row.model_dump() for row in kept])
    assert kept[1].action == "token.create"


@pytest.mark.parametrize(
    ("roles", "named"), [([], "role"), (["emperor"], "emperor"), (["editor", "reviewer"], "--person")]
)
async def test_a_token_that_could_not_be_right_is_refused(
    roles: list[str], named: str, sqlite_db: Database, clock: ManualClock
) -> None:
    with pytest.raises(BadInput, match=named):
        await sqlite_db.write(tokens.create_token, clock(), OPERATOR, "x", roles)


async def test_who_has_a_person_may_write_and_approve_with_one_token(db: Database, clock: ManualClock) -> None:
    person, _ = await db.write(_someone, clock)
    roles = ["editor", "reviewer"]
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "x", roles, person_id=person)
    assert await db.read(tokens.by_token, clock(), secret) is not None


@pytest.mark.parametrize("name", ["", "x" * 61])
async def test_a_token_s_name_too_long_once_broke_postgresql(name: str, db: Database, clock: ManualClock) -> None:
    with pytest.raises(BadInput) as refused:
        await db.write(tokens.create_token, clock(), OPERATOR, name, ["sender"])
    assert "name" in refused.value.fields


async def test_a_token_ends_at_its_time_and_not_before(db: Database, clock: ManualClock) -> None:
    ends = clock() + timedelta(days=1)
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "x", ["sender"], expires_at=ends)
    assert await db.read(tokens.by_token, ends - timedelta(seconds=1), secret) is not None
    assert await db.read(tokens.by_token, ends, secret) is None


async def test_a_revoked_token_is_worth_nothing(db: Database, clock: ManualClock) -> None:
    secret = await db.write(tokens.create_token, clock(), OPERATOR, "x", ["sender"])
    principal = await db.read(tokens.by_token, clock(), secret)
    assert principal is not None
    await db.write(tokens.revoke_token, clock(), OPERATOR, principal.ref)
    assert await db.read(tokens.by_token, clock(), secret) is None
    with pytest.raises(NotFound):
        await db.write(tokens.revoke_token, clock(), OPERATOR, "nothing")


@pytest.mark.parametrize("secret", ["", "sun_", "sun_x", "示例"])
async def test_what_is_no_token_is_nobody(secret: str, sqlite_db: Database, clock: ManualClock) -> None:
    assert await sqlite_db.read(tokens.by_token, clock(), secret) is None
