"""The services offered through Open311, read from data. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from bot.hotline.words import Kind
from core.errors import BadInput

SOURCE = "open311"
"""Where a matter says it came from."""
DATATYPES = frozenset({"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"})
_LISTS = frozenset({"singlevaluelist", "multivaluelist"})
_LONGEST = 1000
_CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One more question of a service."""

    code: str
    datatype: str
    description: str
    required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of public matter."""

    code: str
    name: str
    description: str
    kind: Kind
    group: str
    keywords: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()


@cache
def services() -> Mapping[str, Service]:
    """The services by code, in the order of the file."""
    return read(_file())


@cache
def changeset() -> datetime:
    """When the services last changed, as their file says: the standard wants it sortable, clients read it as a time."""
    return changed(_file())


def _file() -> str:
    return files("bot.open311").joinpath("data/services.toml").read_text("utf-8")


def changed(text: str) -> datetime:
    """The file's line ``changed``; raises ValueError where it is missing or no moment with an offset."""
    at = tomllib.loads(text).get(_CHANGED)
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ValueError(f"{_CHANGED}: a moment with its offset is needed, such as 2026-11-22T08:00:00+08:00")
    return at


def read(text: str) -> Mapping[str, Service]:
    """Services from TOML; raises ValueError naming the line that does not fit."""
    return {code: _service(code, given) for code, given in tomllib.loads(text).items() if code != _CHANGED}


def _service(code: str, given: Mapping[str, Any]) -> Service:
    if len(code) > 20:
        raise ValueError(f"{code}: a service's code has at most 20 characters")
    attributes = tuple(_attribute(code, name, one) for name, one in given.get("attributes", {}).items())
    return Service(
        code,
        given["name"],
        given["description"],
        Kind(given["kind"]),
        given["group"],
        tuple(given.get("keywords", ())),
        attributes,
    )


def _attribute(service: str, code: str, given: Mapping[str, Any]) -> Attribute:
    values = dict(given.get("values", {}))
    datatype = given["datatype"]
    if datatype not in DATATYPES or bool(values) != (datatype in _LISTS):
        raise ValueError(f"{service}.{code}: {datatype} with {len(values)} values")
    return Attribute(code, datatype, given["description"], bool(given.get("required", False)), values)


def answers(service: Service, given: Mapping[str, list[str]]) -> dict[str, str]:
    """A service's own questions with what was answered, by their description; raises BadInput naming an attribute."""
    found = {}
    for attribute in service.attributes:
        said = [value.strip() for value in given.get(attribute.code, []) if value.strip()]
        if attribute.required and not said:
            raise _wrong(attribute, "is required")
        if said:
            found[attribute.description] = "、".join(_checked(attribute, value) for value in said)
    return found


def _checked(attribute: Attribute, value: str) -> str:
    if len(value) > _LONGEST:
        raise _wrong(attribute, f"has more than {_LONGEST} characters")
    if attribute.values:
        if value not in attribute.values:
            raise _wrong(attribute, f"must be one of: {', '.join(attribute.values)}")
        return attribute.values[value]
    try:
        if attribute.datatype == "number":
            float(value)
        elif attribute.datatype == "datetime":
            datetime.fromisoformat(value)
    except ValueError as error:
        raise _wrong(attribute, f"is no {attribute.datatype}") from error
    return value


def _wrong(attribute: Attribute, what: str) -> BadInput:
    name = f"attribute[{attribute.code}]"
    return BadInput(f"{name} {what}.", fields={name: what})
