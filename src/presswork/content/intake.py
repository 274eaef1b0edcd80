"""What uploads by URL and presigned uploads share: concurrency limits, scratch files, and cleaning up stored objects."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

import structlog

from presswork.content.model import ApprovalStatus, initial_approval
from presswork.content.steps import Step, begin_steps
from presswork.content.store import count_decisions
from presswork.core.clock import Clock
from presswork.core.errors import MediaUnreachable, MediaUnsupported, Unavailable
from presswork.crypto.keyring import Keyring
from presswork.db.errors import COMMIT_UNKNOWN_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.media.fair_semaphore import FairSemaphore
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.media.temp_space import HeldSpace, TempSpace, temporary_folder
from presswork.projects.model import Covers, Project, ReviewPolicy

log = structlog.get_logger()

Result = TypeVar("Result")

MAX_CONCURRENCY: Final = 4
"""Media files of one call that are processed at the same time."""

_PARTS_AT_ONCE: Final = 2
"""Parts that one process writes to the store at the same time. Each takes up to 24 MB of memory; the others wait on disk."""

_COMMIT_UNKNOWN: Final = (
    *COMMIT_UNKNOWN_ERRORS,
    asyncio.CancelledError,
)
"""After these errors it is unknown whether the transaction was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The dependencies of uploads."""

    pool: Pool
    store: MediaStore
    media_pool: MediaPool
    temp_space: TempSpace
    clock: Clock
    allow_private: bool
    """Whether media may be fetched from private addresses."""
    keyring: Keyring
    quota_bytes: int
    """The most that the media of one organization may take."""
    max_video_bytes: int
    part_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(_PARTS_AT_ONCE))
    """For storing parts that have arrived."""
    assembly_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    """For making a file of its parts."""


class UncommittedObjects:
    """Objects in the store that no committed row refers to yet."""

    def __init__(self, store: MediaStore) -> None:
        self._store = store
        self._keys: list[str] = []
        self._dropped: list[str] = []

    async def put(self, key: str, path: Path, content_type: str) -> None:
        """Store a file under a new key."""
        self._keys.append(key)
        await self._store.put_file(key, path, content_type)

    async def put_chunks(self, key: str, chunks: AsyncIterator[bytes], size_bytes: int, content_type: str) -> None:
        """Store bytes as they come, under a new key."""
        self._keys.append(key)
        await self._store.put_chunks(key, chunks, size_bytes, content_type)

    def keep(self) -> None:
        """Keep the objects that were not dropped: a committed row refers to them, or may refer to them."""
        self._keys.clear()

    def drop(self, keys: Collection[str | None]) -> None:
        """Have `discard` remove these objects even if the others are kept: no row will refer to them."""
        self._dropped += [key for key in self._keys if key in keys]
        self._keys = [key for key in self._keys if key not in keys]

    async def discard(self) -> None:
        """Remove the objects that were dropped or not kept."""
        await remove_objects(self._store, [*self._keys, *self._dropped])

    @contextmanager
    def keep_on_unknown_commit(self) -> Iterator[None]:
        """Keep the objects if the transaction inside fails with an error after which it may have been committed."""
        try:
            yield
        except _COMMIT_UNKNOWN:
            if self._keys:
                log.warning("media objects kept: the outcome of their transaction is unknown", keys=self._keys)
            self.keep()
            raise


@asynccontextmanager
async def uncommitted_objects(store: MediaStore) -> AsyncIterator[UncommittedObjects]:
    """Track objects that the block stores, and remove those that it does not keep."""
    objects = UncommittedObjects(store)
    try:
        yield objects
    finally:
        await objects.discard()


async def remove_objects(store: MediaStore, keys: Sequence[str]) -> bool:
    """Remove objects and return whether all were removed. A failure is only logged."""
    is_clean = True
    for key in keys:
        try:
            await store.delete(key)
        except Unavailable as error:
            is_clean = False
            log.warning("unused media object not removed", key=key, error=error.message)
    return is_clean


_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors of a write for which there is no space: on the disk, or within a limit of the user or the process."""
_NO_DISK: Final = (
    "The disk for temporary files is full. Nothing was stored. Try again when the administrator has freed space."
)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A temporary folder, and the room that its files may use."""

    folder: Path
    room: HeldSpace


@contextmanager
def scratch_folder(space: TempSpace, organization_id: UUID, size_bytes: int = 0) -> Iterator[Scratch]:
    """Create a temporary folder for the files of one call of an organization, and remove it afterwards.

    `size_bytes` is what the call needs at once; `room` grows with what arrives. Raises OrganizationSpaceFull,
    TempSpaceFull, and Unavailable when the disk is full.
    """
    try:
        with (
            space.hold(organization_id, size_bytes) as room,
            temporary_folder("presswork-intake-") as folder,
        ):
            yield Scratch(folder, room)
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        log.warning("temporary files can't be written", folder=tempfile.gettempdir(), error=error.strerror)
        raise Unavailable(_NO_DISK) from error


async def run_concurrently(count: int, work: Callable[[int], Awaitable[Result]]) -> list[Result]:
    """Run `work` for 0…count-1, MAX_CONCURRENCY at a time, and return the results in order.

    The first error cancels the rest.
    """
    slots = asyncio.Semaphore(MAX_CONCURRENCY)

    async def one(index: int) -> Result:
        async with slots:
            return await work(index)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(index)) for index in range(count)]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]


@contextmanager
def error_path(path: str) -> Iterator[None]:
    """Add the path of the media file to errors about it: in `details.path` and at the start of the message."""
    try:
        yield
    except MediaUnreachable as error:
        raise MediaUnreachable(f"{path}: {error.message}", **{**error.details, "path": path}) from error
    except MediaUnsupported as error:
        raise MediaUnsupported(f"{path}: {error.message}", **{**error.details, "path": path}) from error


async def initial_approval_of(connection: Connection, project: Project) -> ApprovalStatus:
    """Return the approval status of a new container; this transaction must hold a lock on the project."""
    first_n = project.review_first_n
    decisions = 0
    if project.review_policy is ReviewPolicy.REVIEW_FIRST_N and first_n is not None:
        decisions = await count_decisions(connection, project.id, limit=first_n)
    return initial_approval(project.review_policy, first_n=first_n, decisions=decisions)


def is_covered(project: Project, approval: ApprovalStatus) -> bool:
    """Return whether only approved texts of a new container with this approval status go out."""
    return project.review_covers is Covers.CONTENT_AND_TEXT and approval is not ApprovalStatus.NOT_REQUIRED


def steps_of(project: Project, approval: ApprovalStatus) -> Sequence[Step]:
    """Return the steps in which a new container with this approval status is approved, or is again after an edit."""
    return () if approval is ApprovalStatus.NOT_REQUIRED else begin_steps(project.review_steps)


def object_key(organization_id: UUID, container_id: UUID, name: str) -> str:
    """Return the key of one media file in the store."""
    return f"originals/{organization_id}/{container_id}/{name}"
