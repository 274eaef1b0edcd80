"""Publishing on Threads: prepare, make live once, look up, locate, comment.

Source: Meta, "Posts", "Troubleshooting" and "Create Replies" (Threads API), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.errors import FailureCode, PlatformError, TryLater
from presswork.platforms.findings import Findings, Problem, found
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.comments import require_comment_scopes
from presswork.platforms.graph.containers import known_in
from presswork.platforms.graph.feed import OwnPosts, locate
from presswork.platforms.graph.live_posts import DELETE, LivePosts
from presswork.platforms.graph.publish import LookUp, PublishCall, prepare_post
from presswork.platforms.graph.quota import Quota, QuotaCall
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.port import (
    RECENT_POSTS_COUNTED,
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
    draft_of,
)
from presswork.platforms.rate_limits import reserve
from presswork.platforms.threads import insights
from presswork.platforms.threads.comments import ThreadsComments
from presswork.platforms.threads.description import SHARE, TO_COMMENT
from presswork.platforms.threads.options import settings_of
from presswork.platforms.threads.prepare import API, REPLIES_MISSING, SHARE_MISSING, Preparation, text_of_post
from presswork.platforms.threads.replies import STEP, FirstComment, find_part, reply_quota
from presswork.platforms.threads.rules import DELETIONS, check

_NEWEST: Final = 25
_EARLIER: Final = timedelta(seconds=60)
"""How long before the call a post's time may be that the call made live: the clocks differ."""


class ThreadsConnector(ThreadsComments):
    """The port's `Connector` for Threads."""

    can_comment: Final = True

    def __init__(self, graph: Graph, retry_policy: RetryPolicy) -> None:
        """Store the Graph client and the retry policy."""
        super().__init__(graph)
        self._quota: Final = QuotaCall(graph, "threads_publishing_limit")
        self._reply_quota: Final = reply_quota(graph)
        self._retry_policy: Final = retry_policy
        self._live_posts: Final = LivePosts(graph)

    def check(self, draft: Draft) -> Findings:
        """Check a post against Threads' fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch how many posts and replies the account may still publish. Raises Rejected, CredentialInvalid, TryLater."""
        quota = await self._quota.fetch(account, credentials)
        try:
            replies = await self._reply_quota.read(account, credentials)
        except PlatformError:
            replies = None  # it blocks nothing

        def validate(draft: Draft) -> Findings:
            return quota.validate(draft) + found(
                _find_share_problem(draft, account),
                _find_reply_problem(draft, account),
                None if replies is None else _find_reply_quota_problem(draft, replies),
            )

        return validate

    async def fetch_quota(self, account: TargetAccount, credentials: Credentials) -> AccountQuota | None:
        """Fetch how many posts the account has published within 24 hours. Raises Rejected, CredentialInvalid, TryLater."""
        return await self._quota.fetch_usage(account, credentials)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Check the quota, create the containers and wait until they are processed.

        Returns `containerId`, `knownPosts` and `isPublished`: see `prepare_post`. Raises Rejected, TryLater,
        CredentialInvalid.
        """
        finish = Preparation(self._graph, self._retry_policy, job).run
        if job.thread is not None and job.thread.is_begun:
            return await prepare_post(job, self._reply_quota, finish=finish)
        await self._require_room_for_replies(job)
        return await prepare_post(job, self._quota, finish=finish, newest_ids=self._list_posts(job).newest_ids)

    async def _require_room_for_replies(self, job: Job) -> None:
        """Raise TryLater (throttled) where the account may not write all parts of a thread after the first: none is written before."""
        if job.thread is None or job.recent_posts < RECENT_POSTS_COUNTED:
            return
        try:
            quota = await self._reply_quota.read(job.account, job)
        except PlatformError:
            return
        if quota is not None and (problem := _find_reply_quota_problem(draft_of(job), quota)) is not None:
            raise TryLater(problem.message, step=API.create, is_throttled=True)

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Call threads_publish, once: see `PublishCall`."""
        try:
            return await PublishCall(self._graph, API, self._retry_policy, job, prepared).make()
        except TryLater as refused:
            if not refused.is_throttled or refused.retry_after is not None:
                raise
            # The code for a used-up quota is not documented, so any limit may be it.
            is_reply = job.thread is not None and job.thread.is_begun
            raise await (self._reply_quota if is_reply else self._quota).with_wait(job, refused) from refused

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Read the container: see `LookUp`. An invalid token never means that nothing went live."""
        return await LookUp(self._graph, API, job, prepared, find=partial(self._find, job)).sighting()

    async def _find(self, job: Job, known: Sequence[str] | None) -> str | None:
        """Return the id of the post, or of the part of a thread, that the job made live. Raises as `OwnPosts.search`."""
        if job.thread is not None and job.thread.is_begun:
            return await find_part(self._graph, job, job.thread)
        return await self._list_posts(job).find_new(known)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the post's URL, and its id where that is unknown and only one post matches. Raises as `graph.feed.locate`.

        Threads returns no URL of media that it holds for a copyright violation.
        """
        media_id = external_id or await self._find(job, known_in(prepared))
        return await locate(self._graph, job, media_id)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment as a reply; see `FirstComment`. Raises TryLater, Rejected, CredentialInvalid,
        OutcomeUnknown.
        """
        require_comment_scopes(job.account, TO_COMMENT, step=STEP, verb="reply")
        reply = FirstComment(self._graph, self._retry_policy, job, media_id=external_id, text=text)
        await reply.write(may_be_there=may_be_there)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        return await self._live_posts.see(job, external_id)

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        if self._retry_policy.limit_recheck is None:  # a sandbox's clock may be moved: only its own response counts
            await reserve(job, DELETIONS, step=DELETE)
        await self._live_posts.delete(job, external_id)

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_posts(self._graph, access, posts, removed=removed)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the profile's numbers. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._graph, access, since=since, removed=removed)

    def _list_posts(self, job: Job) -> OwnPosts:
        return OwnPosts(
            self._graph,
            job,
            path=API.path(job.account, "threads"),
            step="threads_list",
            text_field="text",
            text=text_of_post(job),
            page=_NEWEST,
            clocks_differ_by=_EARLIER,
            has_since=True,
            shows_texts=True,
        )


def _find_reply_problem(draft: Draft, account: TargetAccount) -> Problem | None:
    if not draft.parts or account.scopes >= TO_COMMENT:
        return None
    return Problem(FailureCode.CREDENTIAL_INVALID, REPLIES_MISSING, {"reason": "reply_permission"})


def _find_reply_quota_problem(draft: Draft, quota: Quota) -> Problem | None:
    needed = len(draft.parts) - 1
    if needed <= quota.left or not draft.parts:
        return None
    sentence = (
        f"The account has written {quota.used} of the {quota.total} replies that Threads accepts within 24 hours, and the parts of "
        f"this thread after the first are {needed} more. Publish it later."
    )
    numbers: dict[str, JsonValue] = {
        "value": quota.used,
        "limit": quota.total,
        "left": max(quota.left, 0),
        "unit": "replies",
    }
    return Problem(FailureCode.PLATFORM_RATE_LIMITED, sentence, {"reason": "reply_quota", **numbers})


def _find_share_problem(draft: Draft, account: TargetAccount) -> Problem | None:
    if not settings_of(draft.options).crossreshare_to_instagram or SHARE in account.scopes:
        return None
    return Problem(FailureCode.CREDENTIAL_INVALID, SHARE_MISSING, {"reason": "share_permission"})
