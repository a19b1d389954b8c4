"""The whole application, built as `sunline` builds it but not running, over a database of its own."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI

import main
from bot.house import House
from core.config import load_settings
from tests.conftest import SECRET


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The trial's house: it has every page there is, the pretend phones too."""
    path = tmp_path_factory.mktemp("house") / "sunline.db"
    path.write_bytes(sqlite_template.read_bytes())
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)
        patch.setenv("SUNLINE_DEMO", "1")
        settings = load_settings(
            secret_key=SECRET, database_url=f"sqlite:///{path}", data_dir=path.parent, channels="webchat,phone"
        )
        house = main.build_house(settings)
    yield house
    house.db.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def application(house: House) -> FastAPI:
    """The web application of the house."""
    return main.create_app(house, with_worker=False)
