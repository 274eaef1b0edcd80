"""Where TikTok is: the addresses of its API, its login page and the posts on it."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

TOKEN: Final = "/v2/oauth/token/"  # noqa: S105  a path
REVOKE: Final = "/v2/oauth/revoke/"
AUTHORIZE: Final = "/v2/auth/authorize/"
USER_INFO: Final = "/v2/user/info/"
CREATOR_INFO: Final = "/v2/post/publish/creator_info/query/"
VIDEO_INIT: Final = "/v2/post/publish/video/init/"
INBOX_INIT: Final = "/v2/post/publish/inbox/video/init/"
CONTENT_INIT: Final = "/v2/post/publish/content/init/"
STATUS_FETCH: Final = "/v2/post/publish/status/fetch/"

_HTTPS_PORT: Final = 443
_HOST_NAME: Final = re.compile(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*")  # of several parts, and no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses, without a slash at the end; for test projects the first two are the sandbox's."""

    api_url: str = "https://open.tiktokapis.com"
    www_url: str = "https://www.tiktok.com"
    """The site that holds the authorize page."""
    links_url: str = "https://www.tiktok.com"
    """What links to posts begin with. The platform's real site in every environment: a link is part of the answer."""

    def api(self, path: str) -> str:
        """Return the address of an API path."""
        return self.api_url.rstrip("/") + path

    def takes_uploads_at(self, address: str) -> bool:
        """Tell whether an upload address that an answer named may be written to.

        TikTok's upload hosts differ by region, and new ones come, so no list of them is kept. What no address of TikTok
        can be is refused: should an answer ever be forged, it shall not lead into the operator's network. TLS does most
        of that, since a host inside has no certificate for a name outside. A sandbox names the place where it is itself,
        and behind a proxy it may not know of the TLS.
        """
        try:
            api, upload = urlsplit(self.api_url), urlsplit(address)
            if upload.scheme not in ("http", "https") or upload.hostname is None:
                return False
            if api.scheme == "http" or upload.hostname == api.hostname:
                return True
            is_at_usual_port = upload.port in (None, _HTTPS_PORT)
        except ValueError:
            return False
        is_name = _HOST_NAME.fullmatch(upload.hostname) is not None
        return upload.scheme == "https" and upload.username is None and is_at_usual_port and is_name

    def authorize(self) -> str:
        """Return the address of the authorize page, without its query."""
        return self.www_url.rstrip("/") + AUTHORIZE

    def post(self, username: str, kind: str, post_id: str) -> str:
        """Return the public address of a post; `kind` is `video` or `photo`."""
        return f"{self.links_url.rstrip('/')}/@{username}/{kind}/{post_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """The operator's TikTok app, as registered in TikTok's developer portal."""

    client_key: str
    client_secret: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"AppCredentials(client_key={self.client_key!r})"
