"""Finds out what became of the call that publishes.

A page's posts can be read, and each shows the URNs of its media, which were uploaded for this post alone: a match is exact. A member's
posts can't be read by any app, so the outcome of a lost call stays unknown.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.failed_reads import read_failed, read_succeeded
from presswork.platforms.findings import in_seconds
from presswork.platforms.linkedin.api import Api
from presswork.platforms.linkedin.posts import FIND, GET, find_post, lifecycle_of
from presswork.platforms.linkedin.publication import Publication, media_in
from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import CannotTell, Job, Live, NotLive, Outcome, Processing, RetryPolicy

_REPEATS: Final = 3
"""Repetitions of a call without a clear answer, each after the proof that the one before had no effect, until the post fails."""
_THROTTLED_FOR: Final = timedelta(hours=25)
"""How long after the call to keep asking while a limit lasts: the calls of a day are counted from zero again within that time."""


class LookUp:
    """One look-up of the outcome of a post."""

    def __init__(self, api: Api, retry_policy: RetryPolicy, job: Job, prepared: Mapping[str, JsonValue]) -> None:
        """Store the post and the result of `prepare`."""
        self._api: Final = api
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._media: Final = media_in(prepared)
        self._is_video: Final = job.media[0].is_video
        self._publication: Final = Publication.load(job.state)
        self._elapsed: Final = job.now() - job.live_call_at if job.live_call_at is not None else timedelta()

    async def outcome(self) -> Outcome:
        """Return Live, NotLive, Processing or CannotTell. Raises Rejected where LinkedIn failed to publish the post."""
        if self._publication.urn is not None:
            return await self._confirmed(self._publication.urn)
        if not is_organization(self._job.account.external_id):
            return CannotTell(
                message="LinkedIn lets no app read a member's posts, so Presswork can't find out whether the post is live.",
                check_after=None,
            )
        try:
            urn = await find_post(self._api, self._job, self._media)
        except PlatformError as error:
            return await self._unreadable(error)
        await read_succeeded(self._job)
        if urn is None:
            return await self._not_listed()
        if not self._is_video:
            return live(self._api, urn)
        await self._publication.confirmed(urn).save(self._job)
        return await self._confirmed(urn)

    async def _confirmed(self, urn: str) -> Live | Processing:
        """Follow a page's video that LinkedIn accepted. Only a failure that it reports makes the post one that is not live."""
        try:
            state = await lifecycle_of(self._api, self._job, urn)
        except PlatformError:
            state = None
        if state == "PUBLISH_FAILED":
            raise Rejected(
                "LinkedIn accepted the post and then failed to publish its video. Nothing is live.",
                advice="Look at the page, then publish again.",
                step=GET,
                failure=FailureCode.MEDIA_REJECTED,
                platform_code=state,
            )
        if state == "PUBLISHED" or self._elapsed >= self._retry_policy.unknown_after:
            return live(self._api, urn)
        return self._poll("LinkedIn accepted the post and is still processing its video.")

    async def _not_listed(self) -> Outcome:
        """Handle a post that the page does not list: a new one may be listed late.

        Of a video, absence proves nothing: LinkedIn may process it for long, and does not say whether it lists it meanwhile.
        """
        if self._publication.is_duplicate:
            return self._poll_or_give_up(
                "LinkedIn reports that the page has this content already. It does not list the post yet.",
                at_last="LinkedIn reports that the page has this content already, but its list does not show the post.",
            )
        if self._is_video:
            return self._poll_or_give_up(
                "The page does not list the post. LinkedIn may still be processing its video.",
                at_last=f"The page does not list the post {in_seconds(self._elapsed)} after the call. LinkedIn may still be processing "
                "its video.",
            )
        now, since = self._job.now(), self._publication.missing_at
        if since is None:
            await self._publication.missing(now).save(self._job)
        if since is None or now - since < self._retry_policy.republish_after:
            return self._poll("The page does not list the post. A new post may be listed late.")
        if self._publication.repeats >= _REPEATS:
            raise Rejected(
                f"LinkedIn was called {_REPEATS + 1} times to publish the post and returned no clear answer. The page does not list it.",
                advice="Look at the page; if the post is not there, publish again later.",
                step=FIND,
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        await self._publication.repeated().save(self._job)
        return NotLive(
            message=f"The page does not list the post {in_seconds(self._elapsed)} after the call. LinkedIn is called again.",
            starts_over=False,
        )

    def _poll_or_give_up(self, message: str, *, at_last: str) -> Processing | CannotTell:
        """Ask again until `unknown_after` has passed. The messages say why before that and after it."""
        if self._elapsed < self._retry_policy.unknown_after:
            return self._poll(message)
        return CannotTell(message=at_last, check_after=None)

    def _poll(self, message: str) -> Processing:
        return Processing(message=message, check_after=self._retry_policy.poll_after(self._elapsed))

    async def _unreadable(self, error: PlatformError) -> CannotTell:
        """Handle a failed read. Not even an invalid token decides: the account may be connected again."""
        return await read_failed(
            self._job,
            error,
            self._retry_policy,
            throttled_for=_THROTTLED_FOR,
            unknown="LinkedIn can't be asked now whether the post is live.",
            at_last="LinkedIn did not list the page's posts",
        )


def live(api: Api, urn: str) -> Live:
    """Return a post that is live."""
    return Live(external_id=urn, external_url=api.endpoints.post(urn))
