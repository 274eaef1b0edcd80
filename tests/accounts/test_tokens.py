"""Refreshing tokens: early, once, and never an account lost for nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from structlog.testing import capture_logs
from tests.accounts.scene import RETURN_URL, Scene, uuid_of
from tests.worker.refresher import refresh_round

from presswork.accounts.refresh import RefreshJobs
from presswork.accounts.tokens import LEASE, access_token, mark_reauth_required, mark_refused, renew_token
from presswork.accounts.vault import open_tokens
from presswork.core.enums import Environment, LoginName
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool, pool_of
from presswork.platforms.errors import CredentialInvalid, TryLater
from presswork.platforms.port import Platform, Tokens

DUE = timedelta(minutes=100)
"""After this long a TikTok token of two hours is due, and still good."""
OVER = timedelta(hours=3)
"""After this long it has run out."""


class Workers:
    """Workers that share a database and an account, each with a pool of its own."""

    def __init__(self, scene: Scene, pools: list[Pool], account_id: UUID) -> None:
        """Take the scene, the workers' pools and the account."""
        self.scene = scene
        self.pools = pools
        self.account_id = account_id
        self.keyring = scene.api.context.keyring

    @property
    def platform(self) -> Platform:
        """TikTok, as the sandbox has it."""
        return self.scene.api.context.platforms.get(LoginName.TIKTOK, Environment.TEST)

    async def ask(self, worker: int = 0) -> str:
        """Ask for a token."""
        pool = self.pools[worker % len(self.pools)]
        return await access_token(pool, self.keyring, self.platform, self.account_id, clock=self.scene.clock)

    async def renew(self, refused: str, worker: int = 0) -> str:
        """Ask for another token than the refused one."""
        pool = self.pools[worker % len(self.pools)]
        return await renew_token(
            pool, self.keyring, self.platform, self.account_id, refused=refused, clock=self.scene.clock
        )

    async def stored(self) -> Tokens:
        """Return what the database has."""
        row = await self.pools[0].fetchval("SELECT sealed_tokens FROM social_accounts WHERE id = $1", self.account_id)
        return open_tokens(self.keyring, row)

    async def status(self) -> str:
        """Return the account's status."""
        return str(await self.pools[0].fetchval("SELECT status FROM social_accounts WHERE id = $1", self.account_id))

    async def lease(self, until: timedelta) -> None:
        """Have another process hold the refresh for so long."""
        await self.pools[0].execute(
            "UPDATE social_accounts SET refresh_leased_until = $2 WHERE id = $1",
            self.account_id,
            self.scene.clock.now() + until,
        )

    async def refresh_began(self) -> None:
        """Return once a worker holds the lease."""
        is_held = False
        while not is_held:
            is_held = await self.pools[1].fetchval("SELECT refresh_leased_until IS NOT NULL FROM social_accounts")

    async def refreshes(self) -> int:
        """Return how many refreshes reached the platform."""
        return len(await self.scene.calls("tiktok", "refresh"))


@pytest.fixture
async def workers(scene: Scene, dsn: str) -> AsyncIterator[Workers]:
    """Two workers and a TikTok account that was just connected."""
    account = await scene.connect("tiktok", "bakery")
    async with pool_of(dsn, min_size=1, max_size=5) as one, pool_of(dsn, min_size=1, max_size=5) as two:
        yield Workers(scene, [one, two], uuid_of(account))


async def test_a_young_token_is_handed_out(workers: Workers) -> None:
    """Nothing is refreshed before its time."""
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 0


async def test_twenty_at_once_refresh_once(workers: Workers) -> None:
    """Twenty callers on two workers find the token due: one refresh is made, everybody gets a good token."""
    before = await workers.stored()
    await workers.scene.pass_time(DUE)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 100})
    tokens = await asyncio.gather(*(workers.ask(number) for number in range(20)))
    after = await workers.stored()
    assert set(tokens) == {before.access_token, after.access_token}
    assert tokens.count(after.access_token) == 1
    assert (await workers.refreshes(), await workers.status()) == (1, "connected")


async def test_twenty_at_once_wait_for_one_refresh(workers: Workers) -> None:
    """When the token has run out, the others wait for the one that refreshes, and all get its result."""
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 100})
    tokens = await asyncio.gather(*(workers.ask(number) for number in range(20)))
    assert set(tokens) == {(await workers.stored()).access_token}
    assert (await workers.refreshes(), await workers.status()) == (1, "connected")


async def test_twenty_refused_at_once_renew_once(workers: Workers) -> None:
    """Twenty callers were refused the same token: one refresh serves them all, and a late one too."""
    old = await workers.ask()
    tokens = await asyncio.gather(*(workers.renew(old, number) for number in range(20)))
    tokens.append(await workers.renew(old))
    assert set(tokens) == {(await workers.stored()).access_token}
    assert old not in tokens
    assert await workers.refreshes() == 1


async def test_a_good_token_is_used_while_another_refreshes(workers: Workers) -> None:
    """Nobody waits for a refresh that is only early."""
    await workers.scene.pass_time(DUE)
    await workers.lease(timedelta(seconds=30))
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 0


async def test_a_lease_of_a_dead_process_lapses(workers: Workers) -> None:
    """A process that died in the middle of a refresh holds nobody up for longer than its lease."""
    await workers.scene.pass_time(OVER)
    await workers.lease(LEASE)
    asking = asyncio.create_task(workers.ask())
    await asyncio.wait([asking], timeout=0.2)
    assert (asking.done(), await workers.refreshes()) == (False, 0)
    workers.scene.clock.advance(LEASE)
    assert await asking == (await workers.stored()).access_token
    assert await workers.refreshes() == 1


async def test_a_dead_refresh_token_asks_for_a_new_login(workers: Workers) -> None:
    """The account becomes reauth_required, everybody is told, the platform is asked once; a new login mends it."""
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "token_expired")
    answers = await asyncio.gather(*(workers.ask(number) for number in range(8)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [CredentialInvalid] * 8
    assert (await workers.refreshes(), await workers.status()) == (1, "reauth_required")
    account_id = f"sa_{workers.account_id}"
    account = await workers.scene.account(account_id)
    assert (account["status"], account["readiness"]["publish"]["reason"]) == ("reauth_required", "reauth_required")
    with pytest.raises(CredentialInvalid):
        await workers.renew("act.other")

    assert await workers.scene.finish(await workers.scene.begin_again(account_id), "bakery") == RETURN_URL
    assert (await workers.scene.account(account_id))["readiness"]["publish"]["ready"] is True
    assert await workers.ask() == (await workers.stored()).access_token


async def test_a_refusal_of_old_tokens_does_not_harm_new_ones(workers: Workers) -> None:
    """The owner connects the account anew while a refresh of the old tokens is refused: the new ones are used."""
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 300})
    await workers.scene.fault("tiktok", "refresh", "token_expired")
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    await workers.scene.connect("tiktok", "bakery")
    new = await workers.stored()
    assert await asking == new.access_token
    assert (await workers.status(), await workers.stored()) == ("connected", new)


async def test_giving_back_wins_over_a_refresh(workers: Workers) -> None:
    """An account that is given back while it is refreshed stays disconnected, without tokens."""
    # The platform does not hear of it, so that it refreshes tokens that nobody wants any more.
    await workers.scene.fault("tiktok", "revoke", "http_500")
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 300})
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    await workers.scene.client.delete(f"/v1/social-accounts/sa_{workers.account_id}")
    with pytest.raises(CredentialInvalid):
        await asking
    row = await workers.pools[0].fetchrow("SELECT status, sealed_tokens FROM social_accounts")
    assert row is not None
    assert tuple(row) == ("disconnected", None)
    assert not await mark_reauth_required(workers.pools[0], workers.account_id, now=workers.scene.clock.now())


@pytest.mark.parametrize("fault", ["http_500", "drop_before_effect"])
async def test_a_platform_that_is_away_costs_nothing(workers: Workers, fault: str) -> None:
    """A good token is used on, and the refresh tried again a minute later; one that has run out is TryLater."""
    old = (await workers.stored()).access_token
    await workers.scene.pass_time(DUE)
    await workers.scene.fault("tiktok", "refresh", fault, times=2)
    assert [await workers.ask(), await workers.ask()] == [old, old]
    assert await workers.refreshes() == 1
    await workers.scene.pass_time(OVER)
    with pytest.raises(TryLater):
        await workers.ask()
    assert await workers.status() == "connected"
    assert await workers.ask() == (await workers.stored()).access_token != old


async def test_those_who_wait_are_told_when_a_refresh_fails(workers: Workers) -> None:
    """When the platform is away, the callers that waited do not each try it in turn."""
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 200})
    await workers.scene.fault("tiktok", "refresh", "http_500", times=-1)
    answers = await asyncio.gather(*(workers.ask(number) for number in range(10)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [TryLater] * 10
    assert (await workers.refreshes(), await workers.status()) == (1, "connected")


async def test_a_lost_answer_costs_a_login_not_a_post(workers: Workers) -> None:
    """TikTok rotated the tokens and its answer was lost: the old access token serves to its end, then a login is needed.

    The refresh is tried again meanwhile, not at every call: the platform may be lenient.
    """
    old = (await workers.stored()).access_token
    await workers.scene.pass_time(DUE)
    await workers.scene.fault("tiktok", "refresh", "drop_after_effect")
    assert await workers.ask() == old
    for minute in range(19):
        assert await workers.ask(minute) == old, minute
        await workers.scene.pass_time(timedelta(minutes=1))
    assert (await workers.status(), await workers.refreshes()) == ("connected", 5)
    await workers.scene.pass_time(timedelta(minutes=1))
    with pytest.raises(CredentialInvalid):
        await workers.ask()
    assert await workers.status() == "reauth_required"


async def test_a_refused_access_token_does_not_outlive_its_refresh_token(workers: Workers) -> None:
    """Both are dead: the refusal of the one that is used ends the account at once, however long it was to be good."""
    old = await workers.ask()
    await workers.scene.fault("tiktok", "refresh", "token_expired")
    with pytest.raises(CredentialInvalid):
        await workers.renew(old)
    assert await workers.status() == "reauth_required"


async def test_tokens_that_come_late_bring_an_account_back(workers: Workers, server_dsn: str) -> None:
    """The database fails over while the platform answers; somebody else is refused the old tokens first and declares the
    account dead. The new tokens are stored all the same, and it lives."""
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 300})
    async with workers.pools[1].acquire() as connection:
        asking = asyncio.create_task(workers.ask())
        await workers.refresh_began()
        held = connection.transaction()
        await held.start()
        assert await mark_reauth_required(connection, workers.account_id, now=workers.scene.clock.now())
        while not await workers.refreshes():
            pass
        await held.commit()
    assert await asking == (await workers.stored()).access_token
    assert (await workers.status(), await workers.refreshes()) == ("connected", 1)


@pytest.mark.parametrize("is_newer", [False, True], ids=["the token in use", "another one since"])
async def test_only_the_token_that_was_refused_ends_an_account(workers: Workers, *, is_newer: bool) -> None:
    """A call was refused its token: that ends the account unless it has another one by now."""
    used = await workers.ask()
    if is_newer:
        await workers.renew(used)
    pool, clock = workers.pools[0], workers.scene.clock
    has_ended = await mark_refused(pool, workers.keyring, workers.account_id, token=used, now=clock.now())
    assert (has_ended, await workers.status()) == (not is_newer, "connected" if is_newer else "reauth_required")


async def test_a_cancelled_task_keeps_the_tokens_it_got(workers: Workers) -> None:
    """A worker that is told to stop in the middle of a refresh stores the new tokens first."""
    old = await workers.stored()
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 300})
    asking = asyncio.create_task(workers.ask())
    await workers.refresh_began()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await workers.stored()).refresh_token != old.refresh_token
    assert await workers.ask() == (await workers.stored()).access_token
    assert await workers.refreshes() == 1


async def test_a_database_that_is_away_loses_no_tokens(workers: Workers, server_dsn: str) -> None:
    """The database goes away while the platform answers: the new tokens are stored once it is back."""
    old = await workers.stored()
    await workers.scene.pass_time(OVER)
    await workers.scene.fault("tiktok", "refresh", "latency", value={"ms": 300})
    name = await workers.pools[0].fetchval("SELECT current_database()")
    server = await asyncpg.connect(server_dsn)
    with capture_logs() as lines:
        asking = asyncio.create_task(workers.ask())
        await workers.refresh_began()
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await server.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        is_lost = False
        while not is_lost:
            await workers.refreshes()
            is_lost = any(line["event"].startswith("refreshed access not stored yet") for line in lines)
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        token = await asking
    await server.close()
    assert token == (await workers.stored()).access_token != old.access_token
    assert await workers.refreshes() == 1


async def test_wrong_keys_do_not_end_an_account(workers: Workers) -> None:
    """A process with the wrong secret keys can't use the account, and does not declare it dead."""
    workers.keyring = Keyring([b"w" * 32])
    with pytest.raises(TryLater, match="PRESSWORK_SECRET_KEYS"):
        await workers.ask()
    assert await workers.status() == "connected"


async def test_instagram_refreshes_the_token_itself(scene: Scene) -> None:
    """After fifty days Instagram's token is due; a fresh one replaces it. A refused young one needs a new login."""
    account = await scene.connect("instagram", "bakery")
    context = scene.api.context
    platform = context.platforms.get(LoginName.INSTAGRAM, Environment.TEST)

    async def ask() -> str:
        return await access_token(context.pool, context.keyring, platform, uuid_of(account), clock=scene.clock)

    old = await ask()
    await scene.pass_time(timedelta(days=49))
    assert await ask() == old
    await scene.pass_time(timedelta(days=2))
    fresh = await ask()
    assert fresh != old
    assert (await scene.account(account["socialAccountId"]))["tokenExpiresAt"] > account["tokenExpiresAt"]
    with pytest.raises(CredentialInvalid):
        await renew_token(context.pool, context.keyring, platform, uuid_of(account), refused=fresh, clock=scene.clock)
    assert (await scene.account(account["socialAccountId"]))["status"] == "reauth_required"


async def test_housekeeping_refreshes_idle_accounts_once(scene: Scene) -> None:
    """Several workers keep house at once: each account that is due is refreshed once, whatever happens to another."""
    accounts = [await scene.connect("tiktok", f"shop{number}") for number in range(6)]
    await scene.connect("instagram", "bakery")
    context = scene.api.context
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) == 0
    await scene.pass_time(DUE)
    await scene.fault("tiktok", "refresh", "token_expired", handle="shop1")
    await scene.fault("tiktok", "refresh", "http_500", handle="shop2")
    await asyncio.gather(
        *(refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) for _ in range(4))
    )
    assert len(await scene.calls("tiktok", "refresh")) == 6
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) == 0
    await scene.pass_time(timedelta(minutes=2))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) == 1
    assert len(await scene.calls("tiktok", "refresh")) == 7
    await scene.pass_time(timedelta(minutes=19))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) == 1
    statuses = [(await scene.account(account["socialAccountId"]))["status"] for account in accounts]
    assert statuses == ["connected", "reauth_required", *["connected"] * 4]


async def test_housekeeping_passes_over_what_it_can_not_open(scene: Scene) -> None:
    """An account that makes trouble goes to the end of the queue, so that it does not stand in the others' way."""
    await scene.connect("tiktok", "bakery")
    await scene.pass_time(DUE)
    context, wrong = scene.api.context, Keyring([b"w" * 32])
    assert await refresh_round(RefreshJobs(context.pool, wrong, context.platforms, scene.clock), limit=1) == 1
    assert await refresh_round(RefreshJobs(context.pool, wrong, context.platforms, scene.clock), limit=1) == 0
    scene.clock.advance(timedelta(minutes=5))
    assert await refresh_round(RefreshJobs(context.pool, context.keyring, context.platforms, scene.clock)) == 1
    assert len(await scene.calls("tiktok", "refresh")) == 1
