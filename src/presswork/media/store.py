"""Where media lives: a local folder, or a bucket by URL; one interface for both.

Objects are never changed in place: a key is written whole or not at all, and what is under it stays what it was.
"""

import asyncio
import heapq
import os
import re
import shutil
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, from_url

from presswork.core.errors import NotFound, PressworkError, Unavailable

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import Attributes, GetOptions, GetResult
    from obstore.store import ObjectStore

CHUNK_BYTES: Final = 1024 * 1024
"""Least size of the chunks in which an object is read, the last one apart."""

CALL_WITHIN: Final = timedelta(seconds=60)
"""How long a call of the store, or a chunk of an object, may take, with the retries of the library."""
MIN_BYTES_PER_SECOND: Final = 256 * 1024
"""A store that takes a file more slowly than this counts as hung."""

_PART_BYTES: Final = 8 * 1024 * 1024
_PARTS_AT_ONCE: Final = 3
_MAX_PARTS: Final = 9_000
"""Parts of an object, at most; S3 accepts 10,000."""
_LONGEST_KEY: Final = 512
_KEY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_STAGED: Final = re.compile(r"#\d+\Z")
"""The end of the name under which obstore writes a file."""
_NAMES_AT_ONCE: Final = 2_000
"""Names of a folder that are held in memory while it is listed, however many it has."""
_BUCKETS: Final = frozenset({"s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl"})


class ObjectMissing(NotFound):
    """There is no object under this key."""


class RangeNotSatisfiable(PressworkError):
    """The range starts behind the end of the object; `size_bytes` says where that is."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store knows of an object."""

    key: str
    size_bytes: int
    etag: str | None


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object in a list of the store, and when it was stored, by the store's clock."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """An object, or a range of it, being read: bytes `start` up to but not including `end` of `stored.size_bytes`."""

    stored: StoredObject
    start: int
    end: int
    _result: "GetResult"
    _within: timedelta

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks of about CHUNK_BYTES. Raises Unavailable when the store breaks off."""
        stream = self._result.stream(min_chunk_size=CHUNK_BYTES)
        with _translate_errors(self.stored.key):
            while True:
                async with asyncio.timeout(self._within.total_seconds()):
                    chunk = await anext(stream, None)
                if chunk is None:
                    return
                yield chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An object of known size and content that is read by ranges, without a copy."""

    store: "MediaStore"
    key: str
    size_bytes: int
    sha256: str

    async def read(self, start: int, end: int) -> bytes:
        """Return bytes `start` up to but not including `end`. Raises ObjectMissing, Unavailable."""
        return await self.store.read_range(self.key, start, end)


class MediaStore:
    """Media by key. Keys are slash-separated names of letters, digits and `. _ -`; no name starts with a dot.

    Every method raises ValueError on another key and Unavailable when the store can't be reached, does not respond in time,
    or is full.
    """

    def __init__(self, store: "ObjectStore", *, within: timedelta = CALL_WITHIN) -> None:
        """`open` makes the store from a setting. `within` is how long each call may take."""
        self._store = store
        self._within = within
        self._folder = store.prefix if isinstance(store, LocalStore) else None

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """Open a folder (made if it is missing), or a bucket by URL: s3://, gs://, az://; memory:// for tests.

        A bucket's credentials, region and endpoint come from the environment, under the names that the provider's
        own tools use (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, …).
        Raises Unavailable, naming the setting, when the place can't be used.
        """
        try:
            folder = local_folder(place)
            if folder is None:
                return cls(MemoryStore() if _scheme(place) == "memory" else from_url(str(place)))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(LocalStore(folder))
        except (BaseError, OSError, ValueError) as error:
            raise Unavailable(
                f"The media store {place} can't be opened; check PRESSWORK_MEDIA_STORE and its credentials."
            ) from error

    @classmethod
    async def start(cls, place: str | Path) -> Self:
        """Open a place as `open` does, for a process that serves, with obstore's threads started.

        Otherwise the first call starts them, and if there is no memory for a thread then, every later call fails as well.
        """
        with suppress(FileNotFoundError):
            await obstore.head_async(MemoryStore(), "start")
        return cls.open(place)

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a file's bytes; readers see the old object or the whole new one.

        Large files go up in parts, a few at a time, so that memory stays at about 24 MB. When this returns, the
        object survives a power cut. Raises FileNotFoundError when the file is not there.
        """
        await self._put(key, path, content_type)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Store bytes, as put_file does; for what is small."""
        await self._put(key, data, content_type)

    async def put_chunks(self, key: str, chunks: AsyncIterator[bytes], size_bytes: int, content_type: str) -> None:
        """Store bytes as they come, `size_bytes` in all at most, as put_file does. Raises what `chunks` raises, and stores nothing then."""
        await self._put(key, chunks, content_type, size_bytes=size_bytes)

    async def discard_partial(self, key: str) -> None:
        """Remove what a process left that died while it stored an object under this key. A bucket does it by a rule of its own."""
        _check(key)
        if self._folder is not None:
            await asyncio.to_thread(_remove_staged, self._folder / key)

    async def read_range(self, key: str, start: int, end: int) -> bytes:
        """Return bytes `start` up to but not including `end` of an object, which must have them. Raises ObjectMissing."""
        _check(key)
        with _translate_errors(key):
            async with asyncio.timeout(self._within.total_seconds()):
                return bytes(await obstore.get_range_async(self._store, key, start=start, end=end))

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> Reading:
        """Open an object, or its bytes from `start` up to but not including `end`; an `end` past the object is cut.

        Raises ObjectMissing, and RangeNotSatisfiable where the range holds no byte of the object.
        """
        _check(key)
        if start < 0 or (end is not None and end <= start):
            raise RangeNotSatisfiable("The range is empty or starts before the first byte.")
        is_whole = start == 0 and end is None
        if not is_whole:
            size = (await self.head(key)).size_bytes
            if start >= size:
                raise RangeNotSatisfiable(f"The range starts behind the object's {size} bytes.", sizeBytes=size)
            end = min(size, size if end is None else end)
        options: GetOptions | None = None if is_whole or end is None else {"range": (start, end)}
        with _translate_errors(key):
            async with asyncio.timeout(self._within.total_seconds()):
                result = await obstore.get_async(self._store, key, options=options)
        first, last = result.range
        stored = _read_meta(key, result.meta)
        return Reading(stored=stored, start=first, end=last, _result=result, _within=self._within)

    async def get_bytes(self, key: str) -> bytes:
        """Return an object whole; for what is small. Raises ObjectMissing."""
        reading = await self.read(key)
        return b"".join([chunk async for chunk in reading.chunks()])

    async def get_to_file(self, key: str, path: Path) -> StoredObject:
        """Copy an object into a file, which appears under its name only when it is whole. Raises ObjectMissing."""
        reading = await self.read(key)
        partial = path.with_name(f".{path.name}.{uuid4().hex}.part")
        try:
            with partial.open("xb") as file:
                async for chunk in reading.chunks():
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(partial.replace, path)
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)
        return reading.stored

    async def head(self, key: str) -> StoredObject:
        """Return an object's size. Raises ObjectMissing."""
        _check(key)
        with _translate_errors(key):
            async with asyncio.timeout(self._within.total_seconds()):
                return _read_meta(key, await obstore.head_async(self._store, key))

    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        _check(key)
        try:
            with _translate_errors(key):
                async with asyncio.timeout(self._within.total_seconds()):
                    await obstore.delete_async(self._store, key)
        except ObjectMissing:
            return

    async def list_page(self, *, after: str, limit: int) -> Sequence[ListedObject]:
        """Return the `limit` objects that follow a key, "" for the first ones; fewer only at the end.

        The order is the store's own. What is stored or removed meanwhile may be in the list or not. In a folder the list has also
        what is being written: files whose names are no keys.
        """
        with _translate_errors(after):
            async with asyncio.timeout(self._within.total_seconds()):
                if self._folder is not None:
                    return await asyncio.to_thread(_list_folder, self._folder, after, limit)
                listed: list[ListedObject] = []
                async for batch in obstore.list(self._store, offset=after or None, chunk_size=limit):
                    listed += [
                        ListedObject(meta["path"], meta["size"], meta["last_modified"])
                        for meta in batch
                        if meta["path"] > after
                    ]
                    if len(listed) >= limit:
                        break
                return listed[:limit]

    async def discard_listed(self, listed: ListedObject) -> None:
        """Remove what was listed: an object, or in a folder what a process left that died while it wrote one."""
        if is_key(listed.key):
            await self.delete(listed.key)
        elif self._folder is not None and _STAGED.search(listed.key) is not None:
            await asyncio.to_thread((self._folder / listed.key).unlink, missing_ok=True)

    async def delete_folder(self, folder: str) -> None:
        """Remove every object whose key begins with a folder, `originals/<organization>/<container>` for example.

        Also what a process left in it that died while it stored an object.
        """
        _check(folder)
        if self._folder is not None:
            with _translate_errors(folder):
                await asyncio.to_thread(_remove_folder, self._folder / folder)
            return
        with _translate_errors(folder):
            async for batch in obstore.list(self._store, prefix=f"{folder}/"):
                async with asyncio.timeout(self._within.total_seconds()):
                    await obstore.delete_async(self._store, [meta["path"] for meta in batch])

    async def _put(
        self, key: str, source: Path | bytes | AsyncIterator[bytes], content_type: str, *, size_bytes: int | None = None
    ) -> None:
        _check(key)
        # A folder keeps no content type; the media row has it anyway.
        attributes: Attributes | None = None if self._folder else {"Content-Type": content_type}
        if isinstance(source, Path) and not await asyncio.to_thread(source.is_file):
            raise FileNotFoundError(source)
        if isinstance(source, bytes):
            size = len(source)
        elif isinstance(source, Path):
            size = (await asyncio.to_thread(source.stat)).st_size
        else:
            size = size_bytes or 0
        within = self._within.total_seconds() + size / MIN_BYTES_PER_SECOND
        with _translate_errors(key):
            async with asyncio.timeout(within):
                await obstore.put_async(
                    self._store,
                    key,
                    source,
                    attributes=attributes,
                    chunk_size=max(_PART_BYTES, size // _MAX_PARTS) if self._folder is None else CHUNK_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
                if self._folder is not None:
                    await asyncio.to_thread(_flush, self._folder / key, self._folder)


def local_folder(place: str | Path) -> Path | None:
    """Return the folder that a place for media is, or None if it is a bucket. Raises Unavailable on another one."""
    scheme = _scheme(place)
    if scheme == "memory" or scheme in _BUCKETS:
        return None
    if scheme not in ("", "file"):
        raise Unavailable(f"PRESSWORK_MEDIA_STORE can't be a {scheme}:// URL; use a folder or s3://, gs://, az://.")
    try:
        return Path(unquote(urlsplit(str(place)).path) if scheme else place).expanduser().absolute()
    except RuntimeError as error:
        raise Unavailable(f"PRESSWORK_MEDIA_STORE is {place}, but the home folder of that user is unknown.") from error


def _list_folder(root: Path, after: str, limit: int) -> Sequence[ListedObject]:
    """Return the files that follow `after`, folder by folder, each by name."""
    found: list[ListedObject] = []

    def enter(folder: Path, path: str, behind: Sequence[str]) -> None:
        first = behind[0] if behind else ""
        while len(found) < limit:
            try:
                with os.scandir(folder) as entries:
                    wanted = (one.name for one in entries if not one.name.startswith(".") and one.name >= first)
                    names = heapq.nsmallest(_NAMES_AT_ONCE, wanted)
            except FileNotFoundError:
                return
            for name in names:
                is_behind = bool(behind) and name == behind[0]
                place, key = folder / name, f"{path}{name}"
                with suppress(FileNotFoundError):
                    about = place.lstat()
                    if stat.S_ISDIR(about.st_mode):
                        enter(place, f"{key}/", behind[1:] if is_behind else ())
                    elif stat.S_ISREG(about.st_mode) and not is_behind:
                        found.append(ListedObject(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC)))
                if len(found) >= limit:
                    return
            if len(names) < _NAMES_AT_ONCE:
                return
            first = f"{names[-1]}\0"

    enter(root, "", after.split("/") if after else ())
    return found


def _scheme(place: str | Path) -> str:
    return urlsplit(place).scheme.lower() if isinstance(place, str) and "://" in place else ""


def is_key(text: str) -> bool:
    """Return whether a text is a valid key."""
    return len(text) <= _LONGEST_KEY and _KEY.fullmatch(text) is not None


def _check(key: str) -> None:
    """Raise ValueError on a key that could leave the store or mean something else in another one."""
    if not is_key(key):
        raise ValueError(f"a media key consists of names of letters, digits and . _ - between slashes, not {key!r}")


@contextmanager
def _translate_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(f"No media is stored under the key {key}.") from error
    except TimeoutError as error:
        raise Unavailable("The media store did not respond in time. Check that it can be reached.", key=key) from error
    except (BaseError, OSError, NotImplementedError) as error:
        raise Unavailable(
            "The media store failed. Check that it can be reached and has free space.", key=key
        ) from error


def _read_meta(key: str, meta: "obstore.ObjectMeta") -> StoredObject:
    return StoredObject(key=key, size_bytes=meta["size"], etag=meta["e_tag"])


def _remove_staged(file: Path) -> None:
    """Remove the files that obstore was writing: they have the object's name, `#` and a number."""
    for staged in file.parent.glob(f"{file.name}#*"):
        staged.unlink(missing_ok=True)


def _remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, also while something else removes files of it."""
    while folder.exists():
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _flush(file: Path, folder: Path) -> None:
    """Have the kernel write the file and the folders that lead to it to the disk. obstore leaves that to its caller."""
    for path in (file, *file.parents):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == folder:
            return
