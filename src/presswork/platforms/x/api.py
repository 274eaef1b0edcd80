"""X's API: its paths, how its responses are read, and until when a limit lasts."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from presswork.core.timestamps import read_header_date
from presswork.platforms.api_client import ApiClient, ApiResponse, JsonObject, UnreadableResponse
from presswork.platforms.json_values import items_of, text_of
from presswork.platforms.transport import Reply
from presswork.platforms.x.error_mapping import X, meaning_of

AUTHORIZE: Final = "/i/oauth2/authorize"
TOKEN: Final = "/2/oauth2/token"  # noqa: S105  a path
REVOKE: Final = "/2/oauth2/revoke"
ME: Final = "/2/users/me"
UPLOAD: Final = "/2/media/upload"
METADATA: Final = "/2/media/metadata"
POSTS: Final = "/2/tweets"
SEARCH: Final = "/2/tweets/search/recent"
_WINDOWS: Final = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
"""What the headers of limits begin with: of one kind of call, of the account's day, of the app's day."""
_MAX_WAIT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects the first two are the sandbox's."""

    api_url: str = "https://api.x.com"
    www_url: str = "https://x.com"
    """The host of the consent page."""
    links_url: str = "https://x.com"
    """Prefix of links to posts: the real site in every environment."""

    def post(self, handle: str, post_id: str) -> str:
        """Return the public URL of a post."""
        return f"{self.links_url}/{handle}/status/{post_id}"


def post(post_id: str) -> str:
    """Return the path of a post."""
    return f"{POSTS}/{post_id}"


def timeline(user_id: str) -> str:
    """Return the path of the posts of an account."""
    return f"/2/users/{user_id}/tweets"


def media_step(media_id: str, verb: str) -> str:
    """Return the path of a step of an upload: append or finalize."""
    return f"{UPLOAD}/{media_id}/{verb}"


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. A success with errors and without data is an error, too."""
    body = reply.json_object()
    if reply.status < 300:
        if body is None:
            return UnreadableResponse(status=reply.status) if reply.body.strip() else {}
        if "data" in body or not items_of(body, "errors"):
            return body
    fields = body or {}
    first = next(iter(items_of(fields, "errors")), {})
    error = X.error(
        reply,
        meaning_of,
        code=_code_of(fields) or _code_of(first) or (str(reply.status) if text_of(fields.get("title")) else ""),
        message=_message_of(fields, first),
        trace_id=reply.header("x-transaction-id"),
    )
    return replace(error, wait=_read_wait(reply) or error.wait)


def _code_of(problem: JsonObject) -> str:
    """Return the end of the type of a problem, the error of the token endpoint, or the number of an older error; empty without any."""
    kind = (text_of(problem.get("type")) or "").partition("/problems/")[2]
    number = problem.get("code")
    numbered = str(number) if isinstance(number, int) else ""
    return (kind or text_of(problem.get("error")) or numbered)[:100]


def _message_of(body: JsonObject, first: JsonObject) -> str:
    """Return the sentence of an error: that about a parameter says more than the one about the call."""
    texts = (first.get("message"), body.get("detail"), body.get("error_description"), first.get("detail"))
    return next((text for value in texts if (text := text_of(value)) is not None), "")


def _read_wait(reply: Reply) -> timedelta | None:
    """Return how long a limit lasts: until the latest end of those that have no room, by X's own clock."""
    if reply.status != 429:
        return None
    ends = [
        ends_at
        for window in _WINDOWS
        if reply.header(f"{window}-remaining") == "0" and (ends_at := _read_end(reply.header(f"{window}-reset")))
    ]
    ends = ends or [end for end in [_read_end(reply.header(f"{_WINDOWS[0]}-reset"))] if end is not None]
    now = read_header_date(reply.header("date") or "")
    if not ends or now is None:
        return None
    return min(max(max(ends) - now, timedelta(seconds=1)), _MAX_WAIT)


def _read_end(text: str | None) -> datetime | None:
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) < 12
    return datetime.fromtimestamp(int(text), UTC) if text is not None and is_number else None


class Api(ApiClient[Endpoints]):
    """X's API in one environment."""

    brand = X
    read = staticmethod(read_response)
