"""TikTok's posting API as an account: its URLs, and how its responses are read: an envelope around data or an error."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from presswork.platforms import api_client
from presswork.platforms.api_client import ApiError
from presswork.platforms.errors import CredentialInvalid, PlatformError, TryLater
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.tiktok.error_mapping import OK, TIKTOK, TOKEN_REFUSED, meaning_of
from presswork.platforms.transport import Reply, Transport

TOKEN: Final = "/v2/oauth/token/"  # noqa: S105  a path
REVOKE: Final = "/v2/oauth/revoke/"
AUTHORIZE: Final = "/v2/auth/authorize/"
VIDEO_QUERY: Final = "/v2/video/query/"
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


_JSON_TYPE: Final = {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """A parsed API response. `code` is None if it is not TikTok's envelope (an error page, a malformed or truncated response)."""

    status: int
    code: str | None
    message: str
    data: Mapping[str, JsonValue]
    log_id: str | None
    retry_after: timedelta | None
    """TikTok documents none; a gateway may add it."""

    @property
    def is_ok(self) -> bool:
        """Whether the call succeeded: the code decides, since TikTok also reports errors with HTTP 200."""
        return self.code == OK and self.status < 300

    @property
    def is_token_refused(self) -> bool:
        """Whether the access token was refused; such a call had no effect."""
        return self.code == TOKEN_REFUSED or (self.code is None and self.status == 401)

    @property
    def full_message(self) -> str | None:
        """TikTok's own message, with the id that its support asks for."""
        return " ".join([self.message, f"(log_id {self.log_id})" if self.log_id else ""]).strip() or None

    @property
    def error(self) -> ApiError:
        """The response as an error."""
        unsaid = f"HTTP {self.status} and gave no reason" if self.code is None else f"{self.code} without a message"
        return ApiError(
            status=self.status,
            code=self.code or "",
            message=self.full_message or "",
            meaning=meaning_of(self.code, self.status),
            quoted=TIKTOK.quotation(self.message, label=self.code or "", unsaid=unsaid),
            wait=self.retry_after,
            trace_id=self.log_id,
        )


def read_response(reply: Reply) -> ApiResponse:
    """Parse the envelope `{"data": …, "error": {"code", "message", "log_id"}}`; never raises."""
    body = reply.json_object() or {}
    error = part_of(body, "error")
    code = error.get("code")
    is_own = isinstance(code, str)
    return ApiResponse(
        status=reply.status,
        code=code if isinstance(code, str) else None,
        message=(text_of(error.get("message")) or "") if is_own else "",
        data=part_of(body, "data") if is_own else {},
        log_id=text_of(error.get("log_id", error.get("logid"))) if is_own else None,
        retry_after=reply.retry_after,
    )


def refusal(response: ApiResponse, *, step: str) -> PlatformError | None:
    """Return the error for a refused call, or None where the response does not prove that the call had no effect."""
    error = response.error
    return None if error.is_temporary else api_client.refusal(error, step=step)


def unavailable(response: ApiResponse, *, step: str) -> TryLater:
    """Return the error for a repeatable call without a usable response: a server error or an unreadable response."""
    if response.status >= 500:
        quoted_message = f", “{response.message}”" if response.message else ""
        what = f"TikTok answered HTTP {response.status}{quoted_message}: an internal error."
    else:
        what = f"TikTok sent an unreadable response (HTTP {response.status})."
    return TryLater(what, step=step, retry_after=response.retry_after, **response.error.reported)


@dataclass(frozen=True, eq=False)
class Api:
    """TikTok's posting API in one environment."""

    endpoints: Endpoints
    transport: Transport
    retry_policy: RetryPolicy

    async def call(
        self,
        path: str,
        body: Mapping[str, JsonValue] | None,
        *,
        step: str,
        token: str,
        params: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """Send one POST with a body, or one GET without. Raises CallFailed."""
        return read_response(
            await self.transport.call(
                "GET" if body is None else "POST",
                self.endpoints.api_url + path,
                operation=step,
                timeout=self.retry_policy.timeouts.call,
                token=token,
                params=params,
                json=None if body is None else dict(body),
                headers={} if body is None else _JSON_TYPE,
            )
        )

    async def send(
        self,
        account: Credentials,
        path: str,
        body: Mapping[str, JsonValue] | None,
        *,
        step: str,
        params: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """Make one call as an account; a refused token is renewed and the call sent once more.

        That is safe for every call: one that was refused for its token had no effect. Raises CallFailed when the
        response is lost, CredentialInvalid (with TikTok's response) or TryLater when there is no valid token (then the call had
        no effect either).
        """
        token = await account.access_token()
        response = await self.call(path, body, step=step, token=token, params=params)
        if response.is_token_refused:
            try:
                token = await account.renew_token(token)
            except CredentialInvalid as error:
                raise api_client.refusal(response.error, step=step) from error
            response = await self.call(path, body, step=step, token=token, params=params)
        return response

    async def ask(
        self,
        account: Credentials,
        path: str,
        body: Mapping[str, JsonValue] | None,
        *,
        step: str,
        params: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """Make a call that is safe to repeat and return its successful response.

        Raises Rejected, CredentialInvalid or TryLater as the response says; a lost or unreadable one is TryLater.
        """
        with TIKTOK.lost(step=step):
            response = await self.send(account, path, body, step=step, params=params)
        if response.is_ok:
            return response
        raise refusal(response, step=step) or unavailable(response, step=step)


def whole(value: JsonValue) -> int | None:
    """Return an integer that JSON contains as a number or as text (64-bit ones occur both ways); None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
