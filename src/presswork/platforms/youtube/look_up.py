"""Reads what became of the call that makes a video visible.

The call is idempotent: it sets the visibility of one video, whose id is known, and one that arrives late can only set the same.
So "still private" means "not live", and the call may be repeated at once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, PlatformError, Rejected, Reported
from presswork.platforms.failed_reads import read_failed, read_succeeded
from presswork.platforms.findings import in_seconds
from presswork.platforms.port import CannotTell, Job, Live, NotLive, Outcome, Processing, RetryPolicy
from presswork.platforms.youtube.api import Api
from presswork.platforms.youtube.error_mapping import NOT_PUBLIC
from presswork.platforms.youtube.media_rules import is_short
from presswork.platforms.youtube.options import PRIVATE, settings_of
from presswork.platforms.youtube.publication import Publication
from presswork.platforms.youtube.videos import VideoState, read_video

UPDATE: Final = "videos_update"
_UNSURE_CALLS: Final = 5
"""Calls without a clear response, each proven to have had no effect, before the post fails."""
_THROTTLED_FOR: Final = timedelta(hours=25)
"""How long after the call to keep asking while a limit lasts: the quota of a day ends within that time."""


class LookUp:
    """One look-up of the outcome of a post."""

    def __init__(self, api: Api, retry_policy: RetryPolicy, job: Job, prepared: Mapping[str, JsonValue]) -> None:
        """Store the post and the result of `prepare`."""
        self._api: Final = api
        self._retry_policy: Final = retry_policy
        self._job: Final = job
        self._video_id: Final = video_in(prepared)
        self._wanted: Final = settings_of(job.options).visibility
        self._publication: Final = Publication.load(job.state)
        self._elapsed: Final = job.now() - job.live_call_at if job.live_call_at is not None else timedelta()

    async def outcome(self) -> Outcome:
        """Return Live, NotLive, Processing or CannotTell. Raises Rejected where YouTube itself shows that nothing is visible."""
        try:
            state = await read_video(self._api, self._job, self._video_id)
        except PlatformError as error:
            return await self._unreadable(error)
        await read_succeeded(self._job)
        if state is None:
            return await self._missing()
        if self._publication.missing_at is not None:
            await self._publication.missing(None).save(self._job)
        if state.failure is not None:
            raise Rejected(
                f"{state.failure.sentence} The video is not visible.",
                advice=state.failure.advice,
                step=UPDATE,
                failure=state.failure.failure,
                **Reported(platform_code=state.reason or state.upload_status),
            )
        if self._wanted == PRIVATE or not state.is_private:
            return live(self._api, self._job, self._video_id, state)
        return await self._still_private()

    async def _still_private(self) -> Processing | NotLive:
        """Handle a private video that should be visible: repeat the call, unless YouTube has confirmed it."""
        is_recent = self._elapsed < self._retry_policy.republish_after
        if self._publication.answered_at is not None:
            since = self._job.now() - self._publication.answered_at
            if since < self._retry_policy.republish_after:
                return self._poll("YouTube confirmed the new visibility, and does not show it yet.")
            studio = self._api.endpoints.studio(self._video_id)
            raise Rejected(
                f"YouTube accepted the change to {self._wanted}, but the video is still private {in_seconds(since)} later. "
                f"{NOT_PUBLIC.sentence} It stays on the channel ({studio}).",
                advice=NOT_PUBLIC.advice,
                step=UPDATE,
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        if not is_recent:
            if self._publication.unsure >= _UNSURE_CALLS:
                raise Rejected(
                    f"YouTube was asked {self._publication.unsure} times to make the video visible and returned no clear "
                    "response. The video is still private.",
                    advice="Publish again later.",
                    step=UPDATE,
                    failure=FailureCode.PLATFORM_UNAVAILABLE,
                )
            if not self._publication.is_settled:
                await self._publication.settled().save(self._job)
        elif self._publication.is_settled:  # the worker ended before it stored what became of its call
            await self._publication.with_unsure_call().save(self._job)
        elif not self._publication.may_repeat_at_once:
            return self._poll("The video is still private, and an earlier call may still arrive.")
        return NotLive(message="The video is still private. YouTube is asked again to change that.", starts_over=False)

    async def _missing(self) -> Processing:
        """Handle a video that YouTube does not list. Raises Rejected when that lasts."""
        now, since = self._job.now(), self._publication.missing_at
        if since is None:
            await self._publication.missing(now).save(self._job)
        elif now - since >= self._retry_policy.republish_after:
            raise Rejected(
                "YouTube does not have the video any more: it was deleted on YouTube. Nothing is visible.",
                advice="Publish again if the video is still wanted.",
                step=UPDATE,
                failure=FailureCode.CANCELED_BY_PLATFORM,
            )
        return self._poll("YouTube does not list the video at the moment.")

    def _poll(self, message: str) -> Processing:
        return Processing(message=message, check_after=self._retry_policy.poll_after(self._elapsed))

    async def _unreadable(self, error: PlatformError) -> CannotTell:
        """Handle a failed read. Not even an invalid token decides: the video may be visible, and the account may be connected again."""
        return await read_failed(
            self._job,
            error,
            self._retry_policy,
            throttled_for=_THROTTLED_FOR,
            unknown="YouTube can't be asked now whether the video is visible.",
            at_last="YouTube did not report",
        )


def live(api: Api, job: Job, video_id: str, state: VideoState) -> Live:
    """Return a post that is live, with its visibility where that is not public."""
    message = None
    if state.privacy is not None and state.privacy != "public":
        message = f"The video is on YouTube; its visibility is {state.privacy}."
    return Live(
        external_id=video_id,
        external_url=api.endpoints.video(video_id, is_short=is_short(job.media[0])),
        message=message,
    )


def video_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the video that `prepare` returned. Raises KeyError on anything else."""
    video_id = prepared["videoId"]
    if not isinstance(video_id, str):
        raise KeyError("videoId")
    return video_id
