"""Uploads in parts by both Python clients and the TypeScript client: parallel, continued, with new URLs where they expire."""

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from presswork.core.ids import CONTAINER, parse_id
from presswork.media.samples import sample_video
from presswork_client import APIConnectionError, AsyncPresswork, Presswork, UploadProgress

PART = 4096
SCRIPT = """
const { Presswork } = await import(process.env.PACKAGE);
const { apiKey, baseUrl, path, projectId, idempotencyKey } = JSON.parse(process.env.UPLOAD);
const progress = [];
const params = { projectId, caption: "", onProgress: (one) => progress.push(one.sentBytes) };
const content = await new Presswork({ apiKey, baseUrl }).content.uploadFiles(path, params, { idempotencyKey });
console.log(JSON.stringify({ sha256: content.media[0].sha256, progress }));
"""


class Uploads:
    """A server, and a video whose upload was opened under a key, in parts of 4 KiB."""

    def __init__(self, api: Any, client: Any, project: str, path: Path) -> None:
        self.api, self.client, self.project, self.path = api, client, project, path
        self.data = path.read_bytes()
        self.key = str(uuid4())
        self.container = ""

    @property
    def server(self) -> dict[str, Any]:
        """What a client needs."""
        return {"api_key": self.client.headers["authorization"].removeprefix("Bearer "), "base_url": self.api.base_url}

    @property
    def upload(self) -> dict[str, Any]:
        """The arguments of the upload."""
        return {"project_id": self.project, "caption": "", "idempotency_key": self.key}

    async def open(self) -> None:
        """Open the upload, as a client that was interrupted did, and cut it into small parts."""
        self.key = str(uuid4())
        body = {
            "files": [{"filename": "film.mp4", "contentType": "video/mp4", "sizeBytes": len(self.data)}],
            "grouping": "per-file",
        }
        route = f"/v1/projects/{self.project}/content/uploads"
        opened = await self.client.post(route, json=body, headers={"Idempotency-Key": self.key})
        assert opened.status_code == 201, opened.text
        self.container = opened.json()["items"][0]["containerId"]
        await self.api.context.pool.execute(
            "UPDATE media_assets SET part_size_bytes = $2 WHERE container_id = $1",
            parse_id(CONTAINER, self.container),
            PART,
        )

    async def send(self, *numbers: int) -> None:
        """Send some of the parts, as an interrupted client did."""
        (item,) = (await self.client.get(f"/v1/content/{self.container}/uploads")).json()["items"]
        for part in item["multipart"]["parts"]:
            if (number := part["partNumber"]) in numbers:
                data = self.data[(number - 1) * PART : number * PART]
                sent = await (await self.api.anonymous()).put(part["uploadUrl"], content=data)
                assert sent.status_code == 204


@pytest.fixture
async def uploads(api: Any, tmp_path: Path) -> Uploads:
    """A server with a project, and a video of several parts."""
    client = await api.client()
    project = (await client.post("/v1/projects", json={"name": "Bakery", "timezone": "UTC"})).json()["id"]
    path = tmp_path / "film.mp4"
    path.write_bytes(sample_video(timedelta(seconds=2), 96, 64))
    return Uploads(api, client, project, path)


async def test_an_interrupted_upload_sends_the_missing_parts(uploads: Uploads) -> None:
    """Paths, bytes and file objects, by both clients: only what is missing is sent, and the bytes arrive as they are."""
    count = -(-len(uploads.data) // PART)
    assert count >= 4
    for source in ("path", "bytes", "file"):
        await uploads.open()
        await uploads.send(1, 3)
        sent: list[str] = []
        progress: list[UploadProgress] = []

        def note(request: httpx2.Request, sent: list[str] = sent) -> None:
            if request.method == "PUT":
                sent.append(request.url.path.rpartition("/")[2])

        async def note_too(request: httpx2.Request) -> None:
            note(request)

        with uploads.path.open("rb") as file:
            given: Any = {"path": uploads.path, "bytes": ("film.mp4", uploads.data), "file": file}[source]
            if source == "bytes":
                async with httpx2.AsyncClient(event_hooks={"request": [note_too]}) as http:
                    presswork = AsyncPresswork(http_client=http, **uploads.server)
                    made = await presswork.content.upload_files(given, on_progress=progress.append, **uploads.upload)
            else:
                with httpx2.Client(event_hooks={"request": [note]}) as http_too:
                    blocking = Presswork(http_client=http_too, **uploads.server)
                    made = await asyncio.to_thread(
                        blocking.content.upload_files, given, on_progress=progress.append, **uploads.upload
                    )
        assert made.media[0].sha256 == sha256(uploads.data).hexdigest()
        assert sorted(sent, key=int) == [str(number) for number in range(1, count + 1) if number not in (1, 3)]
        counts = [one.sent_bytes for one in progress]
        assert (counts, counts[-1]) == (sorted(counts), len(uploads.data))


async def test_a_lost_part_is_sent_again(uploads: Uploads) -> None:
    """One part is cut off twice and repeated alone; without retries left, the error names the key, with which the rest follows."""
    await uploads.open()
    sent: list[str] = []

    def lose(request: httpx2.Request) -> None:
        if request.method == "PUT":
            part = request.url.path.rpartition("/")[2]
            sent.append(part)
            if part == "2" and sent.count("2") <= losses:
                raise httpx2.ConnectError("lost", request=request)

    for losses, retries in ((2, 3), (1, 0)):
        await uploads.open()
        sent.clear()
        with httpx2.Client(event_hooks={"request": [lose]}) as http:
            presswork = Presswork(http_client=http, max_retries=retries, sleep=lambda _: None, **uploads.server)
            if losses > retries:
                with pytest.raises(APIConnectionError) as raised:
                    await asyncio.to_thread(presswork.content.upload_files, uploads.path, **uploads.upload)
                assert raised.value.idempotency_key == uploads.key
            made = await asyncio.to_thread(presswork.content.upload_files, uploads.path, **uploads.upload)
        assert made.media[0].sha256 == sha256(uploads.data).hexdigest()
        assert (sent.count("2"), {sent.count(part) for part in sent if part != "2"}) == (losses + 1, {1})


@pytest.mark.parametrize("is_async", [False, True])
async def test_urls_that_expire_are_replaced(uploads: Uploads, is_async: bool) -> None:
    """The URLs of half of the parts are refused: the client gets new ones and sends those parts only."""
    await uploads.open()
    broken: set[str] = set()

    def spoil(request: httpx2.Request) -> None:
        part = request.url.path.rpartition("/")[2]
        if request.method == "PUT" and int(part) % 2 == 0 and part not in broken:
            broken.add(part)
            request.url = request.url.copy_set_param("signature", "x")

    async def spoil_too(request: httpx2.Request) -> None:
        spoil(request)

    if is_async:
        async with httpx2.AsyncClient(event_hooks={"request": [spoil_too]}) as http:
            presswork = AsyncPresswork(http_client=http, **uploads.server)
            made = await presswork.content.upload_files(uploads.path, **uploads.upload)
    else:
        with httpx2.Client(event_hooks={"request": [spoil]}) as http_too:
            blocking = Presswork(http_client=http_too, **uploads.server)
            made = await asyncio.to_thread(blocking.content.upload_files, uploads.path, **uploads.upload)
    assert len(broken) >= 2
    assert made.media[0].sha256 == sha256(uploads.data).hexdigest()


@pytest.mark.slow
async def test_the_typescript_client_continues(uploads: Uploads, built: Path) -> None:
    """It sends the parts that are missing, in parallel, and reports what has arrived."""
    await uploads.open()
    await uploads.send(2)
    asked: Mapping[str, object] = {
        "apiKey": uploads.server["api_key"],
        "baseUrl": uploads.server["base_url"],
        "path": str(uploads.path),
        "projectId": uploads.project,
        "idempotencyKey": uploads.key,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        ["node", "--input-type=module", "--eval", SCRIPT],
        env={**os.environ, "PACKAGE": str(built / "esm" / "index.js"), "UPLOAD": json.dumps(asked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["sha256"] == sha256(uploads.data).hexdigest()
    assert (len(found["progress"]), found["progress"][-1]) == (-(-len(uploads.data) // PART) - 1, len(uploads.data))
