"""Refreshing tokens that work once, by many workers at once: each account is refreshed once, and none loses its access."""

import asyncio
import contextlib
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.accounts.conftest import login_flow as login_flow
from tests.accounts.login_flow import Json, LoginFlow, uuid_of
from tests.api_server import Api
from tests.databases import until_waiting
from tests.sandbox_journal import read_journal
from tests.tiers import exhaustive
from tests.worker.conftest import WorkerWorld
from tests.worker.refresher import digest
from tests.worker.rows import owner_of_project

from presswork.accounts.tokens import access_token
from presswork.accounts.vault import open_tokens, seal_tokens
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.db.pool import Pool
from presswork.platforms.errors import CredentialInvalid
from presswork.platforms.names import LoginName
from presswork.platforms.port import Tokens
from presswork.platforms.settings import Settings

TIKTOK: Final = 160
INSTAGRAM: Final = 40
PROCESSES: Final = 2
REDIRECT: Final = "http://localhost/back"
VERIFIER: Final = "a-verifier-of-43-characters-or-more.and~unreserved"


async def grant(api: Api, login: LoginName, handle: str, *, age: timedelta, left: timedelta) -> None:
    """Have a sandbox account agree, and write it down as one that was connected `age` ago and whose token is good for
    `left`, by our clock."""
    context, browser = api.context, await api.anonymous()
    platform = context.platforms.get(login, Environment.TEST)
    page = platform.login.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER)
    agreed = await browser.get(f"{page}&account={handle}&decision=approve")
    (code,) = parse_qs(urlsplit(agreed.headers["location"]).query)["code"]
    now = datetime.now(UTC)
    granted = await platform.login.connect(code=code, redirect_uri=REDIRECT, verifier=VERIFIER, now=now)
    tokens = replace(granted.tokens, issued_at=now - age, expires_at=now + left)
    await context.pool.execute(
        """INSERT INTO social_accounts (id, project_id, organization_id, environment, platform, login, external_id, handle, status, scopes,
                                        sealed_tokens, token_expires_at, refresh_due_at, connected_at, created_at, updated_at)
           SELECT $1, p.id, p.organization_id, p.environment, $2, $3, $4, $5, 'connected', '{}', $6, $7, $8, $8, $8, $8 FROM projects p""",
        new_id(),
        platform.name.value,
        login.value,
        granted.external_id,
        handle,
        seal_tokens(context.keyring, tokens),
        tokens.expires_at,
        now - age / 4,
    )


@contextlib.asynccontextmanager
async def refresher(api: Api, settings: Settings, dsn: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is ready to refresh, killed at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.worker.refresher", dsn, api.base_url, str(settings.data_dir)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def read_line(process: asyncio.subprocess.Process) -> str:
    """Return the next line of a process that is no log line."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if line.startswith(("ready", "{")):
            return line.strip()
    raise AssertionError("the process has ended")


def go(process: asyncio.subprocess.Process) -> None:
    """Give the word."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")


@pytest.mark.exhaustive
async def test_processes_refresh_each_of_two_hundred_accounts_once(
    api: Api, settings: Settings, dsn: str, pool: Pool
) -> None:
    """All access has run out on TikTok and is due on Instagram; in two processes housekeeping and posts ask at once.

    The platforms see one refresh for each account, everybody gets its result, and every account is connected.
    """
    await owner_of_project(pool)
    hour = timedelta(hours=1)
    turns = asyncio.Semaphore(8)

    async def connect(number: int) -> None:
        async with turns:
            if number < TIKTOK:
                await grant(api, LoginName.TIKTOK, f"creator{number}", age=3 * hour, left=-hour)
            else:
                await grant(api, LoginName.INSTAGRAM, f"brand{number}", age=51 * 24 * hour, left=9 * 24 * hour)

    await asyncio.gather(*(connect(number) for number in range(TIKTOK + INSTAGRAM)))
    browser = await api.anonymous()
    await browser.post("/sandbox/control/clock", json={"advanceSeconds": 2 * 24 * 3600})

    async with contextlib.AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(refresher(api, settings, dsn)) for _ in range(PROCESSES)]
        assert [await read_line(process) for process in processes] == ["ready"] * PROCESSES
        for process in processes:
            go(process)
        answers = [json.loads(await read_line(process)) for process in processes]

    refreshed: Counter[str] = Counter()
    for platform in ("tiktok", "instagram"):
        calls = await read_journal(browser.get, platform=platform, operation="refresh")
        refreshed.update(f"{call['handle']} {call['status']}" for call in calls)
    assert set(refreshed.values()) == {1}
    assert len(refreshed) == TIKTOK + INSTAGRAM
    rows = await pool.fetch("SELECT id, login, status, sealed_tokens FROM social_accounts")
    assert {row["status"] for row in rows} == {"connected"}
    for row in rows:
        fresh = digest(open_tokens(api.context.keyring, row["sealed_tokens"]).access_token)
        got = {answer[str(row["id"])] for answer in answers}
        # on Instagram the old token is good all the while, and other workers use it during the refresh
        assert got == {fresh} if row["login"] == "tiktok" else not got & {"TryLater", "CredentialInvalid"}


@dataclass(frozen=True, kw_only=True)
class Killed:
    """A TikTok account whose refresh is due, and what a worker that is killed in the middle of it leaves."""

    login_flow: LoginFlow
    settings: Settings
    dsn: str
    account: Json
    before: Tokens
    since: datetime

    @contextlib.asynccontextmanager
    async def refreshing(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """A worker whose refresh has just reached TikTok, which takes a moment for it."""
        await self.login_flow.fault("tiktok", "refresh", "latency", value={"ms": 2000})
        async with refresher(self.login_flow.api, self.settings, self.dsn) as process:
            assert await read_line(process) == "ready"
            go(process)
            while (await self.login_flow.sandbox("GET", "faults"))["items"]:
                pass  # until it has struck
            yield process

    async def fetch(self, what: str) -> Any:  # Any: whatever the column holds
        """Return something of the account's row."""
        return await self.login_flow.api.context.pool.fetchval(f"SELECT {what} FROM social_accounts")  # noqa: S608  ours

    async def stored(self) -> Tokens:
        """Return the tokens that the database has."""
        return open_tokens(self.login_flow.api.context.keyring, await self.fetch("sealed_tokens"))

    async def answered(self) -> None:
        """Return once TikTok has refreshed."""
        while not await self.login_flow.calls("tiktok", "refresh"):
            pass

    async def ask(self, after: timedelta) -> str:
        """Ask for a token, so long after the refresh fell due."""
        context, clock = self.login_flow.api.context, self.login_flow.clock
        clock.instant = self.since + after
        platform = context.platforms.get(LoginName.TIKTOK, Environment.TEST)
        return await access_token(context.pool, context.keyring, platform, uuid_of(self.account), clock=clock)


@pytest.fixture
async def killed(login_flow: LoginFlow, settings: Settings, dsn: str) -> Killed:
    """An account whose token is good for twenty minutes more."""
    account, context, now = (
        await login_flow.connect("tiktok", "bakery"),
        login_flow.api.context,
        datetime.now(UTC),
    )
    held = open_tokens(context.keyring, await context.pool.fetchval("SELECT sealed_tokens FROM social_accounts"))
    aged = replace(held, issued_at=now - timedelta(minutes=100), expires_at=now + timedelta(minutes=20))
    await context.pool.execute(
        "UPDATE social_accounts SET sealed_tokens = $1, refresh_due_at = $2", seal_tokens(context.keyring, aged), now
    )
    return Killed(login_flow=login_flow, settings=settings, dsn=dsn, account=account, before=aged, since=now)


@pytest.mark.exhaustive
async def test_killed_before_it_has_read_the_answer(killed: Killed) -> None:
    """TikTok has rotated the tokens and the worker is killed before it knows the new ones: they are lost.

    The old access token serves for its last minutes, and only then a new login is needed.
    """
    async with killed.refreshing() as process:
        process.send_signal(signal.SIGSTOP)
        await killed.answered()
        process.send_signal(signal.SIGKILL)
        await process.wait()
    for minutes in (5, 10, 15):
        assert await killed.ask(timedelta(minutes=minutes)) == killed.before.access_token
    assert await killed.fetch("status") == "connected"
    with pytest.raises(CredentialInvalid):
        await killed.ask(timedelta(minutes=20))
    assert await killed.fetch("status") == "reauth_required"


@pytest.mark.exhaustive
async def test_killed_when_it_has_sent_them_to_the_database(killed: Killed) -> None:
    """The worker is killed while its one statement waits in the database: that is done all the same, and nothing is lost."""
    pool = killed.login_flow.api.context.pool
    async with killed.refreshing() as process, pool.acquire() as connection:
        async with connection.transaction():
            await connection.fetch("SELECT id FROM social_accounts FOR UPDATE")
            await killed.answered()
            await until_waiting(pool)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        while await killed.stored() == killed.before:
            pass
    assert await killed.ask(timedelta(minutes=20)) == (await killed.stored()).access_token
    assert len(await killed.login_flow.calls("tiktok", "refresh")) == 1


OPERATIONS: Final = {
    "instagram": ("media", "container_status", "media_list", "media_publish", "permalink"),
    "tiktok": ("creator_info", "video_init", "inbox_init", "status_fetch"),
}


def _dies(operation: str) -> str:
    """Return the handle of the account whose access ends at an operation."""
    return f"{operation}.dies"


async def test_a_token_that_dies_in_the_middle_is_refreshed_once(
    worker_world: WorkerWorld, video: bytes, picture: bytes
) -> None:
    """The access ends at any operation of an attempt, while other posts of the account are published in other lanes:
    it is refreshed once, every post continues with it, and each that was refused says so."""
    world = worker_world.world
    project = await world.project()
    reel = await world.content(project, video, content_type="video/mp4")
    image = await world.content(project, picture)
    browser = await world.api.anonymous()
    posts: list[str] = []
    for platform, operations in OPERATIONS.items():
        accounts = [await world.account(project, platform, _dies(operation)) for operation in operations]
        if platform == "instagram":  # which refreshes no token that is younger than a day
            await browser.post("/sandbox/control/clock", json={"advanceSeconds": 25 * 3600})
        for operation, account in zip(operations, accounts, strict=True):
            await world.fault(platform=platform, operation=operation, handle=_dies(operation), fault="token_expired")
            posts += await world.publish(reel if platform == "tiktok" else image, account)
            if platform == "tiktok":
                posts += await world.publish(reel, account, account, mode="draft")

    await worker_world.worker.work_until_idle()
    assert {(await world.post(post))["status"] for post in posts} == {"published", "draft"}
    for platform, operations in OPERATIONS.items():
        calls = await read_journal(browser.get, platform=platform, operation="refresh")
        refreshes = Counter(call["handle"] for call in calls)
        assert refreshes == {_dies(operation): 1 for operation in operations}
    listed = await world.client.get(f"/v1/projects/{project}/social-accounts")
    assert {account["status"] for account in listed.json()["items"]} == {"connected"}
    assert sum([(await worker_world.events(post)).count("token_refreshed") for post in posts]) >= len(posts) / 4


REFUSED_AT: Final = [
    ("tiktok", "creator_info", "CREDENTIAL_INVALID"),
    ("tiktok", "video_init", "CREDENTIAL_INVALID"),
    ("youtube", "videos_insert", "CREDENTIAL_INVALID"),
    ("bluesky", "put_record", "CREDENTIAL_INVALID"),
]


@pytest.mark.parametrize(("platform", "operation", "code"), REFUSED_AT)
@pytest.mark.parametrize("times", [2, *exhaustive([-1])])
async def test_a_token_refused_right_after_its_refresh_is_refreshed_once_more(
    worker_world: WorkerWorld, video: bytes, platform: str, operation: str, code: str, times: int
) -> None:
    """A platform that does not know a new token yet, or whose clock was set, does not end an account's access. One that
    refuses the next token as well does."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, platform, f"{platform}.test")
    await world.fault(platform=platform, operation=operation, fault="token_expired", times=times)
    (post,) = await world.publish(await world.content(project, video, content_type="video/mp4"), account)
    await worker_world.worker.work_until_idle()

    is_over = times < 0
    found = await world.post(post)
    assert (found["status"], (found["lastError"] or {}).get("code")) == (
        ("failed", code) if is_over else ("published", None)
    )
    assert (await worker_world.events(post)).count("token_refreshed") == (3 if is_over else 2)
    answer = await world.client.get(f"/v1/social-accounts/{account}")
    assert answer.json()["status"] == ("reauth_required" if is_over else "connected")


@pytest.mark.parametrize(
    ("platform", "earlier", "operation"),
    [("tiktok", "creator_info", "video_init"), ("bluesky", "get_service_auth", "put_record")],
)
async def test_a_token_refused_earlier_does_not_count(
    worker_world: WorkerWorld, video: bytes, platform: str, earlier: str, operation: str
) -> None:
    """A token was refused and replaced earlier in the same attempt: the next one is still refreshed once more."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, platform, f"{platform}.test")
    await world.fault(platform=platform, operation=earlier, fault="token_expired")
    await world.fault(platform=platform, operation=operation, fault="token_expired", times=2)
    (post,) = await world.publish(await world.content(project, video, content_type="video/mp4"), account)
    await worker_world.worker.work_until_idle()

    assert (await world.post(post))["status"] == "published"
    assert (await worker_world.events(post)).count("token_refreshed") == 3
    answer = await world.client.get(f"/v1/social-accounts/{account}")
    assert answer.json()["status"] == "connected"


@pytest.mark.parametrize(("platform", "publish"), [("instagram", "media_publish"), ("threads", "threads_publish")])
@pytest.mark.parametrize("times", [2, *exhaustive([-1])])
async def test_a_look_up_outlasts_a_token_that_is_not_known_yet(
    worker_world: WorkerWorld, picture: bytes, platform: str, publish: str, times: int
) -> None:
    """The response is lost, and at the look-up the token is refused, and the one after its refresh, too. The live post is
    found once that is accepted; if it never is, the outcome is unknown and the account has to be connected again."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, platform, f"{platform}.test")
    browser = await world.api.anonymous()  # Meta refreshes no token that is younger than a day
    await browser.post("/sandbox/control/clock", json={"advanceSeconds": 25 * 3600})
    await world.fault(platform=platform, operation=publish, fault="drop_after_effect")
    await world.fault(
        platform=platform,
        operation="container_status",
        fault="platform_error",
        skip=1,
        times=times,
        value={"code": 190},
    )
    (post,) = await world.publish(await world.content(project, picture), account)
    await worker_world.worker.work_until_idle()

    is_over = times < 0
    found = await world.post(post)
    assert (found["status"], (found["lastError"] or {}).get("code")) == (
        ("failed", "OUTCOME_UNKNOWN") if is_over else ("published", None)
    )
    answer = await world.client.get(f"/v1/social-accounts/{account}")
    assert answer.json()["status"] == ("reauth_required" if is_over else "connected")
    assert len(await world.live(platform=platform)) == 1
