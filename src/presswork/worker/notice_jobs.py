"""Notifies people: makes notices of events, and sends e-mails, messages to chat rooms and push messages.

A destination is a lane, leased by one worker at a time, so a slow or broken one delays no other. Sending is at least once: if
a worker dies before it stores a response, the message is sent again, with the same Message-ID or tag.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import aiosmtplib
import structlog

from presswork.core.clock import Clock, JobClock
from presswork.core.ids import NOTICE, NOTICE_CHANNEL, public_id
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Pool
from presswork.notices.fan_out import DestinationKind, fan_out
from presswork.notices.messages import Mail, chat_body
from presswork.notices.model import (
    DROPPED_AFTER,
    PAUSE_AFTER,
    TEST,
    ChannelKind,
    ChannelPause,
    ChannelStatus,
    Notice,
    NoticeType,
)
from presswork.notices.push import TTL, BrowserSubscription, PushKey, find_key, payload_of
from presswork.notices.store import SQL, notice_of
from presswork.notices.unsubscribe import Audience, Unsubscription
from presswork.people.mail_server import MailServer
from presswork.platforms.settings import Settings
from presswork.safe_http.client import GuardedClient, GuardedResponse
from presswork.safe_http.failure import FailureKind, GuardedFailure
from presswork.telemetry import meters
from presswork.webhooks.model import HOW_TO_ALLOW_PRIVATE, MAX_RETRY_AFTER, RETRIES, retry_wait
from presswork.webhooks.retry_after import requested_wait

log: Final = structlog.get_logger()

LEASE: Final = timedelta(minutes=2)
"""Longer than a batch takes; it is renewed anyway."""
MAX_CONCURRENCY: Final = 10
_MAX_EVENTS: Final = 100
"""Events of one transaction."""
_MAX_BATCH: Final = 50
"""Messages that a destination gets before others have their turn."""
_MAIL_WITHIN: Final = timedelta(seconds=30)
_MAX_ERROR: Final = 300
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class DestinationJob:
    """A claimed destination, and the clock of its messages."""

    id: UUID
    kind: DestinationKind
    failures_in_row: int
    clock: JobClock


class _Failure(Exception):
    """A message was not accepted. `is_final`: the destination does not exist any more."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason: Final = reason
        self.retry_after: Final = retry_after
        self.is_final: Final = is_final


class NoticeJobs:
    """The job source of notices: a job serves one destination. A claim first makes notices of new events."""

    name: Final = "notices"
    lease: Final = LEASE
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta(milliseconds=20)
    is_notified: Final = True
    wakes: Final = ()
    concurrency: Final = MAX_CONCURRENCY

    def __init__(
        self,
        pool: Pool,
        client: GuardedClient,
        keyring: Keyring,
        settings: Settings,
        clock: Clock,
        *,
        worker_id: str,
        base_url: str,
        leases: Pool | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Use `leases` to claim and renew over a separate connection pool; `at_point` receives the name of each step.

        URLs of pages in messages begin with `base_url`.
        """
        self._pool: Final = pool
        self._leases: Final = pool if leases is None else leases
        self._client: Final = client
        self._keyring: Final = keyring
        self._settings: Final = settings
        self._clock: Final = clock
        self._worker_id: Final = worker_id
        self._base_url: Final = base_url.rstrip("/")
        self._at_point: Final = at_point
        self._chance: Final = chance
        self._push_key: PushKey | None = None

    def key_of(self, job: DestinationJob) -> UUID:
        """Return the destination."""
        return job.id

    async def claim(self, limit: int) -> Sequence[DestinationJob]:
        """Make notices of new events, then lease destinations for which something is due."""
        has_mail = self._settings.smtp_url is not None and self._settings.smtp_from is not None
        now = self._clock.database_now()
        if await self._leases.fetchval(SQL["has_events"]):
            while await fan_out(self._leases, has_mail=has_mail, now=now, limit=_MAX_EVENTS) == _MAX_EVENTS:
                pass
        since = self._clock.uptime()
        rows = await self._leases.fetch(SQL["claim_destinations"], now, self._worker_id, LEASE, limit)
        return [
            DestinationJob(
                row["id"],
                DestinationKind(row["kind"]),
                row["failures_in_row"],
                JobClock(self._clock, at=row["claimed_at"], since=since),
            )
            for row in rows
        ]

    async def renew(self, keys: Collection[UUID]) -> Collection[UUID]:
        """Renew leases; a destination that another worker has is served to the end: its messages count anyway."""
        await self._leases.fetch(
            SQL["renew_destinations"], self._clock.database_now(), list(keys), self._worker_id, LEASE
        )
        return ()

    async def release(self, held: Collection[UUID]) -> None:
        """Release every destination of this worker except those in `held`."""
        await self._leases.execute(SQL["release_destinations"], self._worker_id, list(held))

    async def next_due(self) -> timedelta | None:
        """Return how long until a message is due."""
        wait = await self._leases.fetchval(SQL["next_due"], self._clock.database_now())
        return wait if isinstance(wait, timedelta) else None

    async def run(self, job: DestinationJob) -> None:
        """Send what is due to a destination, and release it. Raises TRANSIENT_ERRORS."""
        await self._pool.execute(SQL["drop_old_deliveries"], job.id, job.clock.now() - DROPPED_AFTER)
        match job.kind:
            case DestinationKind.EMAIL:
                await self._serve_user(job)
            case DestinationKind.CHANNEL:
                await self._serve_channel(job)
            case DestinationKind.PUSH:
                await self._serve_browser(job)

    async def _serve_user(self, job: DestinationJob) -> None:
        row = await self._pool.fetchrow(SQL["find_user_target"], job.id)
        if row is None:
            await self._pool.execute(SQL["delete_destination"], job.id)
            return
        try:
            await self._send_mails(job, str(row["email"]), Audience.USER, only_tests=False)
        except _Failure as failure:
            await self._settle_failure(job, failure)
            return
        await self._settle(job, failures=0)

    async def _serve_channel(self, job: DestinationJob) -> None:
        row = await self._pool.fetchrow(SQL["find_channel_target"], job.id)
        if row is None:
            await self._pool.execute(SQL["delete_destination"], job.id)
            return
        only_tests = row["status"] == ChannelStatus.PAUSED.value
        kind = ChannelKind(row["kind"])
        try:
            target = self._open(row["sealed_target"])
            if kind is ChannelKind.EMAIL:
                sent = await self._send_mails(job, target, Audience.CHANNEL, only_tests=only_tests)
            else:
                sent = await self._post_all(job, kind, target, row["organization_id"], only_tests=only_tests)
        except _Failure as failure:
            await self._pool.execute(SQL["channel_failed"], job.id, failure.reason)
            await self._settle_failure(job, failure, only_tests=only_tests)
            return
        if sent:
            await self._pool.execute(SQL["channel_sent"], job.id, job.clock.now())
        await self._settle(job, failures=0, only_tests=only_tests)

    async def _serve_browser(self, job: DestinationJob) -> None:
        row = await self._pool.fetchrow(SQL["find_push_target"], job.id)
        if row is None:
            await self._pool.execute(SQL["delete_subscription_by_id"], job.id)
            return
        try:
            subscription = BrowserSubscription.load(self._open(row["sealed_target"]).encode())
            for notice in await self._take(job, only_tests=False):
                await self._push(job, subscription, notice, row["organization_id"])
                await self._pool.execute(SQL["delete_deliveries"], job.id, [notice.id])
        except _Failure as failure:
            if failure.is_final:
                await self._pool.execute(SQL["delete_subscription_by_id"], job.id)
                return
            await self._settle_failure(job, failure)
            return
        await self._settle(job, failures=0)

    def _open(self, sealed: bytes) -> str:
        """Return a target. Raises _Failure if it can't be decrypted here."""
        try:
            return self._keyring.open(sealed).decode()
        except SealBroken as error:
            raise _Failure(
                reason="It can't be decrypted with this service's keys, so nothing was sent. Set it again, or set the same "
                "PRESSWORK_SECRET_KEYS for every process."
            ) from error

    async def _take(self, job: DestinationJob, *, only_tests: bool) -> Sequence[Notice]:
        rows = await self._pool.fetch(SQL["take_deliveries"], job.id, job.clock.database_now(), only_tests, _MAX_BATCH)
        return [notice_of(row) for row in rows]

    async def _send_mails(self, job: DestinationJob, address: str, audience: Audience, *, only_tests: bool) -> int:
        """Send one e-mail for each kind of notice that is due; return how many. Raises _Failure."""
        by_type: dict[str, list[Notice]] = defaultdict(list)
        for notice in await self._take(job, only_tests=only_tests):
            by_type[notice.event_type].append(notice)
        for event, notices in by_type.items():
            await self._mail(address, event, notices, _Reader(audience, job.id))
            self._at_point("notice_after_send")
            await self._pool.execute(SQL["delete_deliveries"], job.id, [notice.id for notice in notices])
        return len(by_type)

    async def _mail(self, address: str, event: str, notices: Sequence[Notice], whom: "_Reader") -> None:
        url, sender = self._settings.smtp_url, self._settings.smtp_from
        if url is None or sender is None:
            raise _Failure(reason="No mail server is set: PRESSWORK_SMTP_URL and PRESSWORK_SMTP_FROM.")
        kind = NoticeType.CONTENT_PENDING if event == TEST else NoticeType(event)
        token = Unsubscription(audience=whom.audience, id=whom.id, event=kind).token(self._keyring)
        mail = Mail(
            sender=sender,
            recipient=address,
            notices=notices,
            base_url=self._base_url,
            unsubscribe_url=f"{self._base_url}/unsubscribe/{token}",
            message_domain=urlsplit(self._base_url).hostname or "presswork",
        )
        server = MailServer.of(url.get_secret_value())
        try:
            message = mail.message()
            async with asyncio.timeout(_MAIL_WITHIN.total_seconds()), server.client() as client:
                await server.open(client)
                await client.send_message(message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # TimeoutError is an OSError
            reason = redact(str(error))[:_MAX_ERROR] or type(error).__name__
            raise _Failure(reason=f"The mail server did not accept the e-mail: {reason}") from error

    async def _post_all(
        self, job: DestinationJob, kind: ChannelKind, url: str, organization_id: UUID, *, only_tests: bool
    ) -> int:
        """Post what is due to a chat room, in order; return how many. Raises _Failure."""
        notices = await self._take(job, only_tests=only_tests)
        for notice in notices:
            await self._post(
                job, url, chat_body(kind, notice, base_url=self._base_url), {}, "application/json", organization_id
            )
            self._at_point("notice_after_send")
            await self._pool.execute(SQL["delete_deliveries"], job.id, [notice.id])
        return len(notices)

    async def _push(
        self, job: DestinationJob, subscription: BrowserSubscription, notice: Notice, organization_id: UUID
    ) -> None:
        if self._push_key is None:
            self._push_key = await find_key(self._pool, self._keyring, now=job.clock.now())
        payload = payload_of(
            title=notice.headline,
            text=notice.text,
            path=f"/console{notice.path}",
            tag=public_id(NOTICE, notice.id),
        )
        contact = self._settings.contact_email
        subject = f"mailto:{contact}" if contact else self._base_url
        authorization = self._push_key.authorization(subscription.endpoint, subject=subject, now=job.clock.now())
        headers = {
            "authorization": authorization,
            "content-encoding": "aes128gcm",
            "ttl": str(int(TTL.total_seconds())),
            "urgency": "normal",
        }
        body = subscription.encrypt(payload)
        await self._post(job, subscription.endpoint, body, headers, "application/octet-stream", organization_id)

    async def _post(
        self,
        job: DestinationJob,
        url: str,
        body: bytes,
        headers: dict[str, str],
        content_type: str,
        organization_id: UUID,
    ) -> None:
        """Post a message. Raises _Failure unless it is accepted."""
        try:
            response = await self._client.post(
                url, body=body, headers={**headers, "content-type": content_type}, owner=organization_id
            )
        except GuardedFailure as error:
            is_private = error.kind is FailureKind.REFUSED_ADDRESS
            reason = f"{error.message} {HOW_TO_ALLOW_PRIVATE}" if is_private else error.message
            raise _Failure(reason=reason) from error
        if response.status // 100 != 2:
            raise _Failure(
                reason=_explain(response),
                retry_after=requested_wait(response, job.clock.now()),
                is_final=response.status in _GONE,
            )

    async def _settle_failure(self, job: DestinationJob, failure: _Failure, *, only_tests: bool = False) -> None:
        """Let the destination rest, or pause a channel whose messages fail again and again."""
        failures = job.failures_in_row + 1
        now = job.clock.now()
        meters.notices_failed.labels(job.kind.value).inc()
        if only_tests:
            await self._pool.execute(SQL["delete_tests"], job.id)
        pauses = job.kind is DestinationKind.CHANNEL and (failure.is_final or failures >= PAUSE_AFTER)
        if pauses and not only_tests:
            why = ChannelPause.REFUSED if failure.is_final else ChannelPause.TOO_MANY_FAILURES
            await self._pool.execute(SQL["delete_tests"], job.id)
            await self._pool.execute(SQL["pause_channel"], job.id, now, why.value)
            log.warning("channel paused", channel=public_id(NOTICE_CHANNEL, job.id), reason=failure.reason)
            only_tests = True
        wait = retry_wait(min(failures, len(RETRIES)), chance=self._chance(), retry_after=failure.retry_after)
        log.info("notice not sent", kind=job.kind.value, failures=failures, reason=failure.reason)
        await self._settle(job, failures=failures, rests_until=now + (wait or MAX_RETRY_AFTER), only_tests=only_tests)

    async def _settle(
        self,
        job: DestinationJob,
        *,
        failures: int,
        rests_until: datetime | None = None,
        only_tests: bool = False,
    ) -> None:
        """Release a destination until its next message is due."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchrow(SQL["lock_destination"], job.id, self._worker_id) is None:
                return
            await connection.execute(SQL["settle_destination"], job.id, failures, rests_until, only_tests)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom the link of an e-mail unsubscribes."""

    audience: Audience
    id: UUID


def _explain(response: GuardedResponse) -> str:
    """Return why a response does not count as accepted. The services answer with a short reason, such as no_service."""
    said = redact(response.text).strip()[:_MAX_ERROR]
    return f"The service returned {response.status}{f': {said}' if said else ''}."
