"""The floors of the publish call, as a separate process: the same statement with the same arguments and nothing else, or the
same rows written by one plain INSERT per table, without a check.
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast
from uuid import UUID, uuid4

import uvloop

from bench.child import do_jobs
from presswork.api.http.responses import reply_of
from presswork.api.posts.schemas import PublishResult
from presswork.callers.model import Principal, Scope, Tier
from presswork.core.enums import Environment, Mode
from presswork.core.ids import ACCOUNT, parse_id
from presswork.db.pool import Pool, open_pool, parts_of
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall, IdempotentRequest, Reply
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings
from presswork.posts.create_posts import CreatedPosts
from presswork.posts.publish import publish
from presswork.posts.targets import Target

_MAX_CALLS_PER_SECOND: Final = 6000
_CALL: Final = 5
"""Place of the argument `call`. Without its `audit` the statement writes no line of the audit log."""
_PLAIN: Final = load("bench", "plain.sql")["insert_posts"]
_PLANS: Final = """SELECT sum(custom_plans + CASE WHEN generic_plans > 0 THEN 1 ELSE 0 END)::bigint
  FROM pg_prepared_statements WHERE statement = $1"""
_ROUTE: Final = "POST /v1/content/{containerId}/publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """As `bench.load.Job`, with the database instead of the API."""

    dsn: str
    data_dir: str
    key_id: str
    organization: str
    container: str
    accounts: list[str]
    targets: int
    connections: int
    seconds: float
    warm_up_seconds: float
    is_idempotent: bool
    is_audited: bool = True
    is_plain: bool = False
    """Plain inserts instead of the statement."""


class Recorder:
    """Stands where the pool is, and keeps what the publish call would have run."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    async def fetchval(self, *call: object) -> bool:
        """Keep the statement and its arguments; answer that all is well."""
        self.calls.append(call)
        return True


async def _prepare(job: Job, count: int) -> list[tuple[object, ...]]:
    """Return statements and arguments exactly as the publish call makes them, each with new ids."""
    recorder = Recorder()
    caller = Principal(
        key_id=UUID(job.key_id),
        organization_id=UUID(job.organization),
        environment=Environment.TEST,
        scopes=frozenset(scope.value for scope in Scope),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
        has_endpoints=False,
    )
    settings = Settings(_env_file=None, data_dir=Path(job.data_dir))
    async with Platforms(settings, base_url="http://127.0.0.1") as platforms:
        for _ in range(count):
            targets = [
                Target(social_account_id=parse_id(ACCOUNT, account), mode=Mode.PUBLISH)
                for account in random.sample(job.accounts, job.targets)
            ]
            now = datetime.now(UTC)
            request = None
            if job.is_idempotent:
                request = IdempotentRequest(
                    key_id=caller.id, route=_ROUTE, idempotency_key=str(uuid4()), fingerprint=bytes(32), now=now
                )
            pool = cast("Pool", recorder)  # the one call that it makes is there
            call = IdempotentCall(pool, request, _reply)
            await publish(call, platforms, UUID(job.container), targets, caller=caller, now=now)
    return recorder.calls


def _reply(created: CreatedPosts) -> Reply:
    return reply_of(PublishResult.of(created), exclude_none=True)


class Floor:
    """Runs jobs over one pool, which stays open between them as the API's does."""

    def __init__(self) -> None:
        self._pool: Pool | None = None
        self._calls = 0

    async def _planning(self, statement: str, arguments: Sequence[object]) -> dict[str, object]:
        """Return how many plans were made per call, and how long making one takes."""
        pool = self._pool
        if pool is None:
            raise RuntimeError("no job has run")
        plans = 0
        async with AsyncExitStack() as stack:
            for part in parts_of(pool):
                for _ in range(part.get_size()):
                    connection = await stack.enter_async_context(part.acquire())
                    plans += await connection.fetchval(_PLANS, statement) or 0
        explained = json.loads(await pool.fetchval(f"EXPLAIN (SUMMARY, FORMAT JSON) {statement}", *arguments))
        return {"plans_per_call": plans / self._calls, "planning_ms": explained[0]["Planning Time"]}

    async def run(self, job: Job) -> dict[str, object]:
        """Run prepared calls until the time or the calls are over."""
        min_calls = 200
        max_calls = (
            int(_MAX_CALLS_PER_SECOND * (job.seconds + job.warm_up_seconds) / (1 + job.targets / 10)) + min_calls
        )
        spare, *prepared = [_call_of(job, *call) for call in await _prepare(job, max_calls + 1)]
        calls = iter(prepared)
        took: list[float] = []
        count = 0
        pool = self._pool = self._pool or await open_pool(job.dsn, min_size=job.connections)
        cpu = time.process_time()
        begin = time.perf_counter() + job.warm_up_seconds
        end = begin + job.seconds

        async def keep_calling() -> None:
            nonlocal count
            while (started := time.perf_counter()) < end and (call := next(calls, None)) is not None:
                statement, *arguments = call
                if not await pool.fetchval(str(statement), *arguments):
                    raise RuntimeError("the statement wrote nothing")
                count += 1
                if started >= begin:
                    took.append(time.perf_counter() - started)

        await asyncio.gather(*(keep_calling() for _ in range(job.connections)))
        elapsed = time.perf_counter() - begin
        found = {"took": took, "elapsed": elapsed, "calls": count, "cpu_seconds": time.process_time() - cpu}
        if not job.is_plain:
            self._calls += count
            statement, *arguments = spare
            found |= await self._planning(str(statement), arguments)
        return found


def _call_of(job: Job, statement: object, *arguments: object) -> tuple[object, ...]:
    """Return a prepared call as the job wants it."""
    if job.is_plain:
        return (_PLAIN, *_plain_arguments(arguments))
    if job.is_audited:
        return (statement, *arguments)
    call = json.loads(str(arguments[_CALL]))
    del call["audit"]
    return (statement, *arguments[:_CALL], json.dumps(call), *arguments[_CALL + 1 :])


def _plain_arguments(arguments: Sequence[object]) -> list[object]:
    """Return what the rows consist of, as arrays and scalars: the plain inserts look nothing up."""
    key, organization, environment, container, now, call_json, posts, accounts, _, _, detail, body = arguments
    call = json.loads(str(call_json))
    idempotency_key, fingerprint = call.get("idempotency_key"), bytes.fromhex(call.get("fingerprint", ""))
    return [
        posts,
        accounts,
        organization,
        environment,
        container,
        now,
        call["message"],
        key,
        idempotency_key,
        fingerprint,
        body,
        detail,
    ]


def main() -> None:
    """Run until there are no more jobs."""
    floor = Floor()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        do_jobs(lambda line: runner.run(floor.run(Job(**json.loads(line)))))


if __name__ == "__main__":
    main()
