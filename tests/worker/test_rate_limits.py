"""Rate limit reservations: all workers share the window of a platform account, and never exceed it."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from tests.worker.burst import gaps
from tests.worker.rows import NOW, insert_account, owner_of_project

from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.platforms.retry_policy import Limit
from presswork.worker.store import WorkStore

WINDOW: Final = timedelta(seconds=60)
SIX: Final = Limit(call="init", max_calls=6, window=WINDOW, late_by=timedelta(seconds=5), sentence="Six a minute.")
TEN: Final = Limit(call="media", max_calls=10, window=WINDOW, late_by=timedelta(seconds=5), sentence="Ten a minute.")


@pytest.fixture
async def account(pool: Pool) -> UUID:
    """An account of the one project."""
    await owner_of_project(pool)
    return await insert_account(pool)


@pytest.fixture
def store(pool: Pool) -> WorkStore:
    """A worker's store."""
    return WorkStore(pool, worker_id="one")


async def insert_app(pool: Pool) -> UUID:
    """Write a customer's app of the one organization."""
    app = new_id()
    await pool.execute(
        """INSERT INTO platform_apps (id, organization_id, environment, login, name, sealed_credentials, client_id_hint,
                                      created_at, updated_at)
           SELECT $1, organization_id, environment, 'tiktok', 'Bakery', 'sealed', 'id', $2, $2 FROM projects""",
        app,
        NOW,
    )
    return app


async def take(store: WorkStore, account: UUID, limit: Limit = SIX, *, calls: int = 1, at: datetime = NOW) -> timedelta:
    """Reserve calls; return how long after NOW they may be made."""
    return await store.reserve_call(account, limit, calls=calls, now=at) - NOW


async def test_calls_are_immediate_until_the_window_is_full(store: WorkStore, account: UUID) -> None:
    """Twenty workers ask at the same moment: six go now, six when those are a minute old, and so on. None waits longer."""
    waits = await asyncio.gather(*(take(store, account) for _ in range(20)))
    assert sorted(waits) == [WINDOW * (place // 6) for place in range(20)]


async def test_a_window_slides(store: WorkStore, account: UUID) -> None:
    """A place is free when the call that had it is a minute old, not when a minute of the clock begins."""
    for second in range(6):
        assert await take(store, account, at=NOW + timedelta(seconds=second)) == timedelta(seconds=second)
    assert await take(store, account, at=NOW + timedelta(seconds=30)) == WINDOW
    assert await take(store, account, at=NOW + timedelta(seconds=30)) == WINDOW + timedelta(seconds=1)
    assert await take(store, account, at=NOW + 5 * WINDOW) == 5 * WINDOW


async def test_never_more_than_allowed_within_any_window(store: WorkStore, account: UUID) -> None:
    """Calls at random moments, some of them several at once: no ten and one lie within a minute, and none is early."""
    dice = random.Random(7)  # noqa: S311  a die
    taken: list[datetime] = []
    now = NOW
    for _ in range(120):
        now += timedelta(seconds=dice.choice([0, 0, 1, 3, 20]))
        calls = dice.choice([1, 1, 1, 4])
        at = await store.reserve_call(account, TEN, calls=calls, now=now)
        assert at >= now
        taken += [at] * calls
    assert taken == sorted(taken)
    assert min(gaps(taken, TEN.max_calls)) >= WINDOW


async def test_several_at_once_wait_for_room_for_all(store: WorkStore, account: UUID) -> None:
    """Where seven of ten are taken, four wait until one has left, and one that comes after them does not overtake."""
    assert await take(store, account, TEN, calls=7) == timedelta(0)
    assert await take(store, account, TEN, calls=4, at=NOW + timedelta(seconds=1)) == WINDOW
    assert await take(store, account, TEN, at=NOW + timedelta(seconds=2)) == WINDOW


async def test_each_call_has_its_own_limit(pool: Pool, store: WorkStore, account: UUID) -> None:
    """Calls of one kind do not count for another kind, or for another account."""
    for _ in range(6):
        await take(store, account)
    assert await take(store, account, TEN) == timedelta(0)
    assert await take(store, await insert_account(pool), SIX) == timedelta(0)


async def test_the_platforms_account_has_the_limit(pool: Pool, store: WorkStore, account: UUID) -> None:
    """Connected in another project too, it is the same account to its platform."""
    other = new_id()
    await pool.execute("UPDATE social_accounts SET external_id = 'brand'")
    await pool.execute(
        """WITH second AS (
               INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
               SELECT $2, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at FROM projects
               RETURNING id)
           INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status, scopes,
                                        sealed_tokens, refresh_due_at, connected_at, created_at, updated_at)
           SELECT $1, s.id, organization_id, environment, platform, login, external_id, handle, status, scopes, sealed_tokens,
                  refresh_due_at, connected_at, created_at, updated_at FROM social_accounts CROSS JOIN second s""",
        other,
        new_id(),
    )
    waits = [await take(store, one) for one in (account, other) * 4]
    assert waits == [timedelta(0)] * 6 + [WINDOW] * 2


async def test_the_app_has_a_limit_of_all_its_accounts(pool: Pool, store: WorkStore, account: UUID) -> None:
    """Calls of two accounts count together where the limit is the app's, and not for the limit of either account."""
    shared, other = replace(SIX, is_app_wide=True), await insert_account(pool)
    waits = [await take(store, one, shared) for one in (account, other) * 4]
    assert waits == [timedelta(0)] * 6 + [WINDOW] * 2
    assert await take(store, account) == timedelta(0)


@pytest.mark.parametrize("resets_at", [None, NOW + WINDOW])
async def test_the_app_of_a_customer_has_a_limit_of_its_own(
    pool: Pool, store: WorkStore, account: UUID, resets_at: datetime | None
) -> None:
    """Accounts of it count together, and neither with those of the installation's app nor with those of another app."""
    shared = replace(SIX, is_app_wide=True, resets_at=resets_at)
    mine, other = await insert_app(pool), await insert_app(pool)
    accounts = [await insert_account(pool) for _ in range(3)]
    for one, app in zip(accounts, (mine, mine, other), strict=True):
        await pool.execute("UPDATE social_accounts SET app_id = $2 WHERE id = $1", one, app)
    waits = [await take(store, one, shared) for one in (accounts[0], accounts[1]) * 4]
    assert waits == [timedelta(0)] * 6 + [WINDOW] * 2
    assert [await take(store, one, shared) for one in (account, accounts[2])] == [timedelta(0)] * 2


async def test_a_period_begins_with_no_calls(store: WorkStore, account: UUID) -> None:
    """What a period has used up does not count after its end; calls that do not fit wait for that, and none overtakes them."""
    today = replace(SIX, resets_at=NOW + WINDOW)
    assert [await take(store, account, today) for _ in range(4)] == [timedelta(0)] * 4
    assert [await take(store, account, today, calls=calls) for calls in (3, 1)] == [WINDOW] * 2
    tomorrow = replace(SIX, resets_at=NOW + 2 * WINDOW)
    assert await take(store, account, tomorrow, calls=6, at=NOW + WINDOW) == WINDOW
    assert await take(store, account, tomorrow, at=NOW + WINDOW) == 2 * WINDOW


async def test_the_calls_of_a_period_are_a_number(pool: Pool, store: WorkStore, account: UUID) -> None:
    """However many an app may make in a day, each costs the same; those that an earlier version stored one by one count."""
    day = replace(SIX, max_calls=100_000, is_app_wide=True, resets_at=NOW + timedelta(days=1))
    waits = await asyncio.gather(*(take(store, account, day, calls=10_000) for _ in range(11)))
    assert sorted(waits) == [timedelta(0)] * 10 + [timedelta(days=1)]
    row = await pool.fetchrow("SELECT calls, cardinality(taken) AS taken, taken_at FROM rate_limit_reservations")
    assert row is not None
    assert dict(row) == {"calls": 100_001, "taken": 0, "taken_at": NOW}
    earlier = "UPDATE rate_limit_reservations SET calls = 0, taken = array_fill($1::timestamptz, ARRAY[99998])"
    await pool.execute(earlier, NOW)
    assert [await take(store, account, day) for _ in range(3)] == [timedelta(0)] * 2 + [timedelta(days=1)]


async def test_a_clock_that_is_set_back_delays_no_call(store: WorkStore, account: UUID) -> None:
    """Reservations by a clock an hour ahead are void; those by one that differs by a little are not."""
    for _ in range(6):
        await take(store, account)
    assert await take(store, account, at=NOW - timedelta(seconds=4)) == WINDOW
    assert await take(store, account, at=NOW - timedelta(hours=1)) == -timedelta(hours=1)


async def test_old_reservations_are_swept(pool: Pool, store: WorkStore, account: UUID) -> None:
    """Reservations of calls that are days old are deleted."""
    await take(store, account)
    days, second = timedelta(days=2), timedelta(seconds=1)
    for now, left in ((NOW + days, 1), (NOW + days + second, 0)):
        await store.sweep("sweep_rate_limits", limit=9, now=now)
        assert await pool.fetchval("SELECT count(*) FROM rate_limit_reservations") == left
