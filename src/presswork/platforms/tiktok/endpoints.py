"""TikTok's URLs: its API, its login page and the posts on it."""

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
_HOST_NAME: Final = re.compile(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*")  # several labels, and not an IP address


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects the first two are the sandbox's."""

    api_url: str = "https://open.tiktokapis.com"
    www_url: str = "https://www.tiktok.com"
    """The site that holds the authorize page."""
    links_url: str = "https://www.tiktok.com"
    """Prefix of links to posts: the real site in every environment, since a link is part of the API's response."""

    def accepts_upload_url(self, url: str) -> bool:
        """Whether an upload URL in a response may be written to.

        TikTok's upload hosts differ by region and change, so no list of them is kept. What can't be a URL of TikTok
        is refused: a forged response must not send data into the operator's network. TLS prevents most of that, since
        an internal host has no certificate for an external name. A sandbox returns its own URLs, and behind a proxy
        it may not know about TLS.
        """
        try:
            api, upload = urlsplit(self.api_url), urlsplit(url)
            if upload.scheme not in ("http", "https") or upload.hostname is None:
                return False
            if api.scheme == "http" or upload.hostname == api.hostname:
                return True
            is_at_usual_port = upload.port in (None, _HTTPS_PORT)
        except ValueError:
            return False
        is_name = _HOST_NAME.fullmatch(upload.hostname) is not None
        return upload.scheme == "https" and upload.username is None and is_at_usual_port and is_name

    def post(self, username: str, kind: str, post_id: str) -> str:
        """Return the public URL of a post; `kind` is `video` or `photo`."""
        return f"{self.links_url}/@{username}/{kind}/{post_id}"
