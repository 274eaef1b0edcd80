"""YouTube's Data API: its URLs, with those of Google's login, and how its responses are read: an object, an error, or nothing usable."""

from dataclasses import dataclass, replace
from typing import Final

from presswork.platforms.api_client import ApiClient, ApiResponse, JsonObject, UnreadableResponse, is_own_url
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.transport import Reply
from presswork.platforms.youtube.error_mapping import YOUTUBE, meaning_of

AUTHORIZE: Final = "/o/oauth2/v2/auth"
TOKEN: Final = "/token"  # noqa: S105  a path
REVOKE: Final = "/revoke"
UPLOAD: Final = "/upload/youtube/v3/videos"
VIDEOS: Final = "/youtube/v3/videos"
BATCH_STATS: Final = "/youtube/v3/videos:batchGetStats"
REPORTS: Final = "/v2/reports"
"""At the host of YouTube Analytics."""
CHANNELS: Final = "/youtube/v3/channels"
PLAYLIST_ITEMS: Final = "/youtube/v3/playlistItems"
PLAYLISTS: Final = "/youtube/v3/playlists"
COMMENT_THREADS: Final = "/youtube/v3/commentThreads"
COMMENTS: Final = "/youtube/v3/comments"
MODERATE_COMMENT: Final = "/youtube/v3/comments/setModerationStatus"
CAPTIONS: Final = "/youtube/v3/captions"
UPLOAD_CAPTION: Final = "/upload/youtube/v3/captions"
UPLOAD_THUMBNAIL: Final = "/upload/youtube/v3/thumbnails/set"

_UPLOAD_DOMAINS: Final = (".googleapis.com", ".youtube.com")
"""Where upload sessions are. Documented: www.googleapis.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects the first four are the sandbox's."""

    accounts_url: str = "https://accounts.google.com"
    """The host of the consent page."""
    oauth_url: str = "https://oauth2.googleapis.com"
    """The host that issues and revokes tokens."""
    api_url: str = "https://www.googleapis.com"
    analytics_url: str = "https://youtubeanalytics.googleapis.com"
    links_url: str = "https://www.youtube.com"
    """Prefix of links to videos: the real site in every environment, since a link is part of the API's response."""
    studio_url: str = "https://studio.youtube.com"
    """Where the channel's owner manages videos that the public does not see."""

    def accepts_session_url(self, url: str) -> bool:
        """Whether a session URL in a response may get the video and the access token."""
        return is_own_url(url, base_url=self.api_url, domains=_UPLOAD_DOMAINS)

    def video(self, video_id: str, *, is_short: bool) -> str:
        """Return the public URL of a video. Both forms work for every video; a Short opens as one by its own."""
        return f"{self.links_url}/shorts/{video_id}" if is_short else f"{self.links_url}/watch?v={video_id}"

    def studio(self, video_id: str) -> str:
        """Return the URL at which the channel's owner edits and deletes a video."""
        return f"{self.studio_url}/video/{video_id}/edit"


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. The errors of the API and of the token endpoint have different forms."""
    body = reply.json_object()
    if reply.status < 300:
        return UnreadableResponse(status=reply.status) if body is None else body
    error = None if body is None else body.get("error")
    code, message = "", ""
    if isinstance(error, dict):
        code, message = _reason_of(error), text_of(error.get("message")) or ""
    elif isinstance(error, str) and body is not None:
        code, message = error, text_of(body.get("error_description")) or ""
    return YOUTUBE.error(reply, meaning_of, code=code, message=message)


def _reason_of(error: JsonObject) -> str:
    """Return the reason of the first listed error, or of the details, else the status of Google's newer envelope."""
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    reason = text_of(first.get("reason")) if isinstance(first, dict) else None
    if reason is not None:
        return reason
    for detail in items_of(error, "details"):
        if (reason := text_of(detail.get("reason"))) is not None:
            return reason
    return text_of(error.get("status")) or (str(error["code"]) if isinstance(error.get("code"), int) else "")


class Api(ApiClient[Endpoints]):
    """YouTube's Data API in one environment."""

    brand = YOUTUBE
    json_type = "application/json; charset=UTF-8"
    read = staticmethod(read_response)

    def of_analytics(self) -> "Api":
        """Return the same client at the host of YouTube Analytics."""
        endpoints = replace(self.endpoints, api_url=self.endpoints.analytics_url)
        return Api(endpoints, self.transport, self.retry_policy, self.headers)
