"""Protection of forms: they come from a page of ours, made for this session."""

from urllib.parse import urlsplit

from fastapi import Request

from core.crypto import index
from core.errors import Forbidden
from core.web import CSRF_HEADER


class StalePage(Forbidden):
    """The form was made for another session, or not by us: load the page again."""


def foreign(request: Request) -> bool:
    """Whether the browser itself says that another site's page sent this."""
    site = request.headers.get("sec-fetch-site", "")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return site not in {"", "same-origin", "none"} or (not site and origin not in {"", request.headers.get("host", "")})


def check_own(request: Request) -> None:
    """Raise StalePage when the browser says that the form came from another site's page."""
    if foreign(request):
        raise StalePage("This form came from another site.")


def csrf_token(owner: str) -> str:
    """The token of every form of a citizen: bound to the session, and to none before there is one."""
    return index(owner or "nobody", "site.csrf")


def check_form(request: Request, given: str, owner: str) -> None:
    """Raise StalePage unless the form comes from a page of ours, made for this session.

    Before the first message there is no cookie whose power could be abused; then the browser's own word on where
    the form came from is what counts.
    """
    token = request.headers.get(CSRF_HEADER) or given
    strange = token not in {csrf_token(owner), csrf_token("")} or (owner and token != csrf_token(owner))
    if foreign(request) or strange:
        raise StalePage("The page is out of date. Load it again; nothing was sent.")


def wants_json(request: Request) -> bool:
    """The page's script asks for JSON, a form without script for a page."""
    return "application/json" in request.headers.get("accept", "")
