"""``sunline init``, ``token`` and ``account``: the first account, one-time passwords, the last administrator."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from core import tokens
from core.clock import system_clock
from core.db import Database
from core.entrance import Entrance
from tests.cli.conftest import Operator
from tests.support.service import PROGRAM, environment


def test_the_installed_program_makes_the_tables_and_the_first_account(tmp_path: Path) -> None:
    """The one test with the script itself; the others run the same command line without its long start."""
    done = subprocess.run(
        [PROGRAM, "init", "--admin", "boss"],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    once = done.stdout.splitlines()[-1]
    assert " " not in once
    db = Database(f"sqlite:///{tmp_path / 'sunline.db'}")
    try:
        entered = asyncio.run(Entrance(db, system_clock).sign_in("boss", once))
        assert entered.principal.must_change
    finally:
        db.close()
    assert os.listdir(tmp_path) != []


def _database(operator: Operator) -> Database:
    return Database(operator.settings.get("SUNLINE_DATABASE_URL", f"sqlite:///{operator.folder / 'sunline.db'}"))


def test_the_help_lists_the_commands_of_the_contract(bare: Operator) -> None:
    said = bare.types("--help").out
    for command in ("serve", "worker", "demo", "init", "token", "account", "db", "faq", "openapi", "doctor"):
        assert command in said


def test_a_second_first_account_of_the_same_name_is_refused(office: Operator) -> None:
    assert office.types("init", "--admin", "boss").code == 0
    again = office.types("init", "--admin", "boss")
    assert again.code == 1
    assert "already an account named 'boss'" in again.err


def test_a_token_is_alone_on_the_last_line_and_opens_the_api(either: Operator) -> None:
    done = either.types("token", "create", "kiosk", "--role", "editor", "--role", "sender", "--expires", "30")
    assert done.code == 0
    db = _database(either)
    try:
        principal = db.read_now(tokens.by_token, system_clock(), done.last)
        assert principal is not None
        assert (principal.name, principal.roles) == ("kiosk", {"editor", "sender"})
    finally:
        db.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x", "--role", "emperor"], "'emperor' is not a role"),
        (["x", "--role", "editor", "--role", "reviewer"], "--person"),
        (["x", "--role", "editor", "--person", "nobody"], "no person 'nobody'"),
        (["x", "--role", "editor", "--unit", "[/nowhere]"], "no unit '[/nowhere]'"),
        (["x" * 61, "--role", "editor"], "1 to 60"),
    ],
)
def test_a_token_that_could_not_be_right_is_refused_with_a_sentence(
    arguments: list[str], sentence: str, office: Operator
) -> None:
    done = office.types("token", "create", *arguments)
    assert done.code == 1
    assert sentence in done.err
    assert done.out == ""


@pytest.mark.parametrize("arguments", [["x"], [], ["x", "--role", "editor", "--expires", "0"]])
def test_a_command_typed_wrongly_is_told_how_to_type_it(arguments: list[str], office: Operator) -> None:
    assert office.types("token", "create", *arguments).code == 2


def test_accounts_are_added_listed_reset_and_disabled(either: Operator) -> None:
    once = either.types("init", "--admin", "boss").last
    other = either.types("account", "add", "[bold]anna", "--role", "editor").last
    assert len({once, other}) == 2
    reset = either.types("account", "reset", "[bold]anna")
    assert (reset.code, reset.last not in {once, other}) == (0, True)
    assert either.types("account", "disable", "[bold]anna").code == 0
    listed = [line.split() for line in either.types("account", "list").out.splitlines()]
    assert listed == [["[bold]anna", "disabled", "editor"], ["boss", "active", "admin"]]


def test_tokens_are_listed_and_revoked_by_name_or_id(office: Operator) -> None:
    for _ in range(2):
        office.types("token", "create", "kiosk", "--role", "sender")
    office.types("token", "create", "script", "--role", "editor", "--expires", "3")
    assert office.types("token", "revoke", "script").code == 0
    doubtful = office.types("token", "revoke", "kiosk")
    assert (doubtful.code, "2 tokens" in doubtful.err) == (1, True)
    listed = [line.split() for line in office.types("token", "list").out.splitlines()]
    assert office.types("token", "revoke", listed[0][0]).code == 0
    states = [line.split()[1:3] for line in office.types("token", "list").out.splitlines()]
    assert sorted(states) == [["kiosk", "active"], ["kiosk", "revoked"], ["script", "revoked"]]
    assert office.types("token", "revoke", "nobody").code == 1


def test_the_last_administrator_is_protected(office: Operator) -> None:
    office.types("init", "--admin", "boss")
    office.types("account", "add", "anna", "--role", "editor")
    refused = office.types("account", "disable", "boss")
    assert refused.code == 1
    assert "last administrator" in refused.err
    office.types("account", "add", "second", "--role", "admin")
    assert office.types("account", "disable", "boss").code == 0


@pytest.mark.parametrize("arguments", [["disable", "nobody"], ["reset", "nobody"], ["add", "", "--role", "editor"]])
def test_an_account_that_is_not_there_is_a_sentence(arguments: list[str], office: Operator) -> None:
    done = office.types("account", *arguments)
    assert done.code == 1
    assert done.err.count("\n") <= 2
