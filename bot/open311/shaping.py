"""A matter as GeoReport shows it to anyone: what, where, how it stands; never who."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.hotline import states
from bot.hotline.citizen_view import CitizenView
from bot.hotline.models import Matter
from bot.hotline.words import State
from bot.open311.render import moment
from bot.open311.services import Service
from bot.open311.submission import LONGEST
from core.text import mask_personal

NOTES = {
    "submitted": "已登记",
    "accepted": "已受理",
    "rejected": "不予受理",
    "dispatched": "已派单",
    "signed": "承办单位已签收",
    "return_asked": "已派单",
    "extension_asked": "承办单位已签收",
    "paused": "暂停计时",
    "replied": "已答复",
    "followed_up": "已回访",
    "redo": "重新办理",
    "closed": "已办结",
    "reopened": "再次办理",
    "merged": "并案",
    "withdrawn": "已撤回",
}
"""States in the office's words (OFFICE, "Words shown"); what units ask each other is not the public's."""
_FMS = {
    "submitted": "open",
    "accepted": "investigating",
    "dispatched": "investigating",
    "signed": "in_progress",
    "return_asked": "investigating",
    "extension_asked": "in_progress",
    "paused": "in_progress",
    "redo": "in_progress",
    "reopened": "open",
    "replied": "fixed",
    "followed_up": "fixed",
    "closed": "fixed",
    "rejected": "no_further_action",
    "withdrawn": "closed",
    "merged": "duplicate",
}
"""mySociety's finer states, which its servicerequestupdates extension allows beside open and closed."""


def status(state: str) -> str:
    """``closed`` once it is over, ``open`` before; an answer that waits for its rating is still open."""
    return "closed" if State(state) in states.FINAL else "open"


def request(matter: Matter, view: CitizenView, service: Service | None, files: list[str], url: str) -> dict[str, Any]:
    """One service request. ``files`` are ids of its pictures, ``url`` the public address of this service."""
    place: Mapping[str, Any] = matter.place or {}
    return {
        "service_request_id": matter.number,
        "status": status(view.state),
        "status_notes": notes(view),
        "service_name": service.name if service else "",
        "service_code": matter.category,
        "description": mask_personal(matter.body)[:LONGEST],
        "agency_responsible": view.unit or "",
        "service_notice": "",
        "requested_datetime": moment(matter.received_at),
        "updated_datetime": moment(matter.changed_at),
        "expected_datetime": moment(view.limits.answer),
        "address": mask_personal(str(place.get("address") or "")),
        "address_id": mask_personal(str(place.get("address_id") or "")),
        "zipcode": "",
        "lat": place.get("lat"),
        "long": place.get("lon"),
        "media_url": f"{url}/open311/v2/media/{matter.number}/{files[0]}" if files else _given_url(matter),
    }


def notes(view: CitizenView) -> str:
    """How it stands in words, with the latest answer."""
    said = next((event.text for event in reversed(view.events) if event.what == "reply" and event.text), "")
    words = NOTES[view.state]
    return f"{words}：{mask_personal(said)}" if said else words


def updates(matter: Matter, view: CitizenView, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """What happened to a matter between two moments, as updates with mySociety's states."""
    found = []
    for place, event in enumerate(view.events):
        state = _STATE_AFTER.get(event.what)
        if begin <= event.at <= end and (state or event.text):
            found.append(
                {
                    "update_id": f"{matter.number}-{place}",
                    "service_request_id": matter.number,
                    "status": _FMS[state or view.state],
                    "updated_datetime": moment(event.at),
                    "description": mask_personal(event.text or (NOTES[state] if state else "")),
                    "media_url": None,
                }
            )
    return found


_STATE_AFTER = {
    "submitted": "submitted",
    "accept": "accepted",
    "reject": "rejected",
    "dispatch": "dispatched",
    "designate": "dispatched",
    "sign": "signed",
    "pause": "paused",
    "reply": "replied",
    "follow_up": "followed_up",
    "redo": "redo",
    "close": "closed",
    "reopen": "reopened",
    "withdraw": "withdrawn",
    "merge": "merged",
}


def _given_url(matter: Matter) -> str | None:
    return str((matter.extra or {}).get("media_url") or "") or None
