"""Sends the text messages that bring content to a phone: in order, each once, with a look-up after a lost response."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog
from pydantic import JsonValue

from presswork.core.backoff import backoff
from presswork.core.clock import JobClock
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import CONTAINER, TEXT, public_id
from presswork.core.logging import redact
from presswork.core.phone_numbers import masked
from presswork.db.pool import Pool, affected
from presswork.db.queries import load
from presswork.jobs.runner import INTERRUPTIONS, LeaseLost
from presswork.notifications.notify_device import TextKind, TextStatus
from presswork.platforms.errors import OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.manual_posting import with_link
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import (
    Absent,
    CanceledByPlatform,
    Failed,
    Present,
    Processing,
    Sighting,
    Unreadable,
)
from presswork.platforms.registry import Platforms
from presswork.platforms.sms_port import SmsGateway, TextMessage, TextState, can_attach, pause_after, reference_of
from presswork.telemetry import meters
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import wait_after
from presswork.worker.missing_setting import LIMIT
from presswork.worker.newer_rows import NewerRows, NewerValue, known
from presswork.worker.reconciliation import Looks, Unknown, Wait, judge

log = structlog.get_logger()

_SQL: Final = load("presswork.worker", "sms.sql")

INLINE_WAIT: Final = timedelta(seconds=20)
"""Longest wait that a worker spends on a leased message; for a longer one it snoozes the message."""
NEXT_AFTER: Final = timedelta(seconds=30)
"""How long a message may be with the carrier before the next one is sent: not every carrier sends receipts."""
MAX_ERRORS: Final = 10
"""Calls without effect, refusals for a limit apart, after which a message counts as failed."""
KEPT_FOR: Final = timedelta(days=30)
"""How long a message is kept after its end: long enough to look its result up, and no longer, since it has a phone number."""
_RARELY: Final = 10
"""By how much the longest wait grows once the service has the message for certain."""
_CRASH_BACKOFF_FIRST: Final = timedelta(seconds=30)
_CRASH_BACKOFF_MAX: Final = timedelta(minutes=30)
_NO_SETTING_WAIT: Final = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class SmsRow:
    """One leased message. All but the first few fields mirror the stored row; instants are UTC."""

    id: UUID
    container_id: UUID
    environment: Environment
    kind: TextKind
    phone: str
    body: str
    has_link: bool
    status: TextStatus
    provider_id: str | None
    called_at: datetime | None
    looks: JsonValue
    """See `reconciliation.Looks`."""
    sent_at: datetime | None
    error_count: int
    version: int
    created_at: datetime
    leased_until: datetime


class SmsStore:
    """The stored messages. Methods that write raise LeaseLost if the version has changed."""

    def __init__(self, pool: Pool, *, worker_id: str, lease: timedelta) -> None:
        """Use `worker_id` as the owner of leases, each for `lease` after the last write or renewal."""
        self.lease: Final = lease
        self._pool: Final = pool
        self._worker_id: Final = worker_id
        self._newer: Final = NewerRows()

    async def claim(self, *, limit: int, now: datetime | None = None) -> Sequence[SmsRow]:
        """Lease messages that are due. One of a newer version is released for a newer worker."""
        arguments = (now, self._worker_id, self.lease, limit, self._newer.ids)
        claimed = []
        for row in await self._pool.fetch(_SQL["claim_sms"], *arguments):
            try:
                claimed.append(_row(row))
            except NewerValue as error:
                await self._leave_to_newer(row["id"], error, now=now)
        return claimed

    async def _leave_to_newer(self, sms_id: UUID, error: NewerValue, *, now: datetime | None) -> None:
        """Release a message that needs a newer version, and do not claim it again in this process."""
        self._newer.add(sms_id)
        meters.sms_left_to_newer_version.inc()
        log.warning(
            "sms left to a worker of a newer version",
            text=public_id(TEXT, sms_id),
            reason=str(error),
            fix="upgrade this worker, or run one of the newer version",
        )
        await self._pool.execute(_SQL["release_one_sms"], sms_id, self._worker_id, now)

    async def renew(self, sms_ids: Sequence[UUID], *, now: datetime | None = None) -> frozenset[UUID]:
        """Renew leases and return the messages whose lease this worker still has."""
        rows = await self._pool.fetch(_SQL["renew_sms"], now, list(sms_ids), self._worker_id, self.lease)
        return frozenset(row["id"] for row in rows)

    async def release(self, *, held: Collection[UUID] = (), now: datetime | None = None) -> None:
        """Release every message of this worker except those in `held`."""
        await self._pool.execute(_SQL["release_sms"], now, self._worker_id, list(held))

    async def leased_by_others(self, sms_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of these another worker has leased."""
        rows = await self._pool.fetch(_SQL["sms_leased_by_others"], list(sms_ids), self._worker_id)
        return frozenset(row["id"] for row in rows)

    async def next_due(self, *, now: datetime | None = None) -> timedelta | None:
        """Return how long until a message falls due."""
        wait = await self._pool.fetchval(_SQL["next_sms_due"], now)
        return wait if isinstance(wait, timedelta) else None

    async def save(self, sms: SmsRow, *, now: datetime) -> None:
        """Store a message and extend its lease. Raises UniqueViolationError on the provider id of another message."""
        until = now + self.lease
        looks = None if sms.looks is None else json.dumps(sms.looks)
        state = (sms.status.value, sms.provider_id, sms.called_at, looks, sms.sent_at, sms.error_count)
        sms.version = await self._write("save_sms", sms, now, until, *state)
        sms.leased_until = until

    async def snooze(self, sms: SmsRow, *, until: datetime, now: datetime) -> None:
        """Release a message until an instant."""
        sms.version = await self._write("snooze_sms", sms, now, until)

    async def end(self, sms: SmsRow, status: TextStatus, error: str | None, *, now: datetime) -> None:
        """End a message: the next one of its notice becomes due, or the remaining ones fail."""
        sms.version = await self._write("end_sms", sms, now, status.value, error)
        sms.status = status

    async def media(self, sms: SmsRow) -> Sequence[asyncpg.Record]:
        """Return the container's media: object_key, content_type, size_bytes, in order."""
        return await self._pool.fetch(_SQL["sms_media"], sms.container_id)

    async def known(self, message_ids: Sequence[str]) -> frozenset[str]:
        """Return which of these provider ids belong to messages of Presswork."""
        rows = await self._pool.fetch(_SQL["other_sms"], list(message_ids), len(message_ids))
        return frozenset(row["provider_id"] for row in rows)

    async def _write(self, statement: str, sms: SmsRow, now: datetime, *arguments: object) -> int:
        version = await self._pool.fetchval(_SQL[statement], sms.id, sms.version, now, *arguments)
        if version is None:
            raise LeaseLost
        return int(version)


def _row(row: asyncpg.Record) -> SmsRow:
    values = dict(row)
    return SmsRow(
        **{
            **values,
            "environment": known(Environment, row, "environment"),
            "kind": known(TextKind, row, "kind"),
            "status": known(TextStatus, row, "status"),
            "looks": None if row["looks"] is None else json.loads(row["looks"]),
        }
    )


async def sweep_sms(pool: Pool, *, now: datetime | None = None, limit: int = 1_000) -> int:
    """Delete up to `limit` messages that ended more than KEPT_FOR ago; return how many were deleted."""
    return affected(await pool.execute(_SQL["sweep_sms"], now, KEPT_FOR, limit))


class SmsSender:
    """Sends messages and follows them until they end."""

    def __init__(
        self, context: WorkerContext, store: SmsStore, platforms: Platforms, *, at_point: Callable[[str], None]
    ) -> None:
        """`at_point` receives the name of each step when it is reached."""
        self._context: Final = context
        self._store: Final = store
        self._platforms: Final = platforms
        self._at_point: Final = at_point

    async def work(self, sms: SmsRow) -> None:
        """Work on one message until it ends or is snoozed. Raises INTERRUPTIONS."""
        try:
            await self._run(sms)
        except INTERRUPTIONS:
            raise
        except Exception as error:
            log.exception("sms crashed", text=public_id(TEXT, sms.id))
            await self._handle_crash(sms, error)

    async def _handle_crash(self, sms: SmsRow, error: Exception) -> None:
        """Back off after an unexpected error; end the message once its time limit has passed."""
        meters.settle_failures.labels("sms").inc()
        what = f"An internal error of Presswork ({type(error).__name__}) occurred; see the worker's log."
        await self._snooze_or_end(
            sms, min(_CRASH_BACKOFF_MAX, max(_CRASH_BACKOFF_FIRST, self._time_since(sms.created_at) / 4)), what
        )

    async def _snooze_or_end(self, sms: SmsRow, wait: timedelta, why: str) -> None:
        """Snooze a message; end it once LIMIT has passed."""
        if self._time_since(sms.created_at) < LIMIT:
            await self._snooze(sms, wait)
        else:
            await self._end(sms, TextStatus.FAILED if sms.called_at is None else TextStatus.UNKNOWN, why)

    async def _run(self, sms: SmsRow) -> None:
        try:
            gateway = self._platforms.sms_gateway(sms.environment)
        except Unavailable as error:
            log.warning("sms waits for a setting", text=public_id(TEXT, sms.id), reason=error.message)
            await self._snooze_or_end(sms, _NO_SETTING_WAIT, error.message)
            return
        while True:
            wait = await self._step(sms, gateway)
            if wait is None:
                return
            if wait > INLINE_WAIT:
                await self._snooze(sms, wait)
                return
            await self._context.clock.sleep(wait)

    async def _step(self, sms: SmsRow, gateway: SmsGateway) -> timedelta | None:
        """Do the next step for a message and return how long to wait, or None if it has ended."""
        if sms.called_at is None:
            return await self._send(sms, gateway)
        looks = Looks.load(sms.looks, call_at=sms.called_at, now=self._read_clock())
        try:
            seen = await self._look_up(sms, gateway, sms.called_at)
        except PlatformError as error:
            seen = Unreadable(error=error)
        looks, verdict = judge(
            looks, seen, calls=sms.error_count + 1, retry_policy=gateway.retry_policy, now=self._read_clock()
        )
        match verdict:
            case Wait():
                sms.looks = looks.as_json()
                await self._store.save(sms, now=self._read_clock())
                return verdict.duration
            case Present():
                is_sent = verdict.message == TextStatus.SENT
                return await self._end(sms, TextStatus.SENT if is_sent else TextStatus.DELIVERED, None)
            case Unknown():
                return await self._end(sms, TextStatus.UNKNOWN, verdict.message)
            case Absent():
                return await self._retry_call(sms, gateway, TryLater(verdict.message, step="find"))
            case Failed():
                return await self._end(sms, TextStatus.FAILED, verdict.reason.message)
            case CanceledByPlatform():
                raise TypeError("no service cancels a message")

    async def _send(self, sms: SmsRow, gateway: SmsGateway) -> timedelta | None:
        """Commit `called_at`, then make the irreversible call."""
        body, urls = await self._compose(sms)
        self._at_point("sms_before_call")
        sms.status, sms.called_at, sms.looks = TextStatus.SENDING, self._read_clock(), None
        await self._store.save(sms, now=self._read_clock())
        self._at_point("sms_before_send")
        if self._read_clock() >= sms.leased_until:
            return timedelta()  # the process was suspended and another worker may have the lease: look up first
        callback = f"{self._context.base_url}/callbacks/text/{public_id(TEXT, sms.id)}"
        try:
            message = await gateway.send(to=sms.phone, body=body, media_urls=urls, callback_url=callback)
        except Rejected as error:
            return await self._end(sms, TextStatus.FAILED, error.message)
        except OutcomeUnknown as error:
            log.info("sms outcome unknown; asking the service", text=public_id(TEXT, sms.id), reason=error.message)
            self._at_point("sms_after_send")
            return gateway.retry_policy.poll_first
        except TryLater as error:
            return await self._retry_call(sms, gateway, error)
        self._at_point("sms_after_send")
        sms.provider_id = message.id
        await self._store.save(sms, now=self._read_clock())
        return gateway.retry_policy.poll_first

    async def _compose(self, sms: SmsRow) -> tuple[str, Sequence[str]]:
        """Return the message body with new links, and the URLs of its media."""
        now, body = self._read_clock(), sms.body
        if sms.has_link:
            page = self._context.pages.url_for(public_id(CONTAINER, sms.container_id), now=now)
            body = with_link(body, reference=reference_of(sms.id), link=page)
        media = await self._store.media(sms) if sms.kind is TextKind.MEDIA else ()
        if not can_attach([(item["content_type"], item["size_bytes"]) for item in media]):
            return body, ()
        return body, [
            await self._context.renditions.url(
                item["object_key"], item["content_type"], post_id=sms.container_id, is_one_off=False, now=now
            )
            for item in media
        ]

    async def _retry_call(self, sms: SmsRow, gateway: SmsGateway, error: TryLater) -> timedelta | None:
        """Clear `called_at` after a call without effect. The message fails after MAX_ERRORS of them, refusals for a limit apart:
        those may last for LIMIT.
        """
        sms.called_at, sms.looks = None, None
        sms.error_count += not error.is_throttled
        if sms.error_count >= MAX_ERRORS or (error.is_throttled and self._time_since(sms.created_at) >= LIMIT):
            return await self._end(sms, TextStatus.FAILED, error.message)
        await self._store.save(sms, now=self._read_clock())
        policy = gateway.retry_policy
        backed_off = backoff(policy.backoff_first, policy.backoff_max, failures=sms.error_count)
        return wait_after(policy, error, lasted=self._time_since(sms.created_at), otherwise=backed_off)

    async def _look_up(self, sms: SmsRow, gateway: SmsGateway, called_at: datetime) -> Sighting:
        """Report what the service has of a message: by its id, or by its text where the response with the id was lost.

        Raises PlatformError.
        """
        if sms.provider_id is not None:
            return self._sighting_of(sms, gateway, await gateway.fetch(sms.provider_id))
        reference = reference_of(sms.id)
        found = await gateway.find(
            to=sms.phone,
            since=called_at,
            is_it=(lambda body: reference in body) if sms.has_link else (lambda body: is_same_text(body, sms.body)),
        )
        others = await self._store.known([message.id for message in found]) if found else frozenset[str]()
        mine = next((message for message in reversed(found) if message.id not in others), None)
        if mine is not None:
            sms.provider_id = mine.id
            await self._store.save(sms, now=self._read_clock())
            return self._sighting_of(sms, gateway, mine)
        # A caption alone has no reference of Presswork, and the service may have changed a character of it.
        unknown = OutcomeUnknown("It is not known whether the message was sent. Check the phone.", step="find")
        return Absent(message="The SMS service has no such message.", instead=None if sms.has_link else unknown)

    def _sighting_of(self, sms: SmsRow, gateway: SmsGateway, message: TextMessage) -> Present | Failed | Processing:
        """Return what the state shows that the service reports. With the carrier for NEXT_AFTER, a message counts as sent."""
        match message.state:
            case TextState.DELIVERED:
                return Present(external_id=message.id, message=TextStatus.DELIVERED.value)
            case TextState.FAILED:
                return Failed(reason=message.failure or Rejected("It was not delivered.", step="fetch"))
            case TextState.SENT:
                sms.sent_at = sms.sent_at or self._read_clock()
                if self._time_since(sms.sent_at) >= NEXT_AFTER:
                    return Present(external_id=message.id, message=TextStatus.SENT.value)
            case TextState.UNDER_WAY:
                pass
        return Processing(message="The SMS service has not sent the message.", check_after=self._pause(sms, gateway))

    async def _end(self, sms: SmsRow, status: TextStatus, error: str | None) -> timedelta | None:
        """End a message and return None, since there is nothing to wait for."""
        self._at_point("sms_before_end")
        await self._store.end(sms, status, None if error is None else redact(error), now=self._read_clock())
        log.info(
            "sms",
            text=public_id(TEXT, sms.id),
            container=public_id(CONTAINER, sms.container_id),
            kind=sms.kind.value,
            phone=masked(sms.phone),
            environment=sms.environment.value,
            result=status.value,
            error=error,
        )
        return None

    async def _snooze(self, sms: SmsRow, wait: timedelta) -> None:
        now = self._read_clock()
        await self._store.snooze(sms, until=now + wait, now=now)

    def _read_clock(self) -> datetime:
        return self._context.clock.now()

    def _time_since(self, instant: datetime | None) -> timedelta:
        return self._read_clock() - (instant or self._read_clock())

    def _pause(self, sms: SmsRow, gateway: SmsGateway) -> timedelta:
        longest = gateway.retry_policy.poll_max * _RARELY if sms.sent_at is None else NEXT_AFTER / 3
        return pause_after(self._time_since(sms.called_at), gateway.retry_policy, longest=longest)


@dataclass(frozen=True, slots=True)
class SmsJob:
    """A claimed message, and the clock of its attempt."""

    sms: SmsRow
    clock: JobClock


class SmsJobs:
    """The job source of the text messages that notify a device."""

    name: Final = "sms"
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta()
    is_notified: Final = True
    wakes: Final = ()

    def __init__(
        self,
        context: WorkerContext,
        store: SmsStore,
        platforms: Platforms,
        *,
        concurrency: int,
        leases: SmsStore | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """Use `leases` to claim and renew over a separate connection pool."""
        self.concurrency: Final = concurrency
        self.lease: Final = store.lease
        self._context: Final = context
        self._store: Final = store
        self._leases: Final = store if leases is None else leases
        self._platforms: Final = platforms
        self._at_point: Final = at_point

    def key_of(self, job: SmsJob) -> UUID:
        """Return the message's id."""
        return job.sms.id

    async def claim(self, limit: int) -> Sequence[SmsJob]:
        """Lease messages that are due."""
        since = self._context.clock.uptime()
        messages = await self._leases.claim(limit=limit, now=self._context.clock.database_now())
        return [
            SmsJob(sms, JobClock(self._context.clock, at=sms.leased_until - self.lease, since=since))
            for sms in messages
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; return the messages that another worker has leased.

        `leased_until` of the running job stays as the last write set it: the check of the lease right before the call
        must not count a renewal since the commit of `called_at`.
        """
        kept = await self._leases.renew(list(keys), now=self._context.clock.database_now())
        lost = [key for key in keys if key not in kept]
        return await self._leases.leased_by_others(lost) if lost else ()  # a message that has just ended is not lost

    async def release(self, held: Collection[UUID]) -> None:
        """Release every message of this worker except those in `held`."""
        await self._leases.release(held=held, now=self._context.clock.database_now())

    async def next_due(self) -> timedelta | None:
        """Return how long until a message falls due."""
        return await self._leases.next_due(now=self._context.clock.database_now())

    async def run(self, job: SmsJob) -> None:
        """Work on one message. Raises INTERRUPTIONS."""
        context = replace(self._context, clock=job.clock)
        await SmsSender(context, self._store, self._platforms, at_point=self._at_point).work(job.sms)
