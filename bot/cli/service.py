"""``sunline serve``, ``worker``, ``db``, ``openapi`` and ``doctor``: running the service and looking after it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from rich.text import Text

from bot.cli.base import Build, err, opened, out, print_alone, sentences
from bot.doctor import Finding, examine
from bot.house import House
from bot.runtime import close, running
from core import schema
from core.errors import StartupError

APP_FACTORY = "main:app"
"""What uvicorn imports in each of its processes."""


_FAULT = ("fault", "red")

MakeApp = Callable[[House], FastAPI]
"""The web application of a house."""


def commands(app: typer.Typer, build: Build, make_app: MakeApp) -> None:
    """Add the commands to ``app``."""
    _running(app, build)
    _looking(app, build, make_app)


def _running(app: typer.Typer, build: Build) -> None:
    @app.command()
    def serve(
        host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
        port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
        workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than 1 needs PostgreSQL.")] = 1,
        with_worker: Annotated[bool | None, typer.Option(help="Run the worker inside; default on SQLite.")] = None,
    ) -> None:
        """Web pages, API and webhooks."""
        with opened(build) as house:
            inside = check_serve(house, workers, with_worker)
            chosen = host or house.settings.host, port or house.settings.port
        run_server(*chosen, workers=workers, with_worker=inside)

    @app.command()
    def worker() -> None:
        """Delivery, conversations, timers and periodic jobs. Any number may run on PostgreSQL."""
        with opened(build) as house:
            refuse_demo(house)
            require_newest_schema(house)
            _run(_work(house))


def _looking(app: typer.Typer, build: Build, make_app: MakeApp) -> None:
    tables = typer.Typer(help="The database's schema.")
    app.add_typer(tables, name="db", no_args_is_help=True)

    @tables.command("upgrade")
    def upgrade() -> None:
        """Bring the database to the newest schema."""
        with opened(build) as house:
            schema.upgrade(house.db)
            out.print(f"The database is at {schema.current(house.db)}.")

    @tables.command("check")
    def check() -> None:
        """Compare the database with what the program expects; exit 1 when they differ."""
        with opened(build) as house:
            differences = schema.differences(house.db)
            for difference in differences:
                err.print(str(difference))
            if differences or schema.current(house.db) != schema.head():
                raise typer.Exit(1)
            out.print("The database is what the program expects.")

    @app.command()
    def openapi() -> None:
        """Print the OpenAPI document."""
        with opened(build) as house:
            print_alone(json.dumps(make_app(house).openapi(), ensure_ascii=False, indent=1))

    @app.command()
    def doctor() -> None:
        """Check settings, database, channels, calendar and clock; exit 1 with a sentence for each fault."""
        with opened(build) as house:
            faults = 0
            for finding in asyncio.run(_examined(house)):
                mark, colour = ("ok", "green") if finding.well else ("look", "yellow") if finding.warning else _FAULT
                faults += not finding.well and not finding.warning
                out.print(Text.assemble((f"{mark:<6}", colour), f"{finding.what}: {finding.sentence}"))
            if faults:
                raise typer.Exit(1)


async def _examined(house: House) -> list[Finding]:
    try:
        return await examine(house)
    finally:
        await close(house)


def refuse_demo(house: House) -> None:
    """Raises StartupError when the trial's pretend phones would run where people can reach them."""
    if house.demo:
        raise StartupError("SUNLINE_DEMO is set, which is for `sunline demo` alone: unset it.")


def require_newest_schema(house: House) -> None:
    """Raises StartupError when the migrations have not been run."""
    if schema.current(house.db) != schema.head():
        raise StartupError("The database is not at the newest schema: run `sunline db upgrade` (or `sunline init`).")


def check_serve(house: House, workers: int, with_worker: bool | None) -> bool:
    """Whether the worker runs inside; raises StartupError for what cannot work."""
    refuse_demo(house)
    require_newest_schema(house)
    if house.db.sqlite and workers > 1:
        raise StartupError("SQLite takes one server process: leave out --workers, or use PostgreSQL.")
    if with_worker and workers > 1:
        raise StartupError("With several server processes run `sunline worker` beside them instead of --with-worker.")
    return house.db.sqlite if with_worker is None else with_worker


def run_server(host: str, port: int, *, workers: int, with_worker: bool) -> None:
    """Serve until told to stop; what was begun is finished."""
    os.environ["SUNLINE_SERVE_WITH_WORKER"] = "1" if with_worker else "0"
    with sentences():
        uvicorn.run(
            APP_FACTORY,
            factory=True,
            host=host,
            port=port,
            workers=workers,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=20,
        )


def _run(work: Coroutine[None, None, None]) -> None:
    """On uvloop, as the server runs: a message costs a tenth less of the processor. Windows has none."""
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)


async def _work(house: House) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    async with running(house, work=True):
        await stop.wait()
