"""Another system calls a running service through the client that is generated from our own OpenAPI document."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.audit import OPERATOR
from core.clock import system_clock
from core.db import Database
from core.tokens import create_token
from tests.support.service import PROGRAM, environment, serving
from tools.make_client import formatted, source

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 2_000_000
ROLES = {"office": ["admin"], "agent": ["agent"], "editor": ["editor"], "app": ["sender"]}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's file, made from this version's document."""
    folder = tmp_path_factory.mktemp("client")
    # In a process of its own: building the service sets up logging, which other tests listen to.
    said = subprocess.run([PROGRAM, "openapi"], env=environment(folder), capture_output=True, text=True, check=True)
    text = formatted(source(json.loads(said.stdout)))
    path = folder / "sunline_client.py"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def client(generated: Path) -> ModuleType:
    """The client, imported."""
    spec = importlib.util.spec_from_file_location("sunline_client", generated)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A running service and a token for each kind of caller."""
    shutil.copy(sqlite_template, tmp_path / "sunline.db")
    db = Database(f"sqlite:///{tmp_path / 'sunline.db'}")
    tokens = {name: db.write_now(create_token, system_clock(), OPERATOR, name, roles) for name, roles in ROLES.items()}
    db.close()
    with serving(tmp_path) as service:
        yield service.url, tokens


def test_every_call_is_typed(generated: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", generated], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_a_matter_an_entry_and_a_refusal_through_the_client(
    url: tuple[str, dict[str, str]], client: ModuleType
) -> None:
    address, tokens = url
    anyone: Any = client.Client(address)
    made = anyone.tickets.open_ticket(
        {"kind": "complaint", "text": "西河村口路灯坏了三天", "phone": "+12025550133"}, idempotency_key="a1"
    )
    again = anyone.tickets.open_ticket(
        {"kind": "complaint", "text": "西河村口路灯坏了三天", "phone": "+12025550133"}, idempotency_key="a1"
    )
    assert made == again
    anyone.tickets.add_file(made["number"], {"code": made["code"]}, PNG, "路灯.png")
    shown = anyone.tickets.follow(made["number"], code=made["code"])
    assert shown["state"] == "submitted"
    with pytest.raises(client.ApiError) as refused:
        anyone.tickets.follow(made["number"], code="000000" if made["code"] != "000000" else "111111")
    assert (refused.value.status, refused.value.error) == (404, "NotFound")
    with pytest.raises(client.ApiError) as refused:
        anyone.tickets.open_ticket({"kind": "complaint", "text": ""})
    assert "text" in refused.value.fields

    agent: Any = client.Client(address, tokens["agent"])
    queue = agent.staff_tickets.queue(state="submitted")
    assert [row["number"] for row in queue["items"]] == [made["number"]]
    assert agent.stats.as_csv().startswith(b"\xef\xbb\xbf")

    with pytest.raises(client.ApiError) as refused:
        client.Client(address, "wrong").staff_tickets.queue()
    assert refused.value.status == 401


def test_an_address_without_a_scheme_is_refused(client: ModuleType) -> None:
    with pytest.raises(ValueError, match="https"):
        client.Client("sunline.example")
