"""Reconciles a post after a lost response, by reading its container.

Nothing in these APIs is idempotent, and the call that publishes may have succeeded although its response says otherwise, so
only the container counts: PUBLISHED is live; FINISHED, for long enough, is not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.failed_reads import read_failed, read_succeeded
from presswork.platforms.findings import in_seconds
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.container_api import ContainerApi
from presswork.platforms.graph.containers import (
    POST,
    STATUS,
    TRIES,
    ContainerStore,
    ReadStatus,
    Status,
    StatusCode,
    read_status,
)
from presswork.platforms.graph.prepared import container_in, known_in
from presswork.platforms.graph.publication import Publication
from presswork.platforms.port import CannotTell, Job, Live, NotLive, Outcome, Processing, RetryPolicy

Find = Callable[[Sequence[str] | None], Awaitable[str | None]]
_THROTTLED_FOR: Final = timedelta(hours=23)
"""How long after the call to keep polling while a limit lasts: the container expires an hour later."""


class LookUp:
    """One look-up of the outcome of a post."""

    def __init__(
        self,
        graph: Graph,
        api: ContainerApi,
        retry_policy: RetryPolicy,
        job: Job,
        prepared: Mapping[str, JsonValue],
        *,
        find: Find,
        read: ReadStatus | None = None,
    ) -> None:
        """Store the post and the result of `prepare`. `find` returns the id of the post that this job made live, if only one
        post matches that did not exist before; `read` fetches the container's status, None: as the API names it.
        """
        self._graph: Final = graph
        self._name: Final = graph.brand.name
        self._api: Final = api
        self._find: Final = find
        self._read: Final = read or (lambda container_id: read_status(graph, api, job, container_id))
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._container_id: Final = container_in(prepared)
        publication = Publication.load(job, self._container_id).with_known_posts(known_in(prepared))
        self._publication: Final = publication.of_call(job.live_call_at)
        self._elapsed: Final = job.now() - job.live_call_at if job.live_call_at is not None else timedelta()

    async def outcome(self) -> Outcome:
        """Return Live, NotLive, Processing or CannotTell.

        An invalid token results in CannotTell, as any failed read: a renewed token may not be known yet, or the account may
        be connected again. Raises Rejected only when the container was read as unpublished after a permanent refusal
        (4/2207051, for example).
        """
        try:
            status = await self._read(self._container_id)
        except PlatformError as error:
            return await self._unreadable(error)
        await read_succeeded(self._job)
        if status.code is StatusCode.PUBLISHED:
            return Live(external_id=status.post_id or await self._media_id())
        if status.code is StatusCode.FINISHED:
            return await self._unpublished()
        if status.code is StatusCode.IN_PROGRESS:
            return await self._in_progress()
        return await self._lost(status)

    async def _media_id(self) -> str | None:
        """Return the live post's id: from the response, if it had arrived, else from the account's list of posts."""
        if self._publication.media_id is not None:
            return self._publication.media_id
        try:
            return await self._find(self._publication.known)
        except PlatformError:
            return None  # the post is live all the same; `locate` asks again

    async def _unpublished(self) -> Outcome:
        """Handle FINISHED: read again after long enough, it proves that the call had no effect."""
        publication, now = self._publication, self._job.now()
        if publication.finished_at is None:
            publication = publication.of_unsure_call(self._job.live_call_at)
            await replace(publication, finished_at=now).save(self._job)
            return self._not_published_yet()
        if now - publication.finished_at < self._retry_policy.republish_after:
            return self._not_published_yet()
        if (end := self._uncertain()) is not None:
            return end
        later = f"{self._elapsed.total_seconds():.0f} seconds after it was asked to publish the post"
        if publication.refusal is not None:
            error = publication.refusal
            raise Rejected(
                f"{self._graph.brand.explain(error)} The post is not live: {later}, {self._name} still had it unpublished.",
                advice=self._graph.brand.meaning(error).advice,
                step=self._api.publish,
                failure=self._graph.brand.meaning(error).failure,
                **error.reported,
            )
        if publication.unsure >= self._api.unsure_calls:
            raise Rejected(
                f"{self._name} was asked {publication.unsure} times to publish the post, returned no clear response, and did not "
                "publish it. The post is not live.",
                advice="Publish again later.",
                step=self._api.publish,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        return NotLive(
            message=f"The post is not live: {later}, {self._name} still has it unpublished. {self._name} is asked once more.",
            starts_over=False,
        )

    def _uncertain(self) -> Processing | CannotTell | None:
        """Return the outcome where reading the container as unpublished proves nothing; None: it is proof."""
        publication = self._publication
        refusal = publication.refusal
        if refusal is not None and self._graph.brand.meaning(refusal) == self._api.published_before:
            what = f"{self._graph.brand.explain(refusal)} But {self._name} does not show the post."
            if self._elapsed < self._retry_policy.unknown_after:
                return Processing(message=what, check_after=self._retry_policy.poll_after(self._elapsed))
            return CannotTell(message=what, check_after=None)
        if self._api.is_witness or publication.unsure < self._api.unsure_calls:
            return None
        return CannotTell(
            message=f"{self._name} was asked {publication.unsure} times to publish the post, returned no clear response, and does not "
            "show it.",
            check_after=None,
        )

    async def _lost(self, status: Status) -> NotLive:
        """Handle ERROR and EXPIRED: this container will never be live. Raises Rejected after a few of them."""
        if await ContainerStore(self._job).fail(POST, drops_all=True) >= TRIES:
            meaning, code = self._api.meaning_of_status(status.message)
            is_known = status.code is StatusCode.ERROR and meaning is not self._graph.brand.errors.unknown
            raise Rejected(
                f"{self._name} lost what was uploaded {TRIES} times before it was published (its last answer: "
                f"{status.code.value}, “{status.message or 'no message'}”). Nothing was posted.",
                advice=meaning.advice if is_known else "Publish again later.",
                step=STATUS,
                failure=meaning.failure if is_known else FailureCode.PLATFORM_UNAVAILABLE,
                platform_code=code,
                platform_message=status.message or None,
            )
        return NotLive(
            message=f"The post is not live: {self._name} answered {status.code.value}, “{status.message or 'no message'}”, "
            "about what was uploaded. It is uploaded once more.",
            starts_over=True,
        )

    async def _in_progress(self) -> Outcome:
        """Handle IN_PROGRESS: wait for as long as the platform may process, and for a while after the first such read."""
        publication, now = self._publication, self._job.now()
        since = publication.in_progress_at or now
        if publication.finished_at is not None or publication.in_progress_at is None:
            await replace(publication, finished_at=None, in_progress_at=since).save(self._job)
        limit = max(self._retry_policy.unknown_after, self._retry_policy.processing_limit)
        if self._elapsed >= limit and now - since >= self._retry_policy.unknown_after:
            return CannotTell(
                message=f"{self._name} has been processing the post for {in_seconds(self._elapsed)} and has not reported how it will "
                "end.",
                check_after=None,
            )
        return Processing(
            message=f"{self._name} is processing the post.", check_after=self._retry_policy.poll_after(self._elapsed)
        )

    def _not_published_yet(self) -> Processing:
        return Processing(
            message=f"{self._name} has not published the post so far, but may still be processing it.",
            check_after=self._retry_policy.poll_after(self._elapsed),
        )

    async def _unreadable(self, error: PlatformError) -> CannotTell:
        """Handle a failed read. An unreadable container (100/33, for example) proves nothing: it happens to published ones too."""
        return await read_failed(
            self._job,
            error,
            self._retry_policy,
            throttled_for=_THROTTLED_FOR,
            unknown=f"{self._name} can't be asked now whether the post went live.",
            at_last=f"{self._name} did not report",
        )
