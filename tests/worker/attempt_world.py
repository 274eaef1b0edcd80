"""Single publish attempts, against a platform that the test scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from pydantic import JsonValue
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare
from tests.posts.conftest import ready_project as ready_project
from tests.world import World

from presswork.accounts.vault import seal_tokens
from presswork.api.context import Context
from presswork.core.enums import Environment
from presswork.media.links import MediaLinks, PageLinks
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.platforms.findings import Findings
from presswork.platforms.names import LoginName
from presswork.platforms.port import (
    Credentials,
    Draft,
    Job,
    Located,
    Platform,
    Present,
    Processing,
    Sighting,
    TargetAccount,
    Tokens,
    Validator,
)
from presswork.worker.context import WorkerContext
from presswork.worker.job import ActiveJob
from presswork.worker.publish_attempt import Attempt
from presswork.worker.renditions import Renditions
from presswork.worker.store import WorkStore

Step = Callable[[], object]


@dataclass
class Scripted:
    """A connector whose calls do what the script says; what is not scripted works, and nothing comments."""

    prepare_with: Step = dict
    make_live_with: Step = lambda: Present(external_id="1", external_url="https://example.com/1")
    look_up_with: Step = lambda: Present(external_id="1", external_url="https://example.com/1")
    calls: list[str] = field(default_factory=list)
    can_comment: bool = False
    comment_with: Step | None = None

    def check(self, draft: Draft) -> Findings:
        self.calls.append(f"check {draft.mode}")
        return Findings()

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        self.calls.append(f"fetch_constraints {account.id} {type(credentials)}")
        return self.check

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        self.calls.append("prepare")
        self.prepare_with()
        return {}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        self.calls.append("make_live")
        outcome = self.make_live_with()
        assert isinstance(outcome, Present | Processing)
        return outcome

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        self.calls.append("look_up")
        outcome = self.look_up_with()
        return cast("Sighting", outcome)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        return Located(external_id=external_id, external_url=None)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        assert self.comment_with is not None, "nothing comments here"
        self.calls.append("comment")
        self.comment_with()


def failing(error: Exception, *, times: int = 1_000) -> Step:
    """Return a step that raises so many times, then works."""
    left = times

    def step() -> object:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return Present(external_id="1", external_url="https://example.com/1")

    return step


@dataclass(frozen=True, kw_only=True)
class AttemptWorld:
    """A worker's desk on which the test makes attempts."""

    ready_project: ReadyProject
    bench: WorkerContext
    clock: MovableClock
    platform: Platform

    @property
    def world(self) -> World:
        """The public API."""
        return self.ready_project.world

    async def accept(self, count: int = 1) -> list[str]:
        """Publish that many posts to one account."""
        targets = [{"socialAccountId": self.ready_project.tiktok, "mode": "publish"}] * count
        return list((await self.ready_project.publish(self.ready_project.image, *targets)).json()["scheduledPostIds"])

    async def attempt(self, connector: Scripted) -> None:
        """Claim what is due and make one attempt at it."""
        now = self.clock.now()
        for post in await self.bench.store.claim(now=now, lease=timedelta(hours=1), limit=10):
            platform = replace(self.platform, connector=connector)
            job = ActiveJob(self.bench, post, platform)
            attempt = Attempt(self.bench, job, platform.channel(post.mode), jitter=lambda: 1.0)
            await attempt.run()

    async def give_token(self, token: str) -> None:
        """Store an access token for the account, as a login or a refresh does."""
        now = self.clock.now()
        tokens = Tokens(access_token=token, issued_at=now, expires_at=now + timedelta(hours=2))
        await self.ready_project.pool.execute(
            "UPDATE social_accounts SET sealed_tokens = $2 WHERE id = $1",
            bare(self.ready_project.tiktok),
            seal_tokens(self.bench.keyring, tokens),
        )

    async def status(self, post_id: str) -> tuple[str, str | None]:
        """Return a post's state and, if it failed, its code."""
        post = await self.world.post(post_id)
        return post["status"], (post["lastError"] or {}).get("code")

    async def events(self, post_id: str) -> list[str]:
        """Return the names of a post's timeline."""
        return [entry["event"] for entry in await self.world.timeline(post_id)]


@pytest.fixture
async def attempt_world(ready_project: ReadyProject, context: Context, clock: MovableClock) -> AttemptWorld:
    """A desk for TikTok's place in the test environment, where what is known of a limit is relied on as in live projects."""
    links = MediaLinks(context.base_url, context.keyring, timedelta(hours=1))
    bench = WorkerContext(
        pool=context.pool,
        store=WorkStore(context.pool, worker_id="attempt_world"),
        clock=clock,
        keyring=context.keyring,
        renditions=Renditions(
            pool=context.pool,
            store=context.part(MediaStore),
            media_pool=context.part(MediaPool),
            links=links,
            url_lifetime=timedelta(hours=1),
        ),
        pages=PageLinks(context.base_url, context.keyring, timedelta(hours=1)),
        base_url=context.base_url,
    )
    platform = context.platforms.get(LoginName.TIKTOK, Environment.TEST)
    platform = replace(platform, retry_policy=replace(platform.retry_policy, limit_recheck=None))
    return AttemptWorld(ready_project=ready_project, bench=bench, clock=clock, platform=platform)
