"""Whether the process is alive, and whether it can do its work."""

from datetime import timedelta
from typing import Final, Literal

import asyncpg
from fastapi import APIRouter
from starlette.responses import Response

from presswork.db.migrate import pending
from presswork.db.queries import load
from presswork.errors import PressworkError
from presswork.http.answers import answer
from presswork.http.body import Out
from presswork.http.context import Ctx, Now

router: Final = APIRouter(tags=["Service"])
_SQL: Final = load("presswork.http")

WORKER_SEEN_WITHIN: Final = timedelta(seconds=15)
"""A worker that has not been heard of for this long counts as gone."""


class Health(Out):
    """The process answers."""

    status: Literal["ok"]


class Check(Out):
    """One thing that readiness depends on."""

    name: Literal["database", "migrations", "worker"]
    ok: bool
    message: str


class Readiness(Out):
    """Whether the service can accept and publish posts now."""

    status: Literal["ready", "not_ready"]
    checks: list[Check]


@router.get("/healthz", response_model=Health, summary="Is the process alive?")
async def healthz() -> Response:
    """Answer 200 as long as the process runs."""
    return answer(Health(status="ok"))


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={
        503: {"model": Readiness, "description": "Something that publishing needs is missing; `checks` says what."}
    },
    summary="Can it do its work?",
)
async def readyz(context: Ctx, now: Now) -> Response:
    """Answer 200 when the database is reachable and migrated and a worker was seen lately, else 503 with what is missing."""
    checks = await _checks(context, now)
    ok = all(check.ok for check in checks)
    return answer(Readiness(status="ready" if ok else "not_ready", checks=checks), status=200 if ok else 503)


async def _checks(context: Ctx, now: Now) -> list[Check]:
    try:
        async with context.pool.acquire(timeout=2) as connection:
            missing = await pending(connection)
            seen = None if missing else await connection.fetchval(_SQL["worker_seen_at"])
    except PressworkError as error:
        return [
            Check(name="database", ok=True, message="reachable"),
            Check(name="migrations", ok=False, message=error.message),
        ]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return [Check(name="database", ok=False, message="not reachable; check PRESSWORK_DATABASE_URL and the server")]
    is_worker_there = seen is not None and now - seen <= WORKER_SEEN_WITHIN
    return [
        Check(name="database", ok=True, message="reachable"),
        Check(
            name="migrations",
            ok=not missing,
            message=f"{len(missing)} pending; run `presswork migrate`" if missing else "current",
        ),
        Check(
            name="worker",
            ok=is_worker_there,
            message="seen lately" if is_worker_there else "none seen lately; start one with `presswork worker`",
        ),
    ]
