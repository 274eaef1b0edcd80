"""Reports what became of the call that publishes, by reading its container.

Nothing in these APIs is idempotent, and the call that publishes may have succeeded although its response says otherwise, so
only the container counts: PUBLISHED is live; FINISHED, for long enough, is not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
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
from presswork.platforms.graph.publication import Publication, container_in, known_in
from presswork.platforms.port import Absent, Ambiguous, Failed, Job, Present, Processing, Sighting

Find = Callable[[Sequence[str] | None], Awaitable[str | None]]


class LookUp:
    """One look-up of the outcome of a post."""

    def __init__(
        self,
        graph: Graph,
        api: ContainerApi,
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
        self._job: Final = job
        self._container_id: Final = container_in(prepared)
        publication = Publication.load(job, self._container_id).with_known_posts(known_in(prepared))
        self._publication: Final = publication.of_call(job.live_call_at)

    async def sighting(self) -> Sighting:
        """Read the container. Raises TryLater, Rejected, CredentialInvalid where it can't be read.

        An unreadable container (100/33, for example) proves nothing: it happens to published ones too.
        """
        status = await self._read(self._container_id)
        match status.code:
            case StatusCode.PUBLISHED:
                return Present(external_id=status.post_id or await self._media_id())
            case StatusCode.FINISHED if status.doubt is not None:
                return Ambiguous(message=status.doubt)
            case StatusCode.FINISHED:
                return await self._unpublished()
            case StatusCode.IN_PROGRESS:
                return Processing(message=f"{self._name} is processing the post.")
            case _:
                return await self._lost(status)

    async def _media_id(self) -> str | None:
        """Return the live post's id: from the response, if it had arrived, else from the account's list of posts."""
        if self._publication.media_id is not None:
            return self._publication.media_id
        try:
            return await self._find(self._publication.known)
        except PlatformError:
            return None  # the post is live all the same; `locate` asks again

    async def _unpublished(self) -> Absent | Ambiguous:
        """Handle FINISHED: the call has had no effect so far."""
        publication, refusal = self._publication, self._publication.refusal
        if publication.unsure_at != self._job.live_call_at:
            publication = publication.of_unsure_call(self._job.live_call_at)
            await publication.save(self._job)
        if refusal is not None and self._graph.brand.meaning(refusal) == self._api.published_before:
            return Ambiguous(message=f"{self._graph.brand.explain(refusal)} But {self._name} does not show the post.")
        return Absent(
            message=f"{self._name} has not published the post {self._elapsed} after it was asked to.",
            instead=self._instead(publication),
        )

    def _instead(self, publication: Publication) -> Rejected | OutcomeUnknown | None:
        """Return how the post ends if the container stays unpublished; None: it is published once more."""
        step, error = self._api.publish, publication.refusal
        if not self._api.is_witness and publication.unsure >= self._api.unsure_calls:
            return OutcomeUnknown(
                f"{self._name} was asked {publication.unsure} times to publish the post, returned no clear response, and does "
                "not show it.",
                step=step,
            )
        if error is None:
            return None
        return Rejected(
            f"{self._graph.brand.explain(error)} The post is not live: {self._elapsed} after it was asked to publish the post, "
            f"{self._name} still had it unpublished.",
            advice=self._graph.brand.meaning(error).advice,
            step=step,
            failure=self._graph.brand.meaning(error).failure,
            **error.reported,
        )

    @property
    def _elapsed(self) -> str:
        """How long ago the call was made, in words."""
        return in_seconds(self._job.now() - (self._job.live_call_at or self._job.now()))

    async def _lost(self, status: Status) -> Failed:
        """Handle ERROR and EXPIRED: this container will never be live. After a few of them, the post ends."""
        if await ContainerStore(self._job).fail(POST, drops_all=True) < TRIES:
            return Failed(
                reason=TryLater(
                    f"The post is not live: {self._name} answered {status.code.value}, “{status.message or 'no message'}”, "
                    "about what was uploaded. It is uploaded once more.",
                    advice="Publish again later.",
                    step=STATUS,
                    starts_over=True,
                )
            )
        meaning, code = self._api.meaning_of_status(status.message)
        is_known = status.code is StatusCode.ERROR and meaning is not self._graph.brand.errors.unknown
        return Failed(
            reason=Rejected(
                f"{self._name} lost what was uploaded {TRIES} times before it was published (its last answer: "
                f"{status.code.value}, “{status.message or 'no message'}”). Nothing was posted.",
                advice=meaning.advice if is_known else "Publish again later.",
                step=STATUS,
                failure=meaning.failure if is_known else FailureCode.PLATFORM_UNAVAILABLE,
                platform_code=code,
                platform_message=status.message or None,
            )
        )
