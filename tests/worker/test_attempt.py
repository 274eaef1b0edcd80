"""One attempt against a platform that does what the test says: waits, bugs, dead tokens, and what they leave behind."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.conftest import MovableClock, Stage
from tests.posts.conftest import Scene, bare
from tests.posts.conftest import scene as scene
from tests.worker.burst import gaps

from presswork.accounts.vault import seal_tokens
from presswork.db.queries import load
from presswork.http.context import Context
from presswork.media.links import MediaLinks, PageLinks
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.port import (
    CannotTell,
    Credentials,
    Draft,
    Job,
    Judge,
    Live,
    Located,
    NotLive,
    Outcome,
    Platform,
    Processing,
    TargetAccount,
    Tokens,
)
from presswork.posts.model import Event
from presswork.terms import Environment, LoginName
from presswork.worker.attempt import LIVE_CALLS, Attempt
from presswork.worker.job import ActiveJob, Bench
from presswork.worker.renditions import Renditions
from presswork.worker.store import LeaseLost, WorkStore

Step = Callable[[], object]


@dataclass
class Scripted:
    """A connector whose three calls do what the script says; what is not scripted works."""

    prepare_with: Step = dict
    make_live_with: Step = lambda: Live(external_id="1", external_url="https://example.com/1")
    look_up_with: Step = lambda: Live(external_id="1", external_url="https://example.com/1")
    calls: list[str] = field(default_factory=list)
    can_comment: bool = False

    def check(self, draft: Draft) -> Findings:
        self.calls.append(f"check {draft.mode}")
        return Findings()

    async def inquire(self, account: TargetAccount, credentials: Credentials) -> Judge:
        self.calls.append(f"inquire {account.id} {type(credentials)}")
        return self.check

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        self.calls.append("prepare")
        self.prepare_with()
        return {}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
        self.calls.append("make_live")
        outcome = self.make_live_with()
        assert isinstance(outcome, Live | Processing)
        return outcome

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Outcome:
        self.calls.append("look_up")
        outcome = self.look_up_with()
        assert isinstance(outcome, Live | Processing | NotLive | CannotTell)
        return outcome

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        return Located(external_id=external_id, external_url=None)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        raise AssertionError("nothing comments here")


def failing(error: Exception, *, times: int = 1_000) -> Step:
    """Return a step that raises so many times, then works."""
    left = times

    def step() -> object:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return Live(external_id="1", external_url="https://example.com/1")

    return step


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A worker's desk on which attempts are made by hand."""

    scene: Scene
    bench: Bench
    clock: MovableClock
    platform: Platform

    @property
    def stage(self) -> Stage:
        """The public API."""
        return self.scene.stage

    async def accept(self, count: int = 1) -> list[str]:
        """Publish that many posts to one account."""
        targets = [{"socialAccountId": self.scene.tiktok, "mode": "publish"}] * count
        return list((await self.scene.publish(self.scene.image, *targets)).json()["scheduledPostIds"])

    async def attempt(self, connector: Scripted) -> None:
        """Claim what is due and make one attempt at it."""
        now = self.clock.now()
        for post in await self.bench.store.claim(now=now, leased_until=now + timedelta(hours=1), limit=10):
            platform = replace(self.platform, connector=connector)
            job = ActiveJob(self.bench, post, platform)
            attempt = Attempt(self.bench, job, platform.way(post.mode), jitter=lambda: 1.0)
            await attempt.run()

    async def give_token(self, token: str) -> None:
        """Store an access token for the account, as a login or a refresh does."""
        now = self.clock.now()
        tokens = Tokens(access_token=token, issued_at=now, expires_at=now + timedelta(hours=2))
        await self.scene.pool.execute(
            "UPDATE social_accounts SET sealed_tokens = $2 WHERE id = $1",
            bare(self.scene.tiktok),
            seal_tokens(self.bench.keyring, tokens),
        )

    async def status(self, post_id: str) -> tuple[str, str | None]:
        """Return a post's state and, if it failed, its code."""
        post = await self.stage.post(post_id)
        return post["status"], (post["lastError"] or {}).get("code")

    async def events(self, post_id: str) -> list[str]:
        """Return the names of a post's timeline."""
        return [entry["event"] for entry in await self.stage.timeline(post_id)]


@pytest.fixture
async def desk(scene: Scene, context: Context, clock: MovableClock) -> Desk:
    """A desk for TikTok's place in the test environment, where what is known of a limit is relied on as in live projects."""
    links = MediaLinks(context.base_url, context.keyring, timedelta(hours=1))
    bench = Bench(
        pool=context.pool,
        store=WorkStore(context.pool, worker_id="desk"),
        clock=clock,
        keyring=context.keyring,
        renditions=Renditions(
            pool=context.pool,
            store=context.store,
            media_pool=context.media_pool,
            links=links,
            url_lifetime=timedelta(hours=1),
        ),
        pages=PageLinks(context.base_url, context.keyring, timedelta(hours=1)),
        base_url=context.base_url,
    )
    platform = context.platforms.get(LoginName.TIKTOK, Environment.TEST)
    platform = replace(platform, pace=replace(platform.pace, limit_recheck=None))
    return Desk(scene=scene, bench=bench, clock=clock, platform=platform)


async def test_a_limit_parks_the_post_and_tells_those_behind_it(desk: Desk) -> None:
    """A post that has to wait for hours is let go until then; the account's other posts say that they wait behind it."""
    first, second = await desk.accept(2)
    limit = TryLater(
        "The account may post again in an hour.", step="x", retry_after=timedelta(hours=1), is_throttled=True
    )
    await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
    assert (await desk.status(first), await desk.status(second)) == (("publishing", None), ("queued", None))
    assert (await desk.events(first))[-2:] == ["claimed", "waiting"]
    own = (await desk.stage.timeline(first))[-1]
    (waiting,) = [entry for entry in await desk.stage.timeline(second) if entry["event"] == "waiting"]
    assert waiting["detail"] == {"behind": first, "nextAt": own["detail"]["nextAt"], "before": 1}
    assert first in waiting["message"]
    assert "The account may post again in an hour." in waiting["message"]
    nobody = Scripted()
    await desk.attempt(nobody)
    assert nobody.calls == []
    desk.clock.advance(timedelta(hours=1))
    await desk.attempt(Scripted())
    assert await desk.status(first) == ("published", None)


async def test_posts_behind_a_short_wait_see_it_too(desk: Desk) -> None:
    """The first of three waits for half a minute: the others' timelines say so while it lasts, and nothing is stored."""
    posts = await desk.accept(3)
    limit = TryLater("Too many.", step="x", retry_after=timedelta(seconds=30), is_throttled=True)
    await desk.attempt(Scripted(prepare_with=failing(limit, times=1)))
    own = (await desk.stage.timeline(posts[0]))[-1]
    for place, post in enumerate(posts[1:], start=1):
        queued, waiting = await desk.stage.timeline(post)
        assert (queued["event"], waiting["event"], waiting["at"]) == ("queued", "waiting", own["at"])
        assert waiting["detail"] == {"behind": posts[0], "nextAt": own["detail"]["nextAt"], "before": place}
        assert own["message"] in waiting["message"]
    desk.clock.advance(timedelta(seconds=30))
    await desk.attempt(Scripted())
    assert [await desk.events(post) for post in posts[1:]] == [["queued"], ["queued"]]


async def test_a_limit_without_a_hint_is_asked_about_ever_more_rarely(desk: Desk) -> None:
    """ "Too many", and nobody says until when: a minute, then as long again as it has lasted, an hour at most; two days
    are some fifty lines. The last try is at the very end."""
    (post,) = await desk.accept()
    began = desk.clock.now()
    tries = []
    while (await desk.status(post))[0] != "failed":
        await desk.attempt(Scripted(prepare_with=failing(TryLater("Too many.", step="x", is_throttled=True))))
        tries.append(desk.clock.now() - began)
        desk.clock.instant = await desk.bench.store.next_wake(now=desk.clock.now()) or desk.clock.now()
    minutes = [round(at / timedelta(minutes=1)) for at in tries]
    assert minutes[:8] == [0, 1, 2, 4, 8, 16, 32, 64]
    assert set(gaps(minutes[7:-1], 1)) == {60}
    assert minutes[-1] == 48 * 60
    assert len(await desk.events(post)) < 120


async def test_a_wait_is_no_longer_than_the_limit_can_last(desk: Desk) -> None:
    """It is over in ten minutes at the latest, perhaps sooner: it is asked about in between, and then at that time."""
    (post,) = await desk.accept()
    ends = desk.clock.now() + timedelta(minutes=10)
    waits = []
    while desk.clock.now() < ends:
        left = ends - desk.clock.now()
        limit = TryLater("Too many.", step="x", is_throttled=True, at_latest=left)
        await desk.attempt(Scripted(prepare_with=failing(limit)))
        wake = await desk.bench.store.next_wake(now=desk.clock.now())
        assert wake is not None
        waits.append(round((wake - desk.clock.now()) / timedelta(minutes=1)))
        desk.clock.instant = wake
    assert waits == [1, 1, 2, 4, 2]
    await desk.attempt(Scripted())
    assert await desk.status(post) == ("published", None)


async def test_a_sandbox_is_asked_again_soon(desk: Desk) -> None:
    """Its clock may be moved, so that a limit that is known to last for a day may be over in a moment."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(days=1), is_throttled=True)
    pace = replace(desk.platform.pace, limit_recheck=timedelta(seconds=10))
    test = replace(desk, platform=replace(desk.platform, pace=pace))
    waits = []
    for _ in range(8):
        began = desk.clock.now()
        await test.attempt(Scripted(prepare_with=failing(limit)))
        wake = await desk.bench.store.next_wake(now=desk.clock.now())
        assert wake is not None
        waits.append(round((wake - began).total_seconds()))
        desk.clock.instant = wake
    assert waits == [10, 10, 10, 10, 10, 12, 16, 20]
    await test.attempt(Scripted())
    assert await desk.status(post) == ("published", None)


async def test_a_limit_that_never_ends_fails_as_such(desk: Desk) -> None:
    """After two days of "too many" the post fails, and says that it was for a limit."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(hours=12), is_throttled=True)
    for _ in range(6):
        await desk.attempt(Scripted(prepare_with=failing(limit)))
        desk.clock.advance(timedelta(hours=12))
    assert await desk.status(post) == ("failed", "PLATFORM_RATE_LIMITED")


async def test_a_refused_call_is_not_counted_as_one_that_may_have_worked(desk: Desk) -> None:
    """More throttled calls than may be unsure ones: the post waits, and goes live when the limit ends."""
    (post,) = await desk.accept()
    limit = TryLater("Too many.", step="x", retry_after=timedelta(seconds=1), is_throttled=True)
    await desk.attempt(Scripted(make_live_with=failing(limit, times=LIVE_CALLS + 3)))
    assert await desk.status(post) == ("published", None)


async def test_calls_that_never_work_end_the_post(desk: Desk) -> None:
    """The platform loses each answer and says each time that nothing happened: after a few calls the post fails."""
    (post,) = await desk.accept()
    connector = Scripted(
        make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
        look_up_with=lambda: NotLive(message="It did not happen.", starts_over=False),
    )
    await desk.attempt(connector)
    assert await desk.status(post) == ("failed", "PLATFORM_UNAVAILABLE")
    assert connector.calls.count("make_live") == LIVE_CALLS


async def test_a_token_that_dies_while_asking_is_no_proof(desk: Desk) -> None:
    """The answer is lost and the token dies before the platform can be asked: unknown, not failed for the token."""
    (post,) = await desk.accept()
    await desk.attempt(
        Scripted(
            make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
            look_up_with=failing(CredentialInvalid("Dead.", step="y")),
        )
    )
    assert await desk.status(post) == ("failed", "OUTCOME_UNKNOWN")
    account = await desk.stage.client.get(f"/v1/social-accounts/{desk.scene.tiktok}")
    assert account.json()["status"] == "reauth_required"


@pytest.mark.parametrize("step", ["prepare", "make_live"])
async def test_a_refusal_of_a_token_that_was_replaced_is_none(desk: Desk, step: str) -> None:
    """While a post is at work with one token, its account gets another: what is refused the old one says nothing of it."""
    (post,) = await desk.accept()
    await desk.give_token("old")

    class Refused(Scripted):
        async def use(self, job: Job, name: str) -> None:
            token = await job.access_token()
            if name == step and self.calls.count(name) == 1:
                await desk.give_token("new")
                raise CredentialInvalid("TikTok does not take this token.", step=name)
            self.calls.append(token)

        async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
            prepared = await super().prepare(job)
            await self.use(job, "prepare")
            return prepared

        async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
            outcome = await super().make_live(job, prepared)
            await self.use(job, "make_live")
            return outcome

    connector = Refused()
    await desk.attempt(connector)
    assert await desk.status(post) == ("published", None)
    assert (connector.calls.count(step), connector.calls[-1]) == (2, "new")
    account = await desk.stage.client.get(f"/v1/social-accounts/{desk.scene.tiktok}")
    assert account.json()["status"] == "connected"


async def test_a_bug_of_ours_ends_the_post_in_time(desk: Desk) -> None:
    """An attempt that crashes is tried again later and later; what never works fails as INTERNAL, and is never stuck."""
    (post,) = await desk.accept()
    for _ in range(40):
        with pytest.raises(ZeroDivisionError):
            await _crash(desk)
        if (await desk.status(post))[0] == "failed":
            break
        desk.clock.advance(timedelta(seconds=2))
    assert await desk.status(post) == ("failed", "INTERNAL")


async def _crash(desk: Desk) -> None:
    """Make one attempt that runs into a bug, and put the post off as the worker does."""
    now = desk.clock.now()
    (row,) = await desk.bench.store.claim(now=now, leased_until=now + timedelta(hours=1), limit=1)
    platform = replace(desk.platform, connector=Scripted(prepare_with=failing(ZeroDivisionError())))
    attempt = Attempt(desk.bench, ActiveJob(desk.bench, row, platform), platform.way(row.mode), jitter=lambda: 1.0)
    try:
        await attempt.run()
    finally:
        await attempt.put_off(TryLater("A bug.", step="internal", failure=FailureCode.INTERNAL))


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
async def test_a_post_that_slipped_past_its_end_is_canceled(desk: Desk, statement: str, why: str) -> None:
    """A post accepted at the very instant in which its account or project ended is canceled, not published."""
    (post,) = await desk.accept()
    await desk.scene.pool.execute(statement, bare(desk.scene.tiktok))
    connector = Scripted()
    await desk.attempt(connector)
    assert (await desk.status(post), connector.calls) == (("canceled", None), [])
    assert why in (await desk.stage.timeline(post))[-1]["message"]


async def test_a_worker_that_was_held_up_asks_before_it_calls(desk: Desk) -> None:
    """The lease lapsed between the commit and the call: the call is not made, the platform is asked."""
    (post,) = await desk.accept()
    now = desk.clock.now()
    (row,) = await desk.bench.store.claim(now=now, leased_until=now + timedelta(seconds=30), limit=1)
    connector = Scripted(look_up_with=lambda: Live(external_id="7", external_url="https://example.com/7"))
    platform = replace(desk.platform, connector=connector)

    def hold_up(point: str) -> None:
        if point == "after_go_live":
            desk.clock.advance(timedelta(minutes=1))

    await Attempt(desk.bench, ActiveJob(desk.bench, row, platform), platform.way(row.mode), at_point=hold_up).run()
    assert connector.calls == ["prepare", "look_up"]
    assert await desk.status(post) == ("published", None)


async def test_a_lease_renewed_since_the_commit_makes_no_late_call_good(desk: Desk) -> None:
    """The commit took minutes while the lease was renewed on time: the call is not made, the platform is asked.

    How long "not live" has to stay so is counted from the commit. A call that was begun long after it could still be
    under way when that is over.
    """
    (post,) = await desk.accept()
    now, lease = desk.clock.now(), timedelta(seconds=30)
    (row,) = await desk.bench.store.claim(now=now, leased_until=now + lease, limit=1)
    connector = Scripted(look_up_with=lambda: Live(external_id="7", external_url="https://example.com/7"))
    platform = replace(desk.platform, connector=connector)

    def hold_up(point: str) -> None:
        if point == "after_go_live":
            desk.clock.advance(timedelta(minutes=3))
            row.leased_until = desk.clock.now() + lease

    await Attempt(desk.bench, ActiveJob(desk.bench, row, platform), platform.way(row.mode), at_point=hold_up).run()
    assert connector.calls == ["prepare", "look_up"]
    assert await desk.status(post) == ("published", None)


async def test_two_workers_never_take_two_posts_of_one_account(desk: Desk) -> None:
    """Eight claims at the same instant over ten due posts of one account give one post."""
    await desk.accept(10)
    stores = [WorkStore(desk.bench.pool, worker_id=f"w{n}") for n in range(8)]
    now = desk.clock.now()
    claims = await asyncio.gather(
        *(store.claim(now=now, leased_until=now + timedelta(seconds=30), limit=5) for store in stores)
    )
    taken: list[UUID] = [post.id for posts in claims for post in posts]
    assert len(taken) == 1


async def test_a_post_that_cannot_be_read_ends_and_frees_its_lane(desk: Desk) -> None:
    """What is stored of a post is garbled: it fails as INTERNAL, and the account's next post goes out."""
    broken, next_one = await desk.accept(2)
    await desk.scene.pool.execute("UPDATE scheduled_posts SET platform_state = 'garbled' WHERE id = $1", bare(broken))
    await desk.attempt(Scripted())
    assert await desk.status(broken) == ("failed", "INTERNAL")
    await desk.attempt(Scripted())
    assert await desk.status(next_one) == ("published", None)


async def test_no_line_slips_in_behind_the_end(desk: Desk) -> None:
    """A worker writes a line while a cancel is being committed: it waits for that, and then writes nothing."""
    (post_id,) = await desk.accept()
    now, pool = desk.clock.now(), desk.bench.pool
    (post,) = await desk.bench.store.claim(now=now, leased_until=now + timedelta(hours=1), limit=1)
    async with pool.acquire() as connection:
        cancel = connection.transaction()
        await cancel.start()
        owner = await connection.fetchval("SELECT organization_id FROM scheduled_posts WHERE id = $1", bare(post_id))
        cancel_post = load("presswork.posts")["cancel_post"]
        assert await connection.fetchrow(cancel_post, owner, "test", bare(post_id), now, "Canceled by a call.", "{}")
        line = asyncio.create_task(desk.bench.store.note(post, Event.PREPARING, "Late.", {}, now=now))
        while not line.done() and not await desk.scene.pool.fetchval(_IS_HELD_UP):
            pass
        await cancel.commit()
    with pytest.raises(LeaseLost):
        await line
    assert (await desk.events(post_id))[-2:] == ["claimed", "canceled"]


_IS_HELD_UP = """
SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE NOT l.granted AND a.datname = current_database()
"""


async def test_a_wait_for_a_platform_at_work_raises_no_alarm(desk: Desk) -> None:
    """The platform took the call and is slow: the post waits and goes on without a word about a lost answer."""
    (post,) = await desk.accept()
    slow = Processing(message="The platform is processing the post.", check_after=timedelta(minutes=1))
    answers = iter([slow, Live(external_id="7", external_url="https://example.com/7")])
    connector = Scripted(make_live_with=lambda: slow, look_up_with=lambda: next(answers))
    for _ in range(3):
        await desk.attempt(connector)
        desk.clock.advance(timedelta(minutes=1))
    assert await desk.events(post) == [
        "queued", "claimed", "going_live", "waiting", "claimed", "waiting", "claimed", "live", "published",
    ]  # fmt: skip


async def test_a_wait_in_doubt_is_told_once(desk: Desk) -> None:
    """The answer was lost and the platform can't tell for minutes: one line says so, and the waits say why they are."""
    (post,) = await desk.accept()
    dumb = CannotTell(message="The platform can't tell.", check_after=timedelta(minutes=1))
    answers = iter([dumb, dumb, Live(external_id="7", external_url="https://example.com/7")])
    connector = Scripted(
        make_live_with=failing(OutcomeUnknown("The answer was lost.", step="x")), look_up_with=lambda: next(answers)
    )
    for _ in range(3):
        await desk.attempt(connector)
        desk.clock.advance(timedelta(minutes=1))
    timeline = await desk.stage.timeline(post)
    assert [entry["event"] for entry in timeline].count("reconciled") == 1
    assert "says that the post is live" in next(entry["message"] for entry in timeline if entry["event"] == "live")


async def test_the_last_reason_is_told_when_calls_never_work(desk: Desk) -> None:
    """Call after call comes to nothing: the end says how often, why the last time, and what to do about that."""
    (post,) = await desk.accept()
    await desk.attempt(
        Scripted(
            make_live_with=failing(OutcomeUnknown("Lost.", step="x")),
            look_up_with=lambda: NotLive(message="The pictures are gone.", starts_over=True, advice="Send new ones."),
        )
    )
    message = (await desk.stage.post(post))["lastError"]["message"]
    assert f"{LIVE_CALLS} times" in message
    assert message.endswith("The last time: The pictures are gone. Send new ones.")


async def test_a_takeover_names_both_workers(desk: Desk) -> None:
    """A worker dies with a post in hand: the line of the next one names both."""
    (post,) = await desk.accept()
    now = desk.clock.now()
    await WorkStore(desk.bench.pool, worker_id="old").claim(now=now, leased_until=now + timedelta(seconds=1), limit=1)
    desk.clock.advance(timedelta(seconds=2))
    await desk.attempt(Scripted())
    first, second = [entry for entry in await desk.stage.timeline(post) if entry["event"] == "claimed"]
    assert (first["message"], first["detail"]) == ("Worker old has taken it.", {"worker": "old"})
    assert second["detail"] == {"worker": "desk"}
    assert "old" in second["message"]
    assert "desk" in second["message"]


async def test_a_timeline_that_is_too_long_keeps_its_end(desk: Desk) -> None:
    """More lines than an answer holds: the latest are told, for the end is what matters."""
    (post,) = await desk.accept()
    await desk.scene.pool.execute(
        """INSERT INTO post_events (post_id, at, event, message, detail)
           SELECT $1, $2, 'waiting', 'Waits.', '{}' FROM generate_series(1, 2500)""",
        bare(post),
        desk.clock.now(),
    )
    await desk.attempt(Scripted())
    events = await desk.events(post)
    assert (len(events), events[-1]) == (2000, "published")
