"""A real `sunline` process on a free port of loopback, with settings and data of its own; ended by its id."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

import httpx

from tests.conftest import SECRET
from tests.support.postgres import free_port

ROOT = Path(__file__).parent.parent.parent
PROGRAM = Path(sys.executable).with_name("sunline")
_START_S = 120
_STOP_S = 60
T = TypeVar("T")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """What such a process sees: nothing of this machine's settings, a SQLite file in ``folder``, and ``settings``."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "SUNLINE_SECRET_KEY": SECRET,
        "SUNLINE_DATABASE_URL": f"sqlite:///{folder / 'sunline.db'}",
        "SUNLINE_DATA_DIR": str(folder),
        **settings,
    }


def until(seen: Callable[[], T], timeout_s: float = 60, what: Callable[[], object] | str = "") -> T:
    """Wait until ``seen()`` is true and return it; else AssertionError, saying ``what`` there is instead."""
    deadline = time.monotonic() + timeout_s
    while not (value := seen()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what() if callable(what) else what or seen}")
        time.sleep(0.02)
    return value


class Service:
    """``sunline serve`` (or another command that stays), started, watched and stopped.

    ``ready`` says when it is up; the default asks ``/readyz``.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        ready: Callable[[], bool] | None = None,
        **settings: str,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "service.log"
        self._arguments = arguments or ("serve",)
        self._settings = {"SUNLINE_PORT": str(self.port), "PORT": str(self.port)} | {
            name: value.replace("{url}", self.url) for name, value in settings.items()
        }
        self._ready = ready or self.answers
        self._process: subprocess.Popen[bytes] | None = None
        self._sink: IO[bytes] | None = None

    def start(self) -> "Service":
        """Start and wait until it is ready; raises AssertionError with the end of its log when it will not be."""
        self._sink = self.log.open("ab")
        self._process = subprocess.Popen(
            [PROGRAM, *self._arguments],
            cwd=self.folder,
            env=environment(self.folder, **self._settings),
            stdin=subprocess.DEVNULL,
            stdout=self._sink,
            stderr=self._sink,
        )
        try:
            until(self._up, _START_S, f"{self._arguments} ready")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.log.read_text('utf-8')[-3000:]}") from error
        return self

    def _up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"it ended with {self._process.returncode}")
        return self._ready()

    def answers(self) -> bool:
        """Whether ``/readyz`` says yes."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Ask it to stop (SIGTERM), as an operator does; returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a power cut would."""
        return self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(sign)
        try:
            status = self._process.wait(_STOP_S)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            if self._sink:
                self._sink.close()
        return status


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[Service]:
    """A started service, stopped at the end of the block."""
    service = Service(folder, *arguments, **settings)
    service.start()
    try:
        yield service
    finally:
        if service.running:
            service.stop()
