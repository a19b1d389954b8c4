"""The settings in force, without secrets, and what ``sunline doctor`` says. Read only: the environment sets them."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic_settings import BaseSettings
from sqlalchemy import make_url

from bot.console.desk import Console, Visit
from bot.doctor import examine
from core.people import Role

PATH = "/console/settings"
SECRET = frozenset({"secret_key", "data_keys", "index_key"})
"""Never shown, only whether they are set."""
ADDRESSES = frozenset({"alarm_to"})
"""Hold somebody's number or a token."""


def build_router(console: Console) -> APIRouter:
    """``/console/settings``."""
    router = APIRouter(prefix=PATH, include_in_schema=False)

    @router.get("")
    async def settings(visit: Annotated[Visit, console.needs(Role.ADMIN)]) -> Response:
        house = visit.house
        found = await examine(house)
        order = sorted(found, key=lambda one: (one.well, one.warning))
        return visit.render("settings.html", rows=rows(house.settings), findings=order)

    return router


def rows(settings: BaseSettings) -> list[dict[str, Any]]:
    """Every setting: its name in the environment, what it is for, its value where that is no secret. Pure."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    return [
        {
            "name": f"{prefix}{name}".upper(),
            "about": field.description or "",
            "value": shown(name, getattr(settings, name)),
            "secret": name in SECRET | ADDRESSES,
            "changed": getattr(settings, name) != field.default,
        }
        for name, field in type(settings).model_fields.items()
    ]


def shown(name: str, value: object) -> str:
    """A value as it may be shown. Pure."""
    if name in SECRET | ADDRESSES:
        return "●●●●" if value else ""
    if name == "database_url":
        return make_url(str(value)).render_as_string(hide_password=True)
    return "" if value is None else str(value)
