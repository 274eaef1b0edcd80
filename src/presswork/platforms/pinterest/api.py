"""Pinterest's API: its URLs, and how its responses are read: an object, an error, or nothing usable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from presswork.platforms.api_client import ApiClient, ApiResponse, UnreadableResponse, is_own_url
from presswork.platforms.errors import TryLater
from presswork.platforms.json_values import items_of, seconds_of, text_of
from presswork.platforms.pinterest.error_mapping import PINTEREST, meaning_of
from presswork.platforms.port import Board, Credentials
from presswork.platforms.transport import Reply

AUTHORIZE: Final = "/oauth/"
TOKEN: Final = "/v5/oauth/token"  # noqa: S105  a path
WHO: Final = "/v5/user_account"
BOARDS: Final = "/v5/boards"
MEDIA: Final = "/v5/media"
PINS: Final = "/v5/pins"
LIST_BOARDS: Final = "boards_list"
_UPLOAD_DOMAINS: Final = (".amazonaws.com", ".pinterest.com")
"""Where videos are sent to. Documented: pinterest-media-upload.s3-accelerate.amazonaws.com."""
_MAX_WAIT: Final = timedelta(days=1)
MAX_BOARDS: Final = 250
"""Boards of one call."""


def media(media_id: str) -> str:
    """Return the path of an uploaded video."""
    return f"{MEDIA}/{media_id}"


def pin(pin_id: str) -> str:
    """Return the path of a Pin."""
    return f"{PINS}/{pin_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs, without a slash at the end; for test projects the first two are the sandbox's."""

    www_url: str = "https://www.pinterest.com"
    """The host of the consent page."""
    api_url: str = "https://api.pinterest.com"
    links_url: str = "https://www.pinterest.com"
    """Prefix of links to Pins: the real site in every environment, since a link is part of the API's response."""

    def accepts_upload_url(self, url: str) -> bool:
        """Whether a URL in a response may get the video."""
        return is_own_url(url, base_url=self.api_url, domains=_UPLOAD_DOMAINS)

    def pin(self, pin_id: str) -> str:
        """Return the public URL of a Pin."""
        return f"{self.links_url}/pin/{pin_id}/"


def read_response(reply: Reply) -> ApiResponse:
    """Classify a reply; never raises. The codes of errors are numbers."""
    body = reply.json_object()
    if reply.status < 300:
        return UnreadableResponse(status=reply.status) if body is None else body
    error = body or {}
    number = error.get("code")
    code = str(number) if isinstance(number, int) and not isinstance(number, bool) else ""
    read = PINTEREST.error(reply, meaning_of, code=code, message=text_of(error.get("message")) or "")
    return replace(read, wait=_read_wait(reply))


def _read_wait(reply: Reply) -> timedelta | None:
    """Return how long a limit lasts: x-ratelimit-reset has seconds."""
    text = reply.header("x-ratelimit-reset") or ""
    wait = seconds_of(int(text)) if text.isascii() and text.isdigit() else None
    return reply.retry_after if reply.status != 429 or wait is None else min(wait, _MAX_WAIT)


class Api(ApiClient[Endpoints]):
    """Pinterest's API in one environment."""

    brand = PINTEREST
    read = staticmethod(read_response)

    async def list_boards(
        self, account: Credentials, *, limit: int, cursor: str | None
    ) -> tuple[Sequence[Board], str | None]:
        """Return some of the account's boards, newest first, and where the next ones begin. Raises TryLater, Rejected,
        CredentialInvalid.
        """
        params = {"page_size": str(limit), **({} if cursor is None else {"bookmark": cursor})}
        page = await self.ask(account, "GET", BOARDS, params, step=LIST_BOARDS, now=None)
        if not isinstance(page.get("items"), list):
            raise TryLater("Pinterest's response contains no list of boards.", step=LIST_BOARDS)
        boards = [
            Board(id=board_id, name=text_of(item.get("name")) or board_id)
            for item in items_of(page, "items")
            if (board_id := text_of(item.get("id"))) is not None
        ]
        return boards, text_of(page.get("bookmark"))
