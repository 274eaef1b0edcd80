"""The checks through the API: their findings, one run at a time across processes, and what GET /v1/system shows of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.tenants import insert_container
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock
from tests.world import World

from presswork import __version__
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.doctor.model import Backup
from presswork.doctor.run_checks import EVERY, LEASE, Checks
from presswork.doctor.store import claim_checks, last_checks, record_backup
from presswork.platforms.settings import Settings
from presswork.worker.main import open_worker

Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(reply: Reply) -> AsyncIterator[str]:
    """Serve every connection with a function until the block ends; yield the URL."""

    serving: set[asyncio.Task[object] | None] = set()  # asyncio does not keep the tasks that wait for ever

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            await reply(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        tasks = [task for task in serving if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def bad_gateway(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a proxy whose server is away."""
    writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()


class Silence:
    """Accepts connections and never answers."""

    def __init__(self, callers: int) -> None:
        """`all_wait` is set when that many callers wait at the same time."""
        self.all_wait = asyncio.Event()
        self._callers = callers
        self._waiting = 0

    async def __call__(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        """Keep the caller waiting until it gives up."""
        self._waiting += 1
        if self._waiting == self._callers:
            self.all_wait.set()
        await reader.read()
        self._waiting -= 1


async def run(client: httpx2.AsyncClient, **headers: str) -> dict[str, Any]:
    """Run the checks and return the answer."""
    answer = await client.post("/v1/system/checks", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def of(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the one finding with this name."""
    (finding,) = [one for one in found["findings"] if one["name"] == name]
    return dict(finding)


async def test_a_broken_proxy_is_named(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The finding says what answers at the public URL and what to do; GET returns the same findings with their time."""
    async with (
        listening(bad_gateway) as proxy,
        serving(settings.model_copy(update={"public_url": proxy}), dsn=dsn, clock=clock) as api,
    ):
        client = await api.client(scopes=["org:admin"])
        before = (await client.get("/v1/system")).json()
        assert (before["checkedAt"], before["findings"], before["isChecking"]) == (None, [], False)
        found = await run(client)
        assert found["isWell"] is False
        assert of(found, "public url") == {
            "name": "public url",
            "status": "fail",
            "message": f"{proxy}/healthz answers 502.",
            "fix": "Check DNS, the certificate and the proxy, and that the API is running.",
        }
        assert of(found, "service")["message"] != ""
        after = (await client.get("/v1/system")).json()
        assert (after["findings"], after["checkedAt"]) == (found["findings"], found["finishedAt"])
        assert after["checkedBy"] == found["host"]


async def test_findings_have_unique_names_and_fixes(api: Api) -> None:
    """As those of the command: every finding that is not ok says what to do."""
    found = (await run(await api.client(scopes=["org:admin"])))["findings"]
    names = [one["name"] for one in found]
    assert len(set(names)) == len(names) > 15
    assert {"database", "migrations", "workers", "media store", "service", "tiktok app", "public url"} <= set(names)
    assert all(one["fix"] for one in found if one["status"] != "ok")


@pytest.mark.exhaustive
async def test_silent_machines_are_waited_for_side_by_side(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """Four machines that never answer are waited for at the same time, while the API answers others."""
    silence = Silence(callers=4)
    async with listening(silence) as silent:
        away = {
            "public_url": silent,
            "tiktok_api_url": silent,
            "tiktok_client_key": "awx7q2awx7q2",
            "facebook_graph_url": silent,
            "facebook_client_id": "1234567890",
            "sms_api_url": silent,
            "sms_account_sid": "AC1",
        }
        async with serving(settings.model_copy(update=away), dsn=dsn, clock=clock) as api:
            client, other = await api.client(scopes=["org:admin"]), await api.anonymous()
            running, waiting = asyncio.create_task(run(client)), asyncio.create_task(silence.all_wait.wait())
            await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
            assert waiting.done()
            assert (await other.get("/healthz")).status_code == 200
            assert (await client.get("/v1/system")).status_code == 200
            assert not running.done()
            found = await running
    for name in ("access to tiktok", "access to facebook", "access to text messages", "public url"):
        assert "does not answer" in of(found, name)["message"]


async def test_one_run_at_a_time(api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path) -> None:
    """Calls on two processes that arrive together share one run."""
    async with serving(beside(settings, tmp_path / "other"), dsn=dsn, clock=clock) as second:
        clients = [await one.client(scopes=["org:admin"]) for one in (api, second, api)]
        held = await claim_checks(api.context.pool, new_id(), lease=LEASE, now=clock.database_now())
        assert held is not None
        assert (await clients[1].get("/v1/system")).json()["isChecking"] is True
        waiting = [asyncio.create_task(run(client)) for client in clients]
        done, _ = await asyncio.wait(waiting, timeout=1)
        assert not done
        clock.advance(LEASE)  # the process that ran them has died
        answers = [await one for one in waiting]
        assert len({one["startedAt"] for one in answers}) == 1
        assert answers[0]["startedAt"] == write_instant(clock.now())
        assert (await clients[1].get("/v1/system")).json()["isChecking"] is False


async def test_a_repeated_call_returns_the_same_run(api: Api, clock: MovableClock) -> None:
    """With an Idempotency-Key the checks run once; a later call without it runs them again."""
    client = await api.client(scopes=["org:admin"])
    first = await run(client, **{"Idempotency-Key": "once"})
    clock.advance(timedelta(minutes=1))
    assert await run(client, **{"Idempotency-Key": "once"}) == first
    assert (await run(client))["startedAt"] > first["startedAt"]


async def test_findings_are_renewed_after_an_hour(api: Api, clock: MovableClock) -> None:
    """An API process runs the checks by itself when there are none, or only old ones."""
    checks = api.context.part(Checks)
    assert await checks.is_due()
    await checks.run()
    clock.advance(EVERY - timedelta(seconds=1))
    assert not await checks.is_due()
    clock.advance(timedelta(seconds=1))
    assert await checks.is_due()
    await claim_checks(api.context.pool, new_id(), lease=LEASE, now=clock.database_now())
    assert not await checks.is_due()


async def test_a_run_that_fails_lets_the_next_one_begin(api: Api, clock: MovableClock) -> None:
    """A run that was canceled holds no lease."""
    checks = api.context.part(Checks)
    task = asyncio.create_task(checks.run())
    async with asyncio.timeout(20):
        while not (await last_checks(api.context.pool, now=clock.database_now()))[1]:  # noqa: ASYNC110  a row
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert (await last_checks(api.context.pool, now=clock.database_now()))[1] is False
    assert (await checks.run()).findings


async def test_it_shows_workers_queue_media_and_versions(
    settings: Settings, dsn: str, clock: MovableClock, picture: bytes
) -> None:
    """What runs and what is stored: a worker with its version, a due post, and the files that the last checks counted."""
    async with (
        serving(settings, dsn=dsn, clock=clock) as api,
        open_worker(settings, dsn=dsn, base_url=api.base_url, clock=clock) as worker,
    ):
        world = World(api=api, client=await api.client(scopes=["*", "org:admin"]))
        project = await world.project()
        await world.content(project, picture)
        account = await world.account(project, "tiktok", "luna")
        await world.publish(await insert_container(api.context.pool, project), account)
        beating = asyncio.create_task(worker.heartbeat())
        async with asyncio.timeout(20):
            while not (found := (await world.client.get("/v1/system")).json())["workers"]:  # noqa: ASYNC110  a row
                await asyncio.sleep(0.02)
        beating.cancel()
        await asyncio.wait([beating])
        assert found["storage"]["media"]["files"] is None
        await run(world.client)
        found = (await world.client.get("/v1/system")).json()
    (shown,) = found["workers"]
    assert (shown["version"], shown["postsInProgress"], shown["concurrency"]) == (__version__, 0, 500)
    assert shown["seenAt"] == write_instant(clock.now())
    assert (found["lag"]["due"], found["lag"]["lateSeconds"]) == (1, 0)
    media = found["storage"]["media"]
    assert (media["kind"], media["files"], media["bytes"]) == ("folder", 1, len(picture))
    assert media["countedAt"] == found["checkedAt"]
    assert found["storage"]["dataFolder"]["freeBytes"] > 0
    assert found["storage"]["database"]["bytes"] > 1_000_000
    versions = found["versions"]
    assert (versions["program"], versions["schema"].isdigit()) == (__version__, True)
    assert versions["postgresql"].split(".")[0].isdigit()


async def test_it_shows_the_last_backup(api: Api, clock: MovableClock) -> None:
    """The newest one, of whatever machine; before the first, null."""
    client = await api.client(scopes=["org:admin"])
    assert (await client.get("/v1/system")).json()["lastBackup"] is None
    async with api.context.pool.acquire() as connection:
        for days in (1, 0, 2):
            at = clock.now() - timedelta(days=days)
            await record_backup(
                connection,
                Backup(
                    taken_at=at,
                    finished_at=at + timedelta(minutes=1),
                    file=f"/backups/{days}.zip",
                    host="vps1",
                    size_bytes=days + 1,
                    has_keys=True,
                    media="folder",
                ),
            )
    assert (await client.get("/v1/system")).json()["lastBackup"] == {
        "takenAt": write_instant(clock.now()),
        "finishedAt": write_instant(clock.now() + timedelta(minutes=1)),
        "file": "/backups/0.zip",
        "host": "vps1",
        "sizeBytes": 1,
        "hasKeys": True,
        "isOld": False,
    }
    clock.advance(timedelta(days=2, seconds=1))
    assert (await client.get("/v1/system")).json()["lastBackup"]["isOld"] is True


async def test_a_bucket_is_shown_without_its_credentials(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """User information and queries of a bucket's URL may be secret."""
    bucket = settings.model_copy(update={"media_store": "memory://user:marker@bucket/folder?token=marker"})
    async with serving(bucket, dsn=dsn, clock=clock) as api:
        client = await api.client(scopes=["org:admin"])
        answer = await client.get("/v1/system")
    assert answer.json()["storage"]["media"]["place"] == "memory://bucket/folder"
    assert "marker" not in answer.text
