"""Publishing on X: prepare, make live once, look up, locate, comment, take down.

No call has a key by which X would recognize a repetition. After a lost answer, the account's own posts show whether it worked; and where
they did not, so that the call is repeated, X refuses a text that is there already.
Source: xdevplatform/docs (2026-08), "Create Post", "Post lookup" and "Delete Post", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, UnreadableResponse, refusal
from presswork.platforms.comments import explain_refusal
from presswork.platforms.errors import PlatformError
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    Credentials,
    Draft,
    Job,
    Located,
    Present,
    TargetAccount,
    Validator,
)
from presswork.platforms.x import insights
from presswork.platforms.x.api import POSTS, post
from presswork.platforms.x.comments import DELETE, REPLY, SEE, XComments, reply_body
from presswork.platforms.x.error_mapping import DUPLICATE, NOT_FOUND, TARGET_GONE, X
from presswork.platforms.x.prepare import Preparation
from presswork.platforms.x.rules import check
from presswork.platforms.x.timeline import OwnPosts, read_own

PUBLISH: Final = "tweets"
_POST: Final = "post"
_UNCALLED: Final = timedelta(hours=1)
"""How far back posts are read where the instant of the call is not known."""
_unknown: Final = partial(X.publish_unknown, step=PUBLISH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(JobState):
    """What the calls returned so far."""

    repeats: int = 0
    """Calls without a clear answer that were followed by another one, because X did not list the post."""
    is_duplicate: bool = False
    """Whether X refused that other one as a duplicate, so that the first one worked."""


class XConnector(XComments):
    """The port's `Connector` for X."""

    can_comment: Final = True

    def check(self, draft: Draft) -> Findings:
        """Check a post against X's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  the port's
        """Return no further rules: X reports nothing about what an account may post. Raises CredentialInvalid, TryLater."""
        await credentials.access_token()
        return lambda _draft: Findings()

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the media and wait until they are processed. Raises Rejected, TryLater, CredentialInvalid."""
        return await Preparation(self._api, job).run()

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present:
        """Create the post. See the port for the errors."""
        with X.lost(step=PUBLISH, unknown=_unknown):
            _, response = await self._api.send(job, "POST", POSTS, step=PUBLISH, body=prepared[_POST])
        if isinstance(response, ApiError):
            raise await self._explain_refusal(job, response)
        post_id = None if isinstance(response, UnreadableResponse) else text_of(part_of(response, "data").get("id"))
        if post_id is None:
            raise _unknown("its response names no post")
        return self._report(job, post_id)

    async def _explain_refusal(self, job: Job, error: ApiError) -> PlatformError:
        publication = Publication.load(job.state)
        if error.meaning is DUPLICATE and publication.repeats:
            await replace(publication, is_duplicate=True).save(job)
            return _unknown("it has this text already, which an earlier call may have posted", error)
        if not error.proves_nothing_changed:
            return _unknown(f"it answered HTTP {error.status}", error)
        return refusal(error, step=PUBLISH, now=job.now())

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Absent | Ambiguous:
        """Look for the post among the account's own. Raises TryLater, Rejected, CredentialInvalid."""
        own, publication = await self._read_own(job), Publication.load(job.state)
        shown = own.find(part_of(prepared, _POST))
        if shown is not None:
            return self._report(job, text_of(shown.get("id")))
        if publication.is_duplicate:
            sentence = "X refused the repeated call as a duplicate: the post is live. X does not list it yet."
            return Present(external_id=None, message=sentence)
        if own.is_cut:
            return Ambiguous(message="The account has many newer posts, and X's list ends before this one.")
        return Absent(
            message="X does not list the post.",
            advice="Look at the account; if the post is not there, publish again later.",
            changes=replace(publication, repeats=publication.repeats + 1).as_state(),
        )

    async def _read_own(self, job: Job) -> OwnPosts:
        since = job.live_call_at or job.now() - _UNCALLED
        return await read_own(self._api, job, job.account.external_id, since=since, now=job.now())

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the post's address; its id is missing only where X did not list it. Raises TryLater, Rejected, CredentialInvalid."""
        if external_id is None:
            shown = (await self._read_own(job)).find(part_of(prepared, _POST))
            external_id = None if shown is None else text_of(shown.get("id"))
        found = self._report(job, external_id)
        return Located(external_id=found.external_id, external_url=found.external_url)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment, a reply to the account's own post. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
        body = reply_body(text, external_id)
        if may_be_there and (await self._read_own(job)).find(body) is not None:
            return
        unknown = partial(X.comment_unknown, step=REPLY)
        with X.lost(step=REPLY, unknown=unknown):
            _, response = await self._api.send(job, "POST", POSTS, step=REPLY, body=body)
        if isinstance(response, UnreadableResponse):
            raise unknown("its response was unreadable")
        if isinstance(response, ApiError) and not (may_be_there and response.meaning is DUPLICATE):
            if not response.is_own:
                raise unknown(f"it answered HTTP {response.status}", response)
            raise explain_refusal(X, response, not_found=TARGET_GONE, of="post", step=REPLY, now=job.now())

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        with X.changing_live(None):
            with X.lost(step=SEE):
                _, response = await self._api.send(job, "GET", post(external_id), step=SEE)
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
                return Absent(message="X does not have the post, and accepts the account's access.")
            X.object_of(response, step=SEE, now=job.now())
        return self._report(job, external_id)

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        with X.changing_live(None):
            await self.delete(job, external_id, step=DELETE, now=job.now())

    async def read_posts(
        self,
        access: AccountAccess,
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  X removes none
    ) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_posts(self._api, access, posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  the port's
        """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)

    def _report(self, job: Job, post_id: str | None) -> Present:
        url = None if post_id is None else self._api.endpoints.post(job.account.handle, post_id)
        return Present(external_id=post_id, external_url=url)
