"""Publish calls over HTTP from a separate process, over kept-alive connections, as fast as possible or at a given rate."""

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import uuid4

import uvloop

from bench.child import do_jobs

_BODIES: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to call. `rate`: calls a second, one account after the other; None: as fast as the responses come."""

    host: str
    port: int
    key: str
    container: str
    accounts: list[str]
    targets: int
    connections: int
    seconds: float
    warm_up_seconds: float
    is_idempotent: bool
    rate: float | None

    def body(self, accounts: list[str]) -> bytes:
        """Return a body with one target for each account."""
        return json.dumps({"targets": [{"socialAccountId": one, "mode": "publish"} for one in accounts]}).encode()

    def request(self, body: bytes) -> bytes:
        """Return a whole request."""
        extra = f"Idempotency-Key: {uuid4()}\r\n" if self.is_idempotent else ""
        head = (
            f"POST /v1/content/{self.container}/publish HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True, kw_only=True)
class Found:
    """What came of it: seconds per call, and for each account when its response was there (Unix time)."""

    took: list[float] = field(default_factory=list)
    answered: dict[str, float] = field(default_factory=dict)
    elapsed: float = 0.0
    calls: int = 0
    """All of them, those of the warm-up included."""


@dataclass(slots=True)
class Connection:
    """One kept-alive connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def call(self, request: bytes) -> bytes:
        """Send a request and return the response's body. Raises RuntimeError unless it is a 200."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"refused: {body.decode()}")
        return body


async def press(job: Job) -> Found:
    """Call as fast as the responses come."""
    bodies = [job.body(random.sample(job.accounts, job.targets)) for _ in range(_BODIES)]
    connections = [Connection(*await asyncio.open_connection(job.host, job.port)) for _ in range(job.connections)]
    found = Found()
    begin = time.perf_counter() + job.warm_up_seconds
    end = begin + job.seconds

    async def keep_calling(connection: Connection) -> None:
        while (started := time.perf_counter()) < end:
            await connection.call(job.request(random.choice(bodies)))  # noqa: S311  no secret
            found.calls += 1
            if started >= begin:
                found.took.append(time.perf_counter() - started)

    await asyncio.gather(*map(keep_calling, connections))
    found.elapsed = time.perf_counter() - begin
    for connection in connections:
        connection.writer.close()
    return found


async def pace(job: Job, rate: float) -> Found:
    """Call at a steady rate, whether or not earlier answers are there; each call has the next account."""
    found = Found()
    idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(job.connections):
        idle.put_nowait(Connection(*await asyncio.open_connection(job.host, job.port)))
    begin = time.perf_counter()

    async def call(account: str, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        connection = await idle.get()
        await connection.call(job.request(job.body([account])))
        found.answered[account] = time.time()
        found.took.append(time.perf_counter() - due)
        idle.put_nowait(connection)

    count = min(int(job.seconds * rate), len(job.accounts))
    await asyncio.gather(*(call(job.accounts[number], begin + number / rate) for number in range(count)))
    found.elapsed = time.perf_counter() - begin
    return found


def main() -> None:
    """Run until there are no more jobs."""
    do_jobs(_do)


def _do(line: str) -> Mapping[str, object]:
    job = Job(**json.loads(line))
    cpu = time.process_time()
    found = uvloop.run(press(job) if job.rate is None else pace(job, job.rate))
    return asdict(found) | {"cpu_seconds": time.process_time() - cpu}


if __name__ == "__main__":
    main()
