"""What lists share: the address of the next page with the same filters, and moments typed in office time."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from core.errors import BadInput
from core.office_hours import wall_to_utc
from core.web import decode_cursor

ROWS = 30
"""Rows on a page: what fits a screen twice."""


def further(request: Request, cursor: str | None) -> str:
    """The address of the next page, empty on the last one."""
    if not cursor:
        return ""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"


def first_page(request: Request) -> str:
    """The address of the first page, empty when this is it."""
    if not request.query_params.get("cursor"):
        return ""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def exported(request: Request, path: str) -> str:
    """The same filters at another address: what is seen is what is exported."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{path}?{urlencode(kept)}" if kept else path


def time_and_id(cursor: str) -> tuple[datetime, str] | None:
    """A cursor of time and id; raises BadInput for one not made here."""
    if not cursor:
        return None
    try:
        at, last = decode_cursor(cursor)
        return datetime.fromisoformat(at), str(last)
    except (ValueError, TypeError) as error:
        raise BadInput("This cursor was not made here.", fields={"cursor": "unknown"}) from error


def moment(text: str, zone: ZoneInfo, field: str) -> datetime | None:
    """A moment as ``<input type=datetime-local>`` sends it, in office time; None for an empty one."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("This is not a time.", fields={field: "not a time"}) from error
    if local.tzinfo:
        return local
    return wall_to_utc(local.date(), local.time(), zone)
