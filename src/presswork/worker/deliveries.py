"""Delivering webhooks: an endpoint is a lane, leased by one worker at a time, so that a slow receiver holds up nobody else.

Within a lane several messages are on their way at once, but of one subject (a post, say) one after the other: as long as one
waits for another try, those behind it wait, too. At least once: a worker that dies between an answer and its note leaves the
delivery pending, and it goes out again under the same id.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.clock import Clock
from presswork.db.pool import DATABASE_AWAY, Pool
from presswork.db.queries import load
from presswork.http.instants import write_instant
from presswork.ids import DELIVERY, ENDPOINT, EVENT, oldest_id, public_id, public_ulid
from presswork.keyring import Keyring, SealBroken
from presswork.logs import redact
from presswork.webhooks.model import (
    KEPT_FOR,
    KEPT_WHILE_PAUSED,
    LONGEST_REST,
    MAX_EXCERPT_CHARACTERS,
    PAUSE_AFTER,
    REST,
    RESTS_AFTER,
    RETRIES,
    EndpointStatus,
    EventType,
    body_of,
    retry_wait,
)
from presswork.webhooks.sending import Answer, NoAnswer, Sender
from presswork.webhooks.signing import signed_headers
from presswork.webhooks.store import SQL as LOG_SQL
from presswork.webhooks.store import LoggedAttempt

log: Final = structlog.get_logger()

_SQL: Final = load("presswork.worker", "deliveries.sql")

LANE_LEASE: Final = timedelta(seconds=60)
"""How long an endpoint is one worker's; longer than TURN and the longest wait for an answer together."""
TURN: Final = timedelta(seconds=30)
"""How long a worker goes on with one endpoint before others may have their turn."""
AT_ONCE: Final = 4
"""Messages on their way to one endpoint at once, as long as it answers well; else one."""
LONGEST_SLEEP: Final = timedelta(seconds=1)
_LEAST_SLEEP: Final = timedelta(milliseconds=20)
"""Looks are at least this far apart: hints come in swarms."""
_MOST_DUE: Final = 200
_BATCH: Final = 50
_DRAIN: Final = timedelta(seconds=5)
_WAITS_LONGEST: Final = max(RETRIES) * 2
_UNSIGNABLE: Final = (
    "The endpoint's signing secret can't be opened with this service's keys, so nothing was sent. Rotate the secret, or give "
    "every process the same PRESSWORK_SECRET_KEYS."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """An endpoint in a worker's hands."""

    endpoint_id: UUID
    holder: str
    url: str
    is_failing: bool
    sealed_secrets: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One delivery to make."""

    id: UUID
    webhook_id: str
    event_type: EventType
    occurred_at: datetime
    data: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be delivered next. `is_all`: nothing else is due."""

    deliveries: Sequence[Outgoing]
    is_all: bool


class LaneStore:
    """Endpoints and their deliveries, as a worker sees them."""

    def __init__(self, pool: Pool, *, worker_id: str) -> None:
        """Take the pool, and the name under which leases are taken."""
        self._pool: Final = pool
        self._worker_id: Final = worker_id
        self._claims = 0

    async def claim(self, *, now: datetime, limit: int, failing_limit: int) -> Sequence[Lane]:
        """Take endpoints with something to deliver, at most `failing_limit` of them such as failed last."""
        self._claims += 1
        holder = f"{self._worker_id}/{self._claims}"  # a lease of the same worker that has lapsed is not this one
        until = now + LANE_LEASE
        rows = await self._pool.fetch(
            _SQL["claim_lanes"], now, holder, until, limit, failing_limit, LANE_LEASE * 2, LONGEST_REST
        )
        return [
            Lane(
                endpoint_id=row["id"],
                holder=holder,
                url=row["url"],
                is_failing=row["failures_in_row"] > 0,
                sealed_secrets=[
                    row["sealed_secret"],
                    *([row["former_secret"]] if row["former_until"] is not None and row["former_until"] > now else []),
                ],
            )
            for row in rows
        ]

    async def next_due(self, *, now: datetime) -> datetime | None:
        """Return when there will be something to deliver, as far as is known."""
        at = await self._pool.fetchval(_SQL["next_due"], now)
        return at if isinstance(at, datetime) else None

    async def take(self, lane: Lane, *, now: datetime) -> Batch | None:
        """Renew the lease and return what is due; None: the lane is somebody else's by now."""
        rows = await self._pool.fetch(
            _SQL["take_batch"], lane.endpoint_id, lane.holder, now, now + LANE_LEASE, _MOST_DUE, _BATCH
        )
        if not rows:
            return None
        deliveries = [_outgoing(row) for row in rows if row["id"] is not None]
        return Batch(deliveries=deliveries, is_all=rows[0]["due_count"] == 0)

    async def delivered(self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, *, now: datetime) -> None:
        """Note a good answer."""
        await self._pool.execute(_SQL["delivered"], delivery.id, lane.endpoint_id, now, _entry(attempt))

    async def not_delivered(
        self,
        lane: Lane,
        delivery: Outgoing,
        attempt: LoggedAttempt,
        *,
        due_at: datetime | None,
        rest: timedelta,
        is_gone: bool,
        now: datetime,
    ) -> bool:
        """Note a failed attempt; return whether the endpoint is paused now. Without `due_at` the delivery is given up."""
        row = await self._pool.fetchrow(
            _SQL["not_delivered"],
            delivery.id,
            lane.endpoint_id,
            now,
            _entry(attempt),
            delivery.attempts,
            due_at,
            rest,
            REST,
            RESTS_AFTER,
            PAUSE_AFTER,
            is_gone,
        )
        return row is not None and row["status"] == EndpointStatus.PAUSED.value

    async def release(self, lane: Lane) -> None:
        """Let go of a lane."""
        await self._pool.execute(_SQL["release_lane"], lane.endpoint_id, lane.holder)

    async def set_right(self, *, now: datetime) -> None:
        """Bring back what a clock that was set back has put off further than any wait goes."""
        await self._pool.execute(_SQL["set_deliveries_right"], now, _WAITS_LONGEST)


def _outgoing(row: asyncpg.Record) -> Outgoing:
    return Outgoing(
        id=row["id"],
        webhook_id=public_ulid(EVENT, row["event_id"]),
        event_type=EventType(row["event_type"]),
        occurred_at=row["occurred_at"],
        data=row["data"],
        attempts=row["attempts"],
    )


def _entry(attempt: LoggedAttempt) -> str:
    return json.dumps([attempt.model_dump(mode="json")])


class Deliverer:
    """Finds lanes with something to deliver, and delivers. Made once per process; `run` until `stop`."""

    def __init__(
        self,
        store: LaneStore,
        sender: Sender,
        keyring: Keyring,
        clock: Clock,
        *,
        concurrency: int,
        at_point: Callable[[str], None] = lambda _point: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the parts. `concurrency` is how many lanes are in hand at once; `at_point` is told each step."""
        self._store: Final = store
        self._sender: Final = sender
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
        except DATABASE_AWAY as error:
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
        with contextlib.suppress(*DATABASE_AWAY):
            for lane in left.values():
                await self._store.release(lane)

    async def _work(self, lane: Lane) -> None:
        try:
            await self._serve(lane)
            await self._store.release(lane)
        except DATABASE_AWAY as error:
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
            course = _Course(iter(batch.deliveries), secrets=secrets, ends_at=self._clock.uptime() + TURN)
            runners = 1 if lane.is_failing else min(AT_ONCE, len(batch.deliveries))
            await asyncio.gather(*(self._go_through(lane, course) for _ in range(runners)))
            if course.has_failed:
                return

    async def _go_through(self, lane: Lane, course: "_Course") -> None:
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
        answer: Answer | None = None
        trouble: str | None
        try:
            answer = await self._send(lane, delivery, secrets, at)
            trouble = _trouble(answer)
        except NoAnswer as error:
            trouble = str(error)
        self._at_point("webhook_after_send")
        attempt = LoggedAttempt(
            at=at,
            duration_ms=round((self._clock.uptime() - started).total_seconds() * 1000),
            status_code=None if answer is None else answer.status,
            error=trouble,
            excerpt=None if answer is None else _excerpt(answer.excerpt),
        )
        if trouble is None:
            await self._store.delivered(lane, delivery, attempt, now=self._clock.now())
            return True
        await self._put_off(lane, delivery, attempt, answer)
        return False

    async def _send(self, lane: Lane, delivery: Outgoing, secrets: Sequence[str] | None, now: datetime) -> Answer:
        """Raises NoAnswer."""
        if secrets is None:
            raise NoAnswer(_UNSIGNABLE)
        body = body_of(
            webhook_id=delivery.webhook_id,
            event_type=delivery.event_type,
            occurred_at=write_instant(delivery.occurred_at),
            data=delivery.data,
        )
        signed = signed_headers(webhook_id=delivery.webhook_id, body=body, signing=secrets, now=now)
        headers = {**signed, "content-type": "application/json", "user-agent": "Presswork/1 (webhooks)"}
        return await self._sender.post(lane.url, body=body.encode(), headers=headers)

    async def _put_off(self, lane: Lane, delivery: Outgoing, attempt: LoggedAttempt, answer: Answer | None) -> None:
        now = self._clock.now()
        asked = None if answer is None else _asked_wait(answer, now)
        wait = retry_wait(delivery.attempts + 1, chance=self._chance(), asked=asked)
        is_gone = answer is not None and answer.status == HTTPStatus.GONE
        is_paused = await self._store.not_delivered(
            lane,
            delivery,
            attempt,
            due_at=None if wait is None else now + wait,
            rest=min(asked or timedelta(0), LONGEST_REST),
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
class _Course:
    """A batch that several go through together."""

    deliveries: Iterator[Outgoing]
    secrets: Sequence[str] | None
    ends_at: timedelta
    has_failed: bool = False


async def sweep_deliveries(pool: Pool, *, now: datetime, limit: int = 10_000) -> None:
    """Forget what is old, secrets that sign no more among it, and give up what has waited too long for a paused endpoint."""
    await pool.execute(LOG_SQL["forget_former_secrets"], now)
    await pool.execute(LOG_SQL["expire_deliveries"], oldest_id(now - KEPT_WHILE_PAUSED), now, limit)
    await pool.execute(LOG_SQL["sweep_deliveries"], oldest_id(now - KEPT_FOR), limit)


def _name(lane: Lane) -> str:
    return public_id(ENDPOINT, lane.endpoint_id)


def _trouble(answer: Answer) -> str | None:
    """Say why an answer does not count as good; None: it does."""
    if answer.status // 100 == 2:
        return None
    if answer.status // 100 == 3:
        return f"The receiver answered {answer.status}: redirects are not followed. Change the endpoint's URL."
    if answer.status == HTTPStatus.GONE:
        return "The receiver answered 410: it does not want to be told any more."
    return f"The receiver answered {answer.status}; any 2xx counts as delivered."


def _asked_wait(answer: Answer, now: datetime) -> timedelta | None:
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


def _excerpt(raw: bytes) -> str | None:
    """Return the beginning of an answer as text that can be stored and shown; None where it is empty."""
    text = "".join(
        letter if letter.isprintable() or letter in "\n\t" else "�" for letter in raw.decode(errors="replace")
    )
    return redact(text)[:MAX_EXCERPT_CHARACTERS] or None
