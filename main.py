"""Composition root: settings → database → channels → services → web application, worker and command line.

Nothing imports this module, and it decides nothing: it only puts together what the folders offer.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import typer
from fastapi import FastAPI

from adapters import CHANNELS, ChannelEnv
from bot import office_routes, ops_routes, people_routes, session_routes, sign_page, template_routes, webhooks
from bot.attachments import Attachments
from bot.citizens import Citizens
from bot.cli import areas as area_commands
from bot.cli import audit as audit_commands
from bot.cli import backup as backup_commands
from bot.cli import demo as demo_command
from bot.cli import duty as duty_commands
from bot.cli import faq as faq_commands
from bot.cli import keys as key_commands
from bot.cli import notices as notice_commands
from bot.cli import people as people_commands
from bot.cli import privacy as privacy_commands
from bot.cli import roster as roster_commands
from bot.cli import service as service_commands
from bot.cli import webhooks as webhook_commands
from bot.console import routes as console_routes
from bot.desk import HotlineDesk
from bot.effects import Doer, Voice
from bot.handle import Handler
from bot.hotline import bulk, routes_canned, routes_desk, routes_public, routes_staff, routes_visits, stats_routes
from bot.hotline.office import OfficeFacts
from bot.hotline.rules import load_rules as load_hotline_rules
from bot.hotline.service import Hotline
from bot.house import House
from bot.inbound import Conversations
from bot.knowledge import FaqKnowledge
from bot.notice_desk import audiences, notice_desk
from bot.objections import Objections
from bot.officials import Officials
from bot.officials_matters import HandledMatters
from bot.open311 import routes as open311_routes
from bot.receptions import Receptions
from bot.runtime import running
from bot.site import error_pages, posted
from bot.site import routes as site_routes
from bot.staff import Staff
from bot.texts import load_texts
from bot.topics import Topics
from bot.visits import visit_opener
from core import crypto
from core.body_limit import BodyLimit
from core.clock import system_clock
from core.config import Settings, load_settings
from core.db import Database
from core.entrance import Entrance
from core.errors import StartupError
from core.log import hide, setup_logging
from core.office_hours import OfficeHours
from core.ports import Can, Channel
from core.web import Guard, SecurityHeaders, install_error_handlers
from faq import routes as faq_routes
from faq.live import LiveIndex
from faq.semantic.embedder import embedder_of
from faq.semantic.settings import SemanticSettings, load_semantic
from faq.semantic.stage import Semantic
from faq.semantic.suggest import suggester_of
from faq.service import FaqService
from notify import routes as message_routes
from notify.outbox.dispatch import Dispatcher
from notify.outbox.rules import DeliveryRules
from notify.outbox.service import Outbox
from notify.publicity import routes as notice_routes
from notify.publicity.office import PublicityOffice
from notify.publicity.service import Publicity
from notify.publicity.uploading import Uploads
from notify.reception import routes as reception_routes
from notify.reception.office import ReceptionOffice
from notify.reception.service import Reception
from notify.signoff import routes as document_routes
from notify.signoff.office import SignOffice
from notify.signoff.rules import load_rules
from notify.signoff.service import SignOff
from notify.timers import Timers
from notify.webhooks import routes as webhook_routes
from notify.webhooks.service import Webhooks

BODY_LIMIT, UPLOAD_LIMIT = 1_000_000, 25_000_000
UPLOADS = tuple((path, UPLOAD_LIMIT) for path in (
    "/api/v1/faq/import", "/api/v1/notices", "/api/v1/tickets", "/api/v1/areas", "/console",
    "/open311/v2/requests", "/api/v1/staff/own-lists",
))  # fmt: skip
"""Where files come in."""


def build_channels(settings: Settings, *, demo: bool) -> dict[str, Channel]:
    """The channels asked for, or all that are configured; raises StartupError naming what is missing."""
    env = ChannelEnv(system_clock, settings.public_url, settings.office_name, demo=demo)
    names = settings.channel_names or tuple(name for name in CHANNELS if name != "phone")
    channels: dict[str, Channel] = {}
    for name in names:
        if name not in CHANNELS:
            raise StartupError(f"SUNLINE_CHANNELS: there is no channel {name!r}; there are {', '.join(CHANNELS)}.")
        channel = CHANNELS[name](env)
        if channel is not None:
            channels[name] = channel
        elif settings.channel_names:
            raise StartupError(f"SUNLINE_CHANNELS names {name!r}, but its settings are missing.")
    return channels


def build_house(settings: Settings | None = None) -> House:
    """Everything the service consists of; raises StartupError with a sentence for what is wrong."""
    demo = os.environ.get("SUNLINE_DEMO") == "1"
    settings = settings or load_settings()
    setup_logging("WARNING" if demo else settings.log_level)
    crypto.install(crypto.keyring_from(settings.secret_key, settings.data_keys, settings.index_key))
    channels = build_channels(settings, demo=demo)
    hide([settings.secret_key, *(secret for channel in channels.values() for secret in channel.secrets())])
    clock, db = system_clock, Database(settings.database_url, pool=settings.database_pool)
    rules = DeliveryRules.of(settings)
    outbox = Outbox(channels, clock, settings.office_name, rules)
    meaning = load_semantic()
    live = LiveIndex(db, clock, settings.zone, semantic=build_semantic(db, meaning))
    faq = FaqService(db, live, suggester_of(meaning))
    hotline = Hotline(outbox, clock, _office(settings, channels))
    signoff = SignOff(outbox, channels, clock, _sign_office(settings, channels))
    reception = Reception(outbox, clock, _reception_office(settings, channels), visit_opener(hotline))
    notices = notice_desk(hotline, outbox, channels, clock, signoff)
    publicity = Publicity(outbox, channels, clock, _publicity_office(settings, channels, rules, notices.objections))
    knowledge = FaqKnowledge(faq)
    texts = load_texts()
    citizens = Citizens(hotline, channels, texts, notices.subscribing)
    doers: dict[str, Doer] = {"citizen": citizens, "official": Officials(signoff)}
    doers["staff"] = Staff(hotline, settings.public_url)
    doers["notice"] = notices.doer(publicity, citizens)
    doers["reception"] = Receptions(reception)
    voice = Voice(texts, outbox, knowledge, HotlineDesk(hotline, channels), settings, doers, _in_writing(channels))
    handler = Handler(knowledge, settings.office_name)
    owners = signoff.owners() | reception.owners() | publicity.owners() | notices.owners() | bulk.owners(hotline)
    return House(
        settings=settings,
        clock=clock,
        db=db,
        channels=channels,
        outbox=outbox,
        faq=faq,
        hotline=hotline,
        signoff=signoff,
        reception=reception,
        publicity=publicity,
        notices=notices,
        uploads=Uploads(db, clock, publicity),
        timers=Timers(db, clock, owners),
        guard=Guard(db, clock, () if demo else settings.second_factor_roles),
        entrance=Entrance(db, clock),
        handler=handler,
        conversations=Conversations(db, channels, clock, handler, voice, per_minute=settings.limit_ask),
        dispatcher=Dispatcher(db, channels, clock, callback_url=_callback_url(settings), rules=rules, outbox=outbox),
        attachments=Attachments(db, channels, clock, hotline),
        topics=Topics(db, channels, clock, hotline, knowledge, settings.public_url),
        webhooks=Webhooks(outbox, channels, clock),
        demo=demo,
    )


def build_semantic(db: Database, settings: SemanticSettings) -> Semantic | None:
    """The optional semantic stage of the knowledge base, None unless it is set up. Raises StartupError."""
    embedder = embedder_of(settings)
    return Semantic(db, embedder, timeout_s=settings.timeout_seconds, weight=settings.weight) if embedder else None


def _office(settings: Settings, channels: Mapping[str, Channel]) -> OfficeFacts:
    by_phone = [name for name, channel in channels.items() if Can.METERED in channel.can]
    return OfficeFacts(
        name=settings.office_name,
        phone=settings.office_phone,
        hours=OfficeHours.parse(settings.timezone, settings.office_hours),
        rules=load_hotline_rules(settings.hotline_rules),
        phone_channel=by_phone[0] if by_phone else "",
        link_channels=frozenset(name for name, channel in channels.items() if Can.LINKS in channel.can),
        button_channels=frozenset(
            name for name, channel in channels.items() if Can.BUTTONS in channel.can and Can.SPOKEN not in channel.can
        ),
    )


def _sign_office(settings: Settings, channels: Mapping[str, Channel]) -> SignOffice:
    by_phone = [name for name, channel in channels.items() if Can.METERED in channel.can]
    return SignOffice(
        hours=OfficeHours.parse(settings.timezone, settings.office_hours),
        phone=settings.office_phone,
        rules=load_rules(settings.signoff_rules),
        page=settings.public_url,
        phone_channel=by_phone[0] if by_phone else "",
        call_channel=next(iter(_in_writing(channels)), ""),
        matters=HandledMatters(),
    )


def _in_writing(channels: Mapping[str, Channel]) -> dict[str, str]:
    """Channels that call, each with the one that writes to the same numbers."""
    by_phone = [name for name, channel in channels.items() if Can.METERED in channel.can]
    return {name: by_phone[0] for name, channel in channels.items() if Can.SPOKEN in channel.can and by_phone}


def _reception_office(settings: Settings, channels: Mapping[str, Channel]) -> ReceptionOffice:
    office = _sign_office(settings, channels)
    return ReceptionOffice(office.hours, office.phone, office.phone_channel)


def _publicity_office(
    settings: Settings, channels: Mapping[str, Channel], rules: DeliveryRules, objections: Objections
) -> PublicityOffice:
    by_phone = _sign_office(settings, channels).phone_channel
    who, still_open = audiences(by_phone), objections.open_count
    return PublicityOffice(settings.office_name, settings.zone, by_phone, rules, who, still_open)


def create_app(house: House, *, with_worker: bool) -> FastAPI:
    """The web application of a house; its loops live as long as it does."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running(house, work=with_worker):
            yield

    app = FastAPI(title="Sunline", version="1.0.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    install_error_handlers(app)
    error_pages.install(app, house.settings, house.clock, demo=house.demo)
    larger, refused = (*posted.LARGER, *UPLOADS), error_pages.refused(house.settings, house.clock)
    app.add_middleware(BodyLimit, default=BODY_LIMIT, larger=larger, page=refused)
    app.add_middleware(SecurityHeaders)
    for router in (
        ops_routes.build_router(house.db, house.clock, house.guard, has_worker=with_worker),
        session_routes.build_router(house.db, house.clock, house.guard, house.settings, house.entrance),
        office_routes.build_router(house.db, house.clock, house.guard),
        people_routes.build_router(house.db, house.clock, house.guard, house.signoff.office.phone_channel),
        template_routes.build_router(house.guard),
        faq_routes.build_router(house.faq, house.db, house.clock, house.guard, house.settings),
        routes_public.build_router(house.hotline, house.db, house.clock, house.settings),
        routes_staff.build_router(house.hotline, house.db, house.clock, house.guard),
        open311_routes.build_router(house.hotline, house.db, house.clock, house.settings),
        stats_routes.build_router(house.hotline, house.db, house.clock, house.guard),
        routes_desk.build_router(house.hotline, house.db, house.guard),
        routes_canned.build_router(house.hotline, house.db, house.guard),
        routes_visits.build_router(house.hotline, house.db, house.guard),
        document_routes.build_router(house.signoff, house.db, house.clock, house.guard),
        *notice_routes.build_routers(house.publicity, house.uploads, house.db, house.clock, house.guard),
        reception_routes.build_router(house.reception, house.db, house.clock, house.guard, house.settings),
        sign_page.build_router(house.signoff, house.db, house.settings),
        message_routes.build_router(house.db, house.clock, house.guard, house.outbox, house.channels),
        webhook_routes.build_router(house.webhooks, house.db, house.guard),
        webhooks.build_router(house.db, house.clock, house.channels, house.settings.url),
        *house.notices.routers(house.publicity, house.db, house.clock, house.guard, house.settings),
        *site_routes.build_routers(house),
    ):
        app.include_router(router)
    site_routes.mount_static(app)
    console_routes.install(app, house)
    return app


def app() -> FastAPI:
    """What the server imports in each of its processes."""
    try:
        house = build_house()
    except StartupError as error:
        sys.exit(f"Cannot start: {error}")
    return create_app(house, with_worker=os.environ.get("SUNLINE_SERVE_WITH_WORKER") == "1")


def _callback_url(settings: Settings) -> Callable[[str, str], str]:
    def url(channel: str, attempt: str) -> str:
        return f"{settings.public_url}/hooks/{channel}?attempt={attempt}" if settings.public_url else ""

    return url


cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Sunline (阳光热线).")
service_commands.commands(cli, build_house, lambda house: create_app(house, with_worker=False))
demo_command.commands(cli, build_house)
people_commands.commands(cli, build_house)
roster_commands.commands(cli, build_house)
faq_commands.commands(cli, build_house)
duty_commands.commands(cli, build_house)
notice_commands.commands(cli, build_house)
area_commands.commands(cli, build_house)
audit_commands.commands(cli, build_house)
key_commands.commands(cli, build_house)
backup_commands.commands(cli, build_house)
privacy_commands.commands(cli, build_house)
webhook_commands.commands(cli, build_house)

if __name__ == "__main__":
    cli()
