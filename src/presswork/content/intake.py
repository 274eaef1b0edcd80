"""What every way of bringing media in shares: looking at bytes, and never leaving any behind that nobody names."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

import structlog

from presswork.content.model import ApprovalStatus, ReviewPolicy, approval_at_birth
from presswork.content.store import count_decisions
from presswork.core.clock import Clock
from presswork.core.errors import MediaUnreachable, MediaUnsupported, Unavailable
from presswork.db.errors import COMMIT_UNKNOWN_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.orgs.projects import Project

log = structlog.get_logger()

Result = TypeVar("Result")

AT_ONCE: Final = 4
"""Pieces of media of one call that are under way at the same time."""

_COMMIT_UNSURE: Final = (
    *COMMIT_UNKNOWN_ERRORS,
    asyncio.CancelledError,
)
"""After these nobody can tell whether the transaction was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The parts of the process that bringing media in works with."""

    pool: Pool
    store: MediaStore
    media_pool: MediaPool
    clock: Clock
    allow_private: bool
    """Whether media may be fetched from private addresses."""


class UncommittedObjects:
    """Objects in the store that no committed row refers to yet."""

    def __init__(self, store: MediaStore) -> None:
        """Take the store that they are in."""
        self._store = store
        self._keys: list[str] = []

    async def put(self, key: str, path: Path, content_type: str) -> None:
        """Store a file under a fresh key."""
        self._keys.append(key)
        await self._store.put_file(key, path, content_type)

    def settle(self) -> None:
        """Say that the objects are named now, or that others may name them."""
        self._keys.clear()

    async def discard(self) -> None:
        """Remove what was not settled."""
        await remove_objects(self._store, self._keys)

    @contextmanager
    def keep_on_unknown_commit(self) -> Iterator[None]:
        """Keep the objects where the transaction inside may have been committed although it seems to have failed."""
        try:
            yield
        except _COMMIT_UNSURE:
            if self._keys:
                log.warning("media kept, since its transaction may have been committed", keys=self._keys)
            self.settle()
            raise


@asynccontextmanager
async def uncommitted_objects(store: MediaStore) -> AsyncIterator[UncommittedObjects]:
    """Store objects within the block; those that are not settled at its end are removed."""
    objects = UncommittedObjects(store)
    try:
        yield objects
    finally:
        await objects.discard()


async def remove_objects(store: MediaStore, keys: Sequence[str]) -> bool:
    """Remove objects as far as the store lets us, and return whether all are gone; a failure is only logged."""
    is_clean = True
    for key in keys:
        try:
            await store.delete(key)
        except Unavailable as error:
            is_clean = False
            log.warning("media that nobody needs could not be removed", key=key, error=error.message)
    return is_clean


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for the files of one call, and remove it with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="presswork-intake-") as folder:
        yield Path(folder)


async def each_at_once(count: int, work: Callable[[int], Awaitable[Result]]) -> list[Result]:
    """Do the work for 0…count-1, AT_ONCE at a time, and return the results in order. The first error ends the rest."""
    slots = asyncio.Semaphore(AT_ONCE)

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
def at_place(path: str) -> Iterator[None]:
    """Have errors about a piece of media say which one: `details.path` and the start of the message."""
    try:
        yield
    except MediaUnreachable as error:
        raise MediaUnreachable(f"{path}: {error.message}", **{**error.details, "path": path}) from error
    except MediaUnsupported as error:
        raise MediaUnsupported(f"{path}: {error.message}", **{**error.details, "path": path}) from error


async def approval_of_new(connection: Connection, project: Project) -> ApprovalStatus:
    """Return how a new container of a project starts; the project must be held by this transaction."""
    first_n = project.review_first_n
    decisions = 0
    if project.review_policy is ReviewPolicy.REVIEW_FIRST_N and first_n is not None:
        decisions = await count_decisions(connection, project.id, limit=first_n)
    return approval_at_birth(project.review_policy, first_n=first_n, decisions=decisions)


def object_key(organization_id: UUID, container_id: UUID, name: str) -> str:
    """Return the key of one piece of media in the store."""
    return f"originals/{organization_id}/{container_id}/{name}"
