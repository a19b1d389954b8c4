"""GeoReport's two forms of the same answer. Pure: names and values in, bytes out."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree

import orjson

_ITEMS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What one thing of a list is called in XML."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(StrEnum):
    """How the caller wants it, by the end of the address."""

    JSON = "json"
    XML = "xml"

    @property
    def mime(self) -> str:
        """The content type that the standard asks for."""
        return "application/json; charset=utf-8" if self is Form.JSON else "text/xml; charset=utf-8"


def render(form: Form, root: str, content: Any) -> bytes:
    """``content`` (a list, or one thing as a mapping) as the form wants it; JSON has no root."""
    if form is Form.JSON:
        return orjson.dumps(content, default=_plain)
    return bytes(ElementTree.tostring(_element(root, content), encoding="utf-8", xml_declaration=True))


def _plain(value: Any) -> Any:
    raise TypeError(f"not for GeoReport: {type(value).__name__}")


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, list):
        element.extend(_element(_ITEMS[name], inner) for inner in value)
    elif value is not None:
        element.text = _text(value)
    return element


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("", str(value))


def moment(at: datetime | None) -> str | None:
    """A time as the standard writes it: to the second, with its offset."""
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z") if at else None
