"""Unexpected errors cost no post, no account and no sibling: each is isolated, counted, and has an end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from tests.accounts.conftest import login_flow as login_flow
from tests.accounts.login_flow import LoginFlow
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import HurriedClock, WorkerWorld, poll_once
from tests.worker.refresher import refresh_round
from tests.worker.rows import NOW, owner_of_project
from tests.worker.test_managed import set_up

from presswork.accounts.account_jobs import RefreshJobs
from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.idempotency.stored_replies import sweep as sweep_replies
from presswork.jobs.runner import Runner
from presswork.notifications.notify_device import TextStatus
from presswork.platforms.names import LoginName
from presswork.telemetry import meters
from presswork.worker.main import open_worker
from presswork.worker.maintenance import MAX_AT_ONCE, MAX_BATCHES, Maintenance, Step, run_steps
from presswork.worker.post_jobs import MAX_COUNTED, Interruptions
from presswork.worker.sms import SmsRow, SmsSender, SmsStore
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


async def queued(worker_world: WorkerWorld, picture: bytes) -> str:
    """Publish a picture and return the post."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "bakery")
    (post,) = await worker_world.world.publish(await worker_world.world.content(project, picture), account)
    return post


# Claims ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", sampled(["load", "claim_follow_ups", "next_due"], "load"))
@pytest.mark.parametrize("error", [NO_CONNECTION, RuntimeError("unforeseen")], ids=["transient", "unforeseen"])
async def test_a_claimed_post_is_not_orphaned_by_the_next_statement(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch, statement: str, error: Exception
) -> None:
    """The post is leased, and whatever is asked next raises: it is published at once, and not taken over from itself."""
    post = await queued(worker_world, picture)
    monkeypatch.setattr(WorkStore, statement, failing(getattr(WorkStore, statement), error))
    await worker_world.worker.poll()
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post))["status"] == "published"
    messages = [line["message"] for line in await worker_world.world.timeline(post) if line["event"] == "claimed"]
    assert not [message for message in messages if "lapsed" in message or "not heard of" in message]


async def test_a_worker_does_not_take_a_post_over_from_itself(worker_world: WorkerWorld, picture: bytes) -> None:
    """Its lease lapsed while the machine was suspended: the timeline says that the same worker continues."""
    post = await queued(worker_world, picture)
    store = WorkStore(worker_world.world.api.context.pool, worker_id="one")
    for at in (worker_world.clock.now(), worker_world.clock.now() + timedelta(minutes=5)):
        assert len(await store.claim(now=at, lease=timedelta(seconds=30), limit=1)) == 1
    messages = [line["message"] for line in await worker_world.world.timeline(post) if line["event"] == "claimed"]
    assert messages == ["Worker one claimed the post.", "Worker one continues with it."]


async def test_a_post_with_options_that_a_rule_refuses_now_fails(worker_world: WorkerWorld, picture: bytes) -> None:
    """It says which and why, nothing is posted, and the next post of the account is published."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "bluesky", "luna.bsky.social")
    container = await worker_world.world.content(project, picture)
    (stricter,) = await worker_world.world.publish(container, account)
    (other,) = await worker_world.world.publish(container, account)
    options = '{"blueskyPostSettings": {"languages": ["en", "de", "fr", "pt"]}}'
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE scheduled_posts SET options = $2 WHERE id = $1", UUID(stricter[3:]), options)
    await worker_world.worker.work_until_idle()
    failed = await worker_world.world.post(stricter)
    assert (failed["status"], failed["lastError"]["code"], failed["lastError"]["step"]) == (
        "failed",
        "PLATFORM_LIMIT",
        "options",
    )
    assert "(blueskyPostSettings.languages: List should have at most 3 items" in failed["lastError"]["message"]
    assert ((await worker_world.world.post(other))["status"], len(await worker_world.world.live())) == ("published", 1)


def test_counts_of_interruptions_are_bounded() -> None:
    """A post that another worker ended is forgotten some time; one that is interrupted again and again is not."""
    counts, again = Interruptions(), new_id()
    for times in range(1, 2 * MAX_COUNTED):
        assert counts.count(again) == times
        counts.count(new_id())
    assert len(counts) == MAX_COUNTED
    counts.clear(again)
    assert counts.count(again) == 1


# Results -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", sampled(["go_live", "live", "settle_published"], "live"))
async def test_a_full_pool_is_not_charged_to_a_post(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """No connection is free when the post is written to: it is released and continued, with no error to its name."""
    post = await queued(worker_world, picture)
    monkeypatch.setattr(WorkStore, statement, failing(getattr(WorkStore, statement), NO_CONNECTION, times=3))
    await worker_world.worker.work_until_idle()
    stored = await worker_world.world.post(post)
    assert (stored["status"], len(await worker_world.world.live())) == ("published", 1)
    row = await worker_world.world.api.context.pool.fetchrow("SELECT error_count, first_error_at FROM scheduled_posts")
    assert row is not None
    assert tuple(row) == (0, None)
    assert "retrying" not in await worker_world.events(post)


async def test_a_full_pool_is_not_charged_to_a_comment(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follow-up that gets no connection keeps its tries, and is due again at once."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "bakery")
    await worker_world.world.fault(platform="instagram", operation="comments", fault="http_500", times=-1)
    container = await worker_world.world.content(project, picture, comment="First!")
    (post,) = await worker_world.deliver(container, account)
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE post_follow_ups SET run_at = now() - interval '1 day', attempts = 0")
    # As if the call before had arrived long ago, and its wait were over: before that, a follow-up waits and writes nothing.
    await pool.execute(
        "UPDATE scheduled_posts"
        " SET platform_state = (platform_state::jsonb - '{commentCalled,commentNextAt}'::text[])::text"
    )
    monkeypatch.setattr(WorkStore, "save", failing(WorkStore.save, NO_CONNECTION, times=1000))
    await poll_once(worker_world.worker)
    async with (
        pool.acquire() as connection
    ):  # open already, so that the claimed job does not end before the second read
        lapses_at = await connection.fetchval("SELECT run_at FROM post_follow_ups")
        await worker_world.worker.poll()
        (left,) = await connection.fetch("SELECT attempts, run_at FROM post_follow_ups")
    assert left["attempts"] == 0
    assert left["run_at"] > lapses_at  # released and claimed again, long before its lease would have ended
    assert post["status"] == "published"


@pytest.mark.exhaustive
async def test_follow_ups_are_bounded(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty are due at once, under a concurrency of five: five run at a time."""
    project = await worker_world.world.project()
    container = await worker_world.world.content(project, picture)
    accounts = [await worker_world.world.account(project, "instagram", f"brand{number}") for number in range(40)]
    await worker_world.deliver(container, *accounts)
    await worker_world.world.api.context.pool.execute(
        "INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)"
        " SELECT id, true, false, now() - interval '1 hour', now() + interval '1 day', 0 FROM scheduled_posts"
    )
    running: list[object] = []
    hold = asyncio.Event()

    async def held(*arguments: Any) -> None:
        running.append(arguments)
        await hold.wait()

    monkeypatch.setattr("presswork.worker.follow_up_jobs.follow_up", held)
    settings = worker_world.settings.model_copy(update={"worker_concurrency": 5})
    async with open_worker(
        settings, dsn=worker_world.dsn, base_url=worker_world.world.api.base_url, clock=HurriedClock()
    ) as worker:
        for _ in range(10):
            await worker.poll()
        assert len(running) == 5


async def test_a_follow_up_whose_post_cannot_be_read_ends(worker_world: WorkerWorld, picture: bytes) -> None:
    """A live post's stored data is damaged: its follow-up is not claimed again and again, and the post stays published."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "bakery")
    await worker_world.deliver(await worker_world.world.content(project, picture), account)
    pool = worker_world.world.api.context.pool
    await pool.execute(
        "INSERT INTO post_follow_ups (post_id, needs_location, needs_comment, run_at, gives_up_at, attempts)"
        " SELECT id, true, false, now() - interval '1 hour', now() + interval '1 day', 0 FROM scheduled_posts"
    )
    await pool.execute("UPDATE scheduled_posts SET platform_state = '[]'")
    await worker_world.worker.poll()
    assert await pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0
    assert await pool.fetchval("SELECT status FROM scheduled_posts") == "published"


@pytest.mark.parametrize(("concurrency", "at_once"), [(5, 5), *exhaustive([(500, 20)])])
async def test_text_messages_are_bounded(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch, concurrency: int, at_once: int
) -> None:
    """Forty are due at once: as many run at a time as posts may, and never more than twenty. All are sent in the end."""
    project = await worker_world.world.project()
    await worker_world.world.content(project, picture)
    pool = worker_world.world.api.context.pool
    await pool.execute(
        """INSERT INTO text_messages (id, notice_id, position, container_id, organization_id, environment, kind, phone, body,
                                      has_link, status, run_at, created_at, updated_at)
           SELECT gen_random_uuid(), gen_random_uuid(), 0, c.id, c.organization_id, c.environment, 'caption',
                  '+4915112345667', 'Hi', false, 'queued', now() - interval '1 hour', now(), now()
             FROM content_containers c, generate_series(1, 40)"""
    )
    running: set[object] = set()
    sent: set[object] = set()
    max_running = 0
    hold = asyncio.Event()

    async def held(sender: SmsSender, sms: SmsRow) -> None:
        nonlocal max_running
        running.add(sms.id)
        max_running = max(max_running, len(running))
        await hold.wait()
        running.discard(sms.id)
        sent.add(sms.id)
        now = worker_world.clock.now()
        await SmsStore(pool, worker_id="test", lease=timedelta(minutes=1)).end(sms, TextStatus.SENT, None, now=now)

    monkeypatch.setattr(SmsSender, "work", held)
    settings = worker_world.settings.model_copy(update={"worker_concurrency": concurrency})
    async with open_worker(
        settings, dsn=worker_world.dsn, base_url=worker_world.world.api.base_url, clock=HurriedClock()
    ) as worker:
        for _ in range(10):
            await worker.poll()
        assert len(running) == at_once
        hold.set()
        await worker.work_until_idle()
    assert (max_running, len(sent)) == (at_once, 40)


async def crash_at(
    worker_world: WorkerWorld, monkeypatch: pytest.MonkeyPatch, *aheads: timedelta
) -> AsyncIterator[None]:
    """At these times from now, let a worker attempt what is due; each attempt crashes, and so does the write that counts it."""
    unstorable = asyncpg.DataError("invalid byte sequence")
    monkeypatch.setattr(WorkStore, "record_error", failing(WorkStore.record_error, unstorable, times=1_000))

    def crash(point: str) -> None:
        if point == "before_prepare":
            raise RuntimeError("a defect of ours")

    for ahead in aheads:
        async with open_worker(
            worker_world.settings,
            dsn=worker_world.dsn,
            base_url=worker_world.world.api.base_url,
            clock=HurriedClock(ahead=ahead),
            at_point=crash,
        ) as worker:
            await poll_once(worker)  # the next attempt may be due before it is idle
        yield


@pytest.mark.exhaustive
async def test_a_result_that_cannot_be_stored_has_an_end(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt crashes, and so does the write that counts it: the post backs off, and fails after half an hour."""
    post = await queued(worker_world, picture)
    times = timedelta(), timedelta(minutes=10), timedelta(hours=1)
    claims = [
        (await worker_world.events(post)).count("claimed") async for _ in crash_at(worker_world, monkeypatch, *times)
    ]
    stored = await worker_world.world.post(post)
    assert (stored["status"], stored["lastError"]["code"]) == ("failed", "INTERNAL")
    assert claims == [1, 2, 3]
    assert (await worker_world.events(post))[-2:] == ["claimed", "failed"]


@pytest.mark.exhaustive
async def test_an_error_of_hours_ago_does_not_shorten_the_time_for_a_result_that_cannot_be_stored(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post waited out an error of its platform, then its attempts crash: they are repeated for half an hour from there."""
    post, pool = await queued(worker_world, picture), worker_world.world.api.context.pool
    await pool.execute(
        "UPDATE scheduled_posts SET error_count = 9, first_error_at = now() - interval '3 hours',"
        " last_error_at = now() - interval '2 hours'"
    )
    results, counts = [], []
    async for _ in crash_at(worker_world, monkeypatch, timedelta(), timedelta(minutes=20), timedelta(minutes=50)):
        results.append((await worker_world.world.post(post))["status"])
        counts.append(await pool.fetchval("SELECT error_count FROM scheduled_posts"))
    assert results == ["publishing", "publishing", "failed"]
    assert counts == [1, 2, 2]


@pytest.mark.exhaustive
async def test_a_managed_post_that_can_not_be_settled_is_published_without_a_comment(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settling crashes until the post is settled with a fixed result. Its provider wrote the comment: none is missing."""
    container, account = await set_up(worker_world, picture)
    (post,) = await worker_world.world.publish(container, account, mode="managed")
    unstorable = asyncpg.DataError("invalid byte sequence")
    monkeypatch.setattr(WorkStore, "record_error", failing(WorkStore.record_error, unstorable, times=1_000))

    def crash(point: str) -> None:
        if point == "before_settle":
            raise RuntimeError("a defect of ours")

    for ahead in (timedelta(), timedelta(hours=1)):
        async with open_worker(
            worker_world.settings,
            dsn=worker_world.dsn,
            base_url=worker_world.world.api.base_url,
            clock=HurriedClock(ahead=ahead),
            at_point=crash,
        ) as worker:
            await worker.work_until_idle()
    stored = await worker_world.world.post(post)
    assert (stored["status"], stored["firstCommentStatus"]) == ("published", None)
    assert await worker_world.world.api.context.pool.fetchval("SELECT count(*) FROM post_follow_ups") == 0


# Background tasks --------------------------------------------------------------------------------------------------------


async def test_the_heartbeat_survives_an_unforeseen_error(
    worker_world: WorkerWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises once; half a second later the worker is seen again."""
    beats: list[str] = []
    seen, stop = asyncio.Event(), asyncio.Event()

    async def heartbeat(self: WorkStore, **_: Any) -> None:
        beats.append(self.worker_id)
        if len(beats) == 1:
            raise RuntimeError("unforeseen")
        seen.set()

    monkeypatch.setattr(WorkStore, "heartbeat", heartbeat)
    running = asyncio.create_task(worker_world.worker.run(stop))
    await asyncio.wait_for(seen.wait(), 20)
    stop.set()
    await running


async def test_one_accounts_error_stops_no_other_refresh(
    login_flow: LoginFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refresh of one account raises an unexpected error: it is counted, and the other accounts are refreshed."""
    for number in range(4):
        await login_flow.connect("tiktok", f"shop{number}")
    await login_flow.pass_time(timedelta(minutes=100))
    context = login_flow.api.context
    login = context.platforms.get(LoginName.TIKTOK, Environment.TEST).login
    monkeypatch.setattr(type(login), "refresh", failing(type(login).refresh, RuntimeError("unforeseen")))
    counted = meters.refresh_failures.labels("tiktok")._value.get()
    jobs = RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)
    assert await refresh_round(jobs) == 4
    assert len(await login_flow.calls("tiktok", "refresh")) == 3
    assert meters.refresh_failures.labels("tiktok")._value.get() - counted == 1
    leased = "SELECT count(*) FROM social_accounts WHERE refresh_leased_until > $1"
    assert await context.pool.fetchval(leased, login_flow.clock.now()) == 1  # it is tried again when that lease ends


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

    counted = [meters.maintenance_failures.labels(name)._value.get() for name in ("broken", "away")]
    await run_steps([Step("broken", broken, 1), Step("away", away, 1), Step("sound", sound, 1)])
    assert ran == ["sound"]
    assert meters.maintenance_failures.labels("broken")._value.get() - counted[0] == 1
    assert meters.maintenance_failures.labels("away")._value.get() == counted[1]  # a database that is away is no defect


async def test_a_slow_step_of_maintenance_delays_no_other() -> None:
    """It waits for what only a later step, and then a later round, brings about. It is not started twice meanwhile."""
    events = {"same round": asyncio.Event(), "next round": asyncio.Event()}
    ran: list[str] = []

    async def slow(until: str) -> int:
        ran.append(until)
        await events[until].wait()
        return 0

    async def sound(done: str) -> int:
        events[done].set()
        return 0

    async with asyncio.TaskGroup() as group:
        maintenance = Maintenance(group)
        slow_steps = [Step(until, partial(slow, until), 1) for until in events]
        maintenance.start([*slow_steps, Step("sound", partial(sound, "same round"), 1)])
        await events["same round"].wait()
        maintenance.start([*slow_steps, Step("sound", partial(sound, "next round"), 1)])
    assert sorted(set(ran)) == ["next round", "same round"]
    assert ran.count("next round") == 1


async def test_a_step_of_maintenance_ends_at_its_time_limit() -> None:
    """A step that hangs is stopped and counted, and more of them than run at once keep none from its turn."""
    ran: list[str] = []

    async def hangs() -> int:
        await asyncio.Event().wait()
        return 0

    async def sound() -> int:
        ran.append("sound")
        return 0

    names = [f"hangs {number}" for number in range(MAX_AT_ONCE + 1)]
    hanging = [Step(name, hangs, 1, within=timedelta()) for name in names]
    await run_steps([*hanging, Step("sound", sound, 1)])
    assert ran == ["sound"]
    assert [meters.maintenance_failures.labels(name)._value.get() for name in names] == [1] * len(names)


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


@pytest.mark.exhaustive
@pytest.mark.slow
async def test_a_stopping_worker_completes_a_refresh_under_way(login_flow: LoginFlow) -> None:
    """TikTok needs longer for a refresh than the worker drains, and its refresh token works once: the new pair is kept."""
    await login_flow.connect("tiktok", "bakery")
    context, now = login_flow.api.context, datetime.now(UTC)
    read = "SELECT sealed_tokens FROM social_accounts"
    held = open_tokens(context.keyring, await context.pool.fetchval(read))
    aged = replace(held, issued_at=now - timedelta(minutes=100), expires_at=now + timedelta(minutes=20))
    await context.pool.execute(
        "UPDATE social_accounts SET sealed_tokens = $1, refresh_due_at = $2", seal_tokens(context.keyring, aged), now
    )
    await login_flow.fault("tiktok", "refresh", "latency", value={"ms": 6_000})
    jobs, stop = RefreshJobs(context.pool, context.keyring, context.platforms, SystemClock()), asyncio.Event()
    async with Runner([jobs], SystemClock(), drain_within=timedelta()) as runner:
        running = asyncio.create_task(runner.run(stop))
        while (await login_flow.sandbox("GET", "faults"))["items"]:
            pass  # until it has struck
        stop.set()
        await running
    fresh = open_tokens(context.keyring, await context.pool.fetchval(read))
    assert fresh.refresh_token != held.refresh_token
    assert len(await login_flow.calls("tiktok", "refresh")) == 1
