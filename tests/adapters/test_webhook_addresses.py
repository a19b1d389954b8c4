"""Where a webhook may lead: never, by way of a name, to this machine itself."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.webhook import OutwardResolver, WebhookChannel, WebhookSettings
from core.clock import system_clock
from core.errors import Rejected, Retryable
from core.messages import Outgoing

INWARD = ["127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "::1", "::ffff:127.0.0.1"]  # noqa: S104 - a target


class Names(AbstractResolver):
    """Names of a town that is not there."""

    def __init__(self, **addresses: Sequence[str]) -> None:
        self._addresses = {name.replace("_", "."): found for name, found in addresses.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses[host]
        ]

    async def close(self) -> None:
        """Holds nothing."""


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[str]]]:
    """Something on this machine, and the paths it was asked for."""
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/away":
            return web.Response(status=302, headers={"Location": "/secret"})
        return web.Response()

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1], asked
    await runner.cleanup()


async def _send(url: str, names: Names) -> None:
    origin = "/".join(url.split("/")[:3])
    settings = WebhookSettings(_env_file=None, origins=origin, timeout_seconds=2)
    channel = WebhookChannel(settings, system_clock, names)
    try:
        await channel.send(Outgoing("row", "attempt", "webhook", url, "您好"))
    finally:
        await channel.aclose()


@pytest.mark.parametrize("address", INWARD)
async def test_a_name_that_leads_to_this_machine_is_not_followed(address: str) -> None:
    async with listening() as (port, asked):
        with pytest.raises(Retryable):
            await _send(f"http://hooks.example:{port}/x", Names(hooks_example=[address]))
        assert asked == []


async def test_of_several_addresses_of_a_name_only_those_that_lead_out_are_tried() -> None:
    names = OutwardResolver(Names(hooks_example=["127.0.0.1", "192.0.2.1", "fe80::1%2", "10.1.2.3"]))
    assert [one["host"] for one in await names.resolve("hooks.example")] == ["192.0.2.1", "10.1.2.3"]


async def test_an_operator_who_writes_localhost_or_the_address_means_it() -> None:
    async with listening() as (port, asked):
        for host in ("localhost", "127.0.0.1"):
            await _send(f"http://{host}:{port}/{host}", Names(localhost=["127.0.0.1"]))
        assert asked == ["/localhost", "/127.0.0.1"]


async def test_a_redirect_is_an_answer_not_a_way() -> None:
    async with listening() as (port, asked):
        with pytest.raises(Rejected):
            await _send(f"http://127.0.0.1:{port}/away", Names())
        assert asked == ["/away"]
