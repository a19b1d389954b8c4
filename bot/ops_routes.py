"""For whoever runs the service: alive, ready, and numbers for Prometheus."""

import contextlib
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core import heartbeat, schema
from core.clock import Clock
from core.db import Database
from core.errors import Unavailable
from core.people import Role
from core.web import Guard, require
from notify import auditor
from notify.outbox import gauges


def build_router(db: Database, clock: Clock, guard: Guard, *, has_worker: bool) -> APIRouter:
    """``/healthz``, ``/readyz``, ``/metrics``."""
    router = APIRouter(tags=["operation"])
    head = schema.head()

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        """Database and migrations; the worker's heartbeat counts only where this process runs one."""
        found: dict[str, Any] = {"database": "ok", "migrations": "ok", "worker": None, "auditor": None}
        try:
            seen = await db.read(heartbeat.workers, clock())
            if await db.read(schema.revision) != head:
                found["migrations"] = "not at the newest: run `sunline db upgrade`"
            clean = await db.read(auditor.last_clean, clock())
            if clean is not None:
                found["auditor"] = {"seconds_ago": round(clean, 1)}
            if seen:
                found["worker"] = {"host": seen[0][0], "seconds_ago": round(seen[0][1], 1)}
        except Unavailable:
            found["database"] = "unavailable"
        late = has_worker and (not found["worker"] or found["worker"]["seconds_ago"] > heartbeat.LATE.total_seconds())
        well = found["database"] == found["migrations"] == "ok" and not late
        return JSONResponse({"ready": well, **found}, 200 if well else 503)

    @router.get("/metrics", dependencies=[require(guard, Role.ADMIN, Role.AUDITOR)], include_in_schema=False)
    async def metrics() -> Response:
        """For Prometheus; needs a token."""
        with contextlib.suppress(Unavailable):
            gauges.show(await db.read(gauges.depths, clock()))
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
