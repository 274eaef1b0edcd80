"""The life of posts as a state machine: whatever two workers do in whatever order, every move is a legal one."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.databases import as_owner
from tests.tiers import fuzz_examples

from presswork.callers.model import Principal, Tier
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.pool import Pool, open_pool
from presswork.jobs.runner import LeaseLost
from presswork.posts.cancel import cancel_post, cancel_queued_posts
from presswork.posts.model import MOVES, TERMINAL, PostNotCancelable, PostNotReschedulable, Status
from presswork.posts.schedule import reschedule_post
from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

Result = TypeVar("Result")
LEASE = timedelta(seconds=30)
ACCOUNTS = 2


class LifeOfPosts(RuleBasedStateMachine):
    """Posts of two accounts, two workers, and a clock that the rules move. `held` is what some worker took once."""

    dsn: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pool: Pool = self.run(open_pool(self.dsn, min_size=1, max_size=2))
        self.workers = [WorkStore(self.pool, worker_id=f"worker-{n}") for n in range(2)]
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.last: dict[UUID, Status] = {}
        self.was_live: set[UUID] = set()
        self.held: list[tuple[WorkStore, PostRow]] = []

    def run(self, work: Awaitable[Result]) -> Result:
        async def waited() -> Result:
            return await work

        return self.runner.run(waited())

    def teardown(self) -> None:
        self.run(self.pool.close())
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        """Each account starts with posts that are due."""
        self.ready_project = self.run(_scene(self.pool))
        self.owner = self.run(_owner(self.pool))
        for account in range(ACCOUNTS):
            for _ in range(3):
                self.accept(account, 0)

    @rule(account=st.integers(0, ACCOUNTS - 1), delay=st.sampled_from([0, 0, 20]))
    def accept(self, account: int, delay: int) -> None:
        """A post is accepted, for now or later."""
        post_id = new_id()
        due = self.now + timedelta(seconds=delay)
        self.run(_accept(self.pool, self.ready_project, account, post_id, due, self.now))
        self.last[post_id] = Status.QUEUED

    @rule(seconds=st.sampled_from([1, 10, 31, 60]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(worker=st.integers(0, 1), limit=st.integers(1, 3), is_late=st.booleans())
    def claim(self, worker: int, limit: int, is_late: bool) -> None:
        """A worker takes what is due, perhaps after every lease has lapsed; it never gets two posts of one account."""
        self.now += LEASE + timedelta(seconds=1) if is_late else timedelta(0)
        posts = self.run(self.workers[worker].claim(now=self.now, lease=LEASE, limit=limit))
        assert len({post.account.id for post in posts}) == len(posts) <= limit
        self.held += [(self.workers[worker], post) for post in posts]

    @precondition(lambda self: self.held)
    @rule(
        back=st.integers(0, 3),
        step=st.sampled_from(["forward", "forward", "forward", "not_live", "fail", "snooze", "renew", "release"]),
    )
    def work(self, back: int, step: str) -> None:
        """A worker does its next step on one of the posts that it took lately, whether or not it still owns it."""
        store, post = self.held[-1 - back % len(self.held)]
        if step == "renew":
            self.run(store.renew([post.id], lease=LEASE))
        elif step == "release":
            kept = [other.id for owner, other in self.held if owner is store and other.id != post.id]
            self.run(store.release(held=kept, now=self.now))
        elif step == "snooze":
            self._unless_lost(store.snooze(post, until=self.now + timedelta(seconds=9), reason="Wait.", now=self.now))
        elif step == "forward":
            self._forward(store, post)
        elif post.live_at is not None:
            return
        elif step == "fail":
            self._unless_lost(store.settle_failed(post, _ERROR, now=self.now))
        elif post.live_call_at is not None:
            self._unless_lost(store.not_live(post, {}, "No.", {}, now=self.now))

    def _forward(self, store: WorkStore, post: PostRow) -> None:
        """Queued for the call, then called, then live, then settled: the order that an attempt keeps."""
        if post.live_at is not None:
            self._unless_lost(
                store.settle_published(
                    post,
                    needs_location=True,
                    needs_comment=False,
                    extras=[],
                    follow_up_at=self.now,
                    gives_up_at=self.now,
                    now=self.now,
                )
            )
        elif post.live_call_at is None:
            self._unless_lost(store.go_live(post, {"prepared": {}}, "Going.", now=self.now))
        elif self._unless_lost(store.live(post, external_id="1", external_url=None, message="Live.", now=self.now)):
            assert post.id not in self.was_live  # the one thing that must never happen twice
            self.was_live.add(post.id)

    @rule(account=st.integers(0, ACCOUNTS - 1), dice=st.integers(0, 9))
    def disconnect(self, account: int, dice: int) -> None:
        """Now and then an account's queued posts are canceled; those at work are not touched."""
        if dice == 0:
            self.run(_cancel(self.pool, self.ready_project[account], self.now))

    @precondition(lambda self: self.last)
    @rule(back=st.integers(0, 5), wish=st.sampled_from(["cancel", "later", "sooner"]))
    def change_of_mind(self, back: int, wish: str) -> None:
        """A person cancels or moves one of the latest posts, in whatever state it is; what was answered must hold."""
        post_id = list(self.last)[-1 - back % len(self.last)]
        self.run(_change(self.pool, self.owner, post_id, wish, self.now))

    @invariant()
    def every_move_is_legal(self) -> None:
        """What is stored followed from what was stored, no lane has two leased posts, and every post has an owner or a due time."""
        if not hasattr(self, "ready_project"):
            return
        rows = self.run(self.pool.fetch(_LOOK))
        for row in rows:
            before, after = self.last[row["id"]], Status(row["status"])
            assert before is after or after in MOVES[before], (before, after)
            assert (after is Status.PUBLISHED) <= (row["id"] in self.was_live)
            assert (row["id"] in self.was_live) <= (after in {Status.PUBLISHING, Status.PUBLISHED})
            assert (after is Status.PUBLISHING) == (row["leased_until"] is not None)
            assert row["ends"] == (1 if after in TERMINAL else 0)
            self.last[row["id"]] = after
        assert len(rows) == len(self.last)
        at_work = [row["social_account_id"] for row in rows if row["status"] == "publishing"]
        assert len(at_work) == len(set(at_work))

    def _unless_lost(self, work: Awaitable[None]) -> bool:
        try:
            self.run(work)
        except LeaseLost:
            return False
        return True


_ERROR = {"code": "INTERNAL", "message": "No.", "platformCode": None, "platformMessage": None, "at": "", "step": ""}
_LOOK = """
SELECT p.id, p.status, p.social_account_id, p.leased_until,
       (SELECT count(*) FROM post_events e WHERE e.post_id = p.id AND e.event IN ('published', 'failed', 'canceled')) AS ends
  FROM scheduled_posts p ORDER BY p.id LIMIT 10000
"""


async def _scene(pool: Pool) -> list[UUID]:
    """Empty the tables and write a project with a container and two accounts; returns the accounts."""
    statements = (
        "TRUNCATE organizations CASCADE",
        "TRUNCATE scheduled_posts, post_events, post_follow_ups, live_changes, live_reads, post_insights_latest, comments, comment_calls, queue_holds",
    )
    await as_owner(pool, *statements)
    organization, project, container = new_id(), new_id(), new_id()
    now = datetime(2026, 11, 24, tzinfo=UTC)
    await pool.execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Acme', $2)", organization, now)
    await pool.execute(
        """INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
           VALUES ($1, $2, 'test', 'P', 'UTC', '{}', 'active', 'auto_approve', $3, $3)""",
        project,
        organization,
        now,
    )
    await pool.execute(
        """INSERT INTO content_containers (id, project_id, organization_id, environment, status, approval_status, media_type,
                                           caption, created_at, updated_at)
           VALUES ($1, $2, $3, 'test', 'completed', 'not_required', 'image', 'Hi', $4, $4)""",
        container,
        project,
        organization,
        now,
    )
    accounts = [new_id() for _ in range(ACCOUNTS)]
    for account in accounts:
        await pool.execute(
            """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status,
                                            scopes, sealed_tokens, connected_at, created_at, updated_at)
               VALUES ($1, $2, $3, 'test', 'tiktok', 'tiktok', $4, 'brand', 'connected', '{}', 'sealed', $5, $5, $5)""",
            account,
            project,
            organization,
            str(account),
            now,
        )
    return accounts


async def _accept(pool: Pool, accounts: list[UUID], account: int, post_id: UUID, due: datetime, now: datetime) -> None:
    await pool.execute(
        """INSERT INTO scheduled_posts (id, project_id, organization_id, environment, container_id, social_account_id, platform,
                                        mode, status, scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at)
           SELECT $1, a.project_id, a.organization_id, a.environment, c.id, a.id, a.platform, 'publish', 'queued', $3, $3, '{}',
                  0, 1, $4, $4
             FROM social_accounts a, content_containers c WHERE a.id = $2""",
        post_id,
        accounts[account],
        due,
        now,
    )


async def _owner(pool: Pool) -> Principal:
    """Return who may change the posts."""
    return Principal(
        key_id=new_id(),
        organization_id=await pool.fetchval("SELECT id FROM organizations"),
        environment=Environment.TEST,
        scopes=frozenset(),
        tier=Tier.UNLIMITED,
        return_domains=(),
        operator_id=None,
    )


async def _change(pool: Pool, owner: Principal, post_id: UUID, wish: str, now: datetime) -> None:
    """Cancel or move a post. That is refused where the post is over, asked for, or taken."""
    try:
        if wish == "cancel":
            await cancel_post(pool, post_id, visible_to=owner, reason=None, now=now)
        else:
            away = timedelta(seconds=20 if wish == "later" else 0)
            async with pool.acquire() as connection, connection.transaction():
                await reschedule_post(connection, post_id, now + away, visible_to=owner, now=now)
    except (PostNotCancelable, PostNotReschedulable):
        return


async def _cancel(pool: Pool, account: UUID, now: datetime) -> None:
    async with pool.acquire() as connection:
        await cancel_queued_posts(connection, account_id=account, now=now, why="Disconnected.")


def test_every_move_of_every_post_is_legal(dsn: str, pytestconfig: pytest.Config) -> None:
    """Hypothesis plays both workers, the clock and a person against each other."""

    class Life(LifeOfPosts):
        pass

    Life.dsn = dsn
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20 * fuzz_examples(pytestconfig),
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],  # shrinking would take longer than a test may
        ),
    )
