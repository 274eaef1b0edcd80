"""Temporary files of uploads are bounded, in all and for each organization.

A call beyond the bound is refused, stores nothing, and works once there is room.
"""

import asyncio
import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs
from tests.content.conftest import ContentClient

from presswork.core.ids import PROJECT, parse_id
from presswork.media.pool import MAX_PREVIEW_BYTES
from presswork.media.temp_space import TEMP_BYTES, OrganizationSpaceFull, TempSpace

ORGANIZATION_BYTES = TEMP_BYTES // 4
LARGE_BYTES = 100_000_000
JPEG = "image/jpeg"
MP4 = "video/mp4"


@pytest.fixture(autouse=True)
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def refused(response: Any) -> bool:
    """Return whether a call was refused for want of room, and is asked to be repeated."""
    assert response.status_code == 503, response.text
    error = response.json()["error"]
    assert (error["code"], error["details"]) == ("UNAVAILABLE", {"retryAfterSeconds": 5})
    return bool(response.headers["Retry-After"] == "5")


def refused_for_its_organization(response: Any) -> bool:
    """Return whether a call was refused because its organization holds its part of the room."""
    assert response.status_code == 429, response.text
    error = response.json()["error"]
    assert (error["code"], error["details"]) == (
        "RATE_LIMITED",
        {"maxBytes": ORGANIZATION_BYTES, "retryAfterSeconds": 5},
    )
    assert "unfinished uploads of this organization" in error["message"]
    return bool(response.headers["Retry-After"] == "5")


@contextmanager
def organization_room(content_client: Any, organization_id: UUID, left_bytes: int) -> Iterator[None]:
    """Leave an organization so much room, as its other uploads do."""
    with content_client.api.context.part(TempSpace).hold(organization_id, ORGANIZATION_BYTES - left_bytes):
        yield


async def organization_of(content_client: Any) -> UUID:
    """Return the id of the organization of a caller's project."""
    project_id = parse_id(PROJECT, content_client.project_id)
    found = await content_client.api.context.pool.fetchval(
        "SELECT organization_id FROM projects WHERE id = $1", project_id
    )
    assert isinstance(found, UUID)
    return found


@pytest.fixture
async def other_client(content_client: Any) -> ContentClient:
    """A caller of another organization, with a new project."""
    client = await content_client.api.client(organization="Other")
    project = (await client.post("/v1/projects", json={"name": "Florist", "timezone": "UTC"})).json()
    return ContentClient(api=content_client.api, client=client, project_id=project["id"])


def left_in(scratch: Path) -> list[Path]:
    """Return the temporary files and folders."""
    return list(scratch.iterdir())


async def until(is_so: Callable[[], bool]) -> None:
    """Let the server run until something is so."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0)


async def test_a_presigned_upload_beyond_the_bound_is_refused(
    content_client: Any, picture: bytes, scratch: Path
) -> None:
    """One byte is missing: 503, and nothing is stored. With that byte, the same URL accepts the file."""
    space = content_client.api.context.part(TempSpace)
    (target,) = (await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file"))["files"]
    async with space.reserve(TEMP_BYTES - len(picture) + 1):
        assert refused(await content_client.put(target, picture))
        assert (content_client.stored(), left_in(scratch)) == ([], [])
    async with space.reserve(TEMP_BYTES - len(picture)):
        assert (await content_client.put(target, picture)).status_code == 204
    assert len(content_client.originals()) == 1
    assert space.free_bytes == TEMP_BYTES


async def test_uploads_at_the_same_time_share_the_bound(content_client: Any, picture: bytes) -> None:
    """Two hold what has arrived: a third finds one byte too little, and it is accepted once one of them is over."""
    space = content_client.api.context.part(TempSpace)
    item = await content_client.expect(*((f"{number}.jpg", JPEG, picture) for number in range(3)))
    arriving = [await _begin(target["uploadUrl"], picture) for target in item["files"][:2]]
    arrived_bytes = 2 * (len(picture) // 2)
    async with space.reserve(TEMP_BYTES - arrived_bytes - len(picture) + 1):
        await until(lambda: space.free_bytes == len(picture) - 1)
        assert refused(await content_client.put(item["files"][2], picture))
        await _end(arriving[0], picture)
        assert (await content_client.put(item["files"][2], picture)).status_code == 204
        await _end(arriving[1], picture)
    assert space.free_bytes == TEMP_BYTES


async def test_a_client_that_disconnects_gives_its_room_back(
    content_client: Any, picture: bytes, scratch: Path
) -> None:
    """Its connection ends in the middle of the file: its room and its folder are free again, and nothing is stored."""
    space = content_client.api.context.part(TempSpace)
    (target,) = (await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file"))["files"]
    _, writer = await _begin(target["uploadUrl"], picture)
    await until(lambda: space.free_bytes < TEMP_BYTES)
    writer.close()
    await writer.wait_closed()
    await until(lambda: space.free_bytes == TEMP_BYTES)
    assert (content_client.stored(), left_in(scratch)) == ([], [])


async def test_an_upload_by_url_beyond_the_bound_is_refused(
    content_client: Any, files: Any, picture: bytes, png: bytes, scratch: Path
) -> None:
    """Two files share the room, whatever their servers say about their size; a refused call can be repeated with its key."""
    space = content_client.api.context.part(TempSpace)
    urls = [files.put("a.jpg", picture), files.put("b.png", png)]
    async with space.reserve(TEMP_BYTES - len(picture) - len(png) + 1):
        assert refused(await content_client.upload(*urls, key="k"))
        assert (content_client.stored(), left_in(scratch)) == ([], [])
        assert await content_client.count("content_containers") == 0
    async with space.reserve(TEMP_BYTES - len(picture) - len(png)):
        answer = await content_client.upload(*urls, key="k")
        assert answer.status_code == 201, answer.text
    assert space.free_bytes == TEMP_BYTES


async def test_an_unreachable_file_gives_its_room_back(content_client: Any, files: Any, picture: bytes) -> None:
    """The second file of a call can't be fetched: the room of the first is free again."""
    answer = await content_client.upload(files.put("a.jpg", picture), f"{files.base_url}/missing.jpg")
    assert answer.status_code == 422, answer.text
    assert content_client.api.context.part(TempSpace).free_bytes == TEMP_BYTES


async def test_finalizing_beyond_the_bound_is_refused(content_client: Any, picture: bytes, scratch: Path) -> None:
    """The files are probed together, so there must be room for all of them; the container waits until there is."""
    space = content_client.api.context.part(TempSpace)
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    for target in item["files"]:
        assert (await content_client.put(target, picture)).status_code == 204
    async with space.reserve(TEMP_BYTES - 2 * len(picture) + 1):
        assert refused(await content_client.finalize(item["containerId"]))
        assert left_in(scratch) == []
    async with space.reserve(TEMP_BYTES - 2 * len(picture)):
        assert (await content_client.finalize(item["containerId"])).status_code == 200
    assert space.free_bytes == TEMP_BYTES


async def test_a_folder_that_stays_does_not_fail_its_call(
    content_client: Any, picture: bytes, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without memory, a temporary folder can't be removed: the file is stored, and the log names what is left."""
    item = await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    assert (await content_client.put(item["files"][0], picture)).status_code == 204

    def fail(path: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory", str(path))

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(shutil, "rmtree", fail)
        assert (await content_client.finalize(item["containerId"])).status_code == 200
    (left,) = left_in(scratch)
    assert [line["folder"] for line in logs if line["event"].startswith("temporary folder")] == [str(scratch / left)]


async def test_unfinished_uploads_of_one_organization_stop_no_other(
    content_client: Any, other_client: Any, files: Any, picture: bytes, scratch: Path
) -> None:
    """Uploads of more than 4 GiB have begun and wait: they hold what has arrived, and another customer can upload."""
    space = content_client.api.context.part(TempSpace)
    count, sent_bytes = TEMP_BYTES // LARGE_BYTES + 1, 1000
    urls: list[str] = []
    while len(urls) < count:
        opened = await content_client.open(*[(f"{n}.mp4", MP4, LARGE_BYTES) for n in range(10)])
        assert opened.status_code == 201, opened.text
        urls += [item["files"][0]["uploadUrl"] for item in opened.json()["items"]]
    waiting = [await _begin(url, b"a" * sent_bytes, length_bytes=LARGE_BYTES) for url in urls[:count]]
    await until(lambda: len(left_in(scratch)) == count or _is_answered(waiting))
    assert not _is_answered(waiting)
    await until(lambda: space.free_bytes == TEMP_BYTES - count * sent_bytes)

    item = await other_client.expect(("a.jpg", JPEG, picture), grouping="per-file")
    assert (await other_client.put(item["files"][0], picture)).status_code == 204
    assert (await other_client.finalize(item["containerId"])).status_code == 200
    assert (await other_client.upload(files.put("a.jpg", picture))).status_code == 201

    for _, writer in waiting:
        writer.close()
    await until(lambda: space.free_bytes == TEMP_BYTES)
    assert left_in(scratch) == []


async def test_an_organization_has_a_part_of_the_room(
    content_client: Any, other_client: Any, picture: bytes, scratch: Path
) -> None:
    """One byte of its part is missing: 429, for this organization only. With that byte, the same URL accepts the file."""
    space = content_client.api.context.part(TempSpace)
    mine = await organization_of(content_client)
    (target,) = (await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file"))["files"]
    (other,) = (await other_client.expect(("a.jpg", JPEG, picture), grouping="per-file"))["files"]
    with organization_room(content_client, mine, len(picture) - 1):
        assert refused_for_its_organization(await content_client.put(target, picture))
        assert (content_client.stored(), left_in(scratch)) == ([], [])
        assert (await other_client.put(other, picture)).status_code == 204
    with organization_room(content_client, mine, len(picture)):
        assert (await content_client.put(target, picture)).status_code == 204
    assert space.free_bytes == TEMP_BYTES


async def test_finalizing_and_uploads_by_url_count_toward_the_same_part(
    content_client: Any, other_client: Any, files: Any, picture: bytes, scratch: Path
) -> None:
    """All temporary files of an organization count together; a refused call can be repeated with its key."""
    mine = await organization_of(content_client)
    items = [
        await client.expect(("a.jpg", JPEG, picture), grouping="per-file") for client in (content_client, other_client)
    ]
    for item in items:
        assert (await content_client.put(item["files"][0], picture)).status_code == 204
    stored = content_client.stored()
    url = files.put("a.jpg", picture)
    with organization_room(content_client, mine, len(picture) - 1):
        assert refused_for_its_organization(await content_client.finalize(items[0]["containerId"], key="f"))
        assert refused_for_its_organization(await content_client.upload(url, key="u"))
        assert (content_client.stored(), left_in(scratch)) == (stored, [])
        assert (await other_client.finalize(items[1]["containerId"])).status_code == 200
        assert (await other_client.upload(url)).status_code == 201
    with organization_room(content_client, mine, len(picture)):
        assert (await content_client.finalize(items[0]["containerId"], key="f")).status_code == 200
        assert (await content_client.upload(url, key="u")).status_code == 201
    assert content_client.api.context.part(TempSpace).free_bytes == TEMP_BYTES


def test_the_largest_call_fits_into_the_part_of_its_organization() -> None:
    """One of the largest videos with its previews, whatever the setting; and there is room for four organizations."""
    for max_video_bytes in (1024**2, 1024**3, 10 * 1024**3):
        space, mine = TempSpace.for_videos(max_video_bytes), uuid4()
        assert space.free_bytes >= max(TEMP_BYTES, 4 * max_video_bytes)
        with space.hold(mine, max_video_bytes + 2 * MAX_PREVIEW_BYTES), pytest.raises(OrganizationSpaceFull):
            space.hold_more(mine, space.free_bytes)


def _is_answered(connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> bool:
    """Whether a response has arrived on one of them."""
    return any(reader._buffer for reader, _ in connections)  # type: ignore[attr-defined]  # no public look ahead


async def _begin(
    url: str, data: bytes, *, length_bytes: int | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the head and the first half of a file; or all of `data`, as the beginning of a file of that length."""
    begun = data if length_bytes is not None else data[: len(data) // 2]
    host, _, rest = url.removeprefix("http://").partition("/")
    address, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    head = f"PUT /{rest} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length_bytes or len(data)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + begun)
    await writer.drain()
    return reader, writer


async def _end(arriving: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes) -> None:
    """Send the second half, and read the response."""
    reader, writer = arriving
    writer.write(data[len(data) // 2 :])
    assert (await reader.read()).startswith(b"HTTP/1.1 204")
    writer.close()
    await writer.wait_closed()
