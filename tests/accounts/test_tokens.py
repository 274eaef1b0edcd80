"""Token refresh: early, once for all workers, and without marking accounts unnecessarily."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs
from tests.accounts.login_flow import RETURN_URL, LoginFlow, uuid_of
from tests.databases import until_waiting
from tests.worker.refresher import refresh_round

from presswork.accounts.account_jobs import RefreshJobs
from presswork.accounts.store import SQL
from presswork.accounts.tokens import LEASE, access_token, mark_reauth_required, mark_refused, renew_token
from presswork.accounts.vault import open_tokens
from presswork.core.enums import Environment
from presswork.core.timestamps import read_instant
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool, pool_of
from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform, Tokens

DUE = timedelta(minutes=100)
"""After this time a two-hour TikTok token is due for a refresh and still valid."""
OVER = timedelta(hours=3)
"""After this time the token has expired."""


class Workers:
    """Workers with separate pools that share a database and an account."""

    def __init__(self, login_flow: LoginFlow, pools: list[Pool], account_id: UUID) -> None:
        """Create workers, one per pool."""
        self.login_flow = login_flow
        self.pools = pools
        self.account_id = account_id
        self.keyring = login_flow.api.context.keyring

    @property
    def platform(self) -> Platform:
        """TikTok's sandbox platform."""
        return self.login_flow.api.context.platforms.get(LoginName.TIKTOK, Environment.TEST)

    async def ask(self, worker: int = 0) -> str:
        """Request a token."""
        return await self.ask_on(self.pools[worker % len(self.pools)])

    async def ask_on(self, pool: Pool) -> str:
        """Request a token through this pool."""
        return await access_token(pool, self.keyring, self.platform, self.account_id, clock=self.login_flow.clock)

    async def renew(self, refused: str, worker: int = 0) -> str:
        """Request another token than the rejected one."""
        pool = self.pools[worker % len(self.pools)]
        return await renew_token(
            pool, self.keyring, self.platform, self.account_id, refused=refused, clock=self.login_flow.clock
        )

    async def stored(self) -> Tokens:
        """Return the stored tokens."""
        row = await self.pools[0].fetchval("SELECT sealed_tokens FROM social_accounts WHERE id = $1", self.account_id)
        return open_tokens(self.keyring, row)

    async def status(self) -> str:
        """Return the account's status."""
        return str(await self.pools[0].fetchval("SELECT status FROM social_accounts WHERE id = $1", self.account_id))

    async def lease(self, until: timedelta) -> None:
        """Let another process hold the lease of the refresh for this long."""
        await self.pools[0].execute(
            "UPDATE social_accounts SET refresh_leased_until = $2 WHERE id = $1",
            self.account_id,
            self.login_flow.clock.now() + until,
        )

    async def refresh_began(self) -> None:
        """Wait until a worker holds the lease."""
        is_held = False
        while not is_held:
            is_held = await self.pools[1].fetchval("SELECT refresh_leased_until IS NOT NULL FROM social_accounts")

    def hold_answers(self, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
        """Let workers receive the answers to their refreshes only once the returned event is set."""
        may_arrive, login = asyncio.Event(), type(self.platform.login)
        refresh = login.refresh

        async def held(*arguments: Any, **named: Any) -> Tokens:  # Any: those of the login
            try:
                return await refresh(*arguments, **named)
            finally:
                await may_arrive.wait()

        monkeypatch.setattr(login, "refresh", held)
        return may_arrive

    async def refreshes(self) -> int:
        """Return the number of refreshes that reached the platform."""
        return len(await self.login_flow.calls("tiktok", "refresh"))


class CountingPool:
    """A pool that counts the rows that one caller reads."""

    def __init__(self, pool: Pool) -> None:
        """Count on this pool."""
        self.pool = pool
        self.reads = 0

    async def fetchrow(self, query: str, *arguments: object) -> object:
        """Read a row."""
        row = await self.pool.fetchrow(query, *arguments)
        self.reads += 1
        return row

    async def fetchval(self, query: str, *arguments: object) -> object:
        """Read a value, without counting it."""
        return await self.pool.fetchval(query, *arguments)


@pytest.fixture
async def workers(login_flow: LoginFlow, dsn: str) -> AsyncIterator[Workers]:
    """Two workers and a TikTok account that was just connected."""
    account = await login_flow.connect("tiktok", "bakery")
    async with pool_of(dsn, min_size=1, max_size=5) as one, pool_of(dsn, min_size=1, max_size=5) as two:
        yield Workers(login_flow, [one, two], uuid_of(account))


async def test_fresh_token_is_returned(workers: Workers) -> None:
    """A token that is not due is returned without a refresh."""
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 0


async def test_concurrent_callers_refresh_once(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty callers on two workers with a due token make one refresh, and none waits for it but the one that makes it."""
    before = await workers.stored()
    await workers.login_flow.pass_time(DUE)
    may_arrive = workers.hold_answers(monkeypatch)
    asking = {asyncio.create_task(workers.ask(number)) for number in range(20)}
    while len(asking) > 1:
        done, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in done} == {before.access_token}
    may_arrive.set()
    assert [await task for task in asking] == [(await workers.stored()).access_token] != [before.access_token]
    assert (await workers.refreshes(), await workers.status()) == (1, "connected")


async def test_concurrent_callers_wait_for_one_refresh(workers: Workers) -> None:
    """With an expired token, all callers wait for one refresh and get its result."""
    await workers.login_flow.pass_time(OVER)
    await workers.login_flow.fault("tiktok", "refresh", "latency", value={"ms": 100})
    tokens = await asyncio.gather(*(workers.ask(number) for number in range(20)))
    assert set(tokens) == {(await workers.stored()).access_token}
    assert (await workers.refreshes(), await workers.status()) == (1, "connected")


async def test_concurrent_rejections_refresh_once(workers: Workers) -> None:
    """Twenty callers whose token was rejected, and a later one, share one refresh."""
    old = await workers.ask()
    tokens = await asyncio.gather(*(workers.renew(old, number) for number in range(20)))
    tokens.append(await workers.renew(old))
    assert set(tokens) == {(await workers.stored()).access_token}
    assert old not in tokens
    assert await workers.refreshes() == 1


async def test_valid_token_is_used_during_a_refresh(workers: Workers) -> None:
    """Callers with a valid token do not wait for a refresh in progress."""
    await workers.login_flow.pass_time(DUE)
    await workers.lease(timedelta(seconds=30))
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 0


async def test_lease_of_a_dead_process_expires(workers: Workers) -> None:
    """A process that died during a refresh blocks others only until its lease expires."""
    await workers.login_flow.pass_time(OVER)
    await workers.lease(LEASE)
    asking = asyncio.create_task(workers.ask())
    await asyncio.wait([asking], timeout=0.2)
    assert (asking.done(), await workers.refreshes()) == (False, 0)
    workers.login_flow.clock.advance(LEASE)
    assert await asking == (await workers.stored()).access_token
    assert await workers.refreshes() == 1


async def test_invalid_refresh_token_requires_a_new_login(workers: Workers) -> None:
    """The account becomes reauth_required for all callers after one call to the platform; a new login fixes it."""
    await workers.login_flow.pass_time(OVER)
    await workers.login_flow.fault("tiktok", "refresh", "token_expired")
    answers = await asyncio.gather(*(workers.ask(number) for number in range(8)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [CredentialInvalid] * 8
    assert (await workers.refreshes(), await workers.status()) == (1, "reauth_required")
    account_id = f"sa_{workers.account_id}"
    account = await workers.login_flow.account(account_id)
    assert (account["status"], account["readiness"]["publish"]["reason"]) == ("reauth_required", "reauth_required")
    with pytest.raises(CredentialInvalid):
        await workers.renew("act.other")

    assert await workers.login_flow.finish(await workers.login_flow.begin_again(account_id), "bakery") == RETURN_URL
    assert (await workers.login_flow.account(account_id))["readiness"]["publish"]["ready"] is True
    assert await workers.ask() == (await workers.stored()).access_token


async def test_rejection_of_old_tokens_does_not_affect_new_ones(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is connected again while a refresh of the old tokens is rejected: the new tokens are used."""
    await workers.login_flow.pass_time(OVER)
    await workers.login_flow.fault("tiktok", "refresh", "token_expired")
    may_arrive = workers.hold_answers(monkeypatch)
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    await workers.login_flow.connect("tiktok", "bakery")
    new = await workers.stored()
    may_arrive.set()
    assert await asking == new.access_token
    assert (await workers.status(), await workers.stored()) == ("connected", new)


async def test_disconnect_wins_over_a_refresh(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is disconnected during a refresh stays disconnected, without tokens."""
    # The grant is not revoked, so that the platform completes the refresh.
    await workers.login_flow.fault("tiktok", "revoke", "http_500")
    await workers.login_flow.pass_time(OVER)
    may_arrive = workers.hold_answers(monkeypatch)
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    await workers.login_flow.client.delete(f"/v1/social-accounts/sa_{workers.account_id}")
    may_arrive.set()
    with pytest.raises(CredentialInvalid):
        await asking
    row = await workers.pools[0].fetchrow("SELECT status, sealed_tokens FROM social_accounts")
    assert row is not None
    assert tuple(row) == ("disconnected", None)
    assert not await mark_reauth_required(workers.pools[0], workers.account_id, now=workers.login_flow.clock.now())


@pytest.mark.parametrize("fault", ["http_500", "drop_before_effect"])
async def test_platform_outage_keeps_valid_tokens_in_use(workers: Workers, fault: str) -> None:
    """A valid token stays in use and the refresh is retried after a minute; an expired token raises TryLater."""
    old = (await workers.stored()).access_token
    await workers.login_flow.pass_time(DUE)
    await workers.login_flow.fault("tiktok", "refresh", fault, times=2)
    assert [await workers.ask(), await workers.ask()] == [old, old]
    assert await workers.refreshes() == 1
    await workers.login_flow.pass_time(OVER)
    with pytest.raises(TryLater):
        await workers.ask()
    assert await workers.status() == "connected"
    assert await workers.ask() == (await workers.stored()).access_token != old


async def test_waiting_callers_fail_with_the_refresh(workers: Workers) -> None:
    """If the refresh fails, the callers that waited for it do not repeat it."""
    await workers.login_flow.pass_time(OVER)
    await workers.lease(LEASE)
    callers = [CountingPool(pool) for pool in workers.pools * 5]
    async with asyncio.timeout(60):
        asking = [asyncio.create_task(workers.ask_on(cast("Pool", caller))) for caller in callers]
        while min(caller.reads for caller in callers) < 2:  # each has seen the lease and waited
            await workers.status()  # lets the callers run
        await workers.pools[0].execute(
            "UPDATE social_accounts SET refresh_leased_until = NULL WHERE id = $1", workers.account_id
        )
        answers = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(answer) for answer in answers] == [TryLater] * 10
    assert (await workers.refreshes(), await workers.status()) == (0, "connected")


async def test_lost_refresh_response_requires_a_login_after_expiry(workers: Workers) -> None:
    """TikTok rotated the tokens and its response was lost: the old token works until it expires, then a login is required.

    The refresh is retried until then, but not at every call.
    """
    old = (await workers.stored()).access_token
    await workers.login_flow.pass_time(DUE)
    await workers.login_flow.fault("tiktok", "refresh", "drop_after_effect")
    assert await workers.ask() == old
    for minute in range(19):
        assert await workers.ask(minute) == old, minute
        await workers.login_flow.pass_time(timedelta(minutes=1))
    assert (await workers.status(), await workers.refreshes()) == ("connected", 5)
    await workers.login_flow.pass_time(timedelta(minutes=1))
    with pytest.raises(CredentialInvalid):
        await workers.ask()
    assert await workers.status() == "reauth_required"


async def test_rejected_token_with_invalid_refresh_token_ends_the_account(workers: Workers) -> None:
    """If the platform rejects both tokens, the account becomes reauth_required at once, before the token expires."""
    old = await workers.ask()
    await workers.login_flow.fault("tiktok", "refresh", "token_expired")
    with pytest.raises(CredentialInvalid):
        await workers.renew(old)
    assert await workers.status() == "reauth_required"


async def test_late_tokens_reconnect_a_marked_account(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """New tokens are stored after another worker has marked the account, and it becomes connected.

    This happens when the database fails over during a refresh and another worker is rejected with the old tokens.
    """
    await workers.login_flow.pass_time(OVER)
    may_arrive = workers.hold_answers(monkeypatch)
    async with workers.pools[1].acquire() as connection:
        asking = asyncio.create_task(workers.ask())
        await workers.refresh_began()
        held = connection.transaction()
        await held.start()
        assert await mark_reauth_required(connection, workers.account_id, now=workers.login_flow.clock.now())
        may_arrive.set()
        await until_waiting(workers.pools[0])
        await held.commit()
    assert await asking == (await workers.stored()).access_token
    assert (await workers.status(), await workers.refreshes()) == ("connected", 1)


@pytest.mark.parametrize("is_newer", [False, True], ids=["the token in use", "another one since"])
async def test_only_the_stored_token_can_end_an_account(workers: Workers, *, is_newer: bool) -> None:
    """A rejected token marks the account unless another token is stored."""
    used = await workers.ask()
    if is_newer:
        await workers.renew(used)
    pool, clock = workers.pools[0], workers.login_flow.clock
    has_ended = await mark_refused(pool, workers.keyring, workers.account_id, token=used, now=clock.now())
    assert (has_ended, await workers.status()) == (not is_newer, "connected" if is_newer else "reauth_required")


async def test_cancelled_task_stores_its_tokens(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is stopped during a refresh stores the new tokens first."""
    old = await workers.stored()
    await workers.login_flow.pass_time(OVER)
    may_arrive = workers.hold_answers(monkeypatch)
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    asking.cancel()
    may_arrive.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await workers.stored()).refresh_token != old.refresh_token
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 1


async def test_lease_is_never_left_without_a_refresh(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is stopped just after it took the lease makes the refresh."""
    query = Pool.fetchval

    async def stopped_after_the_lease(pool: Pool, statement: str, *arguments: object) -> object:
        result = await query(pool, statement, *arguments)
        if statement == SQL["lease_refresh"]:
            asking.cancel()
            await asyncio.sleep(0)
        return result

    monkeypatch.setattr(Pool, "fetchval", stopped_after_the_lease)
    await workers.login_flow.pass_time(OVER)
    asking = asyncio.create_task(workers.ask())
    with pytest.raises(asyncio.CancelledError):
        await asking
    monkeypatch.undo()
    assert await workers.refreshes() == 1
    assert await workers.ask() == (await workers.stored()).access_token


async def test_database_outage_loses_no_tokens(
    workers: Workers, server_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New tokens are stored after a database outage that begins during the refresh."""
    old = await workers.stored()
    await workers.login_flow.pass_time(OVER)
    may_arrive = workers.hold_answers(monkeypatch)
    name = await workers.pools[0].fetchval("SELECT current_database()")
    server = await asyncpg.connect(server_dsn)
    with capture_logs() as lines:
        asking = asyncio.create_task(workers.ask())
        await workers.refresh_began()
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await server.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        may_arrive.set()
        is_lost = False
        while not is_lost:
            await workers.refreshes()
            is_lost = any(line["event"].startswith("refreshed token not stored") for line in lines)
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        token = await asking
    await server.close()
    assert token == (await workers.stored()).access_token != old.access_token
    assert await workers.refreshes() == 1


async def test_wrong_secret_keys_do_not_end_an_account(workers: Workers) -> None:
    """A process with wrong secret keys can't use the account, and does not mark it."""
    workers.keyring = Keyring([b"w" * 32])
    with pytest.raises(TryLater, match="PRESSWORK_SECRET_KEYS"):
        await workers.ask()
    assert await workers.status() == "connected"


async def test_instagram_refreshes_the_token_itself(login_flow: LoginFlow) -> None:
    """After fifty days Instagram's token is refreshed; a rejected fresh token requires a new login."""
    account = await login_flow.connect("instagram", "bakery")
    context = login_flow.api.context
    platform = context.platforms.get(LoginName.INSTAGRAM, Environment.TEST)

    async def ask() -> str:
        return await access_token(context.pool, context.keyring, platform, uuid_of(account), clock=login_flow.clock)

    old = await ask()
    await login_flow.pass_time(timedelta(days=49))
    assert await ask() == old
    await login_flow.pass_time(timedelta(days=2))
    fresh = await ask()
    assert fresh != old
    refreshed = await login_flow.account(account["socialAccountId"])
    assert refreshed["tokenExpiresAt"] > account["tokenExpiresAt"]
    assert account["tokenRefreshedAt"] is None
    assert read_instant(refreshed["tokenRefreshedAt"]) == login_flow.clock.now()
    assert "instagram_business_content_publish" in refreshed["grantedScopes"]
    with pytest.raises(CredentialInvalid):
        await renew_token(
            context.pool, context.keyring, platform, uuid_of(account), refused=fresh, clock=login_flow.clock
        )
    assert (await login_flow.account(account["socialAccountId"]))["status"] == "reauth_required"


async def test_maintenance_refreshes_idle_accounts_once(login_flow: LoginFlow) -> None:
    """Concurrent maintenance of several workers refreshes each due account once, despite errors of others."""
    accounts = [await login_flow.connect("tiktok", f"shop{number}") for number in range(6)]
    await login_flow.connect("instagram", "bakery")
    context = login_flow.api.context
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)) == 0
    await login_flow.pass_time(DUE)
    await login_flow.fault("tiktok", "refresh", "token_expired", handle="shop1")
    await login_flow.fault("tiktok", "refresh", "http_500", handle="shop2")
    await asyncio.gather(
        *(
            refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock))
            for _ in range(4)
        )
    )
    assert len(await login_flow.calls("tiktok", "refresh")) == 6
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)) == 0
    await login_flow.pass_time(timedelta(minutes=2))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)) == 1
    assert len(await login_flow.calls("tiktok", "refresh")) == 7
    await login_flow.pass_time(timedelta(minutes=19))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)) == 1
    statuses = [(await login_flow.account(account["socialAccountId"]))["status"] for account in accounts]
    assert statuses == ["connected", "reauth_required", *["connected"] * 4]


async def test_maintenance_skips_accounts_that_it_can_not_decrypt(login_flow: LoginFlow) -> None:
    """An account with an error moves to the end of the queue, so that it does not block others."""
    await login_flow.connect("tiktok", "bakery")
    await login_flow.pass_time(DUE)
    context, wrong = login_flow.api.context, Keyring([b"w" * 32])
    assert await refresh_round(RefreshJobs(context.pool, wrong, context.platforms, login_flow.clock), limit=1) == 1
    assert await refresh_round(RefreshJobs(context.pool, wrong, context.platforms, login_flow.clock), limit=1) == 0
    login_flow.clock.advance(timedelta(minutes=5))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, login_flow.clock)) == 1
    assert len(await login_flow.calls("tiktok", "refresh")) == 1
