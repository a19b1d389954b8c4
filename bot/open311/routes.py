"""``/open311/v2``: discovery, services, requests, tokens, and mySociety's servicerequestupdates. JSON and XML."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from bot.hotline.intake import NewMatter, Opened
from bot.hotline.proofs import Shown
from bot.hotline.service import Hotline
from bot.open311 import store
from bot.open311.answering import GeoReportRoute, answer
from bot.open311.reading import Count, During, add_reading, span
from bot.open311.render import Form, moment
from bot.open311.services import SOURCE, Service, changeset, services
from bot.open311.submission import MOST_PICTURES, media_urls, new_matter, service_of
from core import files, idempotency, tokens
from core.auth import Principal
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.idempotent_route import HEADER
from core.limits import RateLimit
from core.people import Role
from core.web import client_address

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_READS_PER_MINUTE = 120
_PRETEND = "phone"
"""The channel that only the trial has."""


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
    _add_the_rest(router)
    return router


def _add_services(router: APIRouter, settings: Settings) -> None:
    @router.get("/discovery.{form}")
    async def discovery(form: Form) -> Response:
        """Where the endpoints are, and whether the services have changed."""
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{settings.url}/open311/v2",
            "changeset": changeset().isoformat(),
            "type": "test" if _PRETEND in settings.channel_names else "production",
            "formats": ["text/xml", "application/json"],
        }
        found = {
            "changeset": changeset().isoformat(),
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
        async with request.form(max_files=MOST_PICTURES, max_fields=200) as data:
            caller = await _caller(db, clock, data, request)
            key = request.headers.get(HEADER, "")[:100]
            new = new_matter(_fields(data), f"open311:{caller.ref}:{key}" if key else "")
            opened = await db.write(_open, hotline, new, await _pictures(data))
        # No ``token`` beside the number: the standard allows one of them only.
        made = {
            "service_request_id": opened.number,
            "service_notice": f"查询码 {opened.code}",
            "account_id": None,
        }
        return answer(form, "service_requests", [made], 201)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A file that came along."""

    name: str
    content: bytes


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


async def _pictures(data: FormData) -> list[_Picture]:
    """Every file of the form: the standard names no field; some apps say ``media``, FixMyStreet ``photo1`` and on."""
    return [
        _Picture(value.filename, await value.read(files.MAX_BYTES + 1))
        for _, value in data.multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]


def _open(session: Session, hotline: Hotline, new: NewMatter, pictures: list[_Picture]) -> Opened:
    """The matter and its pictures in one transaction: an app told of a bad picture sends the whole again."""
    opened = hotline.open(session, new)
    if not opened.known:
        _keep(session, hotline, opened.number, opened.id, pictures)
    return opened


def _keep(session: Session, hotline: Hotline, number: str, matter_id: str, pictures: list[_Picture]) -> None:
    for picture in pictures:
        hotline.attach(session, number, Shown(matter_id, SOURCE), picture.name, picture.content)


def _add_updates(router: APIRouter, hotline: Hotline, db: Database, clock: Clock, count: Count) -> None:
    @router.get("/servicerequestupdates.{form}")
    async def updates(form: Form, request: Request, during: Annotated[During, Query()]) -> Response:
        """What happened to requests (mySociety's extension), oldest first."""
        count(request)
        begin, end = span(clock(), during.start_date, during.end_date)
        found = await db.read(lambda session: store.updates(hotline.desk(session), begin, end))
        return answer(form, "service_request_updates", found)

    @router.post("/servicerequestupdates.{form}", status_code=201)
    async def add_update(form: Form, request: Request) -> Response:
        """Add words to a request (mySociety's extension). Needs ``api_key``."""
        async with request.form(max_files=MOST_PICTURES, max_fields=200) as data:
            caller = await _caller(db, clock, data, request)
            update = _update(_fields(data))
            try:
                added = await db.write(_append, hotline, clock, caller.ref, update, await _pictures(data))
            except IntegrityError as error:
                raise Conflict("The same update is just being taken.") from error
        made = {"update_id": added, "updated_datetime": moment(clock())}
        return answer(form, "service_request_updates", [made], 201)


@dataclass(frozen=True, slots=True)
class _Update:
    """Words for a request; ``ref`` is the sender's own id of them, the same when it tries again."""

    number: str
    text: str
    ref: str


def _update(fields: dict[str, list[str]]) -> _Update:
    said = {name: values[-1].strip() for name, values in fields.items()}
    if not said.get("service_request_id"):
        raise BadInput("service_request_id was not provided.", fields={"service_request_id": "missing"})
    text = "\n".join((said.get("description", ""), *media_urls(fields.get("media_url", ())))).strip()
    if not text:
        raise BadInput("description was not provided.", fields={"description": "missing"})
    return _Update(said["service_request_id"], text, said.get("update_id", ""))


def _append(
    session: Session, hotline: Hotline, clock: Clock, who: str, update: _Update, pictures: list[_Picture]
) -> str:
    """Add the words once: a sender that saw no answer tries again with the same ``update_id``."""
    matter = store.one(hotline.desk(session), update.number)
    if matter is None:
        raise NotFound("service_request_id provided was not found.")
    key = idempotency.fingerprint(*(part.encode() for part in ("open311.update", who, update.number, update.ref)))
    same = idempotency.fingerprint(update.text.encode())
    if update.ref and (kept := idempotency.begin(session, clock(), key, same)):
        return kept[1].decode()
    view = hotline.append(session, update.number, Shown(matter.id, SOURCE), update.text)
    made = f"{update.number}-{len(view.events) - 1}"
    _keep(session, hotline, update.number, matter.id, pictures)
    if update.ref:
        idempotency.finish(session, key, 201, made.encode())
    return made


def _add_the_rest(router: APIRouter) -> None:
    @router.get("/{rest:path}", include_in_schema=False)
    async def nothing_here(rest: str) -> Response:
        """What the standard does not know is said in its form too."""
        raise NotFound(f"There is no {rest} here.")
