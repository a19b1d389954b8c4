"""The console put together for ``main``: one line for each group of pages."""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI

from bot.console import (
    board,
    canned,
    circulars,
    errors,
    home,
    live,
    office,
    reports,
    second_factor,
    sign_in,
    ticket,
    ticket_bulk,
    ticket_files,
    tickets,
)
from bot.console.desk import STATIC, Console
from bot.house import House

BUILDERS: tuple[Callable[[Console], APIRouter], ...] = (
    sign_in.build_router,
    second_factor.build_router,
    live.build_router,
    home.build_router,
    ticket_bulk.build_router,
    tickets.build_router,
    ticket_files.build_router,
    ticket.build_router,
    board.build_router,
    reports.build_router,
    circulars.build_router,
    canned.build_router,
    *office.BUILDERS,
)


def install(app: FastAPI, house: House) -> None:
    """Add the console's pages, static files and error pages. Call after the other error handlers are installed."""
    console = Console(house)
    for build in BUILDERS:
        app.include_router(build(console))
    STATIC.mount(app)
    errors.install(app, console)
