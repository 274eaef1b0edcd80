"""YouTube's addresses: Google's consent page and token endpoint, the API, and the videos on the site."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

AUTHORIZE: Final = "/o/oauth2/v2/auth"
TOKEN: Final = "/token"  # noqa: S105  a path
REVOKE: Final = "/revoke"
UPLOAD: Final = "/upload/youtube/v3/videos"
VIDEOS: Final = "/youtube/v3/videos"
CHANNELS: Final = "/youtube/v3/channels"
PLAYLIST_ITEMS: Final = "/youtube/v3/playlistItems"
COMMENT_THREADS: Final = "/youtube/v3/commentThreads"

_GOOGLE_HOSTS: Final = (".googleapis.com", ".youtube.com")
"""Where upload sessions are. Documented: www.googleapis.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses, without a slash at the end; for test projects the first three are the sandbox's."""

    accounts_url: str = "https://accounts.google.com"
    """The host of the consent page."""
    oauth_url: str = "https://oauth2.googleapis.com"
    """The host that issues and revokes tokens."""
    api_url: str = "https://www.googleapis.com"
    links_url: str = "https://www.youtube.com"
    """Prefix of links to videos: the real site in every environment, since a link is part of the API's response."""
    studio_url: str = "https://studio.youtube.com"
    """Where the channel's owner manages videos that the public does not see."""

    def authorize(self) -> str:
        """Return the URL of the consent page, without its query."""
        return self.accounts_url.rstrip("/") + AUTHORIZE

    def oauth(self, path: str) -> str:
        """Return the URL of a path at the token host."""
        return self.oauth_url.rstrip("/") + path

    def api(self, path: str) -> str:
        """Return the URL of an API path."""
        return self.api_url.rstrip("/") + path

    def accepts_session_url(self, address: str) -> bool:
        """Whether a session URL in a response may get the video and the access token.

        It must be at the API's own host, or at a host of Google by https, so that a forged response can't send them elsewhere.
        """
        try:
            api, session = urlsplit(self.api_url), urlsplit(address)
            is_same_place = (session.hostname, session.port) == (api.hostname, api.port)
        except ValueError:
            return False
        if session.hostname is None or session.scheme not in ("http", "https"):
            return False
        if is_same_place:
            return session.scheme == api.scheme or api.scheme == "http"  # a sandbox may not know about TLS
        is_google = session.hostname.endswith(_GOOGLE_HOSTS) and session.port in (None, 443)
        return session.scheme == "https" and session.username is None and is_google

    def video(self, video_id: str, *, is_short: bool) -> str:
        """Return the public address of a video. Both forms work for every video; a Short opens as one by its own."""
        base = self.links_url.rstrip("/")
        return f"{base}/shorts/{video_id}" if is_short else f"{base}/watch?v={video_id}"

    def studio(self, video_id: str) -> str:
        """Return the address at which the channel's owner edits and deletes a video."""
        return f"{self.studio_url.rstrip('/')}/video/{video_id}/edit"
