"""Whatever our own OpenAPI document allows, and much that it does not: no call ends in a 5xx.

Each call goes to a running service over HTTP, as nobody, as an administrator who may do everything, and with what the
generator thinks up. FULL=1 tries many more.
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck

from core.audit import OPERATOR
from core.clock import system_clock
from core.db import Database
from core.ids import new_id
from core.people import Role
from core.tokens import create_token
from tests.support.postgres import drop_database, make_database
from tests.support.service import Service, serving

EXAMPLES = 60 if os.environ.get("FULL") else 2
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=not os.environ.get("FULL"),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NEVER_ENDS = frozenset({"/chat/stream", "/console/live"})
"""Streams: they answer for as long as somebody listens."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, str]]:
    """A running service with limits out of the way, and a token for every role but reviewer."""
    folder = tmp_path_factory.mktemp("fuzz")
    server, name = "", f"fuzz_{new_id()}"
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "sunline.db")
        url = f"sqlite:///{folder / 'sunline.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = make_database(server, name, request.getfixturevalue("postgres_template"))
    db = Database(url)
    roles = [role for role in Role if role is not Role.REVIEWER]
    token = db.write_now(create_token, system_clock(), OPERATOR, "fuzzer", roles)
    db.close()
    generous = {"SUNLINE_DATABASE_POOL": "16", "SUNLINE_LIMIT_ASK": "100000", "SUNLINE_LIMIT_LOOKUP": "100000"}
    with serving(folder, "serve", "--with-worker", SUNLINE_DATABASE_URL=url, **generous) as running:
        yield running, token
    if server:
        drop_database(server, name)


def _try(operation: Any, url: str, token: str) -> None:
    """Call one operation with whatever the generator thinks up; raises AssertionError for what must not be."""

    @SETTINGS
    @hypothesis.given(case=operation.as_strategy())
    def calls(case: Any) -> None:
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            answer = case.call(base_url=url, headers=headers, timeout=20)
            assert answer.status_code < 500, f"{answer.status_code} {answer.text[:500]}"
            if answer.status_code >= 400 and operation.path.startswith("/api/"):
                assert set(answer.json()) >= {"error", "detail"}, answer.text[:500]

    calls()


@pytest.mark.timeout(1800)
def test_no_call_ends_in_a_5xx_and_every_refusal_has_name_and_sentence(service: tuple[Service, str]) -> None:
    running, token = service
    document = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    failed, tried = {}, 0
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.path in NEVER_ENDS:
            continue
        tried += 1
        try:
            _try(operation, running.url, token)
        except AssertionError as error:
            failed[operation.label] = str(error)[:800]
    assert not failed, "\n".join(f"{call}: {why}" for call, why in failed.items())
    assert tried > 100


def test_the_service_is_well_afterwards_and_its_log_has_no_traceback(service: tuple[Service, str]) -> None:
    assert httpx.get(f"{service[0].url}/readyz").status_code == 200
    assert "Traceback" not in service[0].log.read_text("utf-8")
