"""Fixtures of the tests about numbers: posts that are live, and a platform in memory that has numbers of them."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import pytest
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare, insert_account, ready_project

from presswork.core.ids import new_id
from presswork.insights.store import store_numbers
from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import PlatformError
from presswork.platforms.insights import AccountDay, AccountRead, MissingReason, PostNumbers, PostsRead
from presswork.platforms.live_support import AccountNumber, InsightsSupport, Metric, ReadLimit
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform

__all__ = ["ready_project"]

SCOPE: Final = "may.count"
OFFERED: Final = frozenset({Metric.VIEWS, Metric.LIKES, Metric.AVERAGE_WATCH_SECONDS})
NOT_OFFERED: Final = {metric: MissingReason.NOT_OFFERED for metric in Metric if metric not in OFFERED}
MAX_POSTS: Final = 3


@dataclass
class FakeInsights:
    """A platform in memory that has numbers. Publishing is a real connector's."""

    real: Any  # the connector of a real platform, for everything else
    clock: MovableClock
    views: dict[str, int] = field(default_factory=dict)
    """By the platform's ids of the posts."""
    gone: set[str] = field(default_factory=set)
    failing: dict[str, PlatformError] = field(default_factory=dict)
    """Errors of one post."""
    faults: list[PlatformError] = field(default_factory=list)
    """For the next calls."""
    reads: list[Sequence[str]] = field(default_factory=list)
    asked: list[AbstractSet[str]] = field(default_factory=list)
    account_reads: int = 0
    removed: AbstractSet[str] = frozenset()
    calls: int | None = None
    """Calls of a read, or one per post."""
    account_errors: dict[UUID, PlatformError] = field(default_factory=dict)
    """Errors of every read of an account."""

    def __getattr__(self, name: str) -> Any:  # as `real`
        return getattr(self.real, name)

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Return the numbers of posts."""
        self.reads.append([post.external_id for post in posts])
        self.asked.append(removed)
        if access.account.id in self.account_errors:
            raise self.account_errors[access.account.id]
        if self.faults:
            raise self.faults.pop(0)
        return PostsRead(
            posts={post.post_id: self._numbers_of(post.external_id) for post in posts},
            removed=self.removed,
            calls=len(posts) if self.calls is None else self.calls,
        )

    def _numbers_of(self, external_id: str) -> PostNumbers | PlatformError:
        if external_id in self.failing:
            return self.failing[external_id]
        if external_id in self.gone:
            return PostNumbers(is_gone=True, unavailable=dict.fromkeys(Metric, MissingReason.GONE))
        views = self.views.get(external_id, 0)
        return PostNumbers(
            metrics={Metric.VIEWS: views},
            raw={"view_count": views},
            unavailable={
                **NOT_OFFERED,
                Metric.LIKES: MissingReason.NOT_GRANTED,
                Metric.AVERAGE_WATCH_SECONDS: MissingReason.TOO_FEW,
            },
            missing_scopes=frozenset({SCOPE}),
        )

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Return the numbers of the account."""
        self.account_reads += 1
        yesterday = self.clock.now().date() - timedelta(days=1)
        return AccountRead(
            followers=120,
            days=[AccountDay(day=yesterday, views=30, followers=118)],
            unavailable={AccountNumber.REACH: MissingReason.NOT_GRANTED},
            missing_scopes=frozenset({SCOPE}),
        )


@dataclass(frozen=True)
class Measured:
    """Published posts of a project, and a platform that has numbers of them."""

    ready_project: ReadyProject
    clock: MovableClock
    platform: FakeInsights
    account: str

    async def insert(self, external_id: str = "ext-1", account: str | None = None, /, **columns: object) -> str:
        """Insert a post that goes live now, or with other columns."""
        post, now = new_id(), self.clock.now()
        values: dict[str, object] = {
            "status": "published",
            "mode": "publish",
            "external_id": external_id,
            "live_at": now,
            "live_call_at": now,
            "published_at": now,
            "container_id": bare(self.ready_project.image),
            **columns,
        }
        names = list(values)
        await self.ready_project.pool.execute(
            f"""INSERT INTO scheduled_posts (id, project_id, organization_id, environment, social_account_id, platform,
                    scheduled_for, run_at, platform_state, error_count, version, created_at, updated_at, {", ".join(names)})
                SELECT $1, project_id, organization_id, environment, id, platform, $3, $3, '{{}}', 0, 1, $3, $3,
                       {", ".join(f"${number}" for number in range(4, 4 + len(names)))}
                  FROM social_accounts WHERE id = $2""",  # noqa: S608  the names come from the tests
            post,
            bare(account or self.account),
            now,
            *values.values(),
        )
        return f"sp_{post}"

    async def store(self, post: str, at: datetime | None = None, /, **metrics: float) -> None:
        """Store numbers of a post, as the worker does."""
        numbers = PostNumbers(
            metrics={Metric(name): value for name, value in metrics.items()},
            raw=dict(metrics),
            unavailable={metric: MissingReason.NOT_YET for metric in Metric if metric.value not in metrics},
        )
        await store_numbers(self.ready_project.pool, {bare(post): numbers}, now=at or self.clock.now())

    async def read(self, path: str, status: int = 200, /, **query: str | list[str]) -> Any:  # JSON
        """Read from the API."""
        answer = await self.ready_project.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def insights(self, post: str) -> Mapping[str, Any]:
        """Return the numbers of a post."""
        found: Mapping[str, Any] = await self.read(f"/v1/scheduled-posts/{post}/insights")
        return found

    async def listen(self) -> None:
        """Open an event stream for the organization."""
        await self.ready_project.pool.execute(
            """INSERT INTO event_listeners (id, organization_id, environment, events, is_stream, kept_until)
               SELECT $1, organization_id, environment, '{}', true, 'infinity' FROM projects WHERE id = $2""",
            new_id(),
            bare(self.ready_project.project),
        )

    async def events(self) -> list[Mapping[str, Any]]:
        """Return the data of the events about numbers that were written, oldest first."""
        rows = await self.ready_project.pool.fetch(
            "SELECT data FROM event_outbox WHERE event_type = 'post.insights' ORDER BY occurred_at"
        )
        return [json.loads(row["data"]) for row in rows]


@pytest.fixture
async def measured(ready_project: ReadyProject, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Measured:
    """A LinkedIn account whose platform is in memory and has numbers."""
    context = ready_project.world.api.context
    account = await insert_account(ready_project.pool, ready_project.project, "linkedin", ["w_member_social"])
    real: Platform = context.platforms.described()[LoginName.LINKEDIN]
    fake = FakeInsights(real.connector, clock)
    platform = replace(
        real,
        connector=cast("Any", fake),
        insights=InsightsSupport(max_posts=MAX_POSTS, calls_per_post=1, scopes=frozenset({SCOPE}), offered=OFFERED),
        read_limit=ReadLimit(calls=300, window=timedelta(hours=1), is_per_account=False),
    )
    monkeypatch.setitem(cast("dict[LoginName, Platform]", context.platforms.described()), LoginName.LINKEDIN, platform)
    return Measured(ready_project, clock, fake, account)
