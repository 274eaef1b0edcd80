"""Maintenance, once a minute: re-encrypts with the primary key, deletes rows and files that are no longer needed, and
makes previews that are missing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from presswork.agents.grants import sweep_agents
from presswork.audit.record import sweep_audit_log
from presswork.comments.receive import delete_old_comments, forget_texts
from presswork.content.delete_content import erase_logs
from presswork.content.previews import PreviewMaintenance
from presswork.content.reminders import remind
from presswork.content.retention import MediaRetention
from presswork.content.sweep import sweep_uploads
from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.events.store import sweep_events
from presswork.exports.store import sweep_exports
from presswork.idempotency.stored_replies import sweep as sweep_replies
from presswork.inbound_webhooks.receive import sweep_notices
from presswork.insights.store import add_months, sweep_insights
from presswork.legal.handle_request import sweep_user_requests
from presswork.links.store import sweep_links
from presswork.live_reads.store import sweep_budgets
from presswork.media.links import sweep_grants
from presswork.media.orphan_sweep import PAGE, sweep_orphans
from presswork.media.removals import sweep_removals
from presswork.media.store import MediaStore
from presswork.notices.store import announce_limits, warn_of_quota, warn_of_tokens
from presswork.notices.store import sweep_notices as sweep_people_notices
from presswork.orgs.usage import merge_usage
from presswork.people.sessions import sweep_people
from presswork.platforms.settings import Settings
from presswork.posts.bulk import sweep_bulk_jobs
from presswork.posts.sweep import TimelineSweep
from presswork.secretkeys.re_encrypt import run_re_encryption
from presswork.telemetry import meters
from presswork.worker.lanes import clear_former_secrets, expire_deliveries, sweep_deliveries
from presswork.worker.sms import sweep_sms
from presswork.worker.store import WorkStore

log = structlog.get_logger()

EVERY: Final = timedelta(minutes=1)
MAX_BATCHES: Final = 20
"""Batches that one step deletes per round; the rest is deleted in later rounds."""
MAX_AT_ONCE: Final = 6
"""Steps that run at once: one more than wait for the media store, so that a slow one delays no statement."""
STEP_WITHIN: Final = timedelta(minutes=5)
"""How long a step may take; MAX_BATCHES statements that end just within their own timeout take less."""
_BATCH: Final = 1_000
_LARGE_BATCH: Final = 10_000
_UPLOADS: Final = 200
_EXPORTS: Final = 50
_PREVIEWS: Final = 1_000_000
"""More than a round makes, so that the step, which takes a while, runs once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of maintenance: called again until a batch is short, MAX_BATCHES times at most."""

    name: str
    run: Callable[[], Awaitable[int]]
    batch: int
    """Rows of a full batch."""
    within: timedelta = STEP_WITHIN
    """How long it may take in a round."""


async def run_maintenance(
    settings: Settings,
    pool: Pool,
    store: WorkStore,
    keyring: Keyring,
    media: MediaStore,
    previews: PreviewMaintenance,
    clock: Clock,
) -> None:
    """Start a round of maintenance every minute, until cancelled. No step waits for one of the round before but itself."""
    timelines, retention = TimelineSweep(pool), MediaRetention(pool, media)
    async with asyncio.TaskGroup() as group:
        maintenance = Maintenance(group)
        while True:
            try:
                now = await pool.fetchval("SELECT coalesce($1, now())", clock.database_now())
            except TRANSIENT_ERRORS as error:
                log.warning("maintenance postponed: the database is unavailable", error=type(error).__name__)
            else:
                maintenance.start(
                    [
                        *steps(pool, store, keyring, media, now=now),
                        *warning_steps(settings, pool, now=now),
                        *retention_steps(settings, pool, timelines, retention, now=now),
                        Step("previews", partial(previews.run, now=now), _PREVIEWS),
                    ]
                )
            await asyncio.sleep(EVERY.total_seconds())


def steps(pool: Pool, store: WorkStore, keyring: Keyring, media: MediaStore, *, now: datetime) -> Sequence[Step]:
    """Return the steps of a round. `now` is the database's time."""

    async def once(work: Callable[[], Awaitable[object]]) -> int:
        await work()
        return 0

    return [
        Step("re-encrypt", partial(once, partial(run_re_encryption, pool, keyring)), 1),
        Step("webhook-secrets", partial(once, partial(clear_former_secrets, pool, now=now)), 1),
        Step("idempotency", partial(sweep_replies, pool, now=now, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("media-grants", partial(sweep_grants, pool, now, limit=_BATCH), _BATCH),
        Step("uploads", partial(sweep_uploads, pool, media, now, limit=_UPLOADS), _UPLOADS),
        Step("removed-media", partial(sweep_removals, pool, media, now, limit=_UPLOADS), _UPLOADS),
        Step("unnamed-media", partial(sweep_orphans, pool, media, now, limit=PAGE), PAGE),
        Step("erasures", partial(erase_logs, pool, limit=_BATCH), _BATCH),
        Step("content-reminders", partial(remind, pool, now=now, limit=_BATCH), _BATCH),
        Step("platform-notices", partial(sweep_notices, pool, now=now, limit=_BATCH), _BATCH),
        Step("comment-texts", partial(forget_texts, pool, now=now, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("links", partial(sweep_links, pool, now=now, limit=_BATCH), _BATCH),
        Step("user-requests", partial(sweep_user_requests, pool, now=now, limit=_BATCH), _BATCH),
        Step("sms", partial(sweep_sms, pool, now=now, limit=_BATCH), _BATCH),
        Step("webhook-expiry", partial(expire_deliveries, pool, now=now, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("events", partial(sweep_events, pool, now=now, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("workers", partial(store.sweep, "sweep_workers", now=now, limit=_BATCH), _BATCH),
        Step("rate-limits", partial(store.sweep, "sweep_rate_limits", now=now, limit=_BATCH), _BATCH),
        Step("phone-events", partial(store.sweep, "sweep_phone_events", now=now, limit=_BATCH), _BATCH),
        Step("people", partial(sweep_people, pool, now=now, limit=_BATCH), _BATCH),
        Step("notices", partial(sweep_people_notices, pool, now=now, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("agents", partial(sweep_agents, pool, now=now, limit=_BATCH), _BATCH),
        Step("bulk-jobs", partial(sweep_bulk_jobs, pool, now=now, limit=_BATCH), _BATCH),
        Step("exports", partial(sweep_exports, pool, media, now=now, limit=_EXPORTS), _EXPORTS),
        Step("insights-months", partial(once, partial(add_months, pool, now=now)), 1),
        Step("usage", partial(merge_usage, pool, limit=_LARGE_BATCH), _LARGE_BATCH),
        Step("read-budgets", partial(sweep_budgets, pool, now=now, limit=_BATCH), _BATCH),
        Step("logins", partial(store.sweep, "sweep_states", now=now, limit=_BATCH), _BATCH),
    ]


def warning_steps(settings: Settings, pool: Pool, *, now: datetime) -> Sequence[Step]:
    """Return the steps that write events about what will be a problem soon."""
    quota = partial(warn_of_quota, pool, quota_bytes=settings.media_quota_bytes, now=now, limit=_BATCH)
    return [
        Step("token-warnings", partial(warn_of_tokens, pool, now=now, limit=_BATCH), _BATCH),
        Step("quota-warnings", quota, _BATCH),
        Step("limits", partial(announce_limits, pool, now=now, limit=_BATCH), _BATCH),
    ]


def retention_steps(
    settings: Settings, pool: Pool, timelines: TimelineSweep, retention: MediaRetention, *, now: datetime
) -> Sequence[Step]:
    """Return the steps that delete what users can read, after a time that the operator sets."""
    keep = settings.keep_webhook_deliveries
    found = [Step("webhook-log", partial(sweep_deliveries, pool, keep=keep, now=now, limit=_LARGE_BATCH), _LARGE_BATCH)]
    sweep_numbers = partial(sweep_insights, pool, keep=settings.keep_insights, now=now, limit=_LARGE_BATCH)
    found.append(Step("insights", sweep_numbers, _LARGE_BATCH))
    if (keep_media := settings.keep_media) is not None:
        found.append(Step("media", partial(retention.run, keep=keep_media, now=now, limit=_UPLOADS), _UPLOADS))
    if (keep_timelines := settings.keep_timelines) is not None:
        run = partial(timelines.run, keep=keep_timelines, now=now, limit=_LARGE_BATCH)
        found.append(Step("timelines", run, _LARGE_BATCH))
    if (keep_comments := settings.keep_comments) is not None:
        run = partial(delete_old_comments, pool, keep=keep_comments, now=now, limit=_LARGE_BATCH)
        found.append(Step("comments", run, _LARGE_BATCH))
    if (keep_audit_log := settings.keep_audit_log) is not None:
        sweep = partial(sweep_audit_log, pool, keep=keep_audit_log, now=now, limit=_LARGE_BATCH)
        found.append(Step("audit-log", sweep, _LARGE_BATCH))
    return found


class Maintenance:
    """Runs steps side by side, MAX_AT_ONCE at once. One that fails or takes long stops and delays no other."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group: Final = group
        self._slots: Final = asyncio.Semaphore(MAX_AT_ONCE)
        self._running: Final[dict[str, asyncio.Task[None]]] = {}

    def start(self, steps: Sequence[Step]) -> None:
        """Start a round: every step but those that still run or wait from the round before."""
        for step in steps:
            if (task := self._running.get(step.name)) is None or task.done():
                self._running[step.name] = self._group.create_task(self._run(step), name=f"maintenance {step.name}")

    async def _run(self, step: Step) -> None:
        async with self._slots:
            await _run_step(step)


async def run_steps(steps: Sequence[Step]) -> None:
    """Run a round of steps to its end."""
    async with asyncio.TaskGroup() as group:
        Maintenance(group).start(steps)


async def _run_step(step: Step) -> None:
    """Run a step. One that fails, or exceeds its time limit, is logged, counted, and runs again in the next round."""
    limit = asyncio.timeout(step.within.total_seconds())
    try:
        async with limit:
            for _ in range(MAX_BATCHES):
                if await step.run() < step.batch:
                    break
            else:
                log.warning("maintenance continues in the next round", step=step.name, batches=MAX_BATCHES)
    except TRANSIENT_ERRORS as error:
        if limit.expired():
            meters.maintenance_failures.labels(step.name).inc()
            seconds = step.within.total_seconds()
            log.exception(
                "maintenance step took too long; it runs again in the next round", step=step.name, seconds=seconds
            )
        else:
            log.warning("maintenance step postponed", step=step.name, error=type(error).__name__)
    except Exception:
        meters.maintenance_failures.labels(step.name).inc()
        log.exception("maintenance step failed; it runs again in the next round", step=step.name)
