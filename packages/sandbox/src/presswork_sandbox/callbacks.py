"""Status callbacks and webhooks that the fake platforms send: signed, and retried until they are delivered.

At least once: a delivery is written in the transaction of the change that it reports, and marked as delivered after the
response. Deliveries of one lane (one message, one dispatch, one job) go out in order while the receiver is healthy; one
that is refused waits for its next attempt, and those behind it overtake it.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp

from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue

RESPONSE_TIMEOUT_SECONDS: Final = 15.0  # for the response of a receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One callback that is queued or was sent."""

    id: int
    platform: str
    lane: str
    handle: str | None
    event: str
    url: str
    body: str
    content_type: str
    secret: str
    created_at: float
    due_at: float
    state: str
    attempts: int
    status: int | None

    def to_json(self) -> dict[str, JSONValue]:
        """Return the delivery for the control surface, without its signing secret."""
        return {
            "id": self.id,
            "platform": self.platform,
            "handle": self.handle,
            "event": self.event,
            "url": self.url,
            "body": self.body,
            "state": self.state,
            "attempts": self.attempts,
            "status": self.status,
            "createdAt": iso(self.created_at),
        }


class CallbackFormat(Protocol):
    """The headers, signature and retry schedule of one platform's callbacks."""

    waits: Sequence[float]
    """Seconds of sandbox time before the second, third, … attempt; there is none after the last wait."""

    def headers(self, delivery: Delivery, now: float) -> Mapping[str, str]:
        """Return the headers of one attempt, the signature among them. `now` is the system's time, seconds: receivers
        compare it with their own clock, which does not follow the sandbox's."""
        ...

    def arrived(self, status: int) -> bool:
        """Return whether a receiver's status code ends the attempts."""
        ...


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(**dict(row))


class Callbacks:
    """Queue and send deliveries. Each platform registers its format once, at startup."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._formats: dict[str, CallbackFormat] = {}
        self._busy: set[str] = set()
        sandbox.on_first_request.append(self._resume)
        sandbox.due_work.append(self.run_due)
        sandbox.next_due.append(self._next_due)
        # A task that is canceled before its first step runs no `finally`, and would keep its lane busy for good.
        sandbox.on_stopped.append(self._busy.clear)

    def add_format(self, platform: str, style: CallbackFormat) -> None:
        """Register the format of a platform."""
        self._formats[platform] = style

    def post(
        self,
        platform: str,
        *,
        lane: str,
        event: str,
        url: str,
        body: str,
        secret: str,
        handle: str | None = None,
        content_type: str = "application/json",
        copies: int = 1,
        held: bool = False,
        delay_seconds: float = 0.0,
    ) -> None:
        """Queue a callback, to be sent at once or after a delay; a held one waits for `release`.

        Call it in the transaction of the change that it reports.
        """
        now = self._sandbox.clock.now()
        for _ in range(copies):
            self._sandbox.store.insert(
                "deliveries",
                platform=platform,
                lane=lane,
                handle=handle,
                event=event,
                url=url,
                body=body,
                content_type=content_type,
                secret=secret,
                created_at=now,
                due_at=now + delay_seconds,
                state="held" if held else "waiting",
            )
        self._sandbox.notify()

    def listed(self, platform: str | None, handle: str | None) -> Iterator[Delivery]:
        """Return deliveries in the order they were made."""
        rows = self._sandbox.store.pages(
            "SELECT * FROM deliveries WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR handle = ?2)",
            "id",
            platform,
            handle,
        )
        return (_delivery(row) for row in rows)

    def merge_held(self, platform: str, merge: Callable[[Sequence[str]], Sequence[str]], *, newest_first: bool) -> None:
        """Replace the held deliveries of each lane by held ones whose bodies are those that `merge` returns."""
        lanes: dict[tuple[str, str, str], list[Delivery]] = {}
        for one in self.listed(platform, None):
            if one.state == "held":
                lanes.setdefault((one.lane, one.url, one.secret), []).append(one)
        with self._sandbox.store.transaction():
            for deliveries in lanes.values():
                first = deliveries[0]
                ordered = deliveries[::-1] if newest_first else deliveries
                for one in deliveries:
                    self._sandbox.store.run("DELETE FROM deliveries WHERE id = ?", one.id)
                for body in merge([one.body for one in ordered]):
                    self.post(
                        platform,
                        lane=first.lane,
                        event="batch" if len(deliveries) > 1 else first.event,
                        url=first.url,
                        body=body,
                        secret=first.secret,
                        handle=first.handle,
                        held=True,
                    )

    async def release(self, platform: str, *, newest_first: bool, copies: int) -> int:
        """Send held deliveries one after the other, each `copies` times; return how many were held."""
        held = [one for one in self.listed(platform, None) if one.state == "held"]
        for one in reversed(held) if newest_first else held:
            for _ in range(copies):
                await self._attempt(one)
        return len(held)

    def run_due(self) -> None:
        """Send what is due, one task per lane."""
        sql = "SELECT DISTINCT lane FROM deliveries WHERE state = 'waiting' AND due_at <= ? ORDER BY lane"
        for row in self._sandbox.store.all(sql, self._sandbox.clock.now()):
            lane = str(row["lane"])
            if lane not in self._busy:
                self._busy.add(lane)
                self._sandbox.start_task(f"lane {lane} {time.monotonic_ns()}", self._empty_lane(lane))

    def _next_due(self) -> float | None:
        sql = "SELECT lane, min(due_at) AS due FROM deliveries WHERE state = 'waiting' GROUP BY lane ORDER BY due, lane"
        free = (float(row["due"]) for row in self._sandbox.store.all(sql) if row["lane"] not in self._busy)
        return next(free, None)

    def _resume(self) -> None:
        if self._next_due() is not None:
            self._sandbox.notify()

    async def _empty_lane(self, lane: str) -> None:
        sql = "SELECT * FROM deliveries WHERE state = 'waiting' AND lane = ? AND due_at <= ? ORDER BY id LIMIT 1"
        try:
            while (row := self._sandbox.store.first(sql, lane, self._sandbox.clock.now())) is not None:
                await self._attempt(_delivery(row))
        finally:
            self._busy.discard(lane)
        self._sandbox.notify()

    async def _attempt(self, delivery: Delivery) -> None:
        style = self._formats[delivery.platform]
        status = await self._send(delivery, style)
        arrived = status is not None and style.arrived(status)
        over = delivery.attempts >= len(style.waits)
        due_at = self._sandbox.clock.now() + (0.0 if over else style.waits[delivery.attempts])
        self._sandbox.store.run(
            "UPDATE deliveries SET state = ?, status = ?, attempts = attempts + 1, due_at = ?"
            " WHERE id = ? AND state IN ('waiting', 'held')",
            "delivered" if arrived else "given_up" if over else "waiting",
            status,
            due_at,
            delivery.id,
        )

    async def _send(self, delivery: Delivery, style: CallbackFormat) -> int | None:
        session = await self._sandbox.http_client.session()
        headers = {"Content-Type": delivery.content_type, **style.headers(delivery, time.time())}
        try:
            async with session.post(
                delivery.url,
                data=delivery.body.encode(),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=RESPONSE_TIMEOUT_SECONDS),
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return None
