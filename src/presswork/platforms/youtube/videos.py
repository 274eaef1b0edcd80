"""Videos of a channel: their visibility and processing state, the newest uploads, and what the channel may upload."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.api_client import ApiError, ErrorMeaning, JsonObject
from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.json_values import instant_of, items_of, part_of, text_of
from presswork.platforms.port import Credentials, Job, TargetAccount
from presswork.platforms.youtube.api import CHANNELS, PLAYLIST_ITEMS, VIDEOS, Api
from presswork.platforms.youtube.error_mapping import YOUTUBE, video_failure
from presswork.platforms.youtube.rules import PRIVATE

LIST: Final = "videos_list"
DELETE: Final = "videos_delete"
CHANNEL: Final = "channels"
UPLOADS: Final = "playlist_items_list"
DELETED: Final = "deleted"
_ENDED: Final = frozenset({"failed", "rejected", DELETED})
_NEWEST: Final = 25
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoState:
    """One read of a video."""

    privacy: str | None
    upload_status: str | None
    reason: str | None
    """Why YouTube failed or rejected it."""
    channel_id: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether only the channel sees the video."""
        return self.privacy == PRIVATE

    @property
    def is_processed(self) -> bool:
        """Whether YouTube has finished processing."""
        return self.upload_status == "processed"

    @property
    def failure(self) -> ErrorMeaning | None:
        """Why the video will never be visible, or None if it may be."""
        return video_failure(self.reason or self.upload_status) if self.upload_status in _ENDED else None

    @classmethod
    def of(cls, video: JsonObject) -> "VideoState":
        """Read a video resource."""
        status, snippet = part_of(video, "status"), part_of(video, "snippet")
        return cls(
            privacy=text_of(status.get("privacyStatus")),
            upload_status=text_of(status.get("uploadStatus")),
            reason=text_of(status.get("failureReason")) or text_of(status.get("rejectionReason")),
            channel_id=text_of(snippet.get("channelId")),
        )


async def read_video(api: Api, job: Job, video_id: str) -> VideoState | None:
    """Read a video of the channel; None where YouTube does not have it. Raises TryLater, Rejected, CredentialInvalid."""
    params = {"part": "status,processingDetails,snippet", "id": video_id}
    body = await api.ask(job, "GET", VIDEOS, params, step=LIST, now=job.now())
    found = [item for item in items_of(body, "items") if item.get("id") == video_id]
    return VideoState.of(found[0]) if found else None


async def accepts_long_uploads(api: Api, job: Job) -> bool:
    """Whether the channel may upload long videos. Raises TryLater, Rejected, CredentialInvalid."""
    return allows_long_uploads(await channel_of(api, job.account, job, now=job.now()))


def allows_long_uploads(channel: JsonObject) -> bool:
    """Whether a channel may upload long videos."""
    return text_of(part_of(channel, "status").get("longUploadsStatus")) in (None, "allowed")


async def channel_of(api: Api, account: TargetAccount, credentials: Credentials, *, now: datetime | None) -> JsonObject:
    """Return an account's channel; empty where YouTube does not list it. Raises TryLater, Rejected, CredentialInvalid."""
    params = {"part": "status,contentDetails", "mine": "true"}
    channels = items_of(await api.ask(credentials, "GET", CHANNELS, params, step=CHANNEL, now=now), "items")
    return next((channel for channel in channels if channel.get("id") == account.external_id), {})


async def find_upload(api: Api, job: Job, *, title: str, opened_at: datetime) -> str | None:
    """Return the video that a lost session became: the only private one with its title that was uploaded since it was opened.

    The channel's list of uploads is seconds to minutes late. Raises TryLater, Rejected, CredentialInvalid.
    """
    channel = await channel_of(api, job.account, job, now=job.now())
    playlist = text_of(part_of(channel, "contentDetails", "relatedPlaylists").get("uploads"))
    if playlist is None:
        return None
    params = {"part": "snippet,contentDetails", "playlistId": playlist, "maxResults": str(_NEWEST)}
    items = items_of(await api.ask(job, "GET", PLAYLIST_ITEMS, params, step=UPLOADS, now=job.now()), "items")
    ids = [_read_video_id(item) for item in items if _is_upload(item, title, opened_at)]
    found = [video_id for video_id in ids if video_id is not None]
    if len(found) != 1:
        return None  # several: no guess. Another upload leaves a private copy, and never a second public video.
    state = await read_video(api, job, found[0])
    return found[0] if state is not None and state.is_private else None


def _is_upload(item: JsonObject, title: str, opened_at: datetime) -> bool:
    snippet = part_of(item, "snippet")
    added_at = instant_of(snippet.get("publishedAt"))
    is_new = added_at is not None and added_at >= opened_at - _CLOCKS_DIFFER_BY
    return is_new and snippet.get("title") == title


def _read_video_id(item: JsonObject) -> str | None:
    inner: Mapping[str, object] = part_of(item, "contentDetails")
    video_id = inner.get("videoId") or part_of(item, "snippet", "resourceId").get("videoId")
    return video_id if isinstance(video_id, str) and video_id else None


async def delete_copy(api: Api, job: Job, video_id: str) -> bool:
    """Delete a private copy of a video. False: it may still be there."""
    try:
        await delete_video(api, job, video_id)
    except PlatformError:
        return False
    return True


async def delete_video(api: Api, job: Job, video_id: str) -> None:
    """Delete a video of the channel, unless it is gone already. Raises TryLater, Rejected, CredentialInvalid.

    Source: Google, "Videos: delete" (204, and 404 videoNotFound), read 2026-11.
    """
    with YOUTUBE.lost(step=DELETE):
        reply, response = await api.send(job, "DELETE", VIDEOS, {"id": video_id}, step=DELETE)
    if reply.status == 204:
        return
    if not isinstance(response, ApiError) or response.status != 404:
        YOUTUBE.object_of(response, step=DELETE, now=job.now())
        return
    if await read_video(api, job, video_id) is not None:
        raise TryLater(f"{response.quoted} YouTube still lists the video.", step=DELETE, **response.reported)
