"""A POST of GeoReport as a new matter. Pure: the form's fields in, a ``NewMatter`` out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.hotline.intake import NewMatter
from bot.open311.services import SOURCE, Service, answers, services
from core.errors import BadInput, NotFound

LONGEST = 4000
"""Characters of a description, as the standard says."""
_ATTRIBUTE = re.compile(r"attribute\[([^\]]+)\](?:\[\])?$")
_KEPT = ("email", "device_id", "account_id")
_LONG_FIELD = 200
_LONGEST_URL = 2000
MOST_PICTURES = 5
"""With one request or update, sent along or named by their address."""


def service_of(code: str) -> Service:
    """The service with this code; raises BadInput without one, NotFound for an unknown one."""
    if not code:
        raise BadInput("service_code was not provided.", fields={"service_code": "missing"})
    found = services().get(code)
    if found is None:
        raise NotFound("service_code provided was not found.")
    return found


def new_matter(fields: Mapping[str, Sequence[str]], dedup_key: str) -> NewMatter:
    """What the form says; raises BadInput naming the field that does not fit, NotFound for an unknown service."""
    said = {name: values[-1].strip() for name, values in fields.items() if values and values[-1].strip()}
    service = service_of(said.get("service_code", ""))
    text = said.get("description", "")
    if len(text) > LONGEST:
        raise BadInput(f"description has more than {LONGEST} characters.", fields={"description": "too long"})
    answered = answers(service, _attributes(fields))
    lines = [text or service.name, *(f"{question}：{answer}" for question, answer in answered.items())]
    return NewMatter(
        kind=service.kind,
        text="\n".join(lines),
        title=service.name,
        source=SOURCE,
        category=service.code,
        name=_name(said),
        phone=said.get("phone", "")[:40],
        place=_place(said),
        extra=_extra(said, fields.get("media_url", ())),
        dedup_key=dedup_key,
    )


def _attributes(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {match[1]: list(values) for name, values in fields.items() if (match := _ATTRIBUTE.match(name))}


def _name(said: Mapping[str, str]) -> str:
    """Family name first, as here; with a space between names in Latin letters."""
    parts = [said[key] for key in ("last_name", "first_name") if key in said]
    name = " ".join(parts) if all(part.isascii() for part in parts) else "".join(parts)
    return name[:60]


def _place(said: Mapping[str, str]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if address := said.get("address_string") or said.get("address_id"):
        place["address"] = address[:_LONG_FIELD]
    if known_as := said.get("address_id"):
        place["address_id"] = known_as[:_LONG_FIELD]
    if "lat" in said or "long" in said:
        place |= {"lat": _degrees(said, "lat", 90), "lon": _degrees(said, "long", 180)}
    if not place:
        raise BadInput(
            "A location is required: lat and long, address_string or address_id.", fields={"address_string": "missing"}
        )
    return place


def _degrees(said: Mapping[str, str], name: str, most: int) -> float:
    try:
        value = float(said[name])
    except (KeyError, ValueError) as error:
        raise BadInput(f"{name} must be a number of degrees (WGS84).", fields={name: "not a number"}) from error
    if not -most <= value <= most:
        raise BadInput(f"{name} must lie between -{most} and {most}.", fields={name: "out of range"})
    return value


def _extra(said: Mapping[str, str], media: Sequence[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: said[name][:_LONG_FIELD] for name in _KEPT if name in said}
    if urls := media_urls(media):
        kept["media_url"] = urls[0]
        # FixMyStreet sends one for each of a report's photos.
        kept |= {"more_media_urls": urls[1:]} if urls[1:] else {}
    return kept


def media_urls(given: Sequence[str]) -> list[str]:
    """The addresses of pictures, without empty ones; raises BadInput for one that is none or for too many."""
    urls = [url.strip() for url in given if url.strip()]
    if len(urls) > MOST_PICTURES:
        raise BadInput(f"At most {MOST_PICTURES} of media_url.", fields={"media_url": "too many"})
    for url in urls:
        if _scheme(url) not in {"http", "https"} or len(url) > _LONGEST_URL:
            raise BadInput("media_url must be an address beginning with http or https.", fields={"media_url": "bad"})
    return urls


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:  # such as a bracket that opens no IPv6 address
        return ""
