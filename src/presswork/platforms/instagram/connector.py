"""Publishing on Instagram: prepare, make live once, look up, locate, comment.

Source: Meta, "Content Publishing" (Instagram API with Instagram Login, and with Facebook Login), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, ContainerStore, id_of
from presswork.platforms.graph.error_table import Action
from presswork.platforms.graph.look_up import LookUp, known_in
from presswork.platforms.graph.publication import Publication
from presswork.platforms.graph.publish_call import PublishCall
from presswork.platforms.graph.quota import NEARLY_USED_UP, QuotaCall
from presswork.platforms.graph.responses import GraphError, GraphResponse, UnreadableResponse
from presswork.platforms.instagram.containers import API, USED_UP
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.feed import find_new_post, has_comment, newest_ids, permalink
from presswork.platforms.instagram.media_rules import check
from presswork.platforms.instagram.prepare import Preparation
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

COMMENTS: Final = "comments"


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
        self._quota: Final = QuotaCall(graph, "content_publishing_limit")
        self._retry_policy: Final = retry_policy
        self._permissions: Final = permissions
        self._uploads: Final = uploads

    def check(self, draft: Draft) -> Findings:
        """Check a post against Instagram's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch how many posts the account may still publish. Raises Rejected, CredentialInvalid, TryLater."""
        return (await self._quota.fetch(account, credentials)).validate

    async def fetch_quota(self, account: TargetAccount, credentials: Credentials) -> AccountQuota | None:
        """Fetch how many posts the account has published within 24 hours. Raises Rejected, CredentialInvalid, TryLater."""
        return await self._quota.fetch_usage(account, credentials)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check the quota, create the containers and wait until they are processed.

        Returns `containerId`, `knownPosts` (the account's newest posts before this one, to distinguish this one from
        them) and `isPublished`. Raises Rejected, TryLater, CredentialInvalid.
        """
        # Containers expire in a day, so none is created for a post that has to wait for as long.
        room = None if ContainerStore(job).get(POST) is not None else await self._quota.find_room(job)
        container, is_published = await Preparation(self._graph, self._retry_policy, job, self._uploads).run()
        known = Publication.load(job, container.id).known
        if is_published:
            return _prepared(container.id, known, is_published=True)
        newest = await newest_ids(self._graph, job)
        if room is None or room.left <= NEARLY_USED_UP:
            await self._quota.find_room(job)
        # Prefer a list from before an earlier call: a later list may contain this very post.
        return _prepared(container.id, newest if known is None else known, is_published=False)

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
        """Call media_publish, once: see `PublishCall`."""
        try:
            return await PublishCall(self._graph, API, self._retry_policy, job, prepared).make()
        except TryLater as refused:
            if refused.platform_code is not None and refused.platform_code.endswith(str(USED_UP)):
                raise await self._quota.with_wait(job, refused) from refused
            raise

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Outcome:
        """Read the container: see `LookUp`. An invalid token never means that nothing went live."""

        async def find(known: Sequence[str] | None) -> str | None:
            return await find_new_post(self._graph, job, known)

        return await LookUp(self._graph, API, self._retry_policy, job, prepared, find=find).outcome()

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
