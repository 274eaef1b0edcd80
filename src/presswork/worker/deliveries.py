"""Delivers webhooks. An endpoint is a lane, leased by one worker at a time, so a slow receiver delays no other endpoint.

A worker sends several messages of a lane at once, but the messages of one subject (for example a post) in order: while one
waits for a retry, the ones behind it wait. Delivery is at least once: if a worker dies before it stores a response, the
message stays pending and is sent again with the same id.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import asyncpg
import structlog

from presswork.core.clock import Clock, JobClock
from presswork.core.ids import DELIVERY, ENDPOINT, public_id
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.events.model import body_of, review_link_in
from presswork.links.derived_token import url_of_derived
from presswork.safe_http.client import GuardedClient, GuardedResponse
from presswork.safe_http.failure import FailureKind, GuardedFailure
from presswork.telemetry import meters
from presswork.webhooks.endpoints import signed_headers
from presswork.webhooks.model import HOW_TO_ALLOW_PRIVATE, MAX_EXCERPT_CHARACTERS, MAX_RETRY_AFTER, Attempt, retry_wait
from presswork.webhooks.retry_after import requested_wait
from presswork.worker.lanes import LANE_LEASE, Lane, LaneKey, LaneStore, Outgoing

log: Final = structlog.get_logger()

SERVE_FOR: Final = timedelta(seconds=3)
"""How long a worker serves one endpoint before it claims another one."""
BATCH_ENDS_AFTER: Final = timedelta(seconds=30)
"""No message of a batch starts later: this plus the time-out of a request is shorter than the lease."""
MAX_IN_FLIGHT: Final = 4
"""Messages in flight to one endpoint; one if its last attempt failed."""
_UNSTORABLE: Final = "The receiver's response contains characters that can't be stored"
_NOT_STORED: Final = "Presswork could not store the result"
_UNSIGNABLE: Final = (
    "The endpoint's signing secret can't be decrypted with this service's keys, so nothing was sent. Rotate the secret, or "
    "set the same PRESSWORK_SECRET_KEYS for every process."
)


@dataclass(frozen=True, slots=True)
class LaneJob:
    """A claimed endpoint, and the clock of its deliveries."""

    lane: Lane
    clock: JobClock


class WebhookJobs:
    """The job source of webhook endpoints: a job serves one endpoint for SERVE_FOR, batch by batch."""

    name: Final = "webhooks"
    lease: Final = LANE_LEASE
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta(milliseconds=20)  # notifications come in bursts
    is_notified: Final = True
    wakes: Final = ()

    def __init__(
        self,
        store: LaneStore,
        client: GuardedClient,
        keyring: Keyring,
        clock: Clock,
        *,
        concurrency: int,
        public_url: str,
        leases: LaneStore | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Use `leases` to claim and renew over a separate connection pool; `at_point` receives the name of each step.

        URLs of pages in messages begin with `public_url`.
        """
        self.concurrency: Final = concurrency
        self._store: Final = store
        self._leases: Final = store if leases is None else leases
        self._client: Final = client
        self._keyring: Final = keyring
        self._clock: Final = clock
        self._public_url: Final = public_url
        self._at_point: Final = at_point
        self._chance: Final = chance
        self._failing: Final[set[LaneKey]] = set()

    def key_of(self, job: LaneJob) -> LaneKey:
        """Return the endpoint and the lease."""
        return job.lane.key

    async def claim(self, limit: int) -> Sequence[LaneJob]:
        """Lease endpoints with due deliveries. Failing endpoints get at most half of the slots."""
        since = self._clock.uptime()
        failing_limit = min(limit, max(0, self.concurrency // 2 - len(self._failing)))
        lanes = await self._leases.claim(limit=limit, failing_limit=failing_limit, now=self._clock.database_now())
        return [LaneJob(lane, JobClock(self._clock, at=lane.claimed_at, since=since)) for lane in lanes]

    async def renew(self, keys: Collection[LaneKey]) -> Collection[LaneKey]:
        """Renew leases. None is reported as lost: the next batch detects it, and messages in flight count anyway."""
        await self._leases.renew(keys, now=self._clock.database_now())
        return ()

    async def release(self, held: Collection[LaneKey]) -> None:
        """Release every endpoint of this worker except those in `held`."""
        await self._leases.release_others(held)

    async def next_due(self) -> timedelta | None:
        """Return how long until a delivery is due."""
        return await self._leases.next_due(now=self._clock.database_now())

    async def run(self, job: LaneJob) -> None:
        """Serve an endpoint for SERVE_FOR and release it. Raises TRANSIENT_ERRORS."""
        if job.lane.is_failing:
            self._failing.add(job.lane.key)
        try:
            await self._serve(job.lane, job.clock)
            await self._store.release(job.lane)
        except ExceptionGroup as errors:
            if errors.split(TRANSIENT_ERRORS)[1] is None:
                raise errors.exceptions[0] from errors
            raise
        finally:
            self._failing.discard(job.lane.key)

    async def _serve(self, lane: Lane, clock: JobClock) -> None:
        """Deliver batches until a delivery fails, nothing is due, or SERVE_FOR is over."""
        ends_at = clock.uptime() + SERVE_FOR
        while clock.uptime() < ends_at:
            due = await self._store.take_batch(lane, now=clock.database_now())
            if due is None or due.is_all:
                return
            secrets, batch_ends_at = self._open_secrets(due.sealed_secrets), clock.uptime() + BATCH_ENDS_AFTER
            batch = DeliveryBatch(iter(due.deliveries), secrets=secrets, ends_at=batch_ends_at)
            runners = 1 if lane.is_failing else min(MAX_IN_FLIGHT, len(due.deliveries))
            async with asyncio.TaskGroup() as group:  # an exception cancels the others
                for _ in range(runners):
                    group.create_task(self._run(lane, batch, clock))
            if batch.has_failed:
                return

    async def _run(self, lane: Lane, batch: "DeliveryBatch", clock: JobClock) -> None:
        """Deliver messages of the batch that no other runner has started, one after the other."""
        for delivery in batch.deliveries:
            if batch.has_failed or clock.uptime() >= batch.ends_at:
                return
            if not await self._deliver(lane, delivery, batch.secrets, clock):
                batch.has_failed = True

    def _open_secrets(self, sealed_secrets: Sequence[bytes]) -> Sequence[str] | None:
        """Return the endpoint's secrets, the newest first, or None if they can't be decrypted here."""
        try:
            return [self._keyring.open(sealed).decode() for sealed in sealed_secrets]
        except SealBroken:
            return None

    async def _deliver(self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None, clock: JobClock) -> bool:
        """Make one attempt and store its result; return whether it succeeded."""
        at, started = clock.now(), clock.uptime()
        try:
            response, failure = await self._send(lane, delivery, secrets, at)
        except Exception as error:
            # Supervision boundary of one delivery: it counts as a failed attempt; the endpoint's other messages are sent.
            meters.job_crashes.labels(self.name).inc()
            log.exception("delivery crashed", endpoint=_name(lane), delivery=public_id(DELIVERY, delivery.id))
            response, failure = (
                None,
                f"An internal error of Presswork ({type(error).__name__}) occurred; see the worker's log.",
            )
        self._at_point("webhook_after_send")
        attempt = Attempt(
            at=at,
            duration_ms=round((clock.uptime() - started).total_seconds() * 1000),
            status_code=None if response is None else response.status,
            error=failure,
            excerpt=None if response is None else redact(response.text)[:MAX_EXCERPT_CHARACTERS] or None,
        )
        meters.webhook_delivery_seconds.observe(attempt.duration_ms / 1000)
        try:
            return await self._settle(lane, delivery, attempt, response, clock)
        except TRANSIENT_ERRORS:
            raise
        except asyncpg.DataError as error:
            # A part of the response can't be stored: store the attempt without it.
            meters.settle_failures.labels(self.name).inc()
            log.exception("result not stored; storing it without the response's text", endpoint=_name(lane))
            plain = replace(attempt, excerpt=None, error=failure and f"{_UNSTORABLE} ({type(error).__name__})")
            return await self._settle(lane, delivery, plain, response, clock)
        except Exception as error:
            # Without a stored attempt the message would be sent again, for ever, each time that the lease lapses.
            meters.settle_failures.labels(self.name).inc()
            log.exception("result not stored; counting a failed attempt", endpoint=_name(lane))
            what = f"{_NOT_STORED} ({type(error).__name__}); the worker's log has the details."
            failed = replace(attempt, excerpt=None, error=what)
            return await self._settle(lane, delivery, failed, None, clock)

    async def _settle(
        self, lane: Lane, delivery: Outgoing, attempt: Attempt, response: GuardedResponse | None, clock: JobClock
    ) -> bool:
        """Store an attempt; return whether it succeeded."""
        if attempt.error is None:
            await self._store.delivered(lane, delivery, attempt, now=clock.now())
            meters.webhook_deliveries.labels("delivered").inc()
            return True
        await self._store_failed_attempt(lane, delivery, attempt, response, clock)
        return False

    async def _send(
        self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None, now: datetime
    ) -> tuple[GuardedResponse | None, str | None]:
        """Send a message; return the response, if any, and the reason if it does not count as delivered."""
        if secrets is None:
            return None, _UNSIGNABLE
        body = body_of(
            webhook_id=delivery.webhook_id,
            event_type=delivery.event_type,
            occurred_at=write_instant(delivery.occurred_at),
            data=delivery.data,
            review_url=self._review_url(delivery),
        )
        signed = signed_headers(webhook_id=delivery.webhook_id, body=body, signing=secrets, now=now)
        headers = {**signed, "content-type": "application/json"}
        try:
            response = await self._client.post(
                delivery.url, body=body.encode(), headers=headers, owner=lane.organization_id
            )
        except GuardedFailure as error:
            is_private = error.kind is FailureKind.REFUSED_ADDRESS
            return None, f"{error.message} {HOW_TO_ALLOW_PRIVATE}" if is_private else error.message
        return response, _failure(response)

    def _review_url(self, delivery: Outgoing) -> str | None:
        stored = review_link_in(delivery.event_type, delivery.data) if delivery.has_review_url else None
        return None if stored is None else url_of_derived(self._keyring, stored, self._public_url)

    async def _store_failed_attempt(
        self, lane: Lane, delivery: Outgoing, attempt: Attempt, response: GuardedResponse | None, clock: JobClock
    ) -> None:
        """Store a failed attempt and the time of the next one."""
        now = clock.now()
        asked = None if response is None else requested_wait(response, now)
        wait = retry_wait(delivery.attempts + 1, chance=self._chance(), retry_after=asked)
        is_gone = response is not None and response.status == HTTPStatus.GONE
        is_paused = await self._store.not_delivered(
            lane,
            delivery,
            attempt,
            due_at=None if wait is None else now + wait,
            rest=min(asked or timedelta(0), MAX_RETRY_AFTER),
            is_gone=is_gone,
            now=now,
        )
        meters.webhook_deliveries.labels("given_up" if wait is None else "retried").inc()
        log.info(
            "webhook not delivered",
            endpoint=_name(lane),
            delivery=public_id(DELIVERY, delivery.id),
            type=delivery.event_type,
            attempt=delivery.attempts + 1,
            status=attempt.status_code,
            reason=attempt.error,
            again_at=None if wait is None else write_instant(now + wait),
        )
        if is_paused:
            log.warning("webhook endpoint paused", endpoint=_name(lane), is_gone=is_gone)


@dataclass(slots=True)
class DeliveryBatch:
    """A batch of deliveries that several runners share."""

    deliveries: Iterator[Outgoing]
    secrets: Sequence[str] | None
    ends_at: timedelta
    has_failed: bool = False


def _name(lane: Lane) -> str:
    return public_id(ENDPOINT, lane.endpoint_id)


def _failure(response: GuardedResponse) -> str | None:
    """Return why a response does not count as delivered, or None if it does."""
    if response.status // 100 == 2:
        return None
    if response.status // 100 == 3:
        return (
            f"The receiver returned {response.status}. Presswork does not follow redirects: change the endpoint's URL."
        )
    if response.status == HTTPStatus.GONE:
        return "The receiver returned 410: it accepts no more messages."
    return f"The receiver returned {response.status}. Return any 2xx to accept a message."
