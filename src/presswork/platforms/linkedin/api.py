"""LinkedIn's API: its URLs and headers, and how its responses are read: an object, nothing, an error, or nothing usable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiClient, ApiResponse, JsonObject, UnreadableResponse, is_own_url
from presswork.platforms.errors import TryLater
from presswork.platforms.json_values import items_of, number_of, part_of, text_of
from presswork.platforms.linkedin.error_mapping import LINKEDIN, meaning_of
from presswork.platforms.linkedin.notation import encoded
from presswork.platforms.transport import Reply

AUTHORIZE: Final = "/oauth/v2/authorization"
TOKEN: Final = "/oauth/v2/accessToken"  # noqa: S105  a path
REVOKE: Final = "/oauth/v2/revoke"
USER_INFO: Final = "/v2/userinfo"
ME: Final = "/v2/me"
ORGANIZATION_ACLS: Final = "/rest/organizationAcls"
IMAGES: Final = "/rest/images"
VIDEOS: Final = "/rest/videos"
DOCUMENTS: Final = "/rest/documents"
POSTS: Final = "/rest/posts"
SHARE_STATISTICS: Final = "/rest/organizationalEntityShareStatistics"
NETWORK_SIZES: Final = "/rest/networkSizes"
MEMBER_POSTS: Final = "/rest/memberCreatorPostAnalytics"
MEMBER_FOLLOWERS: Final = "/rest/memberFollowersCount"
REACTIONS: Final = "/rest/reactions"

AS_AUTHOR: Final = {"viewContext": "AUTHOR"}
"""Shows posts that LinkedIn still processes. The documentation has it for one post; for lists, other programs use it."""
FINDER: Final = {"X-RestLi-Method": "FINDER"}
"""Rest.li's own name of the call that lists posts."""

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


def reaction(actor: str, urn: str) -> str:
    """Return the path of an account's reaction to a post or a comment."""
    return f"{REACTIONS}/(actor:{encoded(actor)},entity:{encoded(urn)})"


def comments(urn: str) -> str:
    """Return the path of the comments of a post, or of the answers to a comment."""
    return f"/rest/socialActions/{encoded(urn)}/comments"


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. Many successful answers have no body: those are an empty object."""
    body = reply.json_object()
    if reply.status < 300:
        if body is None and reply.body.strip():
            return UnreadableResponse(status=reply.status)
        return body or {}
    return LINKEDIN.error(
        reply,
        meaning_of,
        code=_code_of(body or {}),
        message=_message_of(body or {}),
        trace_id=reply.header("x-li-uuid"),
    )


def _code_of(body: JsonObject) -> str:
    """Return the code of the first error of an input, else of the response, else of the token endpoint.

    A response in LinkedIn's form without any code counts as its own, by its status.
    """
    listed = part_of(body, "errorDetails").get("inputErrors")
    first = listed[0] if isinstance(listed, list) and listed else None
    code = text_of(first.get("code")) if isinstance(first, dict) else None
    code = code or text_of(body.get("code")) or text_of(body.get("error"))
    is_own = isinstance(body.get("status"), int) and text_of(body.get("message")) is not None
    return code or (str(body["status"]) if is_own else "")


def _message_of(body: JsonObject) -> str:
    """Return the message, with the descriptions of errors of inputs that it does not contain."""
    message = text_of(body.get("message")) or text_of(body.get("error_description")) or ""
    for error in items_of(part_of(body, "errorDetails"), "inputErrors"):
        description = text_of(error.get("description"))
        if description and description not in message:
            message = f"{message} {description}".strip()
    return message


class Api(ApiClient[Endpoints]):
    """LinkedIn's API in one environment."""

    brand = LINKEDIN
    read = staticmethod(read_response)


def headers_of(version: str) -> Mapping[str, str]:
    """Return the headers of every call, for a version like 202609."""
    return {"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"}


def elements_of(body: JsonObject, *, step: str) -> list[JsonObject]:
    """Return the entries of a list. A response without a list does not prove that it is empty. Raises TryLater."""
    if not isinstance(body.get("elements"), list):
        raise TryLater("LinkedIn's response contains no list.", step=step)
    return items_of(body, "elements")


def read_instant(value: JsonValue) -> datetime | None:
    """Return the instant of a number of milliseconds since 1970, UTC; None for anything else."""
    number = number_of(value)
    if number is None or not 0 < number < 100_000_000_000_000:
        return None
    return datetime.fromtimestamp(number / 1000, tz=UTC)
