"""Delivering webhooks: an endpoint is a lane, leased by one worker at a time, so a slow receiver holds up no other.

Within a lane several messages are under way at once, but those of one subject (a post, say) go one after the other: while one
waits for another try, those behind it wait, too. At least once: a worker that dies between an answer and storing it leaves
the delivery pending, and it is sent again under the same id.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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
from presswork.jobs.runner import Interrupted
from presswork.safe_http.client import GuardedAnswer, GuardedClient
from presswork.safe_http.failure import GuardedFailure
from presswork.telemetry import meters
from presswork.webhooks.model import (
    MAX_EXCERPT_CHARACTERS,
    MAX_RETRY_AFTER,
    body_of,
    retry_wait,
)
from presswork.webhooks.signing import signed_headers
from presswork.webhooks.store import LoggedAttempt
from presswork.worker.lanes import LANE_LEASE, Lane, LaneKey, LaneStore, Outgoing

log: Final = structlog.get_logger()

TURN: Final = timedelta(seconds=3)
"""How long a worker serves one endpoint before others have their turn."""
_BATCH_ENDS_AFTER: Final = timedelta(seconds=30)
"""No message of a batch is begun later: with the longest wait for an answer that is shorter than the lease."""
AT_ONCE: Final = 4
"""Messages on their way to one endpoint at once, as long as it answers well; else one."""
_UNSTORABLE: Final = "The receiver's answer contains characters that can't be stored"
_UNSIGNABLE: Final = (
    "The endpoint's signing secret can't be opened with this service's keys, so nothing was sent. Rotate the secret, or give "
    "every process the same PRESSWORK_SECRET_KEYS."
)


@dataclass(frozen=True, slots=True)
class LaneJob:
    """A claimed endpoint, and the clock that it is served by."""

    lane: Lane
    clock: JobClock


class WebhookJobs:
    """The job source of webhook endpoints: an endpoint is served for a turn, batch by batch."""

    name: Final = "webhooks"
    lease: Final = LANE_LEASE
    poll_every: Final = timedelta(seconds=1)
    poll_gap: Final = timedelta(milliseconds=20)  # hints come in swarms
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
        leases: LaneStore | None = None,
        at_point: Callable[[str], None] = lambda _point: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the parts. `leases` renews leases over connections of its own; `at_point` gets the name of each step."""
        self.concurrency: Final = concurrency
        self._store: Final = store
        self._leases: Final = store if leases is None else leases
        self._client: Final = client
        self._keyring: Final = keyring
        self._clock: Final = clock
        self._at_point: Final = at_point
        self._chance: Final = chance
        self._failing: Final[set[LaneKey]] = set()

    def key_of(self, job: LaneJob) -> LaneKey:
        """Return the endpoint and the lease."""
        return job.lane.key

    async def claim(self, limit: int) -> Sequence[LaneJob]:
        """Lease endpoints with something to deliver. Failing ones get half of the places at most."""
        since = self._clock.uptime()
        failing_limit = min(limit, max(0, self.concurrency // 2 - len(self._failing)))
        lanes = await self._store.claim(limit=limit, failing_limit=failing_limit, now=self._clock.database_now())
        return [LaneJob(lane, JobClock(self._clock, at=lane.claimed_at, since=since)) for lane in lanes]

    async def renew(self, keys: Collection[LaneKey]) -> Collection[LaneKey]:
        """Renew leases; none is reported as lost: the next batch finds that out, and what is under way counts anyway."""
        await self._leases.renew(keys, now=self._clock.database_now())
        return ()

    async def release(self, held: Collection[LaneKey]) -> None:
        """Release every endpoint of this worker but those of `held`."""
        await self._store.release_others(held)

    async def next_due(self) -> timedelta | None:
        """Return how long until there is something to deliver."""
        return await self._store.next_due(now=self._clock.database_now())

    async def run(self, job: LaneJob) -> None:
        """Serve an endpoint for a turn and release it. Raises Interrupted."""
        if job.lane.is_failing:
            self._failing.add(job.lane.key)
        try:
            await self._serve(job.lane, job.clock)
            await self._store.release(job.lane)
        except TRANSIENT_ERRORS as error:
            raise Interrupted(f"{type(error).__name__}: {error}") from error
        except ExceptionGroup as errors:
            if errors.split(TRANSIENT_ERRORS)[1] is None:
                raise Interrupted(str(errors.exceptions[0])) from errors
            raise
        finally:
            self._failing.discard(job.lane.key)

    async def _serve(self, lane: Lane, clock: JobClock) -> None:
        """Deliver what is due, batch by batch, until something fails, nothing is left, or the turn is over."""
        turn_ends_at, secrets = clock.uptime() + TURN, self._opened(lane)
        while clock.uptime() < turn_ends_at:
            taken = await self._store.take(lane, now=clock.database_now())
            if taken is None or taken.is_all:
                return
            batch = DeliveryBatch(iter(taken.deliveries), secrets=secrets, ends_at=clock.uptime() + _BATCH_ENDS_AFTER)
            runners = 1 if lane.is_failing else min(AT_ONCE, len(taken.deliveries))
            async with asyncio.TaskGroup() as group:  # one that raises ends the others: none delivers unowned
                for _ in range(runners):
                    group.create_task(self._run(lane, batch, clock))
            if batch.has_failed:
                return

    async def _run(self, lane: Lane, batch: "DeliveryBatch", clock: JobClock) -> None:
        """Make one delivery after the other, of those that no other runner of the batch has begun."""
        for delivery in batch.deliveries:
            if batch.has_failed or clock.uptime() >= batch.ends_at:
                return
            if not await self._deliver(lane, delivery, batch.secrets, clock):
                batch.has_failed = True

    def _opened(self, lane: Lane) -> Sequence[str] | None:
        """Return the endpoint's secrets, the newest first; None: they can't be opened here."""
        try:
            return [self._keyring.open(sealed).decode() for sealed in lane.sealed_secrets]
        except SealBroken:
            return None

    async def _deliver(self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None, clock: JobClock) -> bool:
        """Make one attempt and store its result; return whether it was good."""
        at, started = clock.now(), clock.uptime()
        try:
            answer, trouble = await self._ask(lane, delivery, secrets, at)
        except Exception as error:
            # The boundary of one delivery: it counts as a failed attempt, and the endpoint's other messages are sent.
            meters.job_crashes.labels(self.name).inc()
            log.exception("delivery crashed", endpoint=_name(lane), delivery=public_id(DELIVERY, delivery.id))
            answer, trouble = (
                None,
                f"An error inside Presswork ({type(error).__name__}); the worker's log has the details.",
            )
        self._at_point("webhook_after_send")
        attempt = LoggedAttempt(
            at=at,
            duration_ms=round((clock.uptime() - started).total_seconds() * 1000),
            status_code=None if answer is None else answer.status,
            error=trouble,
            excerpt=None if answer is None else redact(answer.text)[:MAX_EXCERPT_CHARACTERS] or None,
        )
        meters.webhook_delivery_seconds.observe(attempt.duration_ms / 1000)
        try:
            return await self._settle(lane, delivery, attempt, answer, clock)
        except asyncpg.DataError as error:
            # Something of the answer can't be stored. Without it the attempt counts all the same, and has its end.
            meters.settle_failures.labels(self.name).inc()
            log.exception("result not stored; storing it without the answer's text", endpoint=_name(lane))
            plain = attempt.model_copy(
                update={"excerpt": None, "error": trouble and f"{_UNSTORABLE} ({type(error).__name__})"}
            )
            return await self._settle(lane, delivery, plain, answer, clock)

    async def _settle(
        self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, answer: GuardedAnswer | None, clock: JobClock
    ) -> bool:
        """Store an attempt; return whether it was good."""
        if attempt.error is None:
            await self._store.delivered(lane, delivery, attempt, now=clock.now())
            meters.webhook_deliveries.labels("delivered").inc()
            return True
        await self._not_delivered(lane, delivery, attempt, answer, clock)
        return False

    async def _ask(
        self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None, now: datetime
    ) -> tuple[GuardedAnswer | None, str | None]:
        """Send a message; return the answer, if there was one, and why it does not count as good."""
        if secrets is None:
            return None, _UNSIGNABLE
        body = body_of(
            webhook_id=delivery.webhook_id,
            event_type=delivery.event_type,
            occurred_at=write_instant(delivery.occurred_at),
            data=delivery.data,
        )
        signed = signed_headers(webhook_id=delivery.webhook_id, body=body, signing=secrets, now=now)
        headers = {**signed, "content-type": "application/json"}
        try:
            answer = await self._client.post(lane.url, body=body.encode(), headers=headers)
        except GuardedFailure as error:
            return None, error.message
        return answer, _trouble(answer)

    async def _not_delivered(
        self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, answer: GuardedAnswer | None, clock: JobClock
    ) -> None:
        """Store a failed attempt, and when the next one is due."""
        now = clock.now()
        asked = None if answer is None else _asked_wait(answer, now)
        wait = retry_wait(delivery.attempts + 1, chance=self._chance(), retry_after=asked)
        is_gone = answer is not None and answer.status == HTTPStatus.GONE
        is_paused = await self._store.not_delivered(
            lane,
            delivery,
            attempt,
            due_at=None if wait is None else now + wait,
            rest=min(asked or timedelta(0), MAX_RETRY_AFTER),
            is_gone=is_gone,
            now=now,
        )
        meters.webhook_deliveries.labels("given_up" if wait is None else "put_off").inc()
        log.info(
            "webhook not delivered",
            endpoint=_name(lane),
            delivery=public_id(DELIVERY, delivery.id),
            type=delivery.event_type.value,
            attempt=delivery.attempts + 1,
            status=attempt.status_code,
            reason=attempt.error,
            again_at=None if wait is None else write_instant(now + wait),
        )
        if is_paused:
            log.warning("webhook endpoint paused", endpoint=_name(lane), is_gone=is_gone)


@dataclass(slots=True)
class DeliveryBatch:
    """A batch that several runners share."""

    deliveries: Iterator[Outgoing]
    secrets: Sequence[str] | None
    ends_at: timedelta
    has_failed: bool = False


def _name(lane: Lane) -> str:
    return public_id(ENDPOINT, lane.endpoint_id)


def _trouble(answer: GuardedAnswer) -> str | None:
    """Say why an answer does not count as good; None: it does."""
    if answer.status // 100 == 2:
        return None
    if answer.status // 100 == 3:
        return f"The receiver answered {answer.status}: redirects are not followed. Change the endpoint's URL."
    if answer.status == HTTPStatus.GONE:
        return "The receiver answered 410: it does not want to be told any more."
    return f"The receiver answered {answer.status}; any 2xx counts as delivered."


def _asked_wait(answer: GuardedAnswer, now: datetime) -> timedelta | None:
    """Return how long a receiver asks to be left alone."""
    if answer.status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return None
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    with contextlib.suppress(ValueError):
        at = parsedate_to_datetime(text)
        return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)
    return None
