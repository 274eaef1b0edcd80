"""Checks of the work: workers, the queue, accounts, webhooks and encrypted values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.doctor.checks.keys import encrypted_values
from presswork.doctor.model import Finding, fail, ok, warn
from presswork.insights.store import RemovedMetric, list_removed
from presswork.platforms.settings import Settings
from presswork.telemetry.queue_metrics import MAX_COUNTED, Backlog, read_backlog

_SQL: Final = load("presswork.doctor.checks", "checks.sql")

_CLOCK_AHEAD: Final = timedelta(seconds=5)
_AUDIT_LOG_LATE: Final = timedelta(days=2)
_MAX_LETTERS: Final = 200
_MAX_METRICS: Final = 10
_MEDIA_OLD: Final = timedelta(days=30)
"""After their last post, media may go: the least of PRESSWORK_KEEP_MEDIA."""
_MAX_CONTENT: Final = 1_000
_REMOVALS_LATE: Final = timedelta(days=1)
_WEBHOOKS_LATE: Final = timedelta(minutes=5)


async def check_work(settings: Settings, connection: Connection) -> list[Finding]:
    """Check the queue and what it waits for. Needs the current schema."""
    backlog = await read_backlog(connection)
    return [
        _workers(backlog),
        *[
            fail(
                f"clock of worker {row['id']}",
                f"It is {row['ahead'].total_seconds():.0f} s ahead of the database server's clock.",
                "Synchronize the clock of every machine by NTP: leases are compared between machines.",
            )
            for row in await connection.fetch(_SQL["workers_ahead"], _CLOCK_AHEAD)
        ],
        queue(backlog, late_after=settings.ready_late_after),
        *await _missing_settings(connection),
        *await _find_retrying(connection),
        accounts(backlog),
        webhooks(backlog),
        *await _notices(settings, connection),
        *await encrypted_values(settings, connection),
        *await _audit_log(settings, connection),
        await _media(settings, connection),
        *removed_metrics(await list_removed(connection)),
    ]


async def has_live_projects(connection: Connection) -> bool:
    """Whether any live project is in use, so that what only these need is missed."""
    return bool(await connection.fetchval(_SQL["has_live_projects"]))


async def _audit_log(settings: Settings, connection: Connection) -> list[Finding]:
    """Compare the age of the audit log with the setting, which workers can't follow if they may only append."""
    row = await connection.fetchrow(_SQL["audit_log_age"])
    if settings.keep_audit_log is None or row is None or row["oldest_at"] is None or row["may_delete"]:
        return []
    late_by = row["now"] - settings.keep_audit_log - row["oldest_at"]
    if late_by < _AUDIT_LOG_LATE:
        return []
    return [
        warn(
            "audit log",
            f"It has entries that are {late_by.days} days older than PRESSWORK_KEEP_AUDIT_LOG allows, and the role of the "
            "workers can't delete them.",
            "Run `presswork audit prune` every day as the owner of the tables: docs/audit-log.md, Retention.",
        )
    ]


async def _media(settings: Settings, connection: Connection) -> Finding:
    now = await connection.fetchval("SELECT now()")
    row = await connection.fetchrow(_SQL["media_use"], now - _MEDIA_OLD, _MAX_CONTENT)
    if row is None:
        raise RuntimeError("media_use returned no row")
    return media_use(MediaUse(**row), keeps_all=settings.keep_media is None)


def removed_metrics(removed: Sequence[RemovedMetric]) -> Sequence[Finding]:
    """Name the metrics that platforms reported to be invalid: they are not asked for any more."""
    if not removed:
        return []
    names = ", ".join(f"{one.metric} ({one.login}, {one.environment})" for one in removed[:_MAX_METRICS])
    more = f" and {len(removed) - _MAX_METRICS} more" if len(removed) > _MAX_METRICS else ""
    return [
        warn(
            "removed metrics",
            f"Platforms report that these metrics do not exist any more, so they are not asked for: {names}{more}.",
            "Update Presswork. To ask for them again, run `presswork insights ask-again`.",
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUse:
    """How much media is stored, in bytes, and what could go."""

    bytes: int  # that count toward quotas
    rendition_bytes: int  # of these, conversions
    containers: int  # among the oldest, whose posts ended long ago
    old_bytes: int  # of their originals
    removals: int  # objects that are to leave the store
    oldest_at: datetime | None  # since when, UTC
    now: datetime


def media_use(use: MediaUse, *, keeps_all: bool) -> Finding:
    """Say how much media there is, and what could go; warn if objects can't be removed."""
    originals = _gibibytes(use.bytes - use.rendition_bytes)
    found = f"{originals} of originals, {_gibibytes(use.rendition_bytes)} of conversions"
    if use.oldest_at is not None and use.now - use.oldest_at > _REMOVALS_LATE:
        return warn(
            "media",
            f"{found}. {use.removals} objects should have left the store since {write_instant(use.oldest_at)}.",
            'Look for "unused media object not removed" in the log of the workers, and allow them to delete objects.',
        )
    if use.containers and keeps_all:
        found += (
            f". {_gibibytes(use.old_bytes)} of them belong to content whose posts ended more than {_MEDIA_OLD.days} days ago "
            f"({use.containers:,} of the {_MAX_CONTENT:,} oldest): PRESSWORK_KEEP_MEDIA could remove them"
        )
    return ok("media", found)


def _gibibytes(size_bytes: int) -> str:
    return f"{size_bytes / 1024**3:.1f} GiB"


def _workers(backlog: Backlog) -> Finding:
    if backlog.workers:
        return ok("workers", f"{backlog.workers} running")
    found, fix = (
        "No worker has reported in the last 15 seconds",
        "Start one with `presswork worker`, or everything with `presswork up`.",
    )
    open_posts = backlog.due + backlog.lapsed + backlog.at_work
    if open_posts:
        return fail("workers", f"{found}, and {_format_count(open_posts)} post(s) are due.", fix)
    return warn("workers", f"{found}; nothing is due.", fix)


def queue(backlog: Backlog, *, late_after: timedelta) -> Finding:
    """Check whether posts wait only because no worker takes them."""
    if backlog.late_by <= late_after:
        return ok(
            "queue", f"{_format_count(backlog.due)} due, {_format_count(backlog.at_work)} being processed, none late"
        )
    late = f"A post has been waiting for a worker for {backlog.late_by.total_seconds():.0f} s"
    if backlog.lapsed:
        return fail(
            "queue",
            f"{late}; {_format_count(backlog.lapsed)} have an expired lease, and no worker takes them over.",
            "Start a worker, or check the logs of those that run: docs/operations.md, PressworkPostsLate.",
        )
    return fail(
        "queue",
        f"{late}.",
        "Start more workers, or check the logs of those that run: docs/operations.md, PressworkPostsLate.",
    )


async def _missing_settings(connection: Connection) -> list[Finding]:
    return [
        fail(
            f"missing setting {place}" if place > 1 else "missing setting",
            f"{row['posts']} post(s) wait for a setting: {row['waits_for']}",
            "Set it for every worker and restart them; an app's ID and secret can be set with PUT /v1/system/platforms, too. "
            "Posts that wait for longer than two days fail.",
        )
        for place, row in enumerate(await connection.fetch(_SQL["missing_settings"]), start=1)
    ]


async def _find_retrying(connection: Connection) -> list[Finding]:
    return [
        warn(
            f"retrying posts on {row['platform']}",
            f"{row['posts']} post(s) are being retried. The last error of one of them: {_shorten(row['message'] or '')}",
            "If the platform is at fault, wait: posts are retried automatically. docs/why-a-post-failed.md explains the codes.",
        )
        for row in await connection.fetch(_SQL["retrying_posts"])
    ]


def accounts(backlog: Backlog) -> Finding:
    """Report accounts whose authorization has ended."""
    if not backlog.accounts_to_reauth:
        return ok("accounts", "none must be connected again")
    return warn(
        "accounts",
        f"{_format_count(backlog.accounts_to_reauth)} account(s) must be connected again; until then their posts fail.",
        "Ask their owners to connect them again: `presswork connect` prints the page. An account keeps its id.",
    )


def webhooks(backlog: Backlog) -> Finding:
    """Report webhooks that are not delivered."""
    if backlog.webhook_endpoints_paused:
        return warn(
            "webhooks",
            f"{_format_count(backlog.webhook_endpoints_paused)} endpoint(s) are paused because deliveries failed.",
            "Fix the receiver (`presswork webhooks deliveries` lists its responses), then run `presswork webhooks resume`.",
        )
    if backlog.oldest_webhook_for > _WEBHOOKS_LATE:
        waited = f"{backlog.oldest_webhook_for.total_seconds():.0f} s"
        return warn(
            "webhooks",
            f"{_format_count(backlog.webhooks_pending)} deliveries are pending, and the oldest has been due for {waited}.",
            "Check that workers run and how fast receivers answer: docs/operations.md, PressworkWebhooksLate.",
        )
    return ok("webhooks", f"{_format_count(backlog.webhooks_pending)} pending, no endpoint paused because of failures")


async def _notices(settings: Settings, connection: Connection) -> list[Finding]:
    """Report notices that reach no one."""
    (state,) = await connection.fetch(_SQL["notice_state"], MAX_COUNTED)
    found = []
    if state["paused"]:
        found.append(
            warn(
                "notices",
                f"{_format_count(state['paused'])} channel(s) are paused because their messages were refused.",
                "`presswork channels list` shows the reason. Fix the receiver or create the channel again, then run "
                "`presswork channels change CHANNEL --status active`.",
            )
        )
    if state["wants_mail"] and settings.smtp_url is None:
        found.append(
            warn(
                "notices",
                "People or channels are to be notified by e-mail, and no mail server is set.",
                "Set PRESSWORK_SMTP_URL and PRESSWORK_SMTP_FROM: docs/notices.md.",
            )
        )
    return found


def _format_count(count: int) -> str:
    return f"{count:,}" if count < MAX_COUNTED else f"{MAX_COUNTED:,} or more"


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_LETTERS else f"{text[:_MAX_LETTERS]}…"
