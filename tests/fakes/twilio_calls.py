"""Calls at the stand-in for Twilio: placed, reported on, and answered by people who press keys."""

import xml.etree.ElementTree as ET
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from aiohttp import web

from tests.fakes.twilio_answers import Request, error, misbehave
from tests.fakes.twilio_callbacks import Callbacks
from tests.fakes.twilio_state import ACCOUNT_SID, REFUSED, Refused, State

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


class Exchange(ABC):
    """The stand-in's part for calls; ``FakeTwilio`` has the rest."""

    state: State
    callbacks: Callbacks
    receipts: bool
    transcript: list[Request]
    calls: list[Call]

    @abstractmethod
    def refusal(self, request: web.Request) -> web.Response | None:
        """What is said to wrong credentials, None for right ones."""

    async def press(self, call: Call, key: str) -> int:
        """The person called presses a key after what was heard last; the HTTP status, 0 when no key was asked for."""
        action = action_of(call.heard[-1], call.form.get("StatusCallback", ""))
        if not action:
            return 0
        call.heard.append("")
        status, call.heard[-1] = await self.callbacks.ask(action, key_form(self.state, call, key))
        return status

    async def begin_call(self, request: web.Request) -> web.Response:
        """A call is placed."""
        form = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self.transcript.append(Request("POST", request.path, form))
        if refused := self.refusal(request):
            return refused
        fault = self.state.faults.popleft() if self.state.faults else None
        if fault is not None and not fault.accept:
            return await misbehave(request, fault, None)
        try:
            call = place(self.state, form)
        except Refused as refused_by:
            return error(refused_by)
        self.calls.append(call)
        answer = web.json_response(call.as_json(ACCOUNT_SID), status=201)
        if self.receipts and form.get("StatusCallback"):
            states = ("initiated", "ringing", *(("in-progress",) if call.status == "completed" else ()), call.status)
            forms = [status_form(self.state, call, status) for status in states]
            self.callbacks.queue(form["StatusCallback"], forms)
        return answer if fault is None else await misbehave(request, fault, answer)

    async def one_call(self, request: web.Request) -> web.Response:
        """One call as it stands."""
        if refused := self.refusal(request):
            return refused
        for call in self.calls:
            if call.sid == request.match_info["call"]:
                return web.json_response(call.as_json(ACCOUNT_SID))
        return error(Refused(20404, "The requested resource was not found", 404))
