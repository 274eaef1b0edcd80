"""Publishing on YouTube: upload as private, make visible, look up, locate, comment, add extras.

The call that makes a video visible is idempotent: it sets the visibility of one video, whose id is known, and one that arrives late can
only set the same.
Source: Google, "Videos: insert", "Videos: update" and "Videos: list", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, UnreadableResponse, refusal
from presswork.platforms.errors import FailureCode, Rejected, Reported, TryLater
from presswork.platforms.findings import Findings, found
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.port import (
    Absent,
    Added,
    Credentials,
    Draft,
    Extra,
    Failed,
    Job,
    LiveEdit,
    Located,
    Playlist,
    Present,
    Processing,
    QuotaCost,
    Sighting,
    TargetAccount,
    Validator,
)
from presswork.platforms.rate_limits import reserve
from presswork.platforms.youtube.api import VIDEOS, Api
from presswork.platforms.youtube.comments import VideoComments
from presswork.platforms.youtube.description import COMMENT as COMMENT_SCOPES
from presswork.platforms.youtube.edit import EDIT, edit_video
from presswork.platforms.youtube.error_mapping import NOT_PUBLIC, YOUTUBE
from presswork.platforms.youtube.extras import add_extra, list_playlists
from presswork.platforms.youtube.first_comment import STEP as COMMENT
from presswork.platforms.youtube.first_comment import is_written, require_commentable, write_comment
from presswork.platforms.youtube.insights import YouTubeReader
from presswork.platforms.youtube.prepare import Preparation
from presswork.platforms.youtube.rules import PRIVATE, Quota, check, check_unverified, is_short, settings_of, status
from presswork.platforms.youtube.videos import (
    CHANNEL,
    DELETE,
    DELETED,
    VideoState,
    allows_long_uploads,
    channel_of,
    delete_video,
    read_video,
)

UPDATE: Final = "videos_update"
VIDEO_ID: Final = "videoId"
CONFIRMED: Final = "visibilityConfirmed"
"""Stored once YouTube has confirmed a call."""
_unknown: Final = partial(YOUTUBE.publish_unknown, step=UPDATE, aim="make the video visible")


@dataclass(frozen=True, slots=True)
class YouTubeConnector(VideoComments):
    """The port's `Connector` for YouTube."""

    can_comment: ClassVar = True
    quota: Quota
    """Of the operator's project."""
    chunk_bytes: int

    def check(self, draft: Draft) -> Findings:
        """Check a post against YouTube's fixed limits, and against the project's units of a day."""
        return check(draft) + found(self.quota.warn(draft))

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch whether the channel may upload videos of more than 15 minutes.

        Raises Rejected and CredentialInvalid only where the account may publish nothing; errors that do not concern publishing are
        TryLater.
        """
        try:
            channel = await channel_of(self.api, account, credentials, now=None)
        except Rejected as error:
            if error.failure in {FailureCode.ACCOUNT_NOT_ELIGIBLE, FailureCode.CREDENTIAL_INVALID}:
                raise
            raise TryLater(f"YouTube did not report what the channel may upload: {error.what}", step=CHANNEL) from error
        return (lambda _draft: Findings()) if allows_long_uploads(channel) else check_unverified

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the video as private and wait until it is processed. Raises Rejected, TryLater, CredentialInvalid."""
        preparation = Preparation(self.api, self.quota, self.chunk_bytes, job)
        return {VIDEO_ID: await preparation.run()}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Set the video's visibility; repeating the call changes nothing more.

        Rejected, TryLater and CredentialInvalid mean that this call has no effect. After YouTube confirmed the call, the
        visibility is read once more: YouTube may keep a video private.
        """
        video_id, settings = video_in(prepared), settings_of(job.options)
        body: dict[str, JsonValue] = {"id": video_id, "status": status(settings, settings.visibility)}
        with YOUTUBE.lost(step=UPDATE, unknown=_unknown):
            _, response = await self.api.send(job, "PUT", VIDEOS, {"part": "status"}, step=UPDATE, body=body)
        if isinstance(response, ApiError):
            if not response.proves_nothing_changed:
                raise _unknown(f"it answered HTTP {response.status}", response)
            raise refusal(response, step=UPDATE, now=job.now())
        if isinstance(response, UnreadableResponse):
            raise _unknown("its response was unreadable")
        # What the next attempt would not know, it finds out by another call.
        job.save_later(**{CONFIRMED: True})
        return Processing(
            message=f"YouTube confirmed the visibility {settings.visibility}.",
            check_after=self.api.retry_policy.poll_first,
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Read the video's visibility. Raises TryLater, Rejected, CredentialInvalid where it can't be read."""
        video_id = video_in(prepared)
        state = await read_video(self.api, job, video_id)
        if state is None:
            deleted = Rejected(
                "YouTube does not have the video any more: it was deleted on YouTube. Nothing is visible.",
                advice="Publish again if the video is still wanted.",
                step=UPDATE,
                failure=FailureCode.CANCELED_BY_PLATFORM,
            )
            return Absent(message="YouTube does not list the video at the moment.", evidence="missing", instead=deleted)
        if state.failure is not None:
            return Failed(
                reason=Rejected(
                    f"{state.failure.sentence} The video is not visible.",
                    advice=state.failure.advice,
                    step=UPDATE,
                    failure=state.failure.failure,
                    **Reported(platform_code=state.reason or state.upload_status),
                )
            )
        wanted = settings_of(job.options).visibility
        if wanted == PRIVATE or not state.is_private:
            return live(self.api, job, video_id, state)
        if job.state.get(CONFIRMED) is not True:
            return Absent(message="The video is still private.", evidence="private")
        refused = Rejected(
            f"YouTube accepted the change to {wanted}, but the video is still private. {NOT_PUBLIC.sentence} It stays on the "
            f"channel ({self.api.endpoints.studio(video_id)}).",
            advice=NOT_PUBLIC.advice,
            step=UPDATE,
            failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        )
        message = "YouTube confirmed the new visibility, and does not show it yet."
        return Absent(message=message, evidence="confirmed", instead=refused)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the video's id and address, which need no call."""
        video_id = external_id or video_in(prepared)
        return Located(
            external_id=video_id, external_url=self.api.endpoints.video(video_id, is_short=is_short(job.media[0]))
        )

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if the channel has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        require_commentable(job)
        if not job.account.scopes >= COMMENT_SCOPES:
            raise Rejected(
                "The account did not allow Presswork to comment.",
                advice="Write this comment manually, and connect the account again with every permission ticked.",
                step=COMMENT,
                failure=FailureCode.CREDENTIAL_INVALID,
            )
        if may_be_there and await is_written(self.api, job, external_id, text):
            return
        await self._reserve_write(job, step=COMMENT)
        await write_comment(self.api, job, external_id, text)

    async def add_extra(self, job: Job, external_id: str, extra: Extra, *, may_be_there: bool) -> Added:
        """Set the thumbnail, add the video to a playlist, or upload captions; with `may_be_there`, look first.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        return await add_extra(self.api, self.quota, job, external_id, extra, may_be_there=may_be_there)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the video, which the channel sees whatever its visibility is. Raises TryLater, Rejected, CredentialInvalid."""
        with YOUTUBE.changing_live(None):
            state = await read_video(self.api, job, external_id)
        if state is None or state.upload_status == DELETED:
            return Absent(message="YouTube accepts the account's access, and does not have the video.")
        return live(self.api, job, external_id, state)

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the video. Raises TryLater, Rejected, CredentialInvalid."""
        with YOUTUBE.changing_live(None):
            await self._reserve_write(job, step=DELETE)
            await delete_video(self.api, job, external_id)

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change title, description and visibility; all else stays as it is. Raises TryLater, Rejected, CredentialInvalid."""
        with YOUTUBE.changing_live("Edit"):
            await self._reserve_write(job, step=EDIT)
            await edit_video(self.api, job, external_id, edit)

    async def _reserve_write(self, job: Job, *, step: str) -> None:
        """Reserve units of the day for a call that changes something. A sandbox's clock may be moved: only its response counts."""
        if self.api.retry_policy.limit_recheck is None:
            await reserve(job, self.quota.of_writes(job.now()), step=step)

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of videos. Raises TryLater, CredentialInvalid, Rejected."""
        return await YouTubeReader(self.api, self.api.of_analytics(), access, removed).read_posts(posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the channel's numbers. Raises TryLater, CredentialInvalid, Rejected."""
        return await YouTubeReader(self.api, self.api.of_analytics(), access, removed).read_account(since=since)

    def quota_cost(self, draft: Draft, *, has_comment: bool) -> QuotaCost:
        """Return the units of a post, without status reads, which cost 1 each."""
        return self.quota.cost(draft, has_comment=has_comment)

    async def fetch_playlists(self, account: TargetAccount, credentials: Credentials) -> Sequence[Playlist]:  # noqa: ARG002  the token names the channel
        """Fetch the channel's own playlists. Raises TryLater, Rejected, CredentialInvalid."""
        return await list_playlists(self.api, credentials)


def live(api: Api, job: Job, video_id: str, state: VideoState) -> Present:
    """Return a post that is live, with its visibility where that is not public."""
    message = None
    if state.privacy is not None and state.privacy != "public":
        message = f"The video is on YouTube; its visibility is {state.privacy}."
    return Present(
        external_id=video_id,
        external_url=api.endpoints.video(video_id, is_short=any(map(is_short, job.media))),
        message=message,
    )


def video_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the video that `prepare` returned. Raises KeyError on anything else."""
    video_id = prepared[VIDEO_ID]
    if not isinstance(video_id, str):
        raise KeyError(VIDEO_ID)
    return video_id
