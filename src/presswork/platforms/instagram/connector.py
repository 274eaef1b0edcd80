"""Publishing on Instagram: prepare, make live once, look up, locate, comment.

Source: Meta, "Content Publishing" (Instagram API with Instagram Login, and with Facebook Login), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.comments import COMMENTS, FirstComments, require_comment_scopes
from presswork.platforms.graph.containers import known_in
from presswork.platforms.graph.feed import OwnPosts, locate
from presswork.platforms.graph.live_posts import LivePosts
from presswork.platforms.graph.publish import LookUp, PublishCall, prepare_post
from presswork.platforms.graph.quota import QuotaCall
from presswork.platforms.graph.uploads import Uploads
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.instagram.comments import MediaComments
from presswork.platforms.instagram.description import Permissions
from presswork.platforms.instagram.error_mapping import FATAL, FATAL_FOR_NOW
from presswork.platforms.instagram.insights import InstagramInsights
from presswork.platforms.instagram.options import settings_of
from presswork.platforms.instagram.prepare import API, USED_UP, Preparation
from presswork.platforms.instagram.rules import check
from presswork.platforms.port import (
    Absent,
    AccountQuota,
    Credentials,
    Draft,
    Job,
    Located,
    Present,
    Processing,
    RetryPolicy,
    Sighting,
    TargetAccount,
    Validator,
)

_NEWEST: Final = 10
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


class InstagramConnector(MediaComments):
    """The port's `Connector` for Instagram."""

    can_comment: Final = True

    def __init__(
        self, graph: Graph, retry_policy: RetryPolicy, *, permissions: Permissions, uploads: Uploads | None
    ) -> None:
        """Store the Graph client, the retry policy, the login's permissions, and the upload client for videos; with None,
        Instagram downloads videos.
        """
        super().__init__(graph, permissions)
        self._quota: Final = QuotaCall(graph, "content_publishing_limit")
        self._retry_policy: Final = retry_policy
        self._uploads: Final = uploads
        self._first_comments: Final = first_comments(graph)
        self._live_posts: Final = LivePosts(graph, known_as={FATAL: FATAL_FOR_NOW})
        self._insights: Final = InstagramInsights(graph, permissions)

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
        return await prepare_post(
            job,
            self._quota,
            finish=Preparation(self._graph, self._retry_policy, job, self._uploads).run,
            newest_ids=own_posts(self._graph, job).newest_ids,
        )

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Call media_publish, once: see `PublishCall`."""
        try:
            return await PublishCall(self._graph, API, self._retry_policy, job, prepared).make()
        except TryLater as refused:
            if refused.platform_code is not None and refused.platform_code.endswith(str(USED_UP)):
                raise await self._quota.with_wait(job, refused) from refused
            raise

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Read the container: see `LookUp`. An invalid token never means that nothing went live."""
        find = own_posts(self._graph, job).find_new
        return await LookUp(self._graph, API, job, prepared, find=find).sighting()

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the post's URL, and its id where that is unknown and only one post matches. Raises as `graph.feed.locate`."""
        media_id = external_id or await own_posts(self._graph, job).find_new(known_in(prepared))
        return await locate(self._graph, job, media_id)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if the account has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        require_comment_scopes(job.account, self._permissions.comment, step=COMMENTS)
        await self._first_comments.write(job, external_id, text, may_be_there=may_be_there)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the post. Raises TryLater, Rejected, CredentialInvalid."""
        return await self._live_posts.see(job, external_id)

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post, which only Facebook Login can; of a carousel, all of it. Raises TryLater, Rejected, CredentialInvalid."""
        await self._live_posts.delete(job, external_id)

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await self._insights.read_posts(access, posts, removed=removed)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the account's numbers. Raises TryLater, CredentialInvalid, Rejected."""
        return await self._insights.read_account(access, since=since, removed=removed)


def own_posts(graph: Graph, job: Job) -> OwnPosts:
    """Return the account's list of posts of the kind that a job publishes."""
    edge = "stories" if settings_of(job.options).is_story else "media"  # the list of media contains no stories
    return OwnPosts(
        graph,
        job,
        path=f"{job.account.external_id}/{edge}",
        step="media_list",
        text_field="caption",  # Meta's pages disagree about where it can be read
        page=_NEWEST,
        clocks_differ_by=_CLOCKS_DIFFER_BY,
    )


def first_comments(graph: Graph) -> FirstComments:
    """Return what reads and writes first comments."""
    return FirstComments(graph, fields="id,text,username", text_field="text", is_own=_is_own)


def _is_own(comment: JsonObject, account: TargetAccount) -> bool:
    """Whether the account wrote a comment; one that shows no author counts, too."""
    username = comment.get("username")
    return not isinstance(username, str) or username.casefold() == account.handle.casefold()
