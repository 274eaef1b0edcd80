"""Publishing on Instagram: prepare, make live once, look up, locate, comment.

Source: Meta, "Content Publishing" (Instagram API with Instagram Login, and with Facebook Login), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.error_table import Action
from presswork.platforms.graph.responses import GraphError, GraphResponse, UnreadableResponse
from presswork.platforms.instagram.containers import POST, ContainerStore, Status, StatusCode, id_of, read_status
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.feed import find_new_post, has_comment, newest_ids, permalink
from presswork.platforms.instagram.look_up import LookUp, container_in, known_in
from presswork.platforms.instagram.media_rules import check
from presswork.platforms.instagram.prepare import TRIES, Preparation
from presswork.platforms.instagram.publication import Publication
from presswork.platforms.instagram.quota import NEARLY_USED_UP, USED_UP, fetch_quota, find_room, read_quota, with_wait
from presswork.platforms.instagram.scopes import Permissions
from presswork.platforms.instagram.uploads import Uploads
from presswork.platforms.port import (
    AccountQuota,
    Credentials,
    Draft,
    Job,
    Live,
    Located,
    Outcome,
    Processing,
    RetryPolicy,
    TargetAccount,
    Validator,
)
from presswork.platforms.transport import CallFailed

PUBLISH: Final = "media_publish"
COMMENTS: Final = "comments"
_CONTAINER_UNKNOWN: Final = frozenset({2207006, 2207008})
_NOT_READY: Final = 2207027
_NOT_FOUND_TRIES: Final = 2
_NOT_FOUND_PAUSE: Final = timedelta(seconds=30)
"""24/2207008 is documented as possibly temporary, for 30 seconds to 2 minutes."""
_AT_ONCE: Final = timedelta()


class InstagramConnector:
    """The port's `Connector` for Instagram."""

    can_comment: Final = True

    def __init__(
        self, graph: Graph, retry_policy: RetryPolicy, *, permissions: Permissions, uploads: Uploads | None
    ) -> None:
        """Store the Graph client, the retry policy, the login's permissions, and the upload client for videos; with None,
        Instagram downloads videos.
        """
        self._graph: Final = graph
        self._retry_policy: Final = retry_policy
        self._permissions: Final = permissions
        self._uploads: Final = uploads

    def check(self, draft: Draft) -> Findings:
        """Check a post against Instagram's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch how many posts the account may still publish. Raises Rejected, CredentialInvalid, TryLater."""
        return (await fetch_quota(self._graph, account, credentials)).validate

    async def fetch_quota(self, account: TargetAccount, credentials: Credentials) -> AccountQuota | None:
        """Fetch how many posts the account has published within 24 hours. Raises Rejected, CredentialInvalid, TryLater."""
        quota = await read_quota(self._graph, account, credentials)
        return None if quota is None else AccountQuota(used=quota.used, limit=quota.total, window=quota.window)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check the quota, create the containers and wait until they are processed.

        Returns `containerId`, `knownPosts` (the account's newest posts before this one, to distinguish this one from
        them) and `isPublished`. Raises Rejected, TryLater, CredentialInvalid.
        """
        # Containers expire in a day, so none is created for a post that has to wait for as long.
        room = None if ContainerStore(job).get(POST) is not None else await find_room(self._graph, job)
        container, is_published = await Preparation(self._graph, self._retry_policy, job, self._uploads).run()
        known = Publication.load(job, container.id).known
        if is_published:
            return _prepared(container.id, known, is_published=True)
        newest = await newest_ids(self._graph, job)
        if room is None or room.left <= NEARLY_USED_UP:
            await find_room(self._graph, job)
        # Prefer a list from before an earlier call: a later list may contain this very post.
        return _prepared(container.id, newest if known is None else known, is_published=False)

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
        """Call media_publish, once.

        Rejected, TryLater and CredentialInvalid mean that the response proves that this call put nothing live (a limit, a
        permission, an invalid token, a container that is not ready or expired); anything else without an id is
        OutcomeUnknown. A refused token is renewed here, and TryLater makes the worker call again with the new one.
        """
        container_id = container_in(prepared)
        if prepared.get("isPublished") is True:
            return Live(external_id=Publication.load(job, container_id).media_id)
        token = await job.access_token()
        try:
            response = await self._graph.call(
                "POST",
                f"{job.account.external_id}/media_publish",
                {"creation_id": container_id},
                step=PUBLISH,
                token=token,
            )
        except CallFailed as failed:
            if not failed.was_sent:
                raise INSTAGRAM.no_response(failed, step=PUBLISH) from failed
            raise await self._outcome_unknown(
                job, prepared, INSTAGRAM.outcome_unknown(failed.reason, step=PUBLISH)
            ) from failed
        if isinstance(response, GraphError):
            return await self._refused(job, prepared, token, response)
        media_id = None if isinstance(response, UnreadableResponse) else id_of(response)
        if media_id is None:
            reason = (
                f"its response was {response.reason}"
                if isinstance(response, UnreadableResponse)
                else "its response names no post"
            )
            raise await self._outcome_unknown(job, prepared, INSTAGRAM.outcome_unknown(reason, step=PUBLISH))
        # The worker stores it with the post, at once.
        replace(Publication.load(job, container_id), media_id=media_id).save_later(job)
        return Live(external_id=media_id)

    async def _refused(self, job: Job, prepared: Mapping[str, JsonValue], token: str, error: GraphError) -> Live:
        """Handle an explicit refusal of media_publish: raise its error, or return Live when the post is live."""
        is_client_error = error.status < 500
        if is_client_error and INSTAGRAM.is_token_invalid(error):
            await INSTAGRAM.renewed(job, token, error, step=PUBLISH)
            raise TryLater(
                f"{INSTAGRAM.explain(error)} The access was renewed, and nothing went live by this call.",
                advice=INSTAGRAM.meaning(error).advice,
                step=PUBLISH,
                retry_after=_AT_ONCE,
                **error.reported,
            )
        if is_client_error and error.subcode in _CONTAINER_UNKNOWN | {_NOT_READY}:
            return await self._read_refused_container(job, prepared, error)
        failure = INSTAGRAM.publish_refusal(error, step=PUBLISH)
        if is_client_error and error.subcode == USED_UP:
            failure = await with_wait(self._graph, job, failure)
        if isinstance(failure, OutcomeUnknown):
            failure = await self._outcome_unknown(job, prepared, failure, error)
        elif isinstance(failure, TryLater) and failure.starts_over:
            failure = await self._start_over(job, failure)
        raise failure

    async def _read_refused_container(self, job: Job, prepared: Mapping[str, JsonValue], error: GraphError) -> Live:
        """Read the container after media_publish reported it unknown or not ready: it may be published already."""
        container_id = container_in(prepared)
        try:
            status = await read_status(self._graph, job, container_id)
        except PlatformError as unreadable:
            if error.subcode == _NOT_READY:
                raise INSTAGRAM.refusal(error, step=PUBLISH) from unreadable
            raise await self._outcome_unknown(
                job, prepared, INSTAGRAM.outcome_unknown(f"it answered code {error.label}", step=PUBLISH, error=error)
            ) from unreadable
        if status.code is StatusCode.PUBLISHED:
            return Live(external_id=Publication.load(job, container_id).media_id)
        if status.code in {StatusCode.ERROR, StatusCode.EXPIRED}:
            raise await self._start_over(job, _expired(status, error))
        publication = Publication.load(job, container_id)
        if error.subcode != _NOT_READY and publication.not_found >= _NOT_FOUND_TRIES:
            raise await self._start_over(job, _expired(status, error))
        await replace(publication, not_found=publication.not_found + 1).save(job)
        raise TryLater(
            INSTAGRAM.explain(error),
            advice=INSTAGRAM.meaning(error).advice,
            step=PUBLISH,
            retry_after=None if error.subcode == _NOT_READY else min(_NOT_FOUND_PAUSE, self._retry_policy.backoff_max),
            **error.reported,
        )

    async def _start_over(self, job: Job, failure: TryLater) -> PlatformError:
        """Drop every container; return `error`, or Rejected when that has happened too often."""
        if await ContainerStore(job).fail(POST, drops_all=True) < TRIES:
            return failure
        return Rejected(
            f"{failure.what} That happened {TRIES} times, and Presswork gave up. Nothing was posted.",
            advice="Publish again later.",
            step=failure.step,
            failure=FailureCode.PLATFORM_UNAVAILABLE,
            **failure.reported,
        )

    async def _outcome_unknown(
        self, job: Job, prepared: Mapping[str, JsonValue], failure: OutcomeUnknown, error: GraphError | None = None
    ) -> OutcomeUnknown:
        """Store a call with an ambiguous response, and the response itself where it is an explicit, permanent refusal."""
        publication = Publication.load(job, container_in(prepared)).with_known_posts(known_in(prepared))
        if error is not None and (
            INSTAGRAM.is_temporary(error) or INSTAGRAM.meaning(error).action is not Action.REJECT
        ):
            error = None
        publication = publication.of_call(job.live_call_at)
        await replace(publication, unsure=publication.unsure + 1, refusal=error).save(job)
        return failure

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Outcome:
        """Read the container: see `LookUp`. An invalid token never means that nothing went live."""
        return await LookUp(self._graph, self._retry_policy, job, prepared).outcome()

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the post's address, and its id where that is unknown and only one post matches.

        Raises TryLater (a new post can be unreadable for a while), Rejected, CredentialInvalid.
        """
        media_id = external_id or await find_new_post(self._graph, job, known_in(prepared))
        if media_id is None:
            return Located(external_id=None, external_url=None)
        return Located(external_id=media_id, external_url=await permalink(self._graph, job, media_id))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if the account has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        if not self._permissions.comment <= job.account.scopes:
            raise Rejected(
                "The account did not allow Presswork to comment.",
                advice="Write this comment manually, and connect the account again with that permission ticked.",
                step=COMMENTS,
                failure=FailureCode.CREDENTIAL_INVALID,
            )
        if may_be_there and await has_comment(self._graph, job, external_id, text):
            return
        token = await job.access_token()
        response = await self._send_comment(external_id, text, token)
        if isinstance(response, GraphError) and response.status < 500 and INSTAGRAM.is_token_invalid(response):
            # A refused token proves that nothing was written.
            response = await self._send_comment(
                external_id, text, await INSTAGRAM.renewed(job, token, response, step=COMMENTS)
            )
        if isinstance(response, GraphError):
            raise _comment_refusal(response)
        if isinstance(response, UnreadableResponse):
            if response.status == 429:
                raise INSTAGRAM.unreadable_error(response, step=COMMENTS)
            raise _comment_unknown(f"its response was {response.reason}")
        if id_of(response) is None:
            raise _comment_unknown("its response names no comment")

    async def _send_comment(self, media_id: str, text: str, token: str) -> GraphResponse:
        try:
            return await self._graph.call("POST", f"{media_id}/comments", {"message": text}, step=COMMENTS, token=token)
        except CallFailed as failed:
            if not failed.was_sent:
                raise INSTAGRAM.no_response(failed, step=COMMENTS) from failed
            raise _comment_unknown(failed.reason) from failed


def _prepared(container_id: str, known: Sequence[str] | None, *, is_published: bool) -> dict[str, JsonValue]:
    return {
        "containerId": container_id,
        "knownPosts": list(known) if known is not None else None,
        "isPublished": is_published,
    }


def _comment_refusal(error: GraphError) -> PlatformError:
    """Return the error for a refused comment: after a 5xx or an internal error code the comment may exist."""
    is_limit = INSTAGRAM.meaning(error).action is Action.THROTTLE or error.status == 429
    is_unreadable = (error.code, error.subcode) == (100, 33)  # a new post that can't be addressed yet
    if error.status >= 500 or (INSTAGRAM.is_temporary(error) and not is_limit and not is_unreadable):
        return _comment_unknown(f"it answered HTTP {error.status}, code {error.label}", error)
    failure = INSTAGRAM.refusal(error, step=COMMENTS)
    if not isinstance(failure, Rejected):
        return failure
    return Rejected(  # the table's advice "publish again" would be wrong here: the post is live
        failure.what,
        advice="Write this comment manually in the Instagram app.",
        step=COMMENTS,
        failure=failure.failure,
        **failure.reported,
    )


def _comment_unknown(reason: str, error: GraphError | None = None) -> OutcomeUnknown:
    return INSTAGRAM.outcome_unknown(reason, step=COMMENTS, error=error, what="the comment was written")


def _expired(status: Status, error: GraphError) -> TryLater:
    return TryLater(
        f"{INSTAGRAM.quote(error)} The container can't be published any more; its status at Instagram is {status.code.value}.",
        advice="Publish again later.",
        step=PUBLISH,
        starts_over=True,
        **error.reported,
    )
