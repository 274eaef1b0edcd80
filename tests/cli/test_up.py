"""`presswork up`: one process tree that serves, restarts its parts, stops in order, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.cli.program import (
    PATIENCE_SECONDS,
    PROGRAM,
    CommandProcess,
    Presswork,
    Up,
    all_gone,
    environment,
    killed_if_silent,
    running_up,
    until,
)
from tests.tiers import exhaustive

from presswork.db.one_connection import connected

pytestmark = pytest.mark.slow


@pytest.fixture
def beside(command_process: CommandProcess, up: Up, tmp_path: Path) -> Presswork:
    """The `presswork` command with the data folder of `up`."""
    return Presswork(command_process, up.data_dir, tmp_path / "cwd", {})


def get(url: str, *, key: str | None = None) -> httpx2.Response:
    """Call a URL and return the response."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        return client.get(url, headers=headers)


def is_ready(url: str) -> bool:
    """Return whether /readyz reports ready."""
    try:
        return get(f"{url}/readyz").status_code == 200
    except httpx2.HTTPError:
        return False


def names_of_threads(process: psutil.Process) -> list[str]:
    """Return the names of the threads of a process; none if one of them ends meanwhile."""
    try:
        return [name.read_text().strip() for name in Path(f"/proc/{process.pid}/task").glob("*/comm")]
    except OSError:
        return []


def test_up_is_ready_when_it_prints_so(up: Up) -> None:
    """After "Presswork is up" /readyz reports ready, and API, docs and sandbox answer."""
    assert [get(f"{up.url}{path}").status_code for path in ("/readyz", "/healthz", "/docs", "/sandbox/")] == [200] * 4
    assert next(iter(up.printed)) == "console"
    assert get(up.printed["console"]).status_code == 200


@pytest.mark.parametrize("name", ["api", "worker"])
def test_parts_start_the_threads_of_the_media_store(up: Up, name: str) -> None:
    """The first access to the media does not, when memory may be short: then no later one would work either."""
    assert until(lambda: "tokio-rt-worker" in names_of_threads(up.part(name)))


def test_up_prints_a_link_for_the_first_administrator(up: Up) -> None:
    """The printed link makes one administrator, who then sees the organization's users; it works once."""
    link = up.printed["become the administrator (works once, for 72 hours)"]
    address, _, token = link.partition("#token=")
    assert address == f"{up.url}/console/set-up"
    body = {"token": token, "password": "correct horse battery", "name": "Ines", "email": "ines@example.com"}
    headers = {"Origin": up.url, "X-Presswork-Console": "1"}
    with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS, base_url=up.url, headers=headers) as browser:
        accepted = browser.post("/v1/auth/accept", json=body)
        assert accepted.status_code == 200, accepted.text
        assert accepted.json()["user"]["role"] == "admin"
        assert [user["email"] for user in browser.get("/v1/users").json()["items"]] == ["ines@example.com"]
        assert browser.post("/v1/auth/accept", json=body).status_code == 404
    assert token not in up.log.read_text()


def test_commands_work_while_up_runs(up: Up, beside: Presswork) -> None:
    """A key that a command creates works at once; after `key kill` it is refused."""
    key = beside.json("key", "create", "--org", "Beside", "--return-domain", "localhost")
    me = get(f"{up.url}/v1/whoami", key=key["key"])
    assert me.status_code == 200
    beside.json("key", "kill", key["keyId"])
    assert until(lambda: get(f"{up.url}/v1/whoami", key=key["key"]).status_code == 503)
    assert beside.json("doctor")["ok"]


def test_a_second_up_on_the_same_folder_is_refused(up: Up, beside: Presswork) -> None:
    """The second `up` names the first and exits with 1; the first keeps running."""
    done = beside.run("up", "--port", "0")
    assert (done.status, done.stdout) == (1, "")
    assert f"process {up.process.pid} at {up.url}" in done.stderr
    assert is_ready(up.url)


def test_a_port_in_use_is_reported(up: Up, presswork: Presswork) -> None:
    """If another program uses the port, `up` exits with a sentence before it starts anything."""
    done = presswork.run("up", "--port", up.url.rsplit(":", 1)[1])
    assert done.status == 1
    assert "Choose another with --port" in done.stderr
    assert not (presswork.data_dir / "postgres").exists()


@pytest.mark.parametrize("name", ["api", *exhaustive(["worker"])])
def test_a_killed_part_is_restarted(up: Up, name: str) -> None:
    """After SIGKILL a part is restarted on the same address, and calls meanwhile wait."""
    part = up.part(name)
    part.kill()
    assert get(f"{up.url}/healthz").status_code == 200
    assert up.part(name).pid != part.pid
    assert until(lambda: is_ready(up.url))


@pytest.mark.exhaustive
def test_a_killed_database_is_restarted(up: Up, beside: Presswork) -> None:
    """After SIGKILL the database server is restarted with everything that it had committed."""
    key = beside.json("key", "create", "--org", "Durable")["key"]
    postmaster = int((up.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert until(lambda: not psutil.pid_exists(postmaster))
    assert until(lambda: get(f"{up.url}/v1/whoami", key=key).status_code == 200)
    assert until(lambda: is_ready(up.url))


@pytest.mark.exhaustive
def test_stop_restart_and_sigkill(command_process: CommandProcess, tmp_path: Path) -> None:
    """SIGTERM ends all parts in order; a restart has the data; after SIGKILL of the parent no process is left.

    The parts are forked processes, which are named after their commands.
    """
    data_dir = tmp_path / "data"
    beside = Presswork(command_process, data_dir, tmp_path / "cwd", {})
    with running_up(data_dir) as first:
        key = beside.json("key", "create", "--org", "Lasting")["key"]
        processes = first.children()
        assert [first.part(name).cmdline()[0].split()[:2] for name in ("api", "worker")] == [
            ["presswork", "api"],
            ["presswork", "worker"],
        ]
        assert first.stop() == 0
        assert all_gone(processes)
        assert not (data_dir / "up.json").exists()
        assert "killed" not in first.log.read_text()
    with running_up(data_dir, "--no-sandbox") as second:
        assert get(f"{second.url}/v1/whoami", key=key).status_code == 200
        assert get(f"{second.url}/sandbox/").status_code == 404
        processes = second.children()
        assert len(processes) > 2
        second.process.kill()
        second.process.wait(PATIENCE_SECONDS)
        assert until(lambda: all_gone(processes))
    assert beside.json("key", "list")["items"]


@pytest.mark.exhaustive
def test_a_public_sandbox_needs_the_token_that_up_prints(command_process: CommandProcess, tmp_path: Path) -> None:
    """With a public URL the sandbox is off; `--sandbox` turns it on, and its control surface and pages need the token."""
    data_dir, public = tmp_path / "data", "https://presswork.example.com"
    with running_up(data_dir, public_url=public) as up:
        assert get(f"{up.url}/sandbox/").status_code == 404
        assert "sandbox token" not in up.printed
    with running_up(data_dir, "--sandbox", public_url=public) as up:
        token = up.printed["sandbox token"]
        for path in ("", "phone", "control/messages", "api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"):
            assert get(f"{up.url}/sandbox/{path}").status_code == 401
        assert get(f"{up.url}/sandbox/control/messages", key=token).json() == {"items": []}
        beside = Presswork(command_process, data_dir, tmp_path / "cwd", {"public_url": up.url, "sandbox": "true"})
        # A command of the same installation reaches the fake platforms with the same token.
        operator = beside.json("operator", "create", "--org", "O", "--name", "N", "--phone", "+15551230001")
        assert beside.run("operator", "verify", operator["operatorId"]).status == 0
        (text,) = get(f"{up.url}/sandbox/control/messages", key=token).json()["items"]
        assert text["to"] == "+15551230001"


@contextmanager
def part(*arguments: str, cwd: Path, **settings: str) -> Iterator[dict[str, str]]:
    """Run one part; yield its first log line except that of a new key, and assert that SIGTERM ends it with status 0."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments], env=environment(**settings), cwd=cwd, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr is not None
        try:
            lines = (json.loads(line) for line in process.stderr)
            with killed_if_silent(process):
                listening = next(line for line in lines if line["event"] != "secret key became the primary")
            yield listening
            process.terminate()
            with killed_if_silent(process):
                process.stderr.read()
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()


@pytest.mark.exhaustive
def test_parts_run_as_separate_processes(tmp_path: Path, dsn: str) -> None:
    """API, worker and sandbox work together as separate processes on one database; each stops on SIGTERM."""
    shared = {"database_url": dsn, "data_dir": str(tmp_path / "data")}
    with part("sandbox", "--port", "0", cwd=tmp_path, **shared) as sandbox:
        assert get(sandbox["url"]).status_code == 200
        shared["sandbox_url"] = sandbox["url"].rstrip("/")
        with part("api", "--port", "0", cwd=tmp_path, **shared) as api:
            assert api["event"] == "api listening"
            assert get(f"{api['url']}/healthz").status_code == 200
            with part("worker", cwd=tmp_path, port=api["url"].rsplit(":", 1)[1], **shared):
                assert until(lambda: is_ready(api["url"]))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["api", "sandbox"])
def test_the_sandbox_knows_republish_after(tmp_path: Path, dsn: str, name: str) -> None:
    """The setting limits late effects, in the API's sandbox and in one that runs alone."""
    settings = {"database_url": dsn, "data_dir": str(tmp_path / "data"), "republish_after_test": "4"}
    with part(name, "--port", "0", cwd=tmp_path, **settings) as running:
        url = f"{running['url'].removesuffix('/sandbox/')}/sandbox/control/faults"
        fault = {"platform": "sms", "operation": "messages", "fault": "late_effect"}
        with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            refused = client.post(url, json={**fault, "value": {"ms": 3001}})
            accepted = client.post(url, json={**fault, "value": {"ms": 3000}})
    assert (refused.status_code, accepted.status_code) == (400, 200)
    assert "between 0 and 3000: " in refused.json()["error"]["message"]


def test_parts_refuse_a_schema_of_another_version(
    presswork: Presswork, bare_dsn: str, subtests: pytest.Subtests
) -> None:
    """API and worker exit at once if the newest migration is missing, or if the database has an unknown one."""
    assert presswork.run("migrate", database_url=bare_dsn).status == 0
    for statement, says in (
        (
            "DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)",
            "Run `presswork migrate`",
        ),
        ("INSERT INTO schema_migrations VALUES ('99991231235959')", "Run the newer version"),
        ("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "Run `presswork migrate`"),
    ):
        asyncio.run(_execute(bare_dsn, statement))
        for command in ("api", "worker"):
            with subtests.test(command=command, statement=statement):
                done = presswork.run(command, database_url=bare_dsn, port="0")
                assert (done.status, says in done.stderr) == (1, True), done.stderr


async def _execute(dsn: str, statement: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(statement)
