"""What commands share: building the house lazily, and ending with a sentence instead of a traceback."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from bot.house import House
from core.errors import AppError, BadInput, StartupError
from core.sheet import BadRow

# What is printed is text, not markup, and a sentence stays on one line also where the output is a pipe.
out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

_SHOWN = 100

Build = Callable[[], House]
"""Builds the house for a command; raises StartupError."""


@contextmanager
def sentences() -> Iterator[None]:
    """Errors that have a sentence for the person are printed as that sentence, with exit code 1."""
    try:
        yield
    except StartupError as error:
        err.print(Text.assemble(("Cannot start:", "red"), f" {error}"))
        raise typer.Exit(1) from error
    except AppError as error:
        err.print(Text.assemble((f"{error.code}:", "red"), f" {error.detail}"))
        for place, problem in error.fields.items():
            err.print(f"  {place}: {problem}")
        raise typer.Exit(1) from error


@contextmanager
def opened(build: Build) -> Iterator[House]:
    """The house for one command, closed afterwards."""
    with sentences():
        house = build()
        try:
            yield house
        finally:
            house.db.close()


def content_of(file: Path) -> bytes:
    """A file named on the command line; raises BadInput when there is none."""
    if not file.is_file():
        raise BadInput(f"There is no file {str(file)!r}.")
    return file.read_bytes()


def print_rejects(bad: Sequence[BadRow], unknown_columns: Sequence[str]) -> None:
    """What of a list was left out, the first hundred lines of it."""
    if unknown_columns:
        err.print(f"Columns nobody knows, ignored: {', '.join(unknown_columns)}", markup=False)
    for row in bad[:_SHOWN]:
        err.print(f"line {row.line}: {row.column} {row.reason}", markup=False)
    if len(bad) > _SHOWN:
        err.print(f"… and {len(bad) - _SHOWN} more", markup=False)


def print_alone(text: str) -> None:
    """A secret, alone on the last line of standard output, so that scripts can take it."""
    sys.stdout.write(text + "\n")
