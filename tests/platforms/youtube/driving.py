"""Scripts YouTube's responses."""

from datetime import UTC, datetime

from aiohttp import web
from pydantic import JsonValue
from tests.platforms.tiktok.driving import Respond
from tests.platforms.tiktok.driving import Script as TikTokScript

CHANNEL = "UCbrand"
VIDEO = "dQw4w9WgXcQ"
_OPERATIONS = {
    ("POST", "/token"): "token",
    ("POST", "/revoke"): "revoke",
    ("POST", "/upload/youtube/v3/videos"): "videos_insert",
    ("PUT", "/session"): "upload",
    ("GET", "/youtube/v3/videos"): "videos_list",
    ("PUT", "/youtube/v3/videos"): "videos_update",
    ("DELETE", "/youtube/v3/videos"): "videos_delete",
    ("GET", "/youtube/v3/channels"): "channels",
    ("GET", "/youtube/v3/playlistItems"): "playlist_items_list",
    ("GET", "/youtube/v3/commentThreads"): "comment_threads_list",
    ("POST", "/youtube/v3/commentThreads"): "comment_threads_insert",
}


class Script(TikTokScript):
    """A YouTube that responds to each operation from a list; its last response repeats."""

    def operation_of(self, request: web.Request) -> str:
        """Return the name of the operation that a request is for."""
        return _OPERATIONS[request.method, request.path]

    def publishes(self) -> None:
        """Respond as YouTube does when a small video is published as public."""
        self.answers |= {
            "videos_insert": [self.session_opened()],
            "upload": [COMPLETE],
            "videos_list": [listed("private"), listed("public")],
            "videos_update": [Respond(200, video("public"))],
        }

    def session_opened(self) -> Respond:
        """The response to the start of an upload."""
        return Respond(
            200, b"", {"Location": f"{self.address}/session?uploadType=resumable&upload_id=secret-upload-id"}
        )


def video(privacy: str, upload_status: str = "processed", **more: JsonValue) -> dict[str, JsonValue]:
    """A video resource."""
    status: dict[str, JsonValue] = {"uploadStatus": upload_status, "privacyStatus": privacy, **more}
    return {"kind": "youtube#video", "id": VIDEO, "snippet": {"channelId": CHANNEL}, "status": status}


def listed(privacy: str, upload_status: str = "processed", **more: JsonValue) -> Respond:
    """The response to a read of the video."""
    return Respond(200, {"items": [video(privacy, upload_status, **more)]})


def resume(stored_bytes: int) -> Respond:
    """The response of a session that has so many bytes."""
    return Respond(308, b"", {"Range": f"bytes=0-{stored_bytes - 1}"} if stored_bytes else {})


def refused(status: int, reason: str, message: str = "words") -> Respond:
    """An error in the envelope of the API."""
    errors: list[JsonValue] = [{"message": message, "domain": "youtube.video", "reason": reason}]
    return Respond(status, {"error": {"code": status, "message": message, "errors": errors}})


def uploads(*titles: str, at: datetime | None = None) -> Respond:
    """The response with the newest uploads of the channel, all of them the script's video."""
    stamp = (at or datetime.now(UTC)).isoformat()
    items: list[JsonValue] = [
        {"snippet": {"title": title, "publishedAt": stamp}, "contentDetails": {"videoId": VIDEO}} for title in titles
    ]
    return Respond(200, {"items": items})


COMPLETE = Respond(201, video("private", "uploaded"))
CHANNELS = Respond(
    200,
    {
        "items": [
            {
                "id": CHANNEL,
                "snippet": {
                    "title": "The Brand",
                    "customUrl": "@brand",
                    "thumbnails": {
                        "default": {"url": "https://yt3.example/s.jpg"},
                        "medium": {"url": "https://yt3.example/m.jpg"},
                    },
                },
                "status": {"longUploadsStatus": "eligible"},
                "contentDetails": {"relatedPlaylists": {"uploads": "UUbrand"}},
            }
        ]
    },
)
NO_ITEMS = Respond(200, {"items": []})
