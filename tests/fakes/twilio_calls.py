"""Calls at the stand-in for Twilio: placed, reported on, and answered by people who press keys."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from tests.fakes.twilio_state import REFUSED, Refused, State

ENDINGS = {"+12025550186": "busy", "+12025550187": "no-answer", "+12025550188": "failed"}
"""Numbers that never answer, with the state their calls end in; others answer."""
TWIML_MAX = 4000


@dataclass
class Call:
    """One call as Twilio keeps it; ``heard`` is every document of TwiML the person has listened to."""

    sid: str
    form: Mapping[str, str]
    status: str = "queued"
    heard: list[str] = field(default_factory=list)

    @property
    def to(self) -> str:
        return self.form.get("To", "")

    def as_json(self, account: str) -> dict[str, Any]:
        """The Call resource, as far as anybody reads it."""
        return {
            "sid": self.sid,
            "account_sid": account,
            "to": self.to,
            "from": self.form.get("From", ""),
            "status": self.status,
            "direction": "outbound-api",
            "uri": f"/2010-04-01/Accounts/{account}/Calls/{self.sid}.json",
            "subresource_uris": {},
        }


def place(state: State, form: Mapping[str, str]) -> Call:
    """Takes a call, or raises Refused with the code Twilio has for what is wrong."""
    to, sender = form.get("To", ""), form.get("From", "")
    if sender not in state.numbers:
        raise Refused(21210, "The source phone number provided is not verified for this account")
    if to in REFUSED or not to.startswith("+"):
        raise Refused(REFUSED.get(to, 21211), "Invalid 'To' Phone Number")
    twiml = form.get("Twiml", "")
    if not twiml or len(twiml) > TWIML_MAX:
        raise Refused(21205 if not twiml else 21218, "Url or Twiml is missing, or Twiml is too long")
    ET.fromstring(twiml)  # noqa: S314 - our own
    call = Call(state.new_id("CA"), form, heard=[twiml])
    call.status = ENDINGS.get(to, "completed")
    return call


def said(twiml: str) -> list[str]:
    """Every text of a document, in order."""
    return [verb.text or "" for verb in ET.fromstring(twiml).iter("Say")]  # noqa: S314 - our own


def languages(twiml: str) -> set[str]:
    """The languages it is read in."""
    return {verb.get("language", "") for verb in ET.fromstring(twiml).iter("Say")}  # noqa: S314 - our own


def action_of(twiml: str, base: str = "") -> str:
    """Where a pressed key is posted; empty when the document asks for none."""
    gather = ET.fromstring(twiml).find("Gather")  # noqa: S314 - our own
    return "" if gather is None else urljoin(base, gather.get("action", ""))


def query_of(url: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def status_form(state: State, call: Call, status: str) -> dict[str, str]:
    """The parameters of a status callback, or with ``Digits`` of a pressed key."""
    return {
        "AccountSid": state.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": status,
        "Called": call.to,
        "Caller": call.form.get("From", ""),
        "Direction": "outbound-api",
        "From": call.form.get("From", ""),
        "To": call.to,
    }


def key_form(state: State, call: Call, key: str) -> dict[str, str]:
    """The parameters of a pressed key."""
    return {**status_form(state, call, "in-progress"), "Digits": key, "msg": "Gather End"}
