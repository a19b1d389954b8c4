"""How the stand-in for Twilio answers: refusals, scripted faults, and the transcript of what was asked."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from tests.fakes.twilio_state import Fault, Refused


@dataclass(frozen=True)
class Request:
    """One line of the transcript."""

    method: str
    path: str
    form: Mapping[str, str]


def error(refused: Refused) -> web.Response:
    """A refusal in Twilio's form."""
    body = {"code": refused.code, "message": refused.message, "more_info": "", "status": refused.status}
    return web.json_response(body, status=refused.status)


async def misbehave(request: web.Request, fault: Fault, answer: web.Response | None) -> web.Response:
    """The fault's ending; ``answer`` is what would have been said."""
    await asyncio.sleep(fault.delay_s)
    if fault.cut and request.transport is not None:
        request.transport.abort()
    if fault.body is not None:
        return web.Response(text=fault.body, status=fault.status or 201, content_type="application/json")
    if fault.status:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        body = json.dumps({"code": fault.code, "message": "as scripted", "status": fault.status})
        text = body if fault.code else "<html>as scripted</html>"
        return web.Response(text=text, status=fault.status, headers=headers)
    return answer if answer is not None else web.Response(status=201, text="{}")
