"""The reader of numbers: it asks connectors for them, and stores what they report."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final

import structlog

from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.db.pool import Pool
from presswork.insights.store import add_removed, find_removed, store_account, store_numbers
from presswork.live_reads.model import PostOutcome, ReadBatch, ReadKind, ReadOutcome, ReadPlan
from presswork.platforms.access import AccountAccess
from presswork.platforms.errors import PlatformError
from presswork.platforms.insights import PostNumbers, SupportsInsights
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform
from presswork.platforms.registry import api_version_of
from presswork.platforms.settings import Settings

log = structlog.get_logger()

DAYS_OF_ACCOUNT: Final = timedelta(days=3)
"""How far back the days of an account are read each day: platforms correct the last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersReader:
    """Takes the numbers of posts and of accounts."""

    pool: Pool
    clock: Clock
    version_of: Callable[[LoginName], str]
    """Returns the version of a login's API, for which metrics are remembered that the platform has removed."""
    kind: ReadKind = ReadKind.INSIGHTS

    def plan(self, platform: Platform) -> ReadPlan | None:
        """Return how numbers are read, or None where the platform has none."""
        support = platform.insights
        if support is None or not isinstance(platform.connector, SupportsInsights):
            return None
        return ReadPlan(max_posts=support.max_posts, calls_per_post=support.calls_per_post)

    async def read(self, batch: ReadBatch) -> ReadOutcome:
        """Read the numbers of posts and store them. Raises PlatformError, and TypeError where the platform has none."""
        connector = _connector_of(batch.platform)
        removed = await self._find_removed(batch.platform, batch.environment)
        found = await connector.read_posts(batch.access, batch.posts, removed=removed)
        now = batch.access.now()
        await self._report_removed(batch.platform, batch.environment, batch.access, found.removed - removed)
        numbers = {
            post_id: one for post_id, one in found.posts.items() if isinstance(one, PostNumbers) and not one.is_gone
        }
        changed = await store_numbers(self.pool, numbers, now=now) if numbers else frozenset()
        outcomes = {}
        for post_id, one in found.posts.items():
            if isinstance(one, PlatformError):
                outcomes[post_id] = PostOutcome(error=one)
            else:
                outcomes[post_id] = PostOutcome(has_changed=post_id in changed, is_gone=one.is_gone)
        return ReadOutcome(posts=outcomes, calls=found.calls)

    async def read_account(self, access: AccountAccess, platform: Platform, environment: Environment) -> int:
        """Read the numbers of an account and store them; return the calls made. Raises as `read`."""
        removed = await self._find_removed(platform, environment)
        now = access.now()
        since = (now - DAYS_OF_ACCOUNT).astimezone(UTC).date()
        found = await _connector_of(platform).read_account(access, since=since, removed=removed)
        await self._report_removed(platform, environment, access, found.removed - removed)
        await store_account(self.pool, access.account.id, found, now=now)
        return max(1, found.calls)

    async def _find_removed(self, platform: Platform, environment: Environment) -> AbstractSet[str]:
        version = self.version_of(platform.login_name)
        return await find_removed(self.pool, platform.login_name, environment, version)

    async def _report_removed(
        self, platform: Platform, environment: Environment, access: AccountAccess, metrics: AbstractSet[str]
    ) -> None:
        if not metrics:
            return
        version = self.version_of(platform.login_name)
        new = await add_removed(self.pool, platform.login_name, environment, version, metrics, now=access.now())
        if new:
            log.warning(
                "the platform has removed metrics; they are not asked for again",
                login=platform.login_name.value,
                environment=environment.value,
                version=version,
                metrics=sorted(new),
            )


def version_of(settings: Settings, login: LoginName) -> str:
    """Return the version of a login's API, or nothing where the API has no versions that end."""
    version = api_version_of(login, settings)
    return "" if version is None else version.version


def _connector_of(platform: Platform) -> SupportsInsights:
    if not isinstance(platform.connector, SupportsInsights):
        raise TypeError(f"{platform.login_name} has no numbers")
    return platform.connector
