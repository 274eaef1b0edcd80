"""What is stored about the installation: runs of the checks, answers about apps, backups, and who may see it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.apps.model import AppSource
from presswork.callers.model import Principal
from presswork.core.ids import new_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.doctor.model import (
    AppCheck,
    AppResponse,
    AppResult,
    Backup,
    CheckRun,
    CheckStatus,
    Finding,
    NotFirstOrganization,
    as_json_object,
)
from presswork.platforms.names import LoginName

SQL: Final = load("presswork.doctor")
_BACKUPS_KEPT: Final = 100


async def require_first_organization(connection: "Connection | Pool", caller: Principal) -> None:
    """Raise NotFirstOrganization unless the caller belongs to the organization that was created first."""
    if await connection.fetchval(SQL["first_organization"]) != caller.organization_id:
        raise NotFirstOrganization(reason="not_first_organization")


async def claim_checks(pool: Pool, run_id: UUID, *, lease: timedelta, now: datetime | None) -> datetime | None:
    """Become the one process that runs the checks, and return the database's time, or None if another one runs them."""
    claimed: datetime | None = await pool.fetchval(SQL["claim_checks"], run_id, now, lease)
    return claimed


async def finish_checks(
    pool: Pool,
    run_id: UUID,
    *,
    started_at: datetime,
    host: str,
    findings: Sequence[Finding],
    media: tuple[int, int] | None,
    now: datetime | None,
) -> CheckRun | None:
    """Store the findings of a run that was claimed; return None if its lease has expired and another process has claimed one."""
    files, size_bytes = media or (None, None)
    finished_at = await pool.fetchval(
        SQL["finish_checks"],
        run_id,
        now,
        started_at,
        host,
        json.dumps([as_json_object(finding) for finding in findings]),
        files,
        size_bytes,
    )
    if finished_at is None:
        return None
    return CheckRun(
        started_at=started_at,
        finished_at=finished_at,
        host=host,
        findings=findings,
        media_files=files,
        media_bytes=size_bytes,
    )


async def release_checks(pool: Pool, run_id: UUID) -> None:
    """End a run that failed, so that another one may begin."""
    await pool.execute(SQL["release_checks"], run_id)


async def last_checks(
    connection: "Connection | Pool", *, now: datetime | None
) -> tuple[CheckRun | None, bool, datetime | None]:
    """Return the last finished run, whether one is in progress, and the database's time (None if no run was ever claimed)."""
    row = await connection.fetchrow(SQL["last_checks"], now)
    if row is None:
        return None, False, None
    return _run_of(row), bool(row["is_running"]), row["now"]


def _run_of(row: asyncpg.Record) -> CheckRun | None:
    if row["finished_at"] is None:
        return None
    return CheckRun(
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        host=row["host"],
        findings=[
            Finding(name=one["name"], status=CheckStatus(one["status"]), message=one["message"], fix=one["fix"])
            for one in json.loads(row["findings"])
        ],
        media_files=row["media_files"],
        media_bytes=row["media_bytes"],
    )


async def record_app_check(
    connection: "Connection | Pool",
    login: LoginName,
    source: AppSource,
    client_id_hint: str,
    response: AppResponse,
    *,
    now: datetime | None,
) -> None:
    """Store what a platform answered about an app, in place of its former response."""
    await connection.execute(
        SQL["record_app_check"], login.value, source.value, client_id_hint, response.result.value, response.message, now
    )


async def forget_app_check(connection: Connection, login: LoginName) -> None:
    """Delete the answer about an app whose credentials are no longer in use."""
    await connection.execute(SQL["forget_app_check"], login.value)


async def read_app_checks(connection: "Connection | Pool") -> Mapping[LoginName, AppCheck]:
    """Return the last responses of the platforms."""
    known = {login.value for login in LoginName}
    return {
        LoginName(row["login"]): from_row(
            AppCheck,
            row,
            login=LoginName(row["login"]),
            source=AppSource(row["source"]),
            result=AppResult(row["result"]),
        )
        for row in await connection.fetch(SQL["app_checks"])
        if row["login"] in known
    }


async def record_backup(connection: Connection, backup: Backup) -> None:
    """Store that a backup was written, and delete the records of old ones."""
    async with connection.transaction():
        await connection.execute(
            SQL["record_backup"],
            new_id(),
            backup.taken_at,
            backup.finished_at,
            backup.file,
            backup.host,
            backup.size_bytes,
            backup.has_keys,
            backup.media,
        )
        await connection.execute(SQL["forget_backups"], _BACKUPS_KEPT)


async def last_backup(connection: "Connection | Pool") -> Backup | None:
    """Return the last backup that `presswork backup` has written."""
    row = await connection.fetchrow(SQL["last_backup"])
    return None if row is None else from_row(Backup, row)
