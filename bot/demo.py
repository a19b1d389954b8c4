"""The trial that ``make demo`` starts: all alive on loopback, with made-up logins and a pretend phone network.

Nothing real can be reached from it: a configured provider is a start-up error. Passwords and the token derive from
a secret kept beside the database, so the same ones are printed at each start.
"""

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from dotenv import dotenv_values
from sqlmodel import Session, select

from bot import demo_documents, demo_matters
from bot.hotline.office import OfficeFacts
from bot.house import House
from core import auth, tokens
from core.audit import OPERATOR
from core.auth import Account, Principal
from core.crypto import derive
from core.errors import StartupError
from core.people import Role, Unit
from notify.outbox.service import Outbox
from notify.reception.days import Leader, Pattern, Slot
from notify.reception.service import Reception

CHANNELS = "webchat,phone"
ROLES: dict[str, tuple[Role, ...]] = {
    "admin": (Role.ADMIN,),
    "agent": (Role.AGENT,),
    "handler": (Role.HANDLER, Role.OFFICIAL),
    "supervisor": (Role.SUPERVISOR,),
    "editor": (Role.EDITOR,),
    "reviewer": (Role.REVIEWER,),
}
UNITS = ("城管局", "农业农村局", "人力资源和社会保障局", "示例镇人民政府", "水务局", "教育局", "热线中心")
PERSONS = {"handler": "示例甲", "agent": "示例壬", "supervisor": "示例未"}
"""Which made-up person signs in as what; the others act for nobody but themselves."""


@dataclass(frozen=True, slots=True)
class Login:
    """A made-up account of the demo."""

    name: str
    password: str
    token: str


def settings_given() -> dict[str, str]:
    """What the operator has set, in the environment or in ``.env``."""
    given = (*dotenv_values(".env").items(), *os.environ.items())
    return {name: value for name, value in given if value}


def check_environment(environ: dict[str, str]) -> None:
    """Raises StartupError when a real provider is configured: the demo must not reach anybody."""
    for setting in ("TELEGRAM_BOT_TOKEN", "TWILIO_ACCOUNT_SID", "SUNLINE_PUSH_TARGETS", "SUNLINE_DATABASE_URL"):
        if environ.get(setting):
            raise StartupError(f"{setting} is set: the demo runs without any real channel or database. Unset it.")


def prepare(folder: Path, *, fresh: bool) -> str:
    """The demo's folder and its secret; ``fresh`` forgets what was there before."""
    if fresh:
        for old in folder.glob("sunline.db*"):
            old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "secret"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


def environment(folder: Path, secret: str, host: str, port: int) -> None:
    """Settings of the demo, for this process and those it starts."""
    os.environ |= {
        "SUNLINE_DATABASE_URL": f"sqlite:///{folder / 'sunline.db'}",
        "SUNLINE_SECRET_KEY": secret,
        "SUNLINE_DATA_DIR": str(folder),
        "SUNLINE_CHANNELS": CHANNELS,
        "SUNLINE_HOST": host,
        "SUNLINE_PORT": str(port),
        "SUNLINE_DEMO": "1",
        "SUNLINE_TOTP_ROLES": os.environ.get("SUNLINE_TOTP_ROLES", ""),
    }


def logins(secret: str) -> list[Login]:
    """The made-up logins, the same at each start."""
    return [Login(name, _short(secret, f"password:{name}"), _long(secret, f"token:{name}")) for name in ROLES]


def furnish(session: Session, now: datetime, made_up: list[Login]) -> bool:
    """Units, accounts and tokens; False when they were there already."""
    if session.exec(select(Account).limit(1)).first():
        return False
    units = [Unit(name=name) for name in UNITS]
    session.add_all(units)
    session.flush()
    persons = demo_matters.people(session, now)
    for login in made_up:
        person = persons.get(PERSONS.get(login.name, ""))
        unit_id = units[0].id if login.name == "handler" else None
        person_id = person.id if person else None
        auth.add_account(
            session,
            now,
            OPERATOR,
            login.name,
            ROLES[login.name],
            password=login.password,
            person_id=person_id,
            unit_id=unit_id,
        )
        tokens.create_token(
            session,
            now,
            OPERATOR,
            login.name,
            ROLES[login.name],
            person_id=person_id,
            unit_id=unit_id,
            secret=login.token,
        )
    return True


def tell_stories(session: Session, now: datetime, outbox: Outbox, office: OfficeFacts) -> int:
    """Matters of the past weeks in every state, and telephones for the staff; returns how many matters."""
    told = demo_matters.matters(session, now, outbox, office)
    demo_matters.telephones(session, now)
    return told


def past_month(session: Session, house: House) -> None:
    """Documents that were signed, or wait to be, and what people asked."""
    now = house.clock()
    demo_documents.documents(session, now, house.outbox, house.channels, house.signoff.office)
    demo_documents.questions(session, now)


def receive(session: Session, reception: Reception) -> None:
    """Reception days that can be booked: the 15th of each month, and each Wednesday besides."""
    leaders = (Leader(name="示例庚", post="局长"), Leader(name="示例辛", post="副局长"))
    slots = tuple(Slot(begins=time(hour), ends=time(hour + 1), places=4) for hour in (9, 10, 11))
    who = Principal(ref="demo", name="示例甲", roles=frozenset({Role.ADMIN}), via="cli")
    held = reception.rules(session)
    pattern = Pattern(days_of_month=(15,), weekdays=(3,))
    rules = held.rules.model_copy(update={"regular": pattern, "leaders": leaders, "slots": slots})
    reception.lay_down(session, held.version, rules, who)


def _short(secret: str, purpose: str) -> str:
    return base64.b32encode(derive(secret, purpose))[:12].decode().lower()


def _long(secret: str, purpose: str) -> str:
    return "sun_demo_" + base64.urlsafe_b64encode(derive(secret, purpose)).decode().rstrip("=")
