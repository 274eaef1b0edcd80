"""A rotation under load, with real processes: no call fails meanwhile, and the old key is gone at the end."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
from tests.cli.program import PATIENCE_SECONDS, CommandProcess, Presswork, Up, running_up
from tests.sandbox_journal import read_journal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Client:
    """A client that connects an account and publishes, over HTTP only."""

    def __init__(self, url: str, key: str) -> None:
        """Take where the API is, and a key."""
        headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False)
        self.browser = httpx2.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, trust_env=False)

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.http.aclose()
        await self.browser.aclose()

    async def call(self, method: str, path: str, body: object = None) -> Any:  # Any: whatever JSON comes
        """Call the API; the call must succeed."""
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def connect(self, project: str, handle: str) -> str:
        """Connect a TikTok account and return its id."""
        body = {"platform": "tiktok", "returnUrl": "http://localhost/back"}
        login = await self.call("POST", f"/v1/projects/{project}/social/oauth-url", body)
        agreed = await self.browser.get(f"{login['authorizeUrl']}&account={handle}&decision=approve")
        await self.browser.get(agreed.headers["location"])
        return str((await self.call("GET", f"/v1/social/oauth-status/{login['state']}"))["socialAccountId"])

    async def uploaded(self, project: str, picture: bytes) -> str:
        """Bring a picture in by a signed link and return the container's id."""
        file = {"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(picture)}
        opened = await self.call(
            "POST", f"/v1/projects/{project}/content/uploads", {"files": [file], "grouping": "per-file"}
        )
        (item,) = opened["items"]
        (target,) = item["files"]
        put = await self.browser.put(target["uploadUrl"], content=picture, headers=target["headers"])
        assert put.status_code < 300, put.text
        await self.call("POST", f"/v1/content/{item['containerId']}/finalize-upload", {"caption": "Hello"})
        return str(item["containerId"])

    async def publish(self, container: str, account: str) -> str:
        """Have a picture published, and return the post."""
        target = {"socialAccountId": account, "mode": "publish"}
        answer = await self.call("POST", f"/v1/content/{container}/publish", {"targets": [target]})
        return str(answer["scheduledPostIds"][0])

    async def ended(self, post: str) -> str:
        """Return a post's status once it is over."""
        while True:
            read = await self.call("GET", f"/v1/scheduled-posts/{post}")
            if read["status"] not in {"queued", "publishing"}:
                return str(read["status"])
            await asyncio.sleep(0.1)


async def rotated_under_load(up: Up, beside: Presswork, picture: bytes) -> Sequence[str]:
    """Publish, upload and connect while the key is rotated twice; return the ids of the keys, newest first."""
    key = beside.json("key", "create", "--org", "Busy", "--return-domain", "localhost", "--scopes", "*")["key"]
    async with Client(up.url, key) as client:
        await _load(client, beside, picture)
    status = beside.json("secrets", "status")
    assert (status["toReEncrypt"], status["unlabelled"]) == (0, 0)
    return [key["id"] for key in status["keys"]]


async def _load(client: Client, beside: Presswork, picture: bytes) -> None:
    project = (await client.call("POST", "/v1/projects", {"name": "P", "timezone": "UTC"}))["id"]
    accounts = [await client.connect(project, handle) for handle in ("bakery", "florist")]
    container = await client.uploaded(project, picture)
    posts: list[str] = []
    is_over, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def load(account: str, handle: str) -> None:
        while not is_over.is_set():
            # The token is refused, so that each post refreshes it: the pair is new, and stored once.
            fault = {"platform": "tiktok", "operation": "creator_info", "handle": handle, "fault": "token_expired"}
            await client.browser.post("/sandbox/control/faults", json=fault)
            post = await client.publish(container, account)
            posts.append(post)
            begun.release()
            assert await client.ended(post) == "published"
            await client.uploaded(project, picture)

    loads = [asyncio.create_task(load(*pair)) for pair in zip(accounts, ("bakery", "florist"), strict=True)]
    try:
        for _ in range(2):
            for _ in range(2):
                await begun.acquire()  # so that each rotation meets posts that are being published
            done = await asyncio.to_thread(beside.json, "secrets", "rotate")
            assert (done["remaining"], done["broken"], done["resumed"]) == (0, 0, False)
    finally:
        is_over.set()
        await asyncio.gather(*loads)
    assert len(posts) >= 4
    assert len(await read_journal(client.browser.get, operation="refresh")) >= len(posts)
    await client.connect(project, "cafe")


@pytest.mark.exhaustive
async def test_rotated_under_load_and_retired(command_process: CommandProcess, tmp_path: Path, picture: bytes) -> None:
    """Two rotations while posts refresh their tokens; the old keys are retired, and after a restart posts go out with one key."""
    data_dir = tmp_path / "data"
    beside = Presswork(command_process, data_dir, tmp_path / "cwd", {})
    with running_up(data_dir) as up:
        lead, *former = await rotated_under_load(up, beside, picture)
        assert len(former) == 2
        for old in former:
            assert "Links signed with" in beside.run("secrets", "retire", old).stderr
            beside.json("secrets", "retire", old, "--break-links")
        log = up.log.read_text()
        assert not [word for word in ("encrypted value", "is missing here", "Traceback") if word in log]
    assert len((data_dir / "secret.key").read_text().split()) == 1
    with running_up(data_dir) as up:
        key = beside.json("key", "create", "--org", "Busy", "--return-domain", "localhost", "--scopes", "*")["key"]
        async with Client(up.url, key) as client:
            (project,) = (await client.call("GET", "/v1/projects"))["items"]
            items = (await client.call("GET", f"/v1/projects/{project['id']}/social-accounts"))["items"]
            (account,) = [item["socialAccountId"] for item in items if item["handle"] == "bakery"]
            post = await client.publish(await client.uploaded(project["id"], picture), account)
            assert await client.ended(post) == "published"
        assert beside.json("secrets", "status")["primary"] == lead
        doctor = {check["name"]: check for check in beside.json("doctor")["checks"]}
        assert doctor["keys in use"]["status"] == "ok"


@pytest.mark.exhaustive
def test_a_process_with_other_keys_does_not_start(command_process: CommandProcess, tmp_path: Path, dsn: str) -> None:
    """A worker without the primary ends with the key's ID in its sentence, and the doctor names it, too."""
    machine = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": dsn})
    machine.json("provider", "add", "acme", "--url", "http://127.0.0.1:9/")
    lead = machine.json("secrets", "status")["primary"]
    other = machine.json("config", "--new-key")["key"]
    refused = machine.run("worker", secret_keys=other)
    assert (refused.status, lead in refused.stderr) == (1, True)
    checks = {
        check["name"]: check
        for check in json.loads(machine.run("doctor", "--json", secret_keys=other).stdout)["checks"]
    }
    assert (checks["keys in use"]["status"], f"{lead} (primary) encrypts 1" in checks["keys in use"]["message"]) == (
        "fail",
        True,
    )
    assert machine.json("secrets", "retire", lead, "--lost", secret_keys=other)["outcome"] == "retired"
    assert machine.json("secrets", "status", secret_keys=other)["primary"] != lead
