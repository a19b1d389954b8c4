"""One service for each kind of database, shared by the journeys: starting one takes seconds."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.db import Database
from core.ids import new_id
from tests.fakes.telegram import FakeTelegram
from tests.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, FakeTwilio
from tests.journeys.town import WEBHOOK_SECRET, Town, database_settings, furnish, telegram_settings
from tests.support.background import Background
from tests.support.postgres import drop_database, make_database
from tests.support.service import Service


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """Where the stand-ins live."""
    with Background() as background:
        yield background


@contextlib.contextmanager
def furnished(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Database]:
    """A database with a small knowledge base, opened beside the service that uses it."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "sunline.db")
        db = Database(f"sqlite:///{folder / 'sunline.db'}")
        furnish(db)
        yield db
        db.close()
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"town_{new_id()}"
    db = Database(make_database(server, name, template))
    furnish(db)
    yield db
    db.close()
    drop_database(server, name)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which kind of database the service runs on; every journey is made on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def town_db(request: pytest.FixtureRequest, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The database of the shared service."""
    with furnished(request, kind, tmp_path_factory.mktemp("town")) as db:
        yield db


@pytest.fixture(scope="session")
def town(town_db: Database, background: Background, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A real ``sunline serve`` with SMS, Telegram by webhook and web chat, on each kind of database."""
    twilio, telegram = background.enter(FakeTwilio()), background.enter(FakeTelegram())
    folder: Path = tmp_path_factory.mktemp("serve")
    service = Service(
        folder,
        "serve",
        "--with-worker",
        SUNLINE_PUBLIC_URL="{url}",
        SUNLINE_LOG_LEVEL="DEBUG",
        SUNLINE_LIMIT_ASK="600",
        TWILIO_ACCOUNT_SID=ACCOUNT_SID,
        TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        TWILIO_FROM=NUMBER,
        TWILIO_API_BASE=twilio.url,
        TWILIO_SEGMENTS_PER_SECOND="200",
        **telegram_settings(telegram, TELEGRAM_WEBHOOK_SECRET=WEBHOOK_SECRET),
        **database_settings(town_db),
    )
    twilio.webhook_url = f"{service.url}/hooks/twilio"
    service.start()
    with httpx.Client(base_url=service.url, timeout=30) as web:
        yield Town(service, town_db, background, twilio, telegram, web)
    if service.running:
        service.stop()
