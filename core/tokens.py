"""API tokens: shown once, kept as digests, limited in roles, unit and time."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from core.audit import Actor, record
from core.auth import ApiToken, Principal, check_name, known_roles
from core.errors import BadInput, Conflict, NotFound
from core.ids import new_secret
from core.people import Role


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    session: Session,
    now: datetime,
    actor: Actor,
    name: str,
    roles: Collection[str],
    *,
    person_id: str | None = None,
    unit_id: str | None = None,
    expires_at: datetime | None = None,
    secret: str | None = None,
) -> str:
    """A new API token, shown once. One without a person may not both write and approve.

    ``secret`` is for the demo, whose tokens are the same at each start; otherwise it is random.
    """
    name, checked = check_name(name), known_roles(roles)
    if not checked:
        raise BadInput("A token needs at least one role.", fields={"roles": "missing"})
    if person_id is None and {Role.EDITOR, Role.REVIEWER} <= set(checked):
        raise BadInput(
            "A token without a person may not be both editor and reviewer: name the person with --person.",
            fields={"roles": "editor and reviewer"},
        )
    secret = secret or f"sun_{new_secret()}"
    token = ApiToken(
        digest=_digest(secret),
        name=name,
        roles=checked,
        person_id=person_id,
        unit_id=unit_id,
        expires_at=expires_at,
        created_at=now,
    )
    session.add(token)
    session.flush()
    record(session, now, actor, "token.create", f"token:{token.id}", after={"name": name, "roles": checked})
    return secret


def by_token(session: Session, now: datetime, secret: str) -> Principal | None:
    """Who holds this token, None when unknown, revoked or expired."""
    token = session.exec(select(ApiToken).where(ApiToken.digest == _digest(secret))).first()
    if token is None or token.revoked or (token.expires_at and token.expires_at <= now):
        return None
    return Principal(
        ref=token.id,
        name=token.name,
        roles=frozenset(Role(role) for role in token.roles),
        via="api",
        person_id=token.person_id,
        unit_id=token.unit_id,
    )


def revoke_token(session: Session, now: datetime, actor: Actor, token_id: str) -> None:
    """Make a token useless from now on."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound("There is no such token.")
    token.revoked = True
    session.add(token)
    record(session, now, actor, "token.revoke", f"token:{token_id}")


def tokens(session: Session) -> list[ApiToken]:
    """Every token, by name."""
    return list(session.exec(select(ApiToken).order_by(col(ApiToken.name), col(ApiToken.id))))


def state_of(token: ApiToken, now: datetime) -> str:
    """active, revoked or expired."""
    if token.revoked:
        return "revoked"
    return "expired" if token.expires_at and token.expires_at <= now else "active"


def revoke_named(session: Session, now: datetime, actor: Actor, wanted: str) -> str:
    """Revoke by id, or by name when exactly one active token bears it; returns its name. NotFound, Conflict."""
    token = session.get(ApiToken, wanted)
    if token is None:
        named = session.exec(select(ApiToken).where(ApiToken.name == wanted, col(ApiToken.revoked).is_(False))).all()
        if len(named) > 1:
            raise Conflict(f"{len(named)} tokens are named {wanted!r}: name the id that `token list` shows.")
        token = named[0] if named else None
    if token is None:
        raise NotFound(f"There is no token {wanted!r}.")
    revoke_token(session, now, actor, token.id)
    return token.name
