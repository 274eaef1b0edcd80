"""LinkedIn's addresses: the login's pages, the API, uploads, and posts on the site."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from presswork.platforms.linkedin.urns import encoded

AUTHORIZE: Final = "/oauth/v2/authorization"
TOKEN: Final = "/oauth/v2/accessToken"  # noqa: S105  a path
REVOKE: Final = "/oauth/v2/revoke"
USER_INFO: Final = "/v2/userinfo"
ME: Final = "/v2/me"
ORGANIZATION_ACLS: Final = "/rest/organizationAcls"
IMAGES: Final = "/rest/images"
VIDEOS: Final = "/rest/videos"
POSTS: Final = "/rest/posts"

_UPLOAD_HOSTS: Final = (".linkedin.com", ".licdn.com")
"""Where uploads go. Documented: www.linkedin.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses, without a slash at the end; for test projects the first two are the sandbox's."""

    www_url: str = "https://www.linkedin.com"
    """The host of the consent page, of the token endpoint and of uploads."""
    api_url: str = "https://api.linkedin.com"
    links_url: str = "https://www.linkedin.com"
    """Prefix of links to posts: the real site in every environment."""

    def www(self, path: str) -> str:
        """Return the URL of a path at the login's host."""
        return self.www_url.rstrip("/") + path

    def api(self, path: str) -> str:
        """Return the URL of an API path."""
        return self.api_url.rstrip("/") + path

    def accepts_upload_url(self, address: str) -> bool:
        """Whether an upload URL in a response may get the media and the access token.

        It must be at the login's own host, or at a host of LinkedIn by https, so that a forged response can't send them elsewhere.
        """
        try:
            own, upload = urlsplit(self.www_url), urlsplit(address)
            is_same_place = (upload.hostname, upload.port) == (own.hostname, own.port)
        except ValueError:
            return False
        if upload.hostname is None or upload.scheme not in ("http", "https"):
            return False
        if is_same_place:
            return upload.scheme == own.scheme or own.scheme == "http"  # a sandbox may not know about TLS
        is_linkedin = upload.hostname.endswith(_UPLOAD_HOSTS) and upload.port in (None, 443)
        return upload.scheme == "https" and upload.username is None and is_linkedin

    def post(self, urn: str) -> str:
        """Return the public address of a post."""
        return f"{self.links_url.rstrip('/')}/feed/update/{urn}/"


def organization(number: str) -> str:
    """Return the path of an organization."""
    return f"/rest/organizations/{number}"


def one(collection: str, urn: str) -> str:
    """Return the path of one picture, video or post."""
    return f"{collection}/{encoded(urn)}"


def comments(urn: str) -> str:
    """Return the path of a post's comments."""
    return f"/rest/socialActions/{encoded(urn)}/comments"
