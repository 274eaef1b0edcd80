"""LinkedIn's URLs: the login's pages, the API, uploads, and posts on the site."""

from dataclasses import dataclass
from typing import Final

from presswork.platforms.api_client import is_own_url
from presswork.platforms.linkedin.notation import encoded

AUTHORIZE: Final = "/oauth/v2/authorization"
TOKEN: Final = "/oauth/v2/accessToken"  # noqa: S105  a path
REVOKE: Final = "/oauth/v2/revoke"
USER_INFO: Final = "/v2/userinfo"
ME: Final = "/v2/me"
ORGANIZATION_ACLS: Final = "/rest/organizationAcls"
IMAGES: Final = "/rest/images"
VIDEOS: Final = "/rest/videos"
POSTS: Final = "/rest/posts"

_UPLOAD_DOMAINS: Final = (".linkedin.com", ".licdn.com")
"""Where uploads go. Documented: www.linkedin.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects the first two are the sandbox's."""

    www_url: str = "https://www.linkedin.com"
    """The host of the consent page, of the token endpoint and of uploads."""
    api_url: str = "https://api.linkedin.com"
    links_url: str = "https://www.linkedin.com"
    """Prefix of links to posts: the real site in every environment."""

    def accepts_upload_url(self, url: str) -> bool:
        """Whether an upload URL in a response may get the media and the access token."""
        return is_own_url(url, base_url=self.www_url, domains=_UPLOAD_DOMAINS)

    def post(self, urn: str) -> str:
        """Return the public URL of a post."""
        return f"{self.links_url}/feed/update/{urn}/"


def organization(number: str) -> str:
    """Return the path of an organization."""
    return f"/rest/organizations/{number}"


def one(collection: str, urn: str) -> str:
    """Return the path of one picture, video or post."""
    return f"{collection}/{encoded(urn)}"


def comments(urn: str) -> str:
    """Return the path of a post's comments."""
    return f"/rest/socialActions/{encoded(urn)}/comments"
