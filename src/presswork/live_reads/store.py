"""The rows that say what is read when: found, leased per account, and settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.accounts.model import AccountStatus
from presswork.core.clock import Clock, JobClock
from presswork.core.enums import Environment, MediaType
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.live_reads.model import FIRST_READ_AFTER, READ_FOR, ReadKind
from presswork.platforms.access import LivePost
from presswork.platforms.names import LoginName
from presswork.platforms.port import PostOptions, TargetAccount
from presswork.posts.model import OFF_LINE, Status
from presswork.posts.parts import live_parts, parse_outcomes

_SQL: Final = load("presswork.live_reads")
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
MAX_FOUND: Final = 2_000
"""New posts that one statement looks at."""
_MAX_DISCOVERIES: Final = 4
_SETTLED_AFTER: Final = timedelta(minutes=2)
"""Longer than a transaction that publishes: posts that went live before then are visible."""
_OFF_LINE: Final = frozenset(status.value for status in OFF_LINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """An account that is leased to read what is due of it."""

    account: TargetAccount
    login: LoginName
    environment: Environment
    app_id: UUID | None
    """The customer's app that issued the account's tokens, or None for the installation's."""
    is_connected: bool
    version: int
    """The fence: it rises with each lease."""
    error_count: int
    account_due_at: datetime
    clock: JobClock


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePost:
    """A post that is due."""

    post_id: UUID
    published_at: datetime
    unchanged: int
    last_read_at: datetime | None
    live: LivePost | None
    """What a connector reads, or None while the platform's id of the post is not known."""
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPost:
    """What is stored about a post after a read, or instead of one."""

    post_id: UUID
    due_at: datetime | None
    unchanged: int | None
    """Null where it was not read."""
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStore:
    """The statements of one worker and kind."""

    pool: Pool
    clock: Clock
    kind: ReadKind
    worker_id: str

    async def discover(self, logins: Collection[LoginName]) -> int:
        """Find posts that went live and are not listed yet, in bounded steps; return how many were added."""
        added = 0
        for _ in range(_MAX_DISCOVERIES):
            now = self.clock.database_now()
            (row,) = await self.pool.fetch(
                _SQL["discover"],
                self.kind.value,
                sorted(login.value for login in logins),
                now,
                MAX_FOUND,
                _SETTLED_AFTER,
                FIRST_READ_AFTER,
                READ_FOR,
            )
            added += row["added"]
            if not row["positions"] and not await self.pool.fetchval(_SQL["position_exists"], self.kind.value):
                await self.pool.execute(_SQL["begin"], self.kind.value, now, READ_FOR)
            elif row["found"] < MAX_FOUND or not row["moved"]:
                break
        return added

    async def claim(
        self, logins: Collection[tuple[LoginName, Environment]], *, lease: timedelta, limit: int
    ) -> Sequence[AccountRead]:
        """Lease accounts of some logins and environments that are due, the longest overdue first."""
        since = self.clock.uptime()
        rows = await self.pool.fetch(
            _SQL["claim"],
            self.worker_id,
            self.kind.value,
            [login.value for login, _ in logins],
            [environment.value for _, environment in logins],
            self.clock.database_now(),
            lease,
            limit,
        )
        return [self._read_of(row, since) for row in rows]

    def _read_of(self, row: asyncpg.Record, since: timedelta) -> AccountRead:
        return AccountRead(
            account=TargetAccount(
                id=row["account_id"],
                external_id=row["external_id"],
                handle=row["handle"],
                scopes=frozenset(row["scopes"]),
            ),
            login=LoginName(row["login"]),
            environment=Environment(row["environment"]),
            app_id=row["app_id"],
            is_connected=row["status"] == AccountStatus.CONNECTED.value,
            version=row["version"],
            error_count=row["error_count"],
            account_due_at=row["account_due_at"],
            clock=JobClock(self.clock, at=row["now"], since=since),
        )

    async def renew(self, accounts: Collection[UUID], *, lease: timedelta) -> Collection[UUID]:
        """Renew leases; return the accounts that this worker has no more."""
        rows = await self.pool.fetch(
            _SQL["renew"], self.worker_id, self.kind.value, lease, self.clock.database_now(), list(accounts)
        )
        return set(accounts) - {row["social_account_id"] for row in rows}

    async def release(self, held: Collection[UUID]) -> None:
        """Release the leases of this worker but those of `held`."""
        await self.pool.execute(_SQL["release"], self.worker_id, self.kind.value, list(held), self.clock.database_now())

    async def find_due(self, read: AccountRead, *, limit: int) -> Sequence[DuePost]:
        """Return posts of an account that are due, the newest first."""
        rows = await self.pool.fetch(_SQL["posts_due"], read.account.id, self.kind.value, read.clock.now(), limit)
        return [_due_of(row) for row in rows]

    async def settle(self, read: AccountRead, posts: Sequence[SettledPost]) -> bool:
        """Store what became of posts. False: another worker has the account, and nothing is stored."""
        return bool(
            await self.pool.fetchval(
                _SQL["settle"],
                read.account.id,
                self.kind.value,
                self.worker_id,
                read.version,
                read.clock.now(),
                [post.post_id for post in posts],
                [post.due_at for post in posts],
                [post.unchanged for post in posts],
                [post.is_gone for post in posts],
            )
        )

    async def finish(
        self,
        read: AccountRead,
        *,
        not_before: datetime | None,
        error_count: int,
        error: str | None,
        account_due_at: datetime,
        waits_for_token: bool,
    ) -> bool:
        """End the lease of an account. With `waits_for_token`, new tokens end its wait. False: another worker has it."""
        return bool(
            await self.pool.fetchval(
                _SQL["finish"],
                read.account.id,
                self.kind.value,
                self.worker_id,
                read.version,
                not_before,
                error_count,
                error,
                account_due_at,
                waits_for_token,
            )
        )


def _due_of(row: asyncpg.Record) -> DuePost:
    is_live = row["status"] == Status.PUBLISHED.value and row["live_status"] not in _OFF_LINE
    parts = [part.external_id for part in live_parts(parse_outcomes(row["parts"])) if part.external_id is not None]
    external_id = parts[0] if parts else row["external_id"]
    live = None
    if external_id is not None:
        live = LivePost(
            post_id=row["post_id"],
            external_id=external_id,
            part_ids=tuple(parts[1:]),
            media_type=MediaType(row["media_type"]),
            published_at=row["published_at"],
            options=PostOptions.read(row["options"]).document,
        )
    return DuePost(
        post_id=row["post_id"],
        published_at=row["published_at"],
        unchanged=row["unchanged"],
        last_read_at=row["last_read_at"],
        live=live,
        is_live=is_live,
    )


async def sweep_budgets(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete buckets that were not used for two days and are full again; return their number."""
    deleted: int = await pool.fetchval(_SQL["sweep_budgets"], now - timedelta(days=2), limit)
    return deleted
