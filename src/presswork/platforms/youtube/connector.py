"""Publishing on YouTube: upload as private, make visible, look up, locate, comment.

Source: Google, "Videos: insert", "Videos: update" and "Videos: list", read 2026-11.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, UnreadableResponse, refusal
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import Findings
from presswork.platforms.port import (
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
from presswork.platforms.rate_limits import reserve
from presswork.platforms.transport import Transport
from presswork.platforms.youtube.api import VIDEOS, Api
from presswork.platforms.youtube.comments import STEP as COMMENT
from presswork.platforms.youtube.comments import has_comment, require_commentable, write_comment
from presswork.platforms.youtube.description import COMMENT as COMMENT_SCOPES
from presswork.platforms.youtube.error_mapping import YOUTUBE
from presswork.platforms.youtube.prepare import Preparation
from presswork.platforms.youtube.rules import Quota, check, is_short, settings_of, status
from presswork.platforms.youtube.videos import CONFIRMED, UPDATE, VIDEO_ID, fetch_validator, look_up, video_in

_unknown: Final = partial(YOUTUBE.publish_unknown, step=UPDATE, aim="make the video visible")


class YouTubeConnector:
    """The port's `Connector` for YouTube."""

    can_comment: Final = True

    def __init__(
        self, api: Api, transport: Transport, retry_policy: RetryPolicy, quota: Quota, *, chunk_bytes: int
    ) -> None:
        """Store the API client, the transport and the size of a chunk for uploads, and the quota of the operator's project."""
        self._api: Final = api
        self._transport: Final = transport
        self._chunk_bytes: Final = chunk_bytes
        self._retry_policy: Final = retry_policy
        self._quota: Final = quota

    def check(self, draft: Draft) -> Findings:
        """Check a post against YouTube's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch whether the channel may upload long videos. Raises Rejected, CredentialInvalid, TryLater."""
        return await fetch_validator(self._api, account, credentials)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the video as private and wait until it is processed. Raises Rejected, TryLater, CredentialInvalid."""
        preparation = Preparation(self._api, self._transport, self._retry_policy, self._quota, self._chunk_bytes, job)
        return {VIDEO_ID: await preparation.run()}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Set the video's visibility; repeating the call changes nothing more.

        Rejected, TryLater and CredentialInvalid mean that this call has no effect. After YouTube confirmed the call, the
        visibility is read once more: YouTube may keep a video private.
        """
        video_id, settings = video_in(prepared), settings_of(job.options)
        body: dict[str, JsonValue] = {"id": video_id, "status": status(settings, settings.visibility)}
        with YOUTUBE.lost(step=UPDATE, unknown=_unknown):
            _, response = await self._api.send(job, "PUT", VIDEOS, {"part": "status"}, step=UPDATE, body=body)
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
            check_after=self._retry_policy.poll_first,
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Read the video's visibility: see `videos.look_up`."""
        return await look_up(self._api, job, prepared)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the video's id and address, which need no call."""
        video_id = external_id or video_in(prepared)
        return Located(
            external_id=video_id, external_url=self._api.endpoints.video(video_id, is_short=is_short(job.media[0]))
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
        if may_be_there and await has_comment(self._api, job, external_id, text):
            return
        if self._retry_policy.limit_recheck is None:
            await reserve(job, self._quota.of_writes(job.now()), step=COMMENT)
        await write_comment(self._api, job, external_id, text)
