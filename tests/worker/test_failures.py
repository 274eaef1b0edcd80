"""Unexpected errors cost no post, no account and no sibling: each is isolated, counted, and has an end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest
from tests.accounts.conftest import scene as scene
from tests.accounts.scene import Scene
from tests.worker.conftest import HurriedClock, Works
from tests.worker.refresher import refresh_round
from tests.worker.rows import NOW, owner_of_project

from presswork.accounts.refresh import RefreshJobs
from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment, LoginName
from presswork.db.pool import Pool
from presswork.idempotency.stored_replies import sweep as sweep_replies
from presswork.jobs.runner import Runner
from presswork.telemetry import meters
from presswork.worker.main import open_worker
from presswork.worker.maintenance import MAX_BATCHES, Step, run_steps
from presswork.worker.store import WorkStore

NO_CONNECTION: Final = TimeoutError("no connection was free in time")


def failing(method: Callable[..., Any], error: Exception, *, times: int = 1) -> Callable[..., Any]:
    """Return a method that raises so many times, then does what it does."""
    left = [error] * times

    async def step(*arguments: Any, **named: Any) -> Any:
        if left:
            raise left.pop()
        return await method(*arguments, **named)

    return step


async def queued(works: Works, picture: bytes) -> str:
    """Publish a picture and return the post."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "bakery")
    (post,) = await works.stage.publish(await works.stage.content(project, picture), account)
    return post


# Claims ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["load", "claim_follow_ups", "next_due"])
@pytest.mark.parametrize("error", [NO_CONNECTION, RuntimeError("unforeseen")], ids=["transient", "unforeseen"])
async def test_a_claimed_post_is_not_orphaned_by_the_next_statement(
    works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch, statement: str, error: Exception
) -> None:
    """The post is leased, and whatever is asked next raises: it is published at once, and not taken over from itself."""
    post = await queued(works, picture)
    monkeypatch.setattr(WorkStore, statement, failing(getattr(WorkStore, statement), error))
    await works.worker.poll()
    await works.worker.work_until_idle()
    assert (await works.stage.post(post))["status"] == "published"
    told = [line["message"] for line in await works.stage.timeline(post) if line["event"] == "claimed"]
    assert not [message for message in told if "lapsed" in message or "not heard of" in message]


async def test_a_worker_does_not_take_a_post_over_from_itself(works: Works, picture: bytes) -> None:
    """Its lease lapsed while the machine was suspended: the timeline says that the same worker continues."""
    post = await queued(works, picture)
    store = WorkStore(works.stage.api.context.pool, worker_id="one")
    for at in (works.clock.now(), works.clock.now() + timedelta(minutes=5)):
        assert len(await store.claim(now=at, lease=timedelta(seconds=30), limit=1)) == 1
    told = [line["message"] for line in await works.stage.timeline(post) if line["event"] == "claimed"]
    assert told == ["Worker one has taken it.", "Worker one continues with it."]


# Results -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["go_live", "live", "settle_published"])
async def test_a_full_pool_is_not_charged_to_a_post(
    works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """No connection is free when the post is written to: it is released and continued, with no error to its name."""
    post = await queued(works, picture)
    monkeypatch.setattr(WorkStore, statement, failing(getattr(WorkStore, statement), NO_CONNECTION, times=3))
    await works.worker.work_until_idle()
    stored = await works.stage.post(post)
    assert (stored["status"], len(await works.stage.live())) == ("published", 1)
    row = await works.stage.api.context.pool.fetchrow("SELECT faults, faulty_since FROM scheduled_posts")
    assert row is not None
    assert tuple(row) == (0, None)
    assert "retrying" not in await works.events(post)


async def test_a_full_pool_is_not_charged_to_a_comment(
    works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follow-up that gets no connection keeps its tries, and is due again at once."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "bakery")
    await works.stage.fault(platform="instagram", operation="comments", fault="http_500", times=-1)
    container = await works.stage.content(project, picture, comment="First!")
    (post,) = await works.deliver(container, account)
    pool = works.stage.api.context.pool
    await pool.execute("UPDATE post_follow_ups SET run_at = now() - interval '1 day', attempts = 0")
    monkeypatch.setattr(WorkStore, "save", failing(WorkStore.save, NO_CONNECTION, times=2))
    await works.worker.poll()
    while tasks := works.worker.runner.tasks:
        await asyncio.wait(tasks)
    assert await pool.fetchval("SELECT attempts FROM post_follow_ups") == 0
    await works.worker.poll()
    assert works.worker.runner.tasks  # it was released and is claimed again
    assert post["status"] == "published"


async def test_follow_ups_are_bounded(works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty are due at once, under a concurrency of five: five run at a time."""
    project = await works.stage.project()
    container = await works.stage.content(project, picture)
    accounts = [await works.stage.account(project, "instagram", f"brand{number}") for number in range(40)]
    await works.deliver(container, *accounts)
    await works.stage.api.context.pool.execute(
        "INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)"
        " SELECT id, true, false, now() - interval '1 hour', now() + interval '1 day', 0 FROM scheduled_posts"
    )
    running: list[object] = []
    hold = asyncio.Event()

    async def held(*arguments: Any) -> None:
        running.append(arguments)
        await hold.wait()

    monkeypatch.setattr("presswork.worker.follow_up_jobs.follow_up", held)
    settings = works.settings.model_copy(update={"worker_concurrency": 5})
    async with open_worker(settings, dsn=works.dsn, base_url=works.stage.api.base_url, clock=HurriedClock()) as worker:
        for _ in range(10):
            await worker.poll()
        assert len(running) == 5


async def test_a_result_that_cannot_be_stored_has_an_end(
    works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt crashes, and so does the write that counts it: the post backs off, and fails after half an hour."""
    post = await queued(works, picture)
    unstorable = asyncpg.DataError("invalid byte sequence")
    monkeypatch.setattr(WorkStore, "fault", failing(WorkStore.fault, unstorable, times=1_000))

    def crash(point: str) -> None:
        if point == "before_prepare":
            raise RuntimeError("a defect of ours")

    claims = []
    for ahead in (timedelta(), timedelta(minutes=10), timedelta(hours=1)):
        async with open_worker(
            works.settings,
            dsn=works.dsn,
            base_url=works.stage.api.base_url,
            clock=HurriedClock(ahead=ahead),
            at_point=crash,
        ) as worker:
            await worker.work_until_idle()
        claims.append((await works.events(post)).count("claimed"))
    stored = await works.stage.post(post)
    assert (stored["status"], stored["lastError"]["code"]) == ("failed", "INTERNAL")
    assert claims == [1, 2, 3]
    assert (await works.events(post))[-2:] == ["claimed", "failed"]


# Background tasks --------------------------------------------------------------------------------------------------------


async def test_the_heartbeat_survives_an_unforeseen_error(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """It raises once; half a second later the worker is seen again."""
    beats: list[str] = []
    seen, stop = asyncio.Event(), asyncio.Event()

    async def heartbeat(self: WorkStore, **_: Any) -> None:
        beats.append(self.worker_id)
        if len(beats) == 1:
            raise RuntimeError("unforeseen")
        seen.set()

    monkeypatch.setattr(WorkStore, "heartbeat", heartbeat)
    running = asyncio.create_task(works.worker.run(stop))
    await asyncio.wait_for(seen.wait(), 20)
    stop.set()
    await running


async def test_one_accounts_error_stops_no_other_refresh(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refresh of one raises what nobody foresaw: the others are refreshed, and it is counted and goes to the end."""
    for number in range(4):
        await scene.connect("tiktok", f"shop{number}")
    await scene.pass_time(timedelta(minutes=100))
    context = scene.api.context
    login = context.platforms.get(LoginName.TIKTOK, Environment.TEST).login
    monkeypatch.setattr(type(login), "refresh", failing(type(login).refresh, RuntimeError("unforeseen")))
    counted = meters.refresh_failures.labels("tiktok")._value.get()
    jobs = RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)
    assert await refresh_round(jobs) == 4
    assert len(await scene.calls("tiktok", "refresh")) == 3
    assert meters.refresh_failures.labels("tiktok")._value.get() - counted == 1
    leased = "SELECT count(*) FROM social_accounts WHERE refresh_leased_until > $1"
    assert await context.pool.fetchval(leased, scene.clock.now()) == 1  # it is tried again when that lease ends


async def test_one_step_of_maintenance_stops_no_other() -> None:
    """Each step is isolated and counted, whatever it raises."""
    ran: list[str] = []

    async def broken() -> int:
        raise RuntimeError("unforeseen")

    async def away() -> int:
        raise ConnectionResetError

    async def sound() -> int:
        ran.append("sound")
        return 0

    counted = meters.maintenance_failures.labels("broken")._value.get()
    await run_steps([Step("broken", broken, 1), Step("away", away, 1), Step("sound", sound, 1)])
    assert ran == ["sound"]
    assert meters.maintenance_failures.labels("broken")._value.get() - counted == 1


@pytest.mark.parametrize(("rows", "left"), [(25, 0), (10 * MAX_BATCHES + 5, 5)])
async def test_a_sweep_deletes_batches_until_one_is_short(pool: Pool, rows: int, left: int) -> None:
    """What piled up is deleted in one round, up to a bound."""
    owner = await owner_of_project(pool)
    await pool.execute(
        """INSERT INTO idempotency_keys (key_id, route, idempotency_key, fingerprint, status, body, created_at)
           SELECT $1, 'publish', n::text, decode(repeat('00', 32), 'hex'), 200, '{}', $2 FROM generate_series(1, $3) n""",
        owner.key_id,
        NOW - timedelta(days=3),
        rows,
    )

    async def sweep() -> int:
        return await sweep_replies(pool, now=NOW, limit=10)

    await run_steps([Step("idempotency", sweep, 10)])
    assert await pool.fetchval("SELECT count(*) FROM idempotency_keys") == left


# Stopping ----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_stopping_worker_completes_a_refresh_under_way(scene: Scene) -> None:
    """TikTok needs longer for a refresh than the worker drains, and its refresh token works once: the new pair is kept."""
    await scene.connect("tiktok", "bakery")
    context, now = scene.api.context, datetime.now(UTC)
    read = "SELECT sealed_tokens FROM social_accounts"
    held = open_tokens(context.keyring, await context.pool.fetchval(read))
    aged = replace(held, issued_at=now - timedelta(minutes=100), expires_at=now + timedelta(minutes=20))
    await context.pool.execute(
        "UPDATE social_accounts SET sealed_tokens = $1, refresh_due_at = $2", seal_tokens(context.keyring, aged), now
    )
    await scene.fault("tiktok", "refresh", "latency", value={"ms": 6_000})
    jobs, stop = RefreshJobs(context.pool, context.keyring, context.platforms, SystemClock()), asyncio.Event()
    async with Runner([jobs], SystemClock(), drain_within=timedelta()) as runner:
        running = asyncio.create_task(runner.run(stop))
        while (await scene.sandbox("GET", "faults"))["items"]:
            pass  # until it has struck
        stop.set()
        await running
    fresh = open_tokens(context.keyring, await context.pool.fetchval(read))
    assert fresh.refresh_token != held.refresh_token
    assert len(await scene.calls("tiktok", "refresh")) == 1
