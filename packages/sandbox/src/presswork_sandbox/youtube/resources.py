"""Channels, videos and playlist items as the API writes them: only the parts that a call asks for.

Source: Google, "Channels", "Videos", "PlaylistItems", and the discovery document of youtube.v3, read 2026-11.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.youtube.statistics import Statistics
from presswork_sandbox.youtube.videos import Video, long_uploads_status

THUMBNAILS: Final[Mapping[str, tuple[str, int, int]]] = {
    "default": ("default", 120, 90),
    "medium": ("mqdefault", 320, 180),
    "high": ("hqdefault", 480, 360),
}
HD_LINES: Final = 720
CHANNEL_PARTS: Final = frozenset(
    [
        "id",
        "snippet",
        "status",
        "contentDetails",
        "statistics",
        "brandingSettings",
        "contentOwnerDetails",
        "localizations",
        "topicDetails",
    ]
)
PLAYLIST_ITEM_PARTS: Final = frozenset({"id", "snippet", "contentDetails", "status"})
LARGE_THUMBNAILS: Final[Mapping[str, tuple[str, int, int]]] = {
    "standard": ("sddefault", 640, 480),
    "maxres": ("maxresdefault", 1280, 720),
}
SHORTS_THUMBNAIL: Final = ("shortsAspectRatio", ("oardefault", 1080, 1920))

Part = Callable[[], Mapping[str, JSONValue]]


def youtube_time(instant: float) -> str:
    """Write an instant as the API does: 2026-11-28T07:45:05Z."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_etag(body: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """Return a resource with the tag of its content."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {"kind": body["kind"], "etag": digest[:27], **{name: part for name, part in body.items() if name != "kind"}}


def uploads_playlist(account: Account) -> str:
    """Return the id of the playlist of all that a channel uploaded."""
    return "UU" + account.user_id.removeprefix("UC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a video is in a playlist."""

    item_id: str
    playlist_id: str
    position: int
    added_at: float
    note: str


class Resources:
    """Write the API's resources."""

    def __init__(self, sandbox: Sandbox, statistics: Statistics) -> None:
        self._sandbox = sandbox
        self._statistics = statistics

    def channel(self, account: Account, parts: Sequence[str], *, is_own: bool) -> JSONValue:
        """Return a channel, to its owner or to others."""
        makers: dict[str, Part] = {
            "snippet": lambda: {
                "title": account.display_name,
                "description": "",
                "customUrl": f"@{account.handle.lower()}",
                "publishedAt": youtube_time(account.created_at),
                "thumbnails": {
                    name: {"url": f"https://yt3.ggpht.com/{account.user_id}=s{width}", "width": width, "height": width}
                    for name, width in (("default", 88), ("medium", 240), ("high", 800))
                },
                "localized": {"title": account.display_name, "description": ""},
            },
            "status": lambda: {
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": long_uploads_status(account),
                "madeForKids": False,
            },
            "contentDetails": lambda: {"relatedPlaylists": {"likes": "", "uploads": uploads_playlist(account)}},
            "statistics": lambda: self._statistics.channel(account, is_own=is_own),
        }
        return _resource("youtube#channel", account.user_id, makers, parts)

    def video(self, video: Video, account: Account, parts: Sequence[str]) -> JSONValue:
        """Return a video, which `account` uploaded."""
        asset = None if video.asset_id is None else self._sandbox.media_store.asset(video.asset_id)
        makers: dict[str, Part] = {
            "snippet": lambda: self._describe_video(video, account),
            "status": lambda: _status(video),
            "processingDetails": lambda: _processing_details(video),
            "contentDetails": lambda: _content(video, asset),
            "fileDetails": lambda: {
                "fileName": "unknown",
                "fileSize": str(video.size_bytes),
                "fileType": "video" if asset is not None and asset.is_video else "other",
                **({} if asset is None else {"durationMs": str(round((asset.duration_seconds or 0) * 1000))}),
            },
            "statistics": lambda: {**self._statistics.video(video, account), "favoriteCount": "0"},
        }
        return _resource("youtube#video", video.video_id, makers, parts)

    def video_stats(self, video: Video, account: Account, parts: Sequence[str]) -> JSONValue:
        """Return a video as `videos.batchGetStats` has it."""
        makers: dict[str, Part] = {
            "snippet": lambda: {"publishTime": youtube_time(video.published_at or video.uploaded_at)},
            "statistics": lambda: self._statistics.video(video, account),
        }
        return _resource("youtube#videoStats", video.video_id, makers, parts)

    def _describe_video(self, video: Video, account: Account) -> Mapping[str, JSONValue]:
        sent = video.resource["snippet"]
        title, description = sent["title"], sent["description"]
        return {
            "publishedAt": youtube_time(video.published_at or video.uploaded_at),
            "channelId": account.user_id,
            "title": title,
            "description": description,
            "thumbnails": thumbnails(video.video_id),
            "channelTitle": account.display_name,
            **sent,
            "liveBroadcastContent": "none",
            "localized": {"title": title, "description": description},
        }

    def playlist(
        self,
        playlist_id: str,
        owner: Account,
        *,
        title: str,
        description: str,
        privacy: str,
        created_at: float,
        item_count: int,
        parts: Sequence[str],
    ) -> JSONValue:
        """Return a playlist of a channel."""
        makers: dict[str, Part] = {
            "snippet": lambda: {
                "publishedAt": youtube_time(created_at),
                "channelId": owner.user_id,
                "title": title,
                "description": description,
                "channelTitle": owner.display_name,
                "localized": {"title": title, "description": description},
            },
            "status": lambda: {"privacyStatus": privacy},
            "contentDetails": lambda: {"itemCount": item_count},
        }
        return _resource("youtube#playlist", playlist_id, makers, parts)

    def playlist_item(
        self,
        place: Place,
        owner: Account,
        video_id: str,
        video: Video | None,
        uploader: Account | None,
        parts: Sequence[str],
    ) -> JSONValue:
        """Return a video as an item of a playlist of `owner`. One that was deleted is still an item."""

        def describe() -> Mapping[str, JSONValue]:
            shown: dict[str, JSONValue] = {
                "publishedAt": youtube_time(place.added_at),
                "channelId": owner.user_id,
                "channelTitle": owner.display_name,
                "title": "Deleted video",
                "description": "This video is unavailable.",
                "thumbnails": {},
                "playlistId": place.playlist_id,
                "position": place.position,
                "resourceId": {"kind": "youtube#video", "videoId": video_id},
            }
            if video is None or uploader is None:
                return shown
            snippet = self._describe_video(video, uploader)
            return {
                **shown,
                **{name: snippet[name] for name in ("title", "description", "thumbnails")},
                "videoOwnerChannelTitle": uploader.display_name,
                "videoOwnerChannelId": uploader.user_id,
            }

        makers: dict[str, Part] = {
            "snippet": describe,
            "contentDetails": lambda: (
                {"videoId": video_id}
                | ({"note": place.note} if place.note else {})
                | (
                    {}
                    if video is None or video.published_at is None
                    else {"videoPublishedAt": youtube_time(video.published_at)}
                )
            ),
            "status": lambda: {"privacyStatus": "privacyStatusUnspecified" if video is None else video.privacy},
        }
        return _resource("youtube#playlistItem", place.item_id, makers, parts)


def _resource(kind: str, identifier: str, makers: Mapping[str, Part], parts: Sequence[str]) -> JSONValue:
    chosen = {name: make() for name, make in makers.items() if name in parts}
    return with_etag({"kind": kind, "id": identifier, **chosen})


def thumbnails(video_id: str) -> Mapping[str, JSONValue]:
    """Return the pictures of a video by size, in pixels."""
    return _pictures(video_id, THUMBNAILS)


def own_thumbnails(video_id: str, *, is_short: bool) -> Mapping[str, JSONValue]:
    """Return the pictures that YouTube makes of a thumbnail that was set; of a Short also one of its own shape."""
    sizes = {**THUMBNAILS, **LARGE_THUMBNAILS}
    return _pictures(video_id, sizes | dict([SHORTS_THUMBNAIL]) if is_short else sizes)


def _pictures(video_id: str, sizes: Mapping[str, tuple[str, int, int]]) -> Mapping[str, JSONValue]:
    return {
        name: {"url": f"https://i.ytimg.com/vi/{video_id}/{file}.jpg", "width": width, "height": height}
        for name, (file, width, height) in sizes.items()
    }


def is_made_for_kids(video: Video) -> bool:
    """Return whether a video is for children: it has no comments then."""
    return video.resource["status"].get("selfDeclaredMadeForKids") is True


def _status(video: Video) -> Mapping[str, JSONValue]:
    status: dict[str, JSONValue] = {"uploadStatus": video.state, **video.resource["status"]}
    status["madeForKids"] = is_made_for_kids(video)
    if video.state in {"failed", "rejected"}:
        status["failureReason" if video.state == "failed" else "rejectionReason"] = video.reason
    return status


def _processing_details(video: Video) -> Mapping[str, JSONValue]:
    status = {"uploaded": "processing", "processed": "succeeded", "failed": "failed", "rejected": "terminated"}
    details: dict[str, JSONValue] = {
        "processingStatus": status.get(video.state, "terminated"),
        "fileDetailsAvailability": "available",
        "processingIssuesAvailability": "inProgress" if video.state == "uploaded" else "available",
        "tagSuggestionsAvailability": "inProgress" if video.state == "uploaded" else "available",
        "editorSuggestionsAvailability": "inProgress" if video.state == "uploaded" else "available",
        "thumbnailsAvailability": "inProgress" if video.state == "uploaded" else "available",
    }
    if video.state == "failed":
        details["processingFailureReason"] = "transcodeFailed"
    return details


def _content(video: Video, asset: Asset | None) -> Mapping[str, JSONValue]:
    # The length is known once processing is over.
    seconds = 0 if asset is None or video.state == "uploaded" else round(asset.duration_seconds or 0)
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    length = "".join(f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if value)
    return {
        "duration": f"PT{length}" if length else "P0D",
        "dimension": "2d",
        "definition": "hd" if asset is not None and min(asset.height, asset.width) >= HD_LINES else "sd",
        "caption": "false",
        "licensedContent": False,
        "projection": "rectangular",
        "hasCustomThumbnail": video.thumbnail_id is not None,
    }
