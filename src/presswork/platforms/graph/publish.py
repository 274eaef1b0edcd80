"""Makes a post live: prepares it, makes one container live by one call, interprets a refusal of it, and reports what became of it.

Nothing in these APIs is idempotent, and the call that publishes may have succeeded although its response says otherwise, so
only the container counts: PUBLISHED is live; FINISHED, for long enough, is not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import Action, JsonObject
from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TryLater,
    unavailable,
)
from presswork.platforms.findings import in_seconds
from presswork.platforms.graph.client import Graph, GraphError, UnreadableResponse, text_of
from presswork.platforms.graph.containers import (
    POST,
    STATUS,
    TRIES,
    Container,
    ContainerApi,
    ContainerStore,
    Publication,
    ReadStatus,
    Status,
    StatusCode,
    container_in,
    known_in,
    read_status,
)
from presswork.platforms.graph.quota import NEARLY_USED_UP, QuotaCall
from presswork.platforms.port import (
    RECENT_POSTS_COUNTED,
    Absent,
    Ambiguous,
    Failed,
    Job,
    Present,
    Processing,
    RetryPolicy,
    Sighting,
)
from presswork.platforms.transport import CallFailed

_AT_ONCE: Final = timedelta()


async def prepare_post(
    job: Job,
    quota: QuotaCall | None,
    *,
    finish: Callable[[], Awaitable[tuple[Container, bool]]],
    newest_ids: Callable[[], Awaitable[Sequence[str] | None]] | None = None,
) -> dict[str, JsonValue]:
    """Check the quota, finish the post's container, and read the account's newest posts, to distinguish this one from them.

    No quota: the platform reports none. It is not read in the first attempt of an account with few posts. `finish` returns the
    finished container, and whether it is published already. No `newest_ids`: the container itself names its post.
    Raises Rejected, TryLater, CredentialInvalid, OutcomeUnknown.
    """
    has_container = ContainerStore(job).get(POST) is not None
    if job.recent_posts < RECENT_POSTS_COUNTED and not has_container:
        quota = None  # hardly used up, and then the call that publishes is refused
    # Containers expire in a day, so none is created for a post that has to wait for as long.
    room = None if quota is None or has_container else await quota.find_room(job)
    container, is_published = await finish()
    known: Sequence[str] | None = Publication.load(job, container.id).known
    if not is_published:
        # Prefer a list from before an earlier call: a later list may contain this very post.
        newest = None if newest_ids is None else await newest_ids()
        known = newest if known is None else known
        if quota is not None and (room is None or room.left <= NEARLY_USED_UP):
            await quota.find_room(job)
    posts: JsonValue = None if known is None else list(known)
    return {"containerId": container.id, "knownPosts": posts, "isPublished": is_published}


def _read_live_post(response: JsonObject) -> Present | None:
    media_id = text_of(response.get("id"))
    return None if media_id is None else Present(external_id=media_id)


def _is_repeatable(failure: PlatformError) -> bool:
    """Whether the same container is to be published once more."""
    return isinstance(failure, TryLater) and not failure.starts_over


@dataclass(frozen=True, slots=True)
class PublishCall:
    """The call that makes a prepared post live."""

    graph: Graph
    api: ContainerApi
    retry_policy: RetryPolicy
    job: Job
    prepared: Mapping[str, JsonValue]
    """What `prepare` returned."""
    _: KW_ONLY
    parameters: Mapping[str, str] | None = None
    """Those of the call, if it needs others than the container."""
    path: str | None = None
    """Of the call, if it is not one of the account."""
    outcome_of: Callable[[JsonObject], Present | Processing | None] = _read_live_post
    """Returns the outcome in a response, or None where it confirms nothing."""

    @property
    def container_id(self) -> str:
        """The container to publish."""
        return container_in(self.prepared)

    async def make(self) -> Present | Processing:
        """Call the platform, once.

        Rejected, TryLater and CredentialInvalid mean that the response proves that this call put nothing live (a limit, a
        permission, an invalid token, a container that is not ready or expired); anything else without an id is
        OutcomeUnknown. A refused token is renewed here, and TryLater makes the worker call again with the new one.
        """
        job, step = self.job, self.api.publish
        if self.prepared.get("isPublished") is True:
            return Present(external_id=Publication.load(job, self.container_id).media_id)
        try:
            token = await job.access_token()
        except CredentialInvalid as ended:
            raise self._limit_to_this_call(ended) from ended
        try:
            response = await self.graph.call(
                "POST",
                self.path or self.api.path(job.account, step),
                self.parameters or {"creation_id": self.container_id},
                step=step,
                token=token,
                is_live_call=True,
            )
        except CallFailed as failed:
            if not failed.was_sent:
                raise self.graph.brand.no_response(failed, step=step) from failed
            raise await self._store_unknown(self.graph.brand.outcome_unknown(failed.reason, step=step)) from failed
        if isinstance(response, GraphError):
            return await self._handle_refusal(token, response)
        outcome = None if isinstance(response, UnreadableResponse) else self.outcome_of(response)
        if outcome is None:
            reason = (
                f"its response was {response.reason}"
                if isinstance(response, UnreadableResponse)
                else "its response does not confirm it"
            )
            raise await self._store_unknown(self.graph.brand.outcome_unknown(reason, step=step))
        # The worker stores it with the post, at once.
        named = text_of(response.get("post_id")) if isinstance(response, Mapping) else None
        media_id = outcome.external_id if isinstance(outcome, Present) else named or self.container_id
        replace(Publication.load(job, self.container_id), media_id=media_id).save_later(job)
        return outcome

    async def _handle_refusal(self, token: str, error: GraphError) -> Present:
        """Handle an explicit refusal: raise its error, or return Live when the post is live."""
        brand, step = self.graph.brand, self.api.publish
        is_client_error = error.status < 500
        if is_client_error and brand.is_token_invalid(error):
            try:
                await brand.renewed(self.job, token, error, step=step)
            except CredentialInvalid as ended:
                raise self._limit_to_this_call(ended) from ended
            raise TryLater(
                f"{brand.explain(error)} The access was renewed, and nothing went live by this call.",
                advice=brand.meaning(error).advice,
                step=step,
                retry_after=_AT_ONCE,
                **error.reported,
            )
        if is_client_error and error.subcode is not None and error.subcode in {*self.api.lost, self.api.not_ready}:
            return await self._read_refused_container(error)
        failure = brand.publish_refusal(error, step=step)
        if self._is_earlier_call_open() and not _is_repeatable(failure):
            failure = brand.outcome_unknown(f"it answered code {error.label}", step=step, error=error)
        if isinstance(failure, OutcomeUnknown):
            failure = await self._store_unknown(failure, error)
        elif isinstance(failure, TryLater) and failure.starts_over:
            failure = await self._drop_containers(failure)
        raise failure

    def _is_earlier_call_open(self) -> bool:
        """Whether an earlier call was never proven to be without effect: then a refusal is about this one only."""
        return not self.api.is_witness and bool(Publication.load(self.job, self.container_id).unsure)

    def _limit_to_this_call(self, ended: CredentialInvalid) -> PlatformError:
        if not self._is_earlier_call_open():
            return ended
        return self.graph.brand.outcome_unknown(ended.what.rstrip("."), step=self.api.publish)

    async def _read_refused_container(self, error: GraphError) -> Present:
        """Read the container after the platform reported it unknown or not ready: it may be published already."""
        job, brand, step = self.job, self.graph.brand, self.api.publish
        is_lost = error.subcode != self.api.not_ready
        try:
            status = await read_status(self.graph, self.api, job, self.container_id)
        except PlatformError as unreadable:
            if not is_lost:
                raise brand.refusal(error, step=step) from unreadable
            raise await self._store_unknown(
                brand.outcome_unknown(f"it answered code {error.label}", step=step, error=error)
            ) from unreadable
        publication = Publication.load(job, self.container_id)
        if status.code is StatusCode.PUBLISHED:
            return Present(external_id=publication.media_id)
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED} or (
            is_lost and publication.not_found >= self.api.lost_tries
        ):
            raise await self._drop_containers(self._explain_expired(status, error))
        await replace(publication, not_found=publication.not_found + 1).save(job)
        raise TryLater(
            brand.explain(error),
            advice=brand.meaning(error).advice,
            step=step,
            retry_after=min(self.api.lost_pause, self.retry_policy.backoff_max) if is_lost else None,
            **error.reported,
        )

    def _explain_expired(self, status: Status, error: GraphError) -> TryLater:
        return TryLater(
            f"{self.graph.brand.quote(error)} The container can't be published any more; its status at {self.graph.brand.name} is "
            f"{status.code.value}.",
            advice="Publish again later.",
            step=self.api.publish,
            starts_over=True,
            **error.reported,
        )

    async def _drop_containers(self, failure: TryLater) -> PlatformError:
        """Drop every container; return `failure`, or Rejected when that has happened too often."""
        if await ContainerStore(self.job).fail(POST, drops_all=True) < TRIES:
            return failure
        what = f"{failure.what} That happened {TRIES} times, and Presswork gave up. Nothing was posted."
        return unavailable(what, step=failure.step, **failure.reported)

    async def _store_unknown(self, failure: OutcomeUnknown, error: GraphError | None = None) -> OutcomeUnknown:
        """Store a call with an ambiguous response, and the response itself where it is an explicit, permanent refusal."""
        publication = Publication.load(self.job, self.container_id).with_known_posts(known_in(self.prepared))
        if error is not None and (
            self.graph.brand.is_temporary(error) or self.graph.brand.meaning(error).action is not Action.REJECT
        ):
            error = None
        await replace(publication.of_unsure_call(self.job.live_call_at), refusal=error).save(self.job)
        return failure


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look-up of the outcome of a post."""

    graph: Graph
    api: ContainerApi
    job: Job
    prepared: Mapping[str, JsonValue]
    """What `prepare` returned."""
    _: KW_ONLY
    find: Callable[[Sequence[str] | None], Awaitable[str | None]]
    """Returns the id of the post that this job made live, if only one post matches that did not exist before."""
    read: ReadStatus | None = None
    """Fetches the container's status; without it, the API names the field."""

    @property
    def publication(self) -> Publication:
        """The calls so far, with what belongs to the last one."""
        publication = Publication.load(self.job, container_in(self.prepared))
        return publication.with_known_posts(known_in(self.prepared)).of_call(self.job.live_call_at)

    async def sighting(self) -> Sighting:
        """Read the container. Raises TryLater, Rejected, CredentialInvalid where it can't be read.

        An unreadable container (100/33, for example) proves nothing: it happens to published ones too.
        """
        container_id = container_in(self.prepared)
        if self.read is not None:
            status = await self.read(container_id)
        else:
            status = await read_status(self.graph, self.api, self.job, container_id)
        match status.code:
            case StatusCode.PUBLISHED:
                return Present(external_id=status.post_id or await self._find_media_id())
            case StatusCode.FINISHED if status.doubt is not None:
                return Ambiguous(message=status.doubt)
            case StatusCode.FINISHED:
                return await self._explain_unpublished()
            case StatusCode.IN_PROGRESS:
                return Processing(message=f"{self.graph.brand.name} is processing the post.")
            case _:
                return await self._explain_lost(status)

    async def _find_media_id(self) -> str | None:
        """Return the live post's id: from the response, if it had arrived, else from the account's list of posts."""
        publication = self.publication
        if publication.media_id is not None:
            return publication.media_id
        try:
            return await self.find(publication.known)
        except PlatformError:
            return None  # the post is live all the same; `locate` asks again

    async def _explain_unpublished(self) -> Absent | Ambiguous:
        """Handle FINISHED: the call has had no effect so far."""
        publication = self.publication
        refusal = publication.refusal
        if publication.unsure_at != self.job.live_call_at:
            publication = publication.of_unsure_call(self.job.live_call_at)
            await publication.save(self.job)
        if refusal is not None and self.graph.brand.meaning(refusal) == self.api.published_before:
            return Ambiguous(
                message=f"{self.graph.brand.explain(refusal)} But {self.graph.brand.name} does not show the post."
            )
        return Absent(
            message=f"{self.graph.brand.name} has not published the post {self._describe_elapsed()} after it was asked to.",
            instead=self._choose_end(publication),
        )

    def _choose_end(self, publication: Publication) -> Rejected | OutcomeUnknown | None:
        """Return how the post ends if the container stays unpublished, or None if it is published once more."""
        step, error = self.api.publish, publication.refusal
        if not self.api.is_witness and publication.unsure >= self.api.unsure_calls:
            return OutcomeUnknown(
                f"{self.graph.brand.name} was asked {publication.unsure} times to publish the post, returned no clear response, and does "
                "not show it.",
                step=step,
            )
        if error is None:
            return None
        return Rejected(
            f"{self.graph.brand.explain(error)} The post is not live: {self._describe_elapsed()} after it was asked to publish the post, "
            f"{self.graph.brand.name} still had it unpublished.",
            advice=self.graph.brand.meaning(error).advice,
            step=step,
            failure=self.graph.brand.meaning(error).failure,
            **error.reported,
        )

    def _describe_elapsed(self) -> str:
        """How long ago the call was made, in words."""
        return in_seconds(self.job.now() - (self.job.live_call_at or self.job.now()))

    async def _explain_lost(self, status: Status) -> Failed:
        """Handle ERROR and EXPIRED: this container will never be live. After a few of them, the post ends."""
        if await ContainerStore(self.job).fail(POST, drops_all=True) < TRIES:
            return Failed(
                reason=TryLater(
                    f"The post is not live: {self.graph.brand.name} answered {status.code.value}, “{status.message or 'no message'}”, "
                    "about what was uploaded. It is uploaded once more.",
                    advice="Publish again later.",
                    step=STATUS,
                    starts_over=True,
                )
            )
        meaning, code = self.api.meaning_of_status(status.message)
        is_known = status.code is StatusCode.ERROR and meaning is not self.graph.brand.errors.unknown
        return Failed(
            reason=Rejected(
                f"{self.graph.brand.name} lost what was uploaded {TRIES} times before it was published (its last answer: "
                f"{status.code.value}, “{status.message or 'no message'}”). Nothing was posted.",
                advice=meaning.advice if is_known else "Publish again later.",
                step=STATUS,
                failure=meaning.failure if is_known else FailureCode.PLATFORM_UNAVAILABLE,
                platform_code=code,
                platform_message=status.message or None,
            )
        )
