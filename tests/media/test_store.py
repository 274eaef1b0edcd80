"""The media store, in a folder and in memory: whole objects or none, and no access outside the folder."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store
from tests.every_row import every_row

from presswork.core.errors import Unavailable
from presswork.media.store import CHUNK_BYTES, MediaStore, ObjectMissing, RangeNotSatisfiable

LARGE = 20 * 1024 * 1024


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    """Return an empty store of each kind."""
    return MediaStore.open("memory://" if request.param == "memory" else tmp_path / "new" / "media")


def write(path: Path, data: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(data)
    return path


def names(folder: Path) -> list[str]:
    """Return the names of all files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def read(store: MediaStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    """Read a range through its chunks."""
    reading = await store.read(key, start=start, end=end)
    return b"".join([chunk async for chunk in reading.chunks()])


async def test_bytes_come_back_as_they_were(store: MediaStore) -> None:
    """The stored bytes are read back, whole and by range, and the store knows their size."""
    data = bytes(range(256)) * 10
    await store.put_bytes("prj_1/a.bin", data, "image/png")
    assert await store.get_bytes("prj_1/a.bin") == data
    assert (await store.head("prj_1/a.bin")).size_bytes == len(data)
    for start, end in ((0, 1), (1, 10), (2559, None), (2559, 9999), (0, None), (100, 2560)):
        reading = await store.read("prj_1/a.bin", start=start, end=end)
        assert (reading.start, reading.end, reading.stored.size_bytes) == (start, min(end or 2560, 2560), 2560)
        assert await read(store, "prj_1/a.bin", start, end) == data[start:end]
    for start, end in ((2560, None), (5, 5), (-1, 3), (9999, 10_000)):
        with pytest.raises(RangeNotSatisfiable):
            await store.read("prj_1/a.bin", start=start, end=end)
    await store.put_bytes("prj_1/a.bin", b"new", "image/png")
    assert await store.get_bytes("prj_1/a.bin") == b"new"


async def test_a_large_file_goes_through_in_chunks(store: MediaStore, tmp_path: Path) -> None:
    """A file of several parts arrives byte for byte, and no chunk contains much more than its share."""
    data = hashlib.sha256(b"seed").digest() * (LARGE // 32)
    await store.put_file("large", await asyncio.to_thread(write, tmp_path / "large", data), "video/mp4")
    digest, biggest = hashlib.sha256(), 0
    async for chunk in (await store.read("large")).chunks():
        digest.update(chunk)
        biggest = max(biggest, len(chunk))
    assert digest.digest() == hashlib.sha256(data).digest()
    target = tmp_path / "back"
    assert (await store.get_to_file("large", target)).size_bytes == LARGE
    assert await asyncio.to_thread(target.read_bytes) == data
    if store._folder:
        assert biggest <= 2 * CHUNK_BYTES


async def test_bytes_are_stored_as_they_come(store: MediaStore) -> None:
    """Chunks of any size become one object, which is read by ranges; where they end with an error, there is none."""
    data = hashlib.sha256(b"seed").digest() * (LARGE // 32)

    async def chunks(end: int) -> AsyncIterator[bytes]:
        for start in range(0, end, 700_000):
            yield data[start : min(start + 700_000, end)]
        if end < LARGE:
            raise ObjectMissing("the next part")

    await store.put_chunks("a/large", chunks(LARGE), LARGE, "video/mp4")
    assert await store.get_bytes("a/large") == data
    for start, end in ((0, 1), (699_999, 700_001), (LARGE - 5, LARGE)):
        assert await store.read_range("a/large", start, end) == data[start:end]
    with pytest.raises(ObjectMissing, match="the next part"):
        await store.put_chunks("a/half", chunks(LARGE // 2), LARGE, "video/mp4")
    await store.discard_partial("a/half")
    with pytest.raises(ObjectMissing):
        await store.head("a/half")
    with pytest.raises(ObjectMissing):
        await store.read_range("a/half", 0, 1)
    if store._folder:
        assert await asyncio.to_thread(names, store._folder) == ["a/large"]


async def test_a_missing_object_is_reported(store: MediaStore, tmp_path: Path) -> None:
    """Every read method names the missing object; deleting it is no error; no file is left at the target."""
    for attempt in (store.get_bytes("nope"), store.head("nope"), store.read("a/nope", start=5)):
        with pytest.raises(ObjectMissing):
            await attempt
    folder = tmp_path / "wanted"
    await asyncio.to_thread(folder.mkdir)
    with pytest.raises(ObjectMissing):
        await store.get_to_file("nope", folder / "x")
    assert names(folder) == []
    await store.delete("nope")
    await store.put_bytes("a/b", b"1", "image/png")
    await store.delete("a/b")
    with pytest.raises(ObjectMissing):
        await store.head("a/b")


async def test_a_key_that_could_leave_the_folder_is_refused(store: MediaStore, tmp_path: Path) -> None:
    """Only plain names between slashes are keys, in every method, and nothing is written for others."""
    rows: list[str] = [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a/..",
        "a//b",
        ".hidden",
        "a/.hidden",
        "a\\b",
        "a b",
        "ä",
        "a#1",
        "a\0b",
        "a/",
        "a\n",
        "C:/x",
        "%2e%2e/x",
        "x" * 600,
    ]
    with every_row() as row:
        for key in rows:
            with row(key):
                before = names(tmp_path)
                for attempt in (
                    store.put_bytes(key, b"x", "image/png"),
                    store.put_file(key, Path(__file__), "image/png"),
                    store.read(key),
                    store.head(key),
                    store.get_bytes(key),
                    store.get_to_file(key, tmp_path / "out"),
                    store.delete(key),
                ):
                    with pytest.raises(ValueError, match="media key"):
                        await attempt
                assert names(tmp_path) == before


async def test_a_half_written_object_is_never_seen(tmp_path: Path) -> None:
    """While parts are still arriving, readers see the old object; when the writer fails, they keep it."""
    store = MediaStore.open(tmp_path)
    await store.put_bytes("a", b"old", "image/png")
    seen: list[bytes] = []

    async def broken() -> AsyncIterator[bytes]:
        yield bytes(CHUNK_BYTES * 12)
        seen.append(await store.get_bytes("a"))
        raise RuntimeError("the writer is gone")

    with pytest.raises(RuntimeError, match="gone"):
        await obstore.put_async(store._store, "a", broken(), chunk_size=CHUNK_BYTES)
    assert (seen, await store.get_bytes("a")) == ([b"old"], b"old")
    assert names(tmp_path) == ["a"]


async def test_a_broken_store_raises_unavailable(tmp_path: Path) -> None:
    """A folder that is a file, a read-only store and an unreachable address all raise Unavailable."""
    file = await asyncio.to_thread(write, tmp_path / "file", b"x")
    for place in (file, file / "below", "ftp://example.com/x", "s3://", "http://example.com/x"):
        with pytest.raises(Unavailable):
            MediaStore.open(place)
    store = MediaStore.open(tmp_path / "media")
    await store.put_bytes("a", b"x", "image/png")
    with pytest.raises(Unavailable):
        await store.put_bytes("a/b", b"below a file", "image/png")
    with pytest.raises(FileNotFoundError):
        await store.put_file("c", tmp_path / "nope", "image/png")


async def test_a_store_that_does_not_respond_raises_unavailable(tmp_path: Path) -> None:
    """A bucket that accepts connections and then says nothing, or stops in the middle of an object: no call waits for ever."""
    hangs, closed = asyncio.Event(), asyncio.Event()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"/half " in request.partition(b"\r\n")[0]:
            date = b"Last-Modified: Tue, 01 Dec 2026 12:00:00 GMT"
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: "1"\r\n' + date + b"\r\n\r\nhalf")
        await hangs.wait()
        writer.close()
        closed.set()

    server = await asyncio.start_server(respond, "127.0.0.1")
    async with server:
        bucket = S3Store(
            "bucket",
            endpoint=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            access_key_id="key",
            secret_access_key="secret",
            client_options={"allow_http": True},
        )
        store = MediaStore(bucket, within=timedelta(milliseconds=200))
        file = await asyncio.to_thread(write, tmp_path / "file", b"x")
        for attempt in (
            store.put_file("a", file, "image/png"),
            store.put_bytes("a", b"x", "image/png"),
            store.read("a"),
            store.read("a", start=1),
            store.head("a"),
            store.delete("a"),
            store.get_bytes("half"),
            store.get_to_file("half", tmp_path / "out"),
        ):
            with pytest.raises(Unavailable, match="did not respond in time"):
                await attempt
        assert names(tmp_path) == ["file"]
        hangs.set()
        await closed.wait()


def test_a_folder_may_be_named_by_url_or_by_path(tmp_path: Path) -> None:
    """file:// and a plain path mean the same folder; a bucket's URL opens without a request."""
    assert MediaStore.open(f"file://{tmp_path}/m")._folder == tmp_path / "m"
    assert MediaStore.open(str(tmp_path / "m"))._folder == tmp_path / "m"
    assert MediaStore.open("s3://bucket/prefix")._folder is None
