"""One attempt against a platform that does what the test says: bugs, dead tokens, and what they leave behind."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue
from structlog.testing import capture_logs
from tests.clocks import MovableClock
from tests.posts.conftest import bare
from tests.posts.conftest import ready_project as ready_project
from tests.worker.attempt_world import AttemptWorld, Scripted, failing
from tests.worker.attempt_world import attempt_world as attempt_world

from presswork.db.queries import load
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import (
    Absent,
    Failed,
    Job,
    Present,
    Processing,
    Sighting,
)
from presswork.posts.model import Event
from presswork.worker.job import ActiveJob
from presswork.worker.post_jobs import SLOW_STEP, PostJobs
from presswork.worker.publish_attempt import LIVE_CALLS, Attempt
from presswork.worker.store import WorkStore


async def test_a_refused_call_is_not_counted_as_one_that_may_have_worked(attempt_world: AttemptWorld) -> None:
    """More throttled calls than may be unsure ones: the post waits, and goes live when the limit ends."""
    (post,) = await attempt_world.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(seconds=1), is_throttled=True)
    await attempt_world.attempt(Scripted(make_live_with=failing(limit, times=LIVE_CALLS + 3)))
    assert await attempt_world.status(post) == ("published", None)


async def test_calls_that_never_work_end_the_post(attempt_world: AttemptWorld) -> None:
    """The platform loses each answer and says each time that nothing happened: after a few calls the post fails."""
    (post,) = await attempt_world.accept()
    connector = Scripted(
        make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
        look_up_with=lambda: Absent(message="It did not happen."),
    )
    await attempt_world.attempt(connector)
    assert await attempt_world.status(post) == ("failed", "PLATFORM_UNAVAILABLE")
    assert connector.calls.count("make_live") == LIVE_CALLS


async def test_a_failed_attempt_is_logged_as_a_warning(attempt_world: AttemptWorld) -> None:
    """An attempt that fails, or is retried after an error, is a warning; one that publishes is not."""
    policy = replace(attempt_world.platform.retry_policy, fault_limit=timedelta(hours=1))  # as in live projects
    patient = replace(attempt_world, platform=replace(attempt_world.platform, retry_policy=policy))
    levels = []
    later = TryLater("Down.", step="x", retry_after=timedelta(seconds=25))
    errors = (Rejected("No.", step="x"), later)
    for connector in (Scripted(), *(Scripted(prepare_with=failing(error, times=1)) for error in errors)):
        await patient.accept()
        with capture_logs() as logged:
            await patient.attempt(connector)
        (line,) = (line for line in logged if line["event"] == "attempt")
        levels.append((line["result"], line["log_level"]))
    assert levels == [("published", "info"), ("failed", "warning"), ("snoozed", "warning")]


async def test_a_step_that_lasts_long_is_logged(attempt_world: AttemptWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call whose timeout does not work: the log names the post, the step and its length, less often the longer it lasts."""
    (post,) = await attempt_world.accept()
    hangs, goes_on = asyncio.Event(), asyncio.Event()

    class Hanging(Scripted):
        async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
            hangs.set()
            await goes_on.wait()
            return await super().make_live(job, prepared)

    platforms = attempt_world.world.api.context.platforms
    monkeypatch.setattr(platforms, "get", lambda *_: replace(attempt_world.platform, connector=Hanging()))
    jobs = PostJobs(attempt_world.bench, platforms, concurrency=1, lease=timedelta(days=1))
    (job,) = await jobs.claim(1)
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            group.create_task(jobs.run(job))
            await hangs.wait()
            for _ in range(5):
                jobs.warn_of_slow_steps()
                attempt_world.clock.advance(SLOW_STEP)
            goes_on.set()
        attempt_world.clock.advance(timedelta(hours=1))
        jobs.warn_of_slow_steps()
    lines = [line for line in logged if line["event"] == "a step of an attempt lasts long"]
    assert {(line["post"], line["step"], line["log_level"]) for line in lines} == {(post, "after_go_live", "warning")}
    assert [line["seconds"] for line in lines] == [300, 600, 1200]
    assert await attempt_world.status(post) == ("published", None)


async def test_a_token_that_dies_while_asking_is_no_proof(attempt_world: AttemptWorld) -> None:
    """The answer is lost and the token dies before the platform can be asked: unknown, not failed for the token."""
    (post,) = await attempt_world.accept()
    await attempt_world.attempt(
        Scripted(
            make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
            look_up_with=failing(CredentialInvalid("Dead.", step="y")),
        )
    )
    assert await attempt_world.status(post) == ("failed", "OUTCOME_UNKNOWN")
    account = await attempt_world.world.client.get(f"/v1/social-accounts/{attempt_world.ready_project.tiktok}")
    assert account.json()["status"] == "reauth_required"


@pytest.mark.parametrize("step", ["prepare", "make_live"])
async def test_a_refusal_of_a_token_that_was_replaced_is_none(attempt_world: AttemptWorld, step: str) -> None:
    """While a post is at work with one token, its account gets another: what is refused the old one says nothing of it."""
    (post,) = await attempt_world.accept()
    await attempt_world.give_token("old")

    class Refused(Scripted):
        async def use(self, job: Job, name: str) -> None:
            token = await job.access_token()
            if name == step and self.calls.count(name) == 1:
                await attempt_world.give_token("new")
                raise CredentialInvalid("TikTok does not take this token.", step=name)
            self.calls.append(token)

        async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
            prepared = await super().prepare(job)
            await self.use(job, "prepare")
            return prepared

        async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
            outcome = await super().make_live(job, prepared)
            await self.use(job, "make_live")
            return outcome

    connector = Refused()
    await attempt_world.attempt(connector)
    assert await attempt_world.status(post) == ("published", None)
    assert (connector.calls.count(step), connector.calls[-1]) == (2, "new")
    account = await attempt_world.world.client.get(f"/v1/social-accounts/{attempt_world.ready_project.tiktok}")
    assert account.json()["status"] == "connected"


async def test_a_bug_of_ours_ends_the_post_in_time(attempt_world: AttemptWorld) -> None:
    """An attempt that crashes is tried again later and later; what never works fails as INTERNAL, and is never stuck."""
    (post,) = await attempt_world.accept()
    for _ in range(40):
        with pytest.raises(ZeroDivisionError):
            await _crash(attempt_world)
        if (await attempt_world.status(post))[0] == "failed":
            break
        attempt_world.clock.advance(timedelta(seconds=2))
    assert await attempt_world.status(post) == ("failed", "INTERNAL")


async def _crash(attempt_world: AttemptWorld) -> None:
    """Make one attempt that runs into a bug, and put the post off as the worker does."""
    now = attempt_world.clock.now()
    (row,) = await attempt_world.bench.store.claim(now=now, lease=timedelta(hours=1), limit=1)
    platform = replace(attempt_world.platform, connector=Scripted(prepare_with=failing(ZeroDivisionError())))
    attempt = Attempt(
        attempt_world.bench,
        ActiveJob(attempt_world.bench, row, platform),
        platform.channel(row.mode),
        jitter=lambda: 1.0,
    )
    try:
        await attempt.run()
    finally:
        await attempt.snooze(TryLater("A bug.", step="internal", failure=FailureCode.INTERNAL))


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE social_accounts SET status = 'disconnected', disconnected_at = now() WHERE id = $1", "disconnected"),
        (
            """UPDATE projects SET status = 'archived', archived_at = now()
                WHERE id = (SELECT project_id FROM social_accounts WHERE id = $1)""",
            "archived",
        ),
    ],
)
async def test_a_post_that_slipped_past_its_end_is_canceled(
    attempt_world: AttemptWorld, statement: str, why: str
) -> None:
    """A post accepted at the very instant in which its account or project ended is canceled, not published."""
    (post,) = await attempt_world.accept()
    await attempt_world.ready_project.pool.execute(statement, bare(attempt_world.ready_project.tiktok))
    connector = Scripted()
    await attempt_world.attempt(connector)
    assert (await attempt_world.status(post), connector.calls) == (("canceled", None), [])
    assert why in (await attempt_world.world.timeline(post))[-1]["message"]


async def test_a_worker_that_was_held_up_asks_before_it_calls(attempt_world: AttemptWorld) -> None:
    """The lease lapsed between the commit and the call: the call is not made, the platform is asked."""
    (post,) = await attempt_world.accept()
    now = attempt_world.clock.now()
    (row,) = await attempt_world.bench.store.claim(now=now, lease=timedelta(seconds=30), limit=1)
    connector = Scripted(look_up_with=lambda: Present(external_id="7", external_url="https://example.com/7"))
    platform = replace(attempt_world.platform, connector=connector)

    def hold_up(point: str) -> None:
        if point == "after_go_live":
            attempt_world.clock.advance(timedelta(minutes=1))

    await Attempt(
        attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode), at_point=hold_up
    ).run()
    assert connector.calls == ["prepare", "look_up"]
    assert await attempt_world.status(post) == ("published", None)


async def test_a_call_that_was_not_made_does_not_count(attempt_world: AttemptWorld) -> None:
    """The lease lapsed before the call, again and again: the calls that were made are counted, and reported, alone."""
    (post,) = await attempt_world.accept()
    now = attempt_world.clock.now()
    connector = Scripted(
        make_live_with=failing(OutcomeUnknown("Lost.", step="x")), look_up_with=lambda: Absent(message="Not there.")
    )
    (row,) = await attempt_world.bench.store.claim(now=now, lease=timedelta(seconds=30), limit=1)
    platform = replace(attempt_world.platform, connector=connector)
    announced = 0

    def hold_up(point: str) -> None:
        nonlocal announced
        if point == "before_prepare":  # the lease is renewed
            row.leased_until = attempt_world.clock.now() + timedelta(seconds=30)
        if point == "after_go_live":
            announced += 1
            if announced <= LIVE_CALLS:
                attempt_world.clock.advance(timedelta(minutes=1))
                row.leased_until = attempt_world.clock.now() + timedelta(seconds=30)

    await Attempt(
        attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode), at_point=hold_up
    ).run()
    assert await attempt_world.status(post) == ("failed", "PLATFORM_UNAVAILABLE")
    assert (announced, connector.calls.count("make_live")) == (2 * LIVE_CALLS, LIVE_CALLS)
    assert f"{LIVE_CALLS} times" in (await attempt_world.world.post(post))["lastError"]["message"]


async def test_a_lease_renewed_since_the_commit_makes_no_late_call_good(attempt_world: AttemptWorld) -> None:
    """The commit took minutes while the lease was renewed on time: the call is not made, the platform is asked.

    How long "not live" has to stay so is counted from the commit. A call that was begun long after it could still be
    under way when that is over.
    """
    (post,) = await attempt_world.accept()
    now, lease = attempt_world.clock.now(), timedelta(seconds=30)
    (row,) = await attempt_world.bench.store.claim(now=now, lease=lease, limit=1)
    connector = Scripted(look_up_with=lambda: Present(external_id="7", external_url="https://example.com/7"))
    platform = replace(attempt_world.platform, connector=connector)

    def hold_up(point: str) -> None:
        if point == "after_go_live":
            attempt_world.clock.advance(timedelta(minutes=3))
            row.leased_until = attempt_world.clock.now() + lease

    await Attempt(
        attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode), at_point=hold_up
    ).run()
    assert connector.calls == ["prepare", "look_up"]
    assert await attempt_world.status(post) == ("published", None)


@dataclass
class SlowUpload(Scripted):
    """A connector whose irreversible call is an upload that never ends; the clock moves on when it starts."""

    clock: MovableClock | None = None
    passes: timedelta = timedelta(minutes=1)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    is_stopped: bool = False

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        assert self.clock is not None
        self.clock.advance(self.passes)
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_stopped = True
        return await super().make_live(job, prepared)


async def test_a_call_ends_with_the_lease(attempt_world: AttemptWorld) -> None:
    """The lease can't be renewed during a long upload: the upload is stopped, and the next worker asks the platform.

    Another worker takes the post over when the lease ends, and takes "not live" as final after REPUBLISH_AFTER_LIVE.
    An upload may last longer than that.
    """
    (post,) = await attempt_world.accept()
    now = attempt_world.clock.now()
    (row,) = await attempt_world.bench.store.claim(now=now, lease=timedelta(milliseconds=50), limit=1)
    connector = SlowUpload(clock=attempt_world.clock)
    platform = replace(attempt_world.platform, connector=connector)
    attempt = Attempt(attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode))
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(attempt.run(), 10)
    assert connector.is_stopped
    next_one = Scripted()
    await attempt_world.attempt(next_one)
    assert next_one.calls == ["look_up"]
    assert await attempt_world.status(post) == ("published", None)


async def test_a_call_lasts_as_long_as_its_lease_is_renewed(attempt_world: AttemptWorld) -> None:
    """An upload outlasts the lease that it started with, which is renewed meanwhile: it ends when that one ends."""
    await attempt_world.accept()
    now, lease = attempt_world.clock.now(), timedelta(milliseconds=50)
    (row,) = await attempt_world.bench.store.claim(now=now, lease=lease, limit=1)
    connector = SlowUpload(clock=attempt_world.clock, passes=lease / 2)
    platform = replace(attempt_world.platform, connector=connector)
    attempt = Attempt(attempt_world.bench, ActiveJob(attempt_world.bench, row, platform), platform.channel(row.mode))
    running = asyncio.create_task(attempt.run())
    await connector.started.wait()
    row.leased_until = now + lease * 4
    attempt_world.clock.advance(lease * 2)
    await asyncio.wait([running], timeout=lease.total_seconds() * 2)
    assert not connector.is_stopped
    attempt_world.clock.advance(lease * 2)
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(running, 10)
    assert connector.is_stopped


async def test_two_workers_never_take_two_posts_of_one_account(attempt_world: AttemptWorld) -> None:
    """Eight claims at the same instant over ten due posts of one account give one post."""
    await attempt_world.accept(10)
    stores = [WorkStore(attempt_world.bench.pool, worker_id=f"w{n}") for n in range(8)]
    now = attempt_world.clock.now()
    claims = await asyncio.gather(*(store.claim(now=now, lease=timedelta(seconds=30), limit=5) for store in stores))
    taken: list[UUID] = [post.id for posts in claims for post in posts]
    assert len(taken) == 1


async def test_a_post_that_cannot_be_read_ends_and_frees_its_lane(attempt_world: AttemptWorld) -> None:
    """What is stored of a post is garbled: it fails as INTERNAL, and the account's next post goes out."""
    broken, next_one = await attempt_world.accept(2)
    await attempt_world.ready_project.pool.execute(
        "UPDATE scheduled_posts SET platform_state = 'garbled' WHERE id = $1", bare(broken)
    )
    await attempt_world.attempt(Scripted())
    assert await attempt_world.status(broken) == ("failed", "INTERNAL")
    await attempt_world.attempt(Scripted())
    assert await attempt_world.status(next_one) == ("published", None)


async def test_no_line_slips_in_behind_the_end(attempt_world: AttemptWorld) -> None:
    """A worker writes a line while a cancel is being committed: it waits for that, and then writes nothing."""
    (post_id,) = await attempt_world.accept()
    now, pool = attempt_world.clock.now(), attempt_world.bench.pool
    (post,) = await attempt_world.bench.store.claim(now=now, lease=timedelta(hours=1), limit=1)
    async with pool.acquire() as connection:
        cancel = connection.transaction()
        await cancel.start()
        owner = await connection.fetchval("SELECT organization_id FROM scheduled_posts WHERE id = $1", bare(post_id))
        cancel_post = load("presswork.posts")["cancel_post"]
        assert await connection.fetchrow(
            cancel_post, owner, "test", bare(post_id), now, "Canceled through the API.", "{}"
        )
        line = asyncio.create_task(attempt_world.bench.store.note(post, Event.PREPARING, "Late.", {}, now=now))
        while not line.done() and not await attempt_world.ready_project.pool.fetchval(_IS_HELD_UP):
            pass
        await cancel.commit()
    with pytest.raises(LeaseLost):
        await line
    assert (await attempt_world.events(post_id))[-2:] == ["claimed", "canceled"]


_IS_HELD_UP = """
SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE NOT l.granted AND a.datname = current_database()
"""


def patient(attempt_world: AttemptWorld) -> AttemptWorld:
    """Return the desk of a platform that may work on a post for an hour, as live ones may."""
    policy = replace(attempt_world.platform.retry_policy, processing_limit=timedelta(hours=1))
    return replace(attempt_world, platform=replace(attempt_world.platform, retry_policy=policy))


async def test_a_wait_for_a_platform_at_work_raises_no_alarm(attempt_world: AttemptWorld) -> None:
    """The platform accepted the call and is slow: the post waits and continues, and no entry mentions a lost answer."""
    attempt_world = patient(attempt_world)
    (post,) = await attempt_world.accept()
    slow = Processing(message="The platform is processing the post.", check_after=timedelta(minutes=1))
    answers = iter([slow, Present(external_id="7", external_url="https://example.com/7")])
    connector = Scripted(make_live_with=lambda: slow, look_up_with=lambda: next(answers))
    for _ in range(3):
        await attempt_world.attempt(connector)
        attempt_world.clock.advance(timedelta(minutes=1))
    assert await attempt_world.events(post) == [
        "queued", "claimed", "going_live", "waiting", "claimed", "waiting", "claimed", "live", "published",
    ]  # fmt: skip


async def test_a_wait_with_unknown_outcome_has_one_entry(attempt_world: AttemptWorld) -> None:
    """The answer was lost and the platform can't report the outcome for minutes: one entry says so, with its reason."""
    attempt_world = patient(attempt_world)
    (post,) = await attempt_world.accept()
    dumb = Processing(message="The platform can't tell.", check_after=timedelta(minutes=1))
    answers = iter([dumb, dumb, Present(external_id="7", external_url="https://example.com/7")])
    connector = Scripted(
        make_live_with=failing(OutcomeUnknown("The answer was lost.", step="x")), look_up_with=lambda: next(answers)
    )
    for _ in range(3):
        await attempt_world.attempt(connector)
        attempt_world.clock.advance(timedelta(minutes=1))
    timeline = await attempt_world.world.timeline(post)
    assert [entry["event"] for entry in timeline].count("reconciled") == 1
    assert "confirmed that the post is live" in next(entry["message"] for entry in timeline if entry["event"] == "live")


async def test_the_last_reason_is_reported_when_calls_never_work(attempt_world: AttemptWorld) -> None:
    """No call has an effect: the last error has the number of calls, the last reason, and what to do."""
    (post,) = await attempt_world.accept()
    await attempt_world.attempt(
        Scripted(
            make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
            look_up_with=lambda: Failed(
                reason=TryLater("The pictures are gone.", step="x", starts_over=True, advice="Send new ones.")
            ),
        )
    )
    message = (await attempt_world.world.post(post))["lastError"]["message"]
    assert f"{LIVE_CALLS} times" in message
    assert message.endswith("The platform's last reason: The pictures are gone. Send new ones.")


async def test_a_takeover_names_both_workers(attempt_world: AttemptWorld) -> None:
    """A worker dies with a post in hand: the line of the next one names both."""
    (post,) = await attempt_world.accept()
    now = attempt_world.clock.now()
    await WorkStore(attempt_world.bench.pool, worker_id="old").claim(now=now, lease=timedelta(seconds=1), limit=1)
    attempt_world.clock.advance(timedelta(seconds=2))
    await attempt_world.attempt(Scripted())
    first, second = [entry for entry in await attempt_world.world.timeline(post) if entry["event"] == "claimed"]
    assert (first["message"], first["detail"]) == ("Worker old claimed the post.", {"worker": "old"})
    assert second["detail"] == {"worker": "attempt_world"}
    assert "old" in second["message"]
    assert "attempt_world" in second["message"]


async def test_a_timeline_that_is_too_long_keeps_its_end(attempt_world: AttemptWorld) -> None:
    """More entries than a response holds: it has the latest, because the end matters most."""
    (post,) = await attempt_world.accept()
    await attempt_world.ready_project.pool.execute(
        """INSERT INTO post_events (post_id, at, event, message, detail)
           SELECT $1, $2, 'waiting', 'Waits.', '{}' FROM generate_series(1, 2500)""",
        bare(post),
        attempt_world.clock.now(),
    )
    await attempt_world.attempt(Scripted())
    events = await attempt_world.events(post)
    assert (len(events), events[-1]) == (2000, "published")


@dataclass
class Texts(Scripted):
    """A connector that keeps the caption of each call that makes the post live, and of each look-up."""

    captions: list[str] = field(default_factory=list)

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        self.captions.append(job.caption)
        return await super().make_live(job, prepared)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        self.captions.append(job.caption)
        return await super().look_up(job, prepared)


async def test_a_post_that_has_started_keeps_its_caption(attempt_world: AttemptWorld) -> None:
    """The answer is lost and the caption edited: the look-ups and the repeated call have the text that was sent, by
    which the platform and Presswork recognize the post. A post that has not started has the new one."""
    first, second = await attempt_world.accept(2)
    client, path = attempt_world.world.client, f"/v1/content/{attempt_world.ready_project.image}"
    sent = (await client.get(path)).json()["caption"]
    lost = OutcomeUnknown("The answer was lost.", step="x")
    later = Processing(message="It is not there yet.", check_after=timedelta(minutes=5))
    connector = Texts(make_live_with=failing(lost, times=1), look_up_with=lambda: later)
    await attempt_world.attempt(connector)
    assert (await client.patch(path, json={"caption": "Edited"})).status_code == 200
    attempt_world.clock.advance(timedelta(minutes=5))
    connector.look_up_with = lambda: Failed(reason=TryLater("It is not there.", step="x"))
    await attempt_world.attempt(connector)
    assert connector.captions == [sent] * 4
    assert (await attempt_world.world.post(first))["captionOverride"] == sent
    await attempt_world.attempt(connector)
    assert connector.captions[4:] == ["Edited"]
    assert (await attempt_world.world.post(second))["captionOverride"] is None
