"""`sunline` commands, each in a process of its own.

Importing the program takes longer than most commands do. So one process imports it once and forks for each command:
the child gets the command's arguments, environment, folder and output, and ends as the real script would.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from tests.support.service import environment

_LONGEST_S = 100
"""A command that has not ended by then is ended; its exit status says so."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of its output."""
        return self.out.splitlines()[-1]

    @property
    def said(self) -> str:
        """Both outputs, for looking for words."""
        return self.out + self.err


class Commands:
    """Runs commands; one at a time."""

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.command"],
            env=environment(Path("/nonexistent")),
            cwd=Path(__file__).parent.parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(30)
        self._server.stdout.close()

    def run(self, folder: Path, *arguments: str, **settings: str) -> Done:
        """Run ``sunline`` with these arguments in ``folder``."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        outputs = folder / "stdout", folder / "stderr"
        order = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment(folder, **settings),
            "outputs": [str(path) for path in outputs],
        }
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Done(code, *(path.read_text("utf-8") for path in outputs))


def serve() -> None:
    """Read orders, one a line, and answer each with the exit status of its child."""
    from main import cli

    gc.freeze()  # what is imported is not gone through again in each child
    while line := sys.stdin.readline():
        order = json.loads(line)
        child = os.fork()
        if not child:
            _become(order, cli)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def _become(order: dict[str, object], cli: object) -> NoReturn:
    """Be the command: never returns."""
    code = 1
    try:
        signal.alarm(_LONGEST_S)
        _take_over(order)
        assert callable(cli)
        cli()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
    except BaseException:
        traceback.print_exc()
    finally:
        # What a script left open is said as it ends; without this, `os._exit` would keep it quiet.
        gc.collect()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _take_over(order: dict[str, object]) -> None:
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    for number, path in enumerate(order["outputs"], 1):  # type: ignore[var-annotated, arg-type]
        os.dup2(os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    os.chdir(str(order["folder"]))
    sys.argv = ["sunline", *order["arguments"]]  # type: ignore[misc]


if __name__ == "__main__":
    serve()
