"""Liveness and readiness checks."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.body import Out, with_examples
from presswork.api.http.envelope import ErrorBody, request_id_of
from presswork.api.http.error_guide import ErrorLinks
from presswork.api.http.responses import respond
from presswork.core.errors import Code, PressworkError
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.listener import Listener
from presswork.db.migrate import pending
from presswork.db.queries import load
from presswork.telemetry.queue_metrics import WORKER_SEEN_WITHIN, Backlog, QueueMetrics

router: Final = APIRouter(tags=["Service"])
_SQL: Final = load("presswork.api.health")

_GOOD_CHECKS: Final[list[JsonDict]] = [
    {"name": "database", "ok": True, "message": "reachable"},
    {"name": "migrations", "ok": True, "message": "current"},
]
_READY: Final[JsonDict] = {
    "status": "ready",
    "listener": "connected",
    "checks": [
        *_GOOD_CHECKS,
        {"name": "worker", "ok": True, "message": "seen recently"},
        {"name": "queue", "ok": True, "message": "no post is overdue"},
    ],
}
_UNREADY: Final[JsonDict] = {
    "status": "not_ready",
    "listener": "connected",
    "checks": [
        *_GOOD_CHECKS,
        {"name": "worker", "ok": False, "message": "no recent heartbeat; start a worker with `presswork worker`"},
        {"name": "queue", "ok": True, "message": "no post is overdue"},
    ],
    "error": {
        "code": "UNAVAILABLE",
        "message": "worker: no recent heartbeat; start a worker with `presswork worker`",
        "requestId": "req_01K9ZQ2V3M8T5R7W1X4Y6Z0ABC",
        "docUrl": "https://presswork.example.com/errors/UNAVAILABLE",
    },
}


class Health(Out):
    """The process is alive."""

    model_config = with_examples({"status": "ok"})

    status: Literal["ok"]


class Check(Out):
    """State of one dependency."""

    name: Literal["database", "migrations", "worker", "queue"]
    ok: bool
    message: str


ListenerState = Annotated[
    Literal["connected", "reconnecting"],
    Field(
        description="State of the LISTEN connection. `reconnecting` is not a failure: until it is back, each request looks "
        "its key up in the database."
    ),
]


class Readiness(Out):
    """The service can accept and publish posts."""

    model_config = with_examples(_READY)

    status: Literal["ready"]
    listener: ListenerState
    checks: list[Check]


class Unready(Out):
    """A dependency of publishing is unavailable; `checks` shows which one."""

    model_config = with_examples(_UNREADY)

    status: Literal["not_ready"]
    listener: ListenerState
    checks: list[Check]
    error: ErrorBody


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", response_model=Health, summary="Check liveness")
async def healthz() -> Response:
    """Return 200 while the process runs."""
    return respond(Health(status="ok"))


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    response_model=Readiness,
    responses={
        503: {"model": Unready, "description": "A dependency of publishing is unavailable; `checks` shows which one."}
    },
    summary="Check readiness",
)
async def readyz(
    request: Request,
    context: Ctx,
    part: Annotated[
        Literal["all", "api"],
        Query(
            description="`api` checks what accepting requests needs, for a load balancer; `all` also checks what publishing needs."
        ),
    ] = "all",
) -> Response:
    """Return 200 if the database is migrated, a worker has a recent heartbeat and no post is overdue; otherwise 503."""
    checks = await _checks(context, of_workers=part == "all")
    listener: ListenerState = "connected" if context.part(Listener).is_connected else "reconnecting"
    missing = [f"{check.name}: {check.message}" for check in checks if not check.ok]
    if not missing:
        return respond(Readiness(status="ready", listener=listener, checks=checks))
    error = ErrorBody(
        code=Code.UNAVAILABLE,
        message="; ".join(missing),
        requestId=request_id_of(request),
        docUrl=context.part(ErrorLinks).to(Code.UNAVAILABLE),
    )
    unready = Unready(status="not_ready", listener=listener, checks=checks, error=error)
    return respond(unready, status=503, exclude_none=True)


async def _checks(context: Ctx, *, of_workers: bool) -> list[Check]:
    try:
        async with context.pool.acquire(timeout=2) as connection:
            missing = await pending(connection)
            is_worker_seen = not missing and await connection.fetchval(
                _SQL["is_worker_seen"], context.clock.database_now(), WORKER_SEEN_WITHIN
            )
        backlog = await context.part(QueueMetrics).backlog() if of_workers and not missing else None
    except PressworkError as error:
        return [
            Check(name="database", ok=True, message="reachable"),
            Check(name="migrations", ok=False, message=error.message),
        ]
    except DATABASE_ERRORS:
        return [
            Check(
                name="database", ok=False, message="not reachable; check PRESSWORK_DATABASE_URL and the database server"
            )
        ]
    checks = [
        Check(name="database", ok=True, message="reachable"),
        Check(
            name="migrations",
            ok=not missing,
            message=f"{len(missing)} pending; run `presswork migrate`" if missing else "current",
        ),
    ]
    if of_workers:
        message = "seen recently" if is_worker_seen else "no recent heartbeat; start a worker with `presswork worker`"
        checks.append(Check(name="worker", ok=is_worker_seen, message=message))
    if backlog is not None:
        checks.append(_queue(backlog, context.settings.ready_late_after))
    return checks


def _queue(backlog: Backlog, late_after: timedelta) -> Check:
    if backlog.late_by <= late_after:
        return Check(name="queue", ok=True, message="no post is overdue")
    late = f"a post has been overdue for {backlog.late_by.total_seconds():.0f} s"
    return Check(name="queue", ok=False, message=f"{late}; check the workers' logs, or start more workers")
