"""Delivering webhooks: an endpoint is a lane, leased by one worker at a time, so that a slow receiver holds up nobody else.

Within a lane several messages are on their way at once, but of one subject (a post, say) one after the other: as long as one
waits for another try, those behind it wait, too. At least once: a worker that dies between an answer and its note leaves the
delivery pending, and it goes out again under the same id.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import structlog

from presswork.core.clock import Clock
from presswork.core.ids import DELIVERY, ENDPOINT, public_id
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.errors import TRANSIENT_ERRORS
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
from presswork.worker.lanes import Lane, LaneStore, Outgoing

log: Final = structlog.get_logger()

TURN: Final = timedelta(seconds=3)
"""How long a worker goes on with one endpoint before others may have their turn."""
_BATCH_ENDS_AFTER: Final = timedelta(seconds=30)
"""No message of a batch is begun later: with the longest wait for an answer that is shorter than the lease."""
AT_ONCE: Final = 4
"""Messages on their way to one endpoint at once, as long as it answers well; else one."""
LONGEST_SLEEP: Final = timedelta(seconds=1)
_LEAST_SLEEP: Final = timedelta(milliseconds=20)
"""Looks are at least this far apart: hints come in swarms."""
_DRAIN: Final = timedelta(seconds=5)
_UNSIGNABLE: Final = (
    "The endpoint's signing secret can't be opened with this service's keys, so nothing was sent. Rotate the secret, or give "
    "every process the same PRESSWORK_SECRET_KEYS."
)


class Deliverer:
    """Finds lanes with something to deliver, and delivers. Made once per process; `run` until `stop`."""

    def __init__(
        self,
        store: LaneStore,
        client: GuardedClient,
        keyring: Keyring,
        clock: Clock,
        *,
        concurrency: int,
        at_point: Callable[[str], None] = lambda _point: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the parts. `concurrency` is how many lanes are in hand at once; `at_point` is told each step."""
        self._store: Final = store
        self._client: Final = client
        self._keyring: Final = keyring
        self._clock: Final = clock
        self._concurrency: Final = concurrency
        self._at_point: Final = at_point
        self._chance: Final = chance
        self._tasks: Final[dict[asyncio.Task[None], Lane]] = {}
        self._bell: Final = asyncio.Event()

    def ring(self) -> None:
        """Look at once: something may be due."""
        self._bell.set()

    async def work_until_idle(self) -> None:
        """Deliver until nothing is due any more and nothing is in hand; what waits for a later time is left."""
        while True:
            await self.look()
            if not self._tasks:
                return
            await asyncio.wait(list(self._tasks), return_when=asyncio.FIRST_COMPLETED)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set, then let go of what can't be finished in seconds."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.ring())
        try:
            while not stop.is_set():
                self._bell.clear()
                sleep = await self.look()
                await asyncio.sleep(_LEAST_SLEEP.total_seconds())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), (sleep - _LEAST_SLEEP).total_seconds())
        finally:
            stopping.cancel()
            await self._drain()
            await asyncio.gather(stopping, return_exceptions=True)

    async def look(self) -> timedelta:
        """Take lanes that have something to deliver; return how long there is nothing else to do, as far as is known."""
        free = self._concurrency - len(self._tasks)
        failing = sum(lane.is_failing for lane in self._tasks.values())
        if free <= 0:
            return LONGEST_SLEEP
        try:
            now = self._clock.now()
            lanes = await self._store.claim(
                now=now, limit=free, failing_limit=min(free, max(0, self._concurrency // 2 - failing))
            )
            for lane in lanes:
                task = asyncio.create_task(self._work(lane))
                self._tasks[task] = lane
                task.add_done_callback(self._ended)
            wake = await self._store.next_due(now=now)
        except TRANSIENT_ERRORS as error:
            log.warning("database away; webhooks wait", error=type(error).__name__)
            return LONGEST_SLEEP
        except Exception:
            log.exception("could not look for webhooks to deliver; trying again")
            return LONGEST_SLEEP
        return LONGEST_SLEEP if wake is None else max(timedelta(0), min(LONGEST_SLEEP, wake - self._clock.now()))

    async def set_right(self, *, now: datetime) -> None:
        """Do what is to be done once the clock was set."""
        await self._store.set_right(now=now)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._tasks[task]
        self.ring()  # there may be more for the lane, or a place for another

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=_DRAIN.total_seconds())
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with contextlib.suppress(*TRANSIENT_ERRORS):
            for lane in left.values():
                await self._store.release(lane)

    async def _work(self, lane: Lane) -> None:
        try:
            await self._serve(lane)
            await self._store.release(lane)
        except TRANSIENT_ERRORS as error:
            log.warning("database away; the endpoint's lease lapses", error=type(error).__name__)
        except Exception:
            log.exception("delivering crashed; it goes on when the lease ends", endpoint=_name(lane))

    async def _serve(self, lane: Lane) -> None:
        """Deliver what is due, batch by batch, until something fails, nothing is left, or the turn is over."""
        turn_ends_at, secrets = self._clock.uptime() + TURN, self._opened(lane)
        while self._clock.uptime() < turn_ends_at:
            batch = await self._store.take(lane, now=self._clock.now())
            if batch is None or batch.is_all:
                return
            course = DeliveryBatch(
                iter(batch.deliveries), secrets=secrets, ends_at=self._clock.uptime() + _BATCH_ENDS_AFTER
            )
            runners = 1 if lane.is_failing else min(AT_ONCE, len(batch.deliveries))
            await asyncio.gather(*(self._go_through(lane, course) for _ in range(runners)))
            if course.has_failed:
                return

    async def _go_through(self, lane: Lane, course: "DeliveryBatch") -> None:
        """Make one delivery after the other, of those that nobody else on the course has begun."""
        for delivery in course.deliveries:
            if course.has_failed or self._clock.uptime() >= course.ends_at:
                return
            if not await self._deliver(lane, delivery, course.secrets):
                course.has_failed = True

    def _opened(self, lane: Lane) -> Sequence[str] | None:
        """Return the endpoint's secrets, the newest first; None: they can't be opened here."""
        try:
            return [self._keyring.open(sealed).decode() for sealed in lane.sealed_secrets]
        except SealBroken:
            return None

    async def _deliver(self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None) -> bool:
        """Make one attempt and note what came of it; return whether it was good."""
        at, started = self._clock.now(), self._clock.uptime()
        answer, trouble = await self._ask(lane, delivery, secrets, at)
        self._at_point("webhook_after_send")
        attempt = LoggedAttempt(
            at=at,
            duration_ms=round((self._clock.uptime() - started).total_seconds() * 1000),
            status_code=None if answer is None else answer.status,
            error=trouble,
            excerpt=None if answer is None else redact(answer.text)[:MAX_EXCERPT_CHARACTERS] or None,
        )
        meters.webhook_delivery_seconds.observe(attempt.duration_ms / 1000)
        if trouble is None:
            meters.webhook_deliveries.labels("delivered").inc()
            await self._store.delivered(lane, delivery, attempt, now=self._clock.now())
            return True
        await self._put_off(lane, delivery, attempt, answer)
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

    async def _put_off(
        self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, answer: GuardedAnswer | None
    ) -> None:
        now = self._clock.now()
        asked = None if answer is None else _asked_wait(answer, now)
        wait = retry_wait(delivery.attempts + 1, chance=self._chance(), retry_after=asked)
        meters.webhook_deliveries.labels("given_up" if wait is None else "put_off").inc()
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
    """A batch that several go through together."""

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
