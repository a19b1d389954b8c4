"""The form on which a matter is handed in: its fields, what is wrong with them, the matter they make. Pure."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.dialogue import details
from bot.dialogue.form import KINDS as TOLD_KINDS
from bot.emergency import Danger
from bot.hotline.intake import MAX_TEXT, MAX_TITLE, NewMatter
from bot.hotline.rules import KindRule
from bot.hotline.words import PROTECTED, Kind
from bot.openings import subject
from core.crypto import index
from core.errors import BadInput
from core.people import normal_phone

SOURCE = "web"
KINDS = (*TOLD_KINDS, Kind.INFORMATION_REQUEST.value)
"""As they are offered, in the order of the conversations."""
WAYS = ("open", "confidential", "anonymous")
"""Who may know who wrote: whoever handles it, only the hotline (保密), nobody (匿名)."""
MAX_PLACE = 200
MAX_NAME = 60
MAX_PHONE = 30
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: the key of a sentence and its values."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form brought, as it was typed. ``id`` is the form's own, random; ``lat`` and ``lon`` may be empty."""

    id: str
    kind: str = ""
    text: str = ""
    title: str = ""
    place: str = ""
    lat: str = ""
    lon: str = ""
    name: str = ""
    phone: str = ""
    way: str = WAYS[0]
    whom: str = "self"
    for_person: str = ""
    for_phone: str = ""
    home_visit: str = ""

    @classmethod
    def of(cls, form_id: str, fields: Mapping[str, str]) -> "Sheet":
        """From the fields of a form; what is not a choice of ours is none."""
        known = {name: fields.get(name, "").strip() for name in cls.__dataclass_fields__ if name != "id"}
        known["kind"] = known["kind"] if known["kind"] in KINDS else ""
        known["way"] = known["way"] if known["way"] in WAYS else WAYS[0]
        known["whom"] = "family" if known["whom"] == "family" else "self"
        return cls(form_id, **known)

    @property
    def position(self) -> tuple[float, float] | None:
        """Where the browser says it is (WGS 84); None when it said nothing sensible."""
        try:
            lat, lon = float(self.lat), float(self.lon)
        except ValueError:
            return None
        fits = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180
        return (round(lat, 6), round(lon, 6)) if fits else None

    def faults(self) -> dict[str, Fault]:
        """What has to be put right, by field, in the order of the form."""
        found = {
            "kind": Fault("new.fault_kind") if not self.kind else None,
            "text": self._text_fault(),
            "title": _too_long(self.title, MAX_TITLE),
            "place": _too_long(self.place, MAX_PLACE),
            "for_person": _too_long(self.for_person, MAX_NAME) if self.whom == "family" else None,
            "name": _too_long(self.name, MAX_NAME) if self.way != "anonymous" else None,
            "phone": self._phone_fault(self.phone),
            "for_phone": self._phone_fault(self.for_phone) if self.whom == "family" else None,
            "home_visit": Fault("new.fault_home") if self._nowhere_to_go() else None,
        }
        return {name: fault for name, fault in found.items() if fault}

    def _text_fault(self) -> Fault | None:
        if sum(char.isalnum() for char in self.text) < _SHORTEST:
            return Fault("new.fault_text")
        if len(self.text) > MAX_TEXT:
            return Fault("new.fault_text_long", {"most": MAX_TEXT, "over": len(self.text) - MAX_TEXT})
        return None

    def _phone_fault(self, phone: str) -> Fault | None:
        if not phone or self.way == "anonymous":
            return None
        try:
            normal_phone(phone[:MAX_PHONE])
        except BadInput:
            return Fault("new.fault_phone")
        return None

    def _nowhere_to_go(self) -> bool:
        """A visit is wished, and nobody could agree on it or find the way."""
        found = (self.place or self.position) and (self.phone or self.for_phone)
        return self.visited and not found

    @property
    def visited(self) -> bool:
        """Somebody should come to them (上门服务); not to somebody who stays unknown."""
        return self.home_visit == "1" and self.way != "anonymous"

    def matter(self, locale: str, danger: Danger | None, family: str) -> NewMatter:
        """What is registered. ``family``: how a relative is named who was not named."""
        anonymous = self.way == "anonymous"
        place: dict[str, Any] = {"address": self.place} if self.place else {}
        if self.position:
            place |= dict(zip(("lat", "lon"), self.position, strict=True))
        return NewMatter(
            kind=Kind(self.kind),
            text=self.text,
            title=self.title or subject(self.text),
            source=SOURCE,
            locale=locale,
            name="" if anonymous else self.name,
            phone="" if anonymous else self.phone,
            for_person=(self.for_person or family) if self.whom == "family" and not anonymous else "",
            for_phone=self.for_phone if self.whom == "family" and not anonymous else "",
            home_visit=self.visited,
            anonymous=anonymous,
            confidential=self.way == "confidential",
            place=place or None,
            emergency=danger.kind if danger and danger.now else "",
            vulnerable=details.tells("vulnerable", self.text),
            dedup_key=self.key,
        )

    @property
    def key(self) -> str:
        """What makes it the same matter: the same form with the same words, however often it is sent.

        With other words it is another matter: somebody went back in the browser and wrote anew. The form's id is
        random and kept nowhere, so that the key tells nobody who wrote.
        """
        return "web:" + index("\0".join(map(str, asdict(self).values())), "site.matter")

    def missing(self, rule: KindRule) -> tuple[str, ...]:
        """What of the kind's checklist it leaves open; nothing is asked of somebody who stays unknown."""
        if self.way == "anonymous":
            return ()
        known = {"contact"} if self.phone else set()
        known |= {"where"} if self.place or self.position else set()
        known |= {"name"} if self.name else set()
        return details.missing(rule.needs, self.text, known)

    @property
    def protected(self) -> bool:
        """Whether words and sender are hidden from all but the hotline."""
        return self.way == "confidential" or (bool(self.kind) and Kind(self.kind) in PROTECTED)


def _too_long(text: str, most: int) -> Fault | None:
    return Fault("new.fault_long", {"most": most}) if len(text) > most else None
