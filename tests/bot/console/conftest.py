"""The trial's house, furnished, with its web application: what the console's pages are called on."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

import main
from bot import demo
from bot.house import House
from core import schema
from core.config import load_settings
from tests.conftest import SECRET

LOGINS = {login.name: login for login in demo.logins(SECRET)}
Staff = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]
"""A browser in which one of the trial's accounts signed in."""


@contextmanager
def _built(folder: Path) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SUNLINE_DEMO", "1")
        url = f"sqlite:///{folder / 'sunline.db'}"
        settings = load_settings(
            secret_key=SECRET, database_url=url, data_dir=folder, channels="webchat,phone", totp_roles=""
        )
        built = main.build_house(settings)
    yield built
    built.db.close()


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trial's database as it is after its first start: people, logins, made-up matters."""
    folder = tmp_path_factory.mktemp("furnished")
    with _built(folder) as built:
        schema.upgrade(built.db)
        built.db.write_now(demo.furnish, built.clock(), list(LOGINS.values()))
        built.db.write_now(demo.tell_stories, built.clock(), built.outbox, built.hotline.office)
    return folder / "sunline.db"


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """The trial's house over a copy of that database."""
    (tmp_path / "sunline.db").write_bytes(furnished.read_bytes())
    with _built(tmp_path) as built:
        yield built


@pytest.fixture
def app(house: House) -> FastAPI:
    """Its web application."""
    return main.create_app(house, with_worker=False)


@pytest.fixture
def staff(app: FastAPI) -> Staff:
    """Opens a browser for one of the trial's accounts."""

    @asynccontextmanager
    async def browser(who: str) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000", headers={"accept": "text/html"}
        ) as client:
            form = {"name": who, "password": LOGINS[who].password}
            signed_in = await client.post("/console/sign-in", data=form)
            assert signed_in.status_code == 303
            yield client

    return browser
