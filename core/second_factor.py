"""The second factor of signing in: one-time codes of an authenticator app (TOTP, RFC 6238) and recovery codes.

Six digits, a new code every 30 seconds, as every app knows them; the neighbouring step counts too, because clocks
differ. A code works once: the step it belongs to is kept and none at or before it is taken again (RFC 6238, 5.2).
The secret is encrypted at rest; recovery codes are kept as keyed digests only and work once each.
"""

import io
import re
import secrets
from datetime import datetime
from typing import NamedTuple

import pyotp
import segno
from sqlalchemy import Column
from sqlmodel import Field, Session, SQLModel, col, select

from core import audit
from core.audit import Actor
from core.columns import UTCDateTime
from core.crypto import EncryptedText, index
from core.errors import BadInput, Conflict
from core.ids import new_id

STEP_S = 30
"""Seconds a code stands, as authenticator apps expect."""
DIGITS = 6
DRIFT_STEPS = 1
"""Steps before and after the present one that count: a phone's clock may be half a minute off."""
RECOVERY_CODES = 10
_RECOVERY_CHARACTERS = 12
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ASIDE = re.compile(r"[\s\-]")


class SecondFactor(SQLModel, table=True):
    """An account's authenticator app. Not confirmed: begun, and asked for by nobody yet."""

    __tablename__ = "second_factor"

    account_id: str = Field(primary_key=True, foreign_key="account.id", max_length=32)
    secret: str = Field(sa_column=Column(EncryptedText("second_factor.secret"), nullable=False))
    last_step: int = 0
    begun_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class RecoveryCode(SQLModel, table=True):
    """A code for when the phone is lost. ``digest`` is all that is kept of it."""

    __tablename__ = "recovery_code"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    account_id: str = Field(foreign_key="account.id", index=True, max_length=32)
    digest: str = Field(max_length=32)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Begun(NamedTuple):
    """What an app needs: the secret to type, and the same as an ``otpauth:`` address and as a QR code (SVG)."""

    secret: str
    uri: str
    svg: str


def step_of(now: datetime) -> int:
    """The number of the 30-second step a moment lies in."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step this code belongs to, None when it is wrong, too old or was used already. Pure."""
    code = _ASIDE.sub("", code)
    if len(code) != DIGITS or not code.isascii() or not code.isdecimal():
        return None
    generator, present = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S), step_of(now)
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if step > last_step and pyotp.utils.strings_equal(generator.generate_otp(step), code):
            return step
    return None


def is_set_up(session: Session, account_id: str) -> bool:
    """Whether this account proved an app and is asked for codes."""
    found = session.get(SecondFactor, account_id)
    return found is not None and found.confirmed_at is not None


def begin(session: Session, now: datetime, account_id: str, name: str, issuer: str) -> Begun:
    """A new secret, to be proved by ``confirm``. Raises Conflict while another app is in use (``remove`` it first)."""
    found = session.get(SecondFactor, account_id)
    if found is not None and found.confirmed_at is not None:
        raise Conflict("A second factor is set up already. Take it away first.")
    secret = pyotp.random_base32()
    if found is None:
        found = SecondFactor(account_id=account_id, secret=secret, begun_at=now)
    found.secret, found.begun_at, found.last_step = secret, now, 0
    session.add(found)
    session.flush()
    return drawn(secret, name, issuer)


def pending(session: Session, account_id: str, name: str, issuer: str) -> Begun | None:
    """The secret that was begun and waits to be proved, so that a page loaded again shows the same one."""
    found = session.get(SecondFactor, account_id)
    return drawn(found.secret, name, issuer) if found and found.confirmed_at is None else None


def drawn(secret: str, name: str, issuer: str) -> Begun:
    """The secret as an address and as a QR code."""
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=name, issuer_name=issuer)
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=5, border=2, xmldecl=False, svgclass="qr", omitsize=True)
    return Begun(secret, uri, picture.getvalue().decode())


def confirm(session: Session, now: datetime, actor: Actor, account_id: str, code: str) -> list[str]:
    """The app is proved by its first code; returns the recovery codes, shown once. Raises BadInput, Conflict."""
    found = session.get(SecondFactor, account_id)
    if found is None or found.confirmed_at is not None:
        raise Conflict("There is no second factor waiting to be confirmed.")
    step = matching_step(found.secret, code, now, found.last_step)
    if step is None:
        raise BadInput("This code is not right. Is the phone's clock right?", fields={"code": "not right"})
    found.last_step, found.confirmed_at = step, now
    session.add(found)
    audit.record(session, now, actor, "account.second_factor", f"account:{account_id}", after={"set_up": True})
    return new_recovery_codes(session, now, actor, account_id)


def check(session: Session, now: datetime, account_id: str, code: str) -> bool:
    """Whether this code opens; it works once. True for an account without a second factor."""
    found = session.exec(select(SecondFactor).where(SecondFactor.account_id == account_id).with_for_update()).first()
    if found is None or found.confirmed_at is None:
        return True
    if (step := matching_step(found.secret, code, now, found.last_step)) is not None:
        found.last_step = step
        session.add(found)
        return True
    return _use_recovery(session, now, account_id, code)


def _use_recovery(session: Session, now: datetime, account_id: str, code: str) -> bool:
    kept = session.exec(
        select(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.digest == _digest(code),
            col(RecoveryCode.used_at).is_(None),
        )
        .with_for_update()
    ).first()
    if kept is None:
        return False
    kept.used_at = now
    session.add(kept)
    audit.record(session, now, Actor(account_id, "console"), "account.recovery_code", f"account:{account_id}")
    return True


def new_recovery_codes(session: Session, now: datetime, actor: Actor, account_id: str) -> list[str]:
    """Ten new codes; the former ones are worth nothing any more."""
    _forget_codes(session, account_id)
    codes = [_readable() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, digest=_digest(code)) for code in codes)
    audit.record(session, now, actor, "account.recovery_codes", f"account:{account_id}", after={"codes": len(codes)})
    session.flush()
    return codes


def codes_left(session: Session, account_id: str) -> int:
    """How many recovery codes are unused."""
    unused = select(RecoveryCode).where(RecoveryCode.account_id == account_id, col(RecoveryCode.used_at).is_(None))
    return len(session.exec(unused).all())


def remove(session: Session, now: datetime, actor: Actor, account_id: str) -> bool:
    """Forget the app and its recovery codes; False when there was none."""
    found = session.get(SecondFactor, account_id)
    if found is None:
        return False
    _forget_codes(session, account_id)
    session.delete(found)
    audit.record(session, now, actor, "account.second_factor", f"account:{account_id}", after={"set_up": False})
    session.flush()
    return True


def _forget_codes(session: Session, account_id: str) -> None:
    for kept in session.exec(select(RecoveryCode).where(RecoveryCode.account_id == account_id)):
        session.delete(kept)
    session.flush()


def _readable() -> str:
    """Twelve random characters (59 bits) in groups, without those that look alike."""
    picked = "".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_CHARACTERS))
    return "-".join(picked[start : start + 4] for start in range(0, _RECOVERY_CHARACTERS, 4))


def _digest(code: str) -> str:
    return index(_ASIDE.sub("", code).lower(), "account.recovery")
