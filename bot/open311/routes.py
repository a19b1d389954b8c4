"""``/open311/v2``: discovery, services, requests, tokens, and mySociety's servicerequestupdates. JSON and XML."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from bot.hotline.proofs import Shown
from bot.hotline.service import Hotline
from bot.open311 import store
from bot.open311.answering import GeoReportRoute, answer
from bot.open311.reading import Count, add_reading, span
from bot.open311.render import Form, moment
from bot.open311.services import Service, changeset, services
from bot.open311.submission import new_matter, service_of
from core import files, tokens
from core.auth import Principal
from core.clock import Clock
from core.config import Settings
from core.crypto import index
from core.db import Database
from core.errors import BadInput, Forbidden, NotFound, TooLarge
from core.idempotent_route import HEADER
from core.limits import RateLimit
from core.people import Role
from core.web import client_address

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_READS_PER_MINUTE = 120
_MOST_PICTURES = 5


def build_router(hotline: Hotline, db: Database, clock: Clock, settings: Settings) -> APIRouter:
    """The routes of GeoReport."""
    router = APIRouter(prefix="/open311/v2", tags=["open311"], route_class=GeoReportRoute)
    reads = RateLimit(_READS_PER_MINUTE, clock)

    def count(request: Request) -> None:
        reads.check(client_address(request, settings.proxies), "Too many requests; please wait a minute.")

    _add_services(router, settings)
    add_reading(router, hotline, db, clock, settings, count)
    _add_writing(router, hotline, db, clock)
    _add_updates(router, hotline, db, clock, count)
    return router


def _add_services(router: APIRouter, settings: Settings) -> None:
    @router.get("/discovery.{form}")
    async def discovery(form: Form) -> Response:
        """Where the endpoints are, and whether the services have changed."""
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{settings.url}/open311/v2",
            "changeset": changeset(),
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        found = {
            "changeset": changeset(),
            "contact": f"{settings.office_name} {settings.office_phone}",
            "key_service": f"API keys are given out by {settings.office_name}, {settings.office_phone}.",
            "endpoints": [endpoint],
        }
        return answer(form, "discovery", found)

    @router.get("/services.{form}")
    async def service_list(form: Form) -> Response:
        """What may be handed in."""
        return answer(form, "services", [_service(one) for one in services().values()])

    @router.get("/services/{code}.{form}")
    async def service_definition(code: str, form: Form) -> Response:
        """The questions of one service."""
        return answer(form, "service_definition", _definition(service_of(code)))


def _service(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": bool(service.attributes),
        "type": "realtime",
        "keywords": ",".join(service.keywords),
        "group": service.group,
    }


def _definition(service: Service) -> dict[str, Any]:
    attributes = [
        {
            "variable": True,
            "code": attribute.code,
            "datatype": attribute.datatype,
            "required": attribute.required,
            "datatype_description": "",
            "order": place,
            "description": attribute.description,
            "values": [{"key": key, "name": name} for key, name in attribute.values.items()],
        }
        for place, attribute in enumerate(service.attributes, 1)
    ]
    return {"service_code": service.code, "attributes": attributes}


def _add_writing(router: APIRouter, hotline: Hotline, db: Database, clock: Clock) -> None:
    @router.post("/requests.{form}", status_code=201)
    async def hand_in(form: Form, request: Request) -> Response:
        """Hand a request in: form fields of the standard, pictures as ``media``. Needs ``api_key``."""
        async with request.form(max_files=_MOST_PICTURES, max_fields=200) as data:
            caller = await _caller(db, clock, data, request)
            key = request.headers.get(HEADER, "")[:100]
            new = new_matter(_fields(data), f"open311:{caller.ref}:{key}" if key else "")
            opened = await db.write(hotline.open, new)
            if not opened.known:
                await _keep_pictures(hotline, db, opened.number, opened.id, data)
        number = opened.number
        made = {
            "service_request_id": number,
            "token": f"{number}-{index(number, 'open311.token')}",
            "service_notice": f"查询码 {opened.code}",
            "account_id": None,
        }
        return answer(form, "service_requests", [made], 201)


async def _caller(db: Database, clock: Clock, data: FormData, request: Request) -> Principal:
    """Who holds the key; raises Forbidden, as the standard says, also for a missing one."""
    given = str(data.get("api_key") or request.query_params.get("api_key") or "").strip()
    found = await db.read(tokens.by_token, clock(), given) if given else None
    if found is None or not found.has(Role.SENDER, Role.AGENT):
        raise Forbidden("api_key is missing, unknown or not allowed to hand in." if given else "api_key is missing.")
    return found


def _fields(data: FormData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str) and name != "api_key":
            found.setdefault(name, []).append(value)
    return found


async def _keep_pictures(hotline: Hotline, db: Database, number: str, matter_id: str, data: FormData) -> None:
    for value in data.getlist("media"):
        if isinstance(value, UploadFile) and value.filename:
            content = await value.read(files.MAX_BYTES + 1)
            if len(content) > files.MAX_BYTES:
                raise TooLarge(f"A file has at most {files.MAX_BYTES // 1_000_000} MB; the request is {number}.")
            await db.write(hotline.attach, number, Shown(matter_id, store.SOURCE), value.filename, content)


def _add_updates(router: APIRouter, hotline: Hotline, db: Database, clock: Clock, count: Count) -> None:
    @router.get("/servicerequestupdates.{form}")
    async def updates(
        form: Form, request: Request, start_date: datetime | None = None, end_date: datetime | None = None
    ) -> Response:
        """What happened to requests (mySociety's extension), oldest first."""
        count(request)
        begin, end = span(clock(), start_date, end_date)
        found = await db.read(lambda session: store.updates(hotline.desk(session), begin, end))
        return answer(form, "service_request_updates", found)

    @router.post("/servicerequestupdates.{form}", status_code=201)
    async def add_update(form: Form, request: Request) -> Response:
        """Add words to a request (mySociety's extension). Needs ``api_key``."""
        async with request.form(max_files=0, max_fields=200) as data:
            await _caller(db, clock, data, request)
            said = {name: values[-1].strip() for name, values in _fields(data).items()}
        number, text = said.get("service_request_id", ""), said.get("description", "")
        if not text:
            raise BadInput("description was not provided.", fields={"description": "missing"})

        def add(session: Session) -> str:
            matter = store.one(hotline.desk(session), number)
            if matter is None:
                raise NotFound("service_request_id provided was not found.")
            view = hotline.append(session, number, Shown(matter.id, store.SOURCE), text)
            return f"{number}-{len(view.events) - 1}"

        made = {"update_id": await db.write(add), "updated_datetime": moment(clock())}
        return answer(form, "service_request_updates", [made], 201)
