"""What job sources about live posts share: each job with its post, the clock of its attempt, and its lease."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from presswork.core.clock import JobClock
from presswork.worker.context import WorkerContext
from presswork.worker.post_row import PostRow

Key = TypeVar("Key", bound=Hashable)


class LeasedCall(Protocol):
    """What is done to a live post, or about it, under the lease of this worker."""

    @property
    def post_id(self) -> UUID: ...
    @property
    def claimed_at(self) -> datetime:
        """By the database's clock."""
        ...


Call = TypeVar("Call", bound=LeasedCall)


@dataclass(frozen=True, slots=True)
class PostJob(Generic[Call]):
    """A claimed call with its post, if that can be read, and the clock of its attempt."""

    call: Call
    post: PostRow | None
    clock: JobClock


class PostLeases(Generic[Call, Key]):
    """The running jobs of a source by their keys. The leases of their posts, as the jobs see them, are those of the calls."""

    def __init__(self, context: WorkerContext, *, lease: timedelta, key_of: Callable[[Call], Key]) -> None:
        self._context: Final = context
        self._lease: Final = lease
        self._key_of: Final = key_of
        self._running: Final[dict[Key, PostJob[Call]]] = {}

    async def begin(self, calls: Sequence[Call], *, since: timedelta) -> Sequence[PostJob[Call]]:
        """Return the jobs of calls that were claimed at that uptime, each with a post of its own."""
        posts = {post.id: post for post in await self._context.store.load(list({call.post_id for call in calls}))}
        jobs = []
        for call in calls:
            post = posts.get(call.post_id)
            if post is not None:
                post = replace(post, leased_until=call.claimed_at + self._lease, entries=[])
            jobs.append(PostJob(call, post, JobClock(self._context.clock, at=call.claimed_at, since=since)))
        self._running.update({self._key_of(job.call): job for job in jobs})
        return jobs

    def extend(self, kept: Collection[Key], *, since: timedelta) -> None:
        """Extend the leases of the jobs that were renewed at that uptime."""
        for key in kept:
            job = self._running.get(key)
            if job is not None and job.post is not None:
                job.post.leased_until = job.clock.at(since) + self._lease

    def end(self, job: PostJob[Call]) -> None:
        """Forget a job, unless another one has its key already."""
        key = self._key_of(job.call)
        if self._running.get(key) is job:
            del self._running[key]
