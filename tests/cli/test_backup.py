"""`presswork backup` and `presswork restore`, as an operator uses them: a destroyed data folder is restored."""

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx2
import psutil
import pytest
from tests.cli.program import (
    PATIENCE_SECONDS,
    PROGRAM,
    CommandProcess,
    Presswork,
    all_gone,
    environment,
    running_up,
    until,
)
from tests.databases import owner_of

from presswork.core.timestamps import write_instant
from presswork.db.embedded import embedded_server
from presswork.db.embedded.folder import find_folder
from presswork.db.one_connection import connected
from presswork.doctor.checks.database import locks
from presswork.doctor.store import last_backup

pytestmark = pytest.mark.slow

_ROWS: Final = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT IN ('workers', 'rate_windows', 'post_follow_ups', 'rate_limit_reservations',
                                                                               'system_checks', 'backups', 'sessions', 'sign_up_links', 'media_sweep',
                                                                               'pending_sign_ins')
 ORDER BY table_name LIMIT 1000
"""
"""Every table except those that an idle service, the command itself and a restore change.

A restore ends sessions and links, and pauses the sweep of orphaned objects (`next_sweep`).
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the API."""

    url: str
    key: str

    def call(self, method: str, path: str, body: object = None) -> Any:  # Any: the JSON document of the response
        """Call the API, assert success, and return the response."""
        with self._client() as client:
            answer = client.request(method, f"{self.url}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def _client(self) -> httpx2.Client:
        return httpx2.Client(headers={"Authorization": f"Bearer {self.key}"}, trust_env=False, timeout=PATIENCE_SECONDS)

    def account(self, project: str, platform: str, handle: str) -> str:
        """Connect a sandbox account and return its id."""
        body = {"platform": platform, "returnUrl": "http://localhost/back"}
        begun = self.call("POST", f"/v1/projects/{project}/social/oauth-url", body)
        with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as browser:
            agreed = browser.get(f"{begun['authorizeUrl']}&account={handle}&decision=approve")
            browser.get(agreed.headers["location"])
        return str(self.call("GET", f"/v1/social/oauth-status/{begun['state']}")["socialAccountId"])

    def content(self, project: str, picture: bytes) -> str:
        """Upload a picture and return its container."""
        file = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(picture)}
        body = {"files": [file], "grouping": "per-file"}
        (item,) = self.call("POST", f"/v1/projects/{project}/content/uploads", body)["items"]
        (target,) = item["files"]
        with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as browser:
            assert browser.put(target["uploadUrl"], content=picture, headers=target["headers"]).is_success
        self.call("POST", f"/v1/content/{item['containerId']}/finalize-upload", {"caption": "Hello"})
        return str(item["containerId"])

    def post(self, container: str, account: str, mode: str = "publish", *, later: bool = False) -> str:
        """Publish now, or schedule in an hour, and return the id of the post."""
        targets = {"targets": [{"socialAccountId": account, "mode": mode}]}
        due = {"scheduledFor": write_instant(datetime.now(UTC) + timedelta(hours=1))} if later else {}
        path = f"/v1/content/{container}/{'schedule' if later else 'publish'}"
        return str(self.call("POST", path, targets | due)["scheduledPostIds"][0])

    def status(self, post: str) -> str:
        """Return the status of a post."""
        return str(self.call("GET", f"/v1/scheduled-posts/{post}")["status"])

    def live(self) -> list[str]:
        """Return the handle of each live post."""
        return sorted(item["handle"] for item in self.call("GET", "/sandbox/control/posts")["items"])


def rows_of(dsn: str) -> dict[str, list[str]]:
    """Return the rows of each table."""

    async def read() -> dict[str, list[str]]:
        rows = {}
        async with connected(dsn) as connection:
            for row in await connection.fetch(_ROWS):
                table = row["table_name"]
                lines = await connection.fetch(f"SELECT t::text AS line FROM {table} t ORDER BY 1 LIMIT 10000")  # noqa: S608  from the catalogue
                rows[table] = [line["line"] for line in lines]
        return rows

    return asyncio.run(read())


def next_sweep(dsn: str) -> datetime:
    """Return when orphaned objects are looked for next."""

    async def read() -> datetime:
        async with connected(dsn) as connection:
            due: datetime = await connection.fetchval("SELECT due_at FROM media_sweep")
            return due

    return asyncio.run(read())


def hashes_below(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.exhaustive
def test_a_destroyed_data_folder_is_restored(command_process: CommandProcess, tmp_path: Path, picture: bytes) -> None:
    """A backup of a running service restores every row and byte, and each scheduled post goes live once."""
    data, file, started = tmp_path / "data", tmp_path / "kept" / "one.backup", datetime.now(UTC)
    file.parent.mkdir()
    beside = Presswork(command_process, data, tmp_path / "cwd", {})
    with running_up(data) as up:
        key = beside.json("key", "create", "--org", "Acme", "--return-domain", "localhost")["key"]
        caller = Caller(up.url, key)
        project = caller.call("POST", "/v1/projects", {"name": "P", "timezone": "UTC"})["id"]
        accounts = {name: caller.account(project, name, name) for name in ("instagram", "tiktok")}
        container = caller.content(project, picture)
        posts = {
            "published": caller.post(container, accounts["instagram"]),
            "draft": caller.post(container, accounts["tiktok"], "draft"),
            "queued": caller.post(container, accounts["instagram"], later=True),
        }
        assert until(lambda: all(caller.status(post) == status for status, post in posts.items()))
        folder = find_folder(data)
        assert folder is not None
        rows, media = rows_of(folder.dsn), hashes_below(data / "media")
        report = beside.json("backup", str(file))
        assert (report["workersSeen"], report["hasKeys"], report["parts"]["media"]["files"]) == (1, True, len(media))
    assert file.stat().st_mode & 0o777 == 0o600
    shutil.rmtree(data)
    restored = beside.json("restore", str(file))
    assert (restored["reconciledPosts"], restored["waitingPosts"], restored["connectedAccounts"]) == (0, 1, 2)
    assert hashes_below(data / "media") == media
    with embedded_server(data) as server:
        assert rows_of(server.dsn) == rows
        assert next_sweep(server.dsn) > started + timedelta(days=29), "objects newer than the backup would be removed"
    with running_up(data) as up:
        caller = Caller(up.url, key)
        assert {status: caller.status(post) for status, post in posts.items()} == {status: status for status in posts}
        body = {"scheduledFor": write_instant(datetime.now(UTC))}
        caller.call("POST", f"/v1/scheduled-posts/{posts['queued']}/reschedule", body)
        assert until(lambda: caller.status(posts["queued"]) == "published")
        assert caller.live() == ["instagram", "instagram"]
        refused = beside.run("restore", str(file))
        assert (refused.status, "already up" in refused.stderr) == (1, True)
    refused = beside.run("restore", str(file))
    assert (refused.status, f"mv {data} {data}.before" in refused.stderr) == (1, True)


@pytest.fixture(scope="session")
def made(command_process: CommandProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small backup with an organization, an object and a key; tests only read it."""
    folder = tmp_path_factory.mktemp("made")
    command = Presswork(command_process, folder / "data", folder, {})
    command.json("org", "create", "Acme")
    (folder / "data" / "media").mkdir()
    (folder / "data" / "media" / "one.jpg").write_bytes(b"one")
    (folder / "data" / "secret.key").write_text(command.json("config", "--new-key")["key"])
    command.json("backup", "one.backup")
    return folder / "one.backup"


@contextmanager
def started(cwd: Path, *arguments: str, **settings: str) -> Iterator[psutil.Process]:
    """Run a command and send it SIGKILL when the block ends."""
    cwd.mkdir(exist_ok=True)
    with subprocess.Popen([*PROGRAM, *arguments], env=environment(**settings), cwd=cwd) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.kill()


@asynccontextmanager
async def holding_lock(dsn: str, statement: str) -> AsyncIterator[None]:
    """Hold a lock that other sessions wait for, and roll back when the block ends."""
    async with connected(dsn) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(statement)
        yield
        await transaction.rollback()


async def others(dsn: str, *, waiting: bool) -> int:
    """Return the number of other sessions on a database, or of those that wait for a lock."""
    async with connected(dsn) as connection:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name = 'presswork backup' AND (NOT $1 OR wait_event_type = 'Lock')",
                waiting,
            )
        )


async def until_others(dsn: str, *, waiting: bool, are_there: bool) -> None:
    """Wait until pg_dump or psql has a session, or until neither has one."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while bool(await others(dsn, waiting=waiting)) is not are_there:
            pass


async def count_tables(dsn: str) -> int:
    """Return the number of tables of a database."""
    async with connected(dsn) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


def command_lines(process: psutil.Process) -> Sequence[str]:
    """Return the command lines of a process and its descendants."""
    return [" ".join(one.cmdline()) for one in (process, *process.children(recursive=True))]


async def test_a_backup_is_recorded(admin: Presswork, dsn: str, tmp_path: Path) -> None:
    """The database knows when, where and how large the last backup is. If it can't record it, the command says so."""
    file = tmp_path / "one.backup"
    report = admin.json("backup", str(file))
    async with connected(dsn) as connection:
        backup = await last_backup(connection)
        assert backup is not None
        assert (write_instant(backup.taken_at), backup.file, backup.size_bytes) == (
            report["takenAt"],
            str(file),
            file.stat().st_size,
        )
    async with connected(owner_of(dsn)) as connection:
        await connection.execute("ALTER TABLE backups RENAME TO other_backups")
    done = admin.run("backup", str(file))
    assert (done.status, "could not record this backup" in done.stdout + done.stderr) == (0, True)


_SNAPSHOT_HOLDER: Final = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'idle in transaction' AND application_name LIKE 'presswork %'
   AND backend_xmin IS NOT NULL AND clock_timestamp() - state_change >= $1::interval
"""
"""The session that keeps the snapshot of a backup, once it has been idle for this long."""
_LIMIT: Final = timedelta(milliseconds=500)


async def test_a_backup_is_longer_than_transactions_may_be_idle(admin: Presswork, dsn: str, tmp_path: Path) -> None:
    """Where the server ends sessions that are idle in a transaction, a slow dump is complete; `doctor` doesn't advise to end it."""
    file = tmp_path / "one.backup"
    async with connected(dsn) as watch, holding_lock(dsn, "LOCK TABLE scheduled_posts IN ACCESS EXCLUSIVE MODE"):
        await _limit_idle_transactions(dsn)
        running = asyncio.create_task(asyncio.to_thread(admin.run, "backup", str(file)))
        await until_others(dsn, waiting=True, are_there=True)
        holder = await watch.fetchval(_SNAPSHOT_HOLDER, timedelta())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await watch.fetchval(_SNAPSHOT_HOLDER, timedelta()) and not await watch.fetchval(
                _SNAPSHOT_HOLDER, 3 * _LIMIT
            ):
                pass
        found = await locks(watch, idle_for=_LIMIT, blocked_for=timedelta(days=1))
    done = await running
    assert not [one for one in found if str(holder) in one.name]
    assert (done.status, done.stderr) == (0, "")
    assert admin.run("restore", "--check", str(file)).status == 0


async def test_a_backup_whose_session_is_ended_says_so(admin: Presswork, dsn: str, tmp_path: Path) -> None:
    """If a server or a pooler ends the session of the snapshot, there is a sentence, no file and no traceback."""
    file = tmp_path / "one.backup"
    async with connected(dsn) as watch, holding_lock(dsn, "LOCK TABLE scheduled_posts IN ACCESS EXCLUSIVE MODE"):
        running = asyncio.create_task(asyncio.to_thread(admin.run, "backup", str(file)))
        await until_others(dsn, waiting=True, are_there=True)
        holder = await watch.fetchval(_SNAPSHOT_HOLDER, timedelta())
        assert await watch.fetchval("SELECT pg_terminate_backend($1)", holder)
    done = await running
    assert (done.status, "Traceback" in done.stderr, file.exists()) == (1, False, False)
    assert "idle_in_transaction_session_timeout" in done.stderr


async def _limit_idle_transactions(dsn: str) -> None:
    """Let the server end each new session that is idle in a transaction for long."""
    async with connected(owner_of(dsn)) as connection:
        name = await connection.fetchval("SELECT quote_ident(current_database())")
        limit = round(_LIMIT.total_seconds() * 1000)
        await connection.execute(f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = {limit}")


@pytest.mark.exhaustive
async def test_a_killed_backup_leaves_no_file(admin: Presswork, dsn: str, tmp_path: Path) -> None:
    """After SIGKILL the earlier backup is unchanged and the next one succeeds; no command line has a password."""
    file = tmp_path / "one.backup"
    admin.json("backup", str(file))
    before = file.read_bytes()
    settings = {**admin.settings, "data_dir": str(admin.data_dir)}
    async with holding_lock(dsn, "LOCK TABLE scheduled_posts IN ACCESS EXCLUSIVE MODE"):
        with started(tmp_path / "cwd", "backup", str(file), **settings) as process:
            await until_others(dsn, waiting=True, are_there=True)
            lines = command_lines(process)
    assert any("pg_dump" in line for line in lines)
    assert not [line for line in lines if unquote(urlsplit(dsn).password or "-") in line]
    assert file.read_bytes() == before
    assert (tmp_path / ".one.backup.part").exists()
    assert admin.run("restore", "--check", str(file)).status == 0
    assert admin.json("backup", str(file))["parts"]["database.dump"]["files"] == 1
    assert not (tmp_path / ".one.backup.part").exists()


@pytest.mark.exhaustive
async def test_a_killed_restore_leaves_an_empty_database(
    presswork: Presswork, made: Path, bare_dsn: str, tmp_path: Path
) -> None:
    """After SIGKILL an external database is empty, there is no media, and the next restore succeeds."""
    settings = {"database_url": bare_dsn, "data_dir": str(presswork.data_dir)}
    async with holding_lock(bare_dsn, "CREATE TABLE workers (id text)"):
        with started(tmp_path / "cwd", "restore", str(made), **settings) as process:
            await until_others(bare_dsn, waiting=True, are_there=True)
            lines = command_lines(process)
    assert any("psql" in line for line in lines)
    assert not [line for line in lines if unquote(urlsplit(bare_dsn).password or "-") in line]
    await until_others(bare_dsn, waiting=False, are_there=False)
    assert await count_tables(bare_dsn) == 0
    assert hashes_below(presswork.data_dir).keys() & {"media/one.jpg", "secret.key"} == set()
    restored = presswork.json("restore", str(made), database_url=bare_dsn)
    assert restored["parts"]["media"]["files"] == 1
    assert {"media/one.jpg", "secret.key", "up.lock"} == set(hashes_below(presswork.data_dir))
    assert [item["name"] for item in presswork.json("org", "list", database_url=bare_dsn)["items"]] == ["Acme"]


@pytest.mark.exhaustive
def test_a_killed_restore_leaves_an_empty_embedded_database(presswork: Presswork, made: Path, tmp_path: Path) -> None:
    """After SIGKILL the embedded database has no table, there is no key or media, and the next restore succeeds."""
    data = presswork.data_dir
    with started(tmp_path / "cwd", "restore", str(made), data_dir=str(data)) as process:
        assert until((data / "postgres" / "cluster" / "postmaster.pid").exists)
        children = process.children(recursive=True)
    assert until(lambda: all_gone(children))
    with embedded_server(data) as server:
        assert asyncio.run(count_tables(server.dsn)) == 0
    assert not (data / "media" / "one.jpg").exists()
    assert not (data / "secret.key").exists()
    restored = presswork.run("restore", str(made))
    assert restored.status == 0, restored.stderr
    assert "presswork up" in restored.stdout
    assert [item["name"] for item in presswork.json("org", "list")["items"]] == ["Acme"]
    assert (data / "media" / "one.jpg").read_bytes() == b"one"
    assert not [path for path in data.rglob("*") if path.name.startswith((".restoring-", "init-"))]


def test_an_incomplete_backup_is_refused(presswork: Presswork, made: Path, tmp_path: Path) -> None:
    """A truncated file and a file of another kind are refused before anything is written."""
    file = tmp_path / "cut.backup"
    for content, says in (
        (made.read_bytes()[:-20_000], "damaged or incomplete"),
        (b"Dear diary", "not a Presswork backup"),
    ):
        file.write_bytes(content)
        done = presswork.run("restore", str(file), "--json")
        error = json.loads(done.stderr)["error"]
        assert (done.status, error["code"], says in error["message"]) == (1, "VALIDATION", True)
    done = presswork.run("backup", str(tmp_path / "two.backup"))
    assert (done.status, "holds no database" in done.stderr) == (1, True)
    assert not presswork.data_dir.exists()
    assert not (tmp_path / "two.backup").exists()


def test_check_describes_a_backup(presswork: Presswork, made: Path) -> None:
    """--check prints the contents of a backup and changes nothing; contradictory options are usage errors."""
    report = presswork.json("restore", "--check", str(made))
    assert {name: part["files"] for name, part in report["parts"].items()} == {
        "database.dump": 1,
        "media": 1,
        "secret.key": 1,
    }
    shown = presswork.run("restore", "--check", str(made))
    assert "is complete" in shown.stderr
    assert shown.stdout.splitlines()[0] == "part\tfiles\tsize"
    assert "\ndatabase.dump\t1\t" in shown.stdout
    for options in (("--resume", "--ran-until", "2026-11-24T18:30:00Z"), ("--ran-until", "yesterday")):
        assert presswork.run("restore", str(made), *options).status == 2
    assert not presswork.data_dir.exists()
