"""Temporary files of uploads are bounded: a call beyond the bound is refused, stores nothing, and works once there is room."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presswork.media.temp_space import TEMP_BYTES

JPEG = "image/jpeg"


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
    """One byte is missing: 503 before a byte is read. With that byte, the same URL accepts the file."""
    space = content_client.api.context.temp_space
    (target,) = (await content_client.expect(("a.jpg", JPEG, picture), grouping="per-file"))["files"]
    with space.hold(TEMP_BYTES - len(picture) + 1):
        assert refused(await content_client.put(target, picture))
        assert (content_client.stored(), left_in(scratch)) == ([], [])
    with space.hold(TEMP_BYTES - len(picture)):
        assert (await content_client.put(target, picture)).status_code == 204
    assert len(content_client.stored()) == 1
    assert space.free_bytes == TEMP_BYTES


async def test_uploads_at_the_same_time_share_the_bound(content_client: Any, picture: bytes) -> None:
    """There is room for two: while two arrive, a third is refused, and it is accepted once one of them is over."""
    space = content_client.api.context.temp_space
    item = await content_client.expect(*((f"{number}.jpg", JPEG, picture) for number in range(3)))
    arriving = [await _begin(target["uploadUrl"], picture) for target in item["files"][:2]]
    with space.hold(TEMP_BYTES - 2 * len(picture)):
        await until(lambda: space.free_bytes == 0)
        assert refused(await content_client.put(item["files"][2], picture))
        await _end(arriving[0], picture)
        assert (await content_client.put(item["files"][2], picture)).status_code == 204
        await _end(arriving[1], picture)
    assert space.free_bytes == TEMP_BYTES


async def test_a_client_that_disconnects_gives_its_room_back(
    content_client: Any, picture: bytes, scratch: Path
) -> None:
    """Its connection ends in the middle of the file: its room and its folder are free again, and nothing is stored."""
    space = content_client.api.context.temp_space
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
    space = content_client.api.context.temp_space
    urls = [files.put("a.jpg", picture), files.put("b.png", png)]
    with space.hold(TEMP_BYTES - len(picture) - len(png) + 1):
        assert refused(await content_client.upload(*urls, key="k"))
        assert (content_client.stored(), left_in(scratch)) == ([], [])
        assert await content_client.count("content_containers") == 0
    with space.hold(TEMP_BYTES - len(picture) - len(png)):
        answer = await content_client.upload(*urls, key="k")
        assert answer.status_code == 201, answer.text
    assert space.free_bytes == TEMP_BYTES


async def test_an_unreachable_file_gives_its_room_back(content_client: Any, files: Any, picture: bytes) -> None:
    """The second file of a call can't be fetched: the room of the first is free again."""
    answer = await content_client.upload(files.put("a.jpg", picture), f"{files.base_url}/missing.jpg")
    assert answer.status_code == 422, answer.text
    assert content_client.api.context.temp_space.free_bytes == TEMP_BYTES


async def test_finalizing_beyond_the_bound_is_refused(content_client: Any, picture: bytes, scratch: Path) -> None:
    """The files are probed together, so there must be room for all of them; the container waits until there is."""
    space = content_client.api.context.temp_space
    item = await content_client.expect(("a.jpg", JPEG, picture), ("b.jpg", JPEG, picture))
    for target in item["files"]:
        assert (await content_client.put(target, picture)).status_code == 204
    with space.hold(TEMP_BYTES - 2 * len(picture) + 1):
        assert refused(await content_client.finalize(item["containerId"]))
        assert left_in(scratch) == []
    with space.hold(TEMP_BYTES - 2 * len(picture)):
        assert (await content_client.finalize(item["containerId"])).status_code == 200
    assert space.free_bytes == TEMP_BYTES


async def _begin(url: str, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the head and the first half of a file."""
    host, _, rest = url.removeprefix("http://").partition("/")
    address, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    head = f"PUT /{rest} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + data[: len(data) // 2])
    await writer.drain()
    return reader, writer


async def _end(arriving: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes) -> None:
    """Send the second half, and read the response."""
    reader, writer = arriving
    writer.write(data[len(data) // 2 :])
    assert (await reader.read()).startswith(b"HTTP/1.1 204")
    writer.close()
    await writer.wait_closed()
