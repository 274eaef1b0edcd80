"""YouTube's refusals by reason, in the envelope of Google's APIs; those of the token endpoints are flat.

Source: Google, "YouTube Data API - Errors" and "Using OAuth 2.0 for Web Server Applications", read 2026-11; bodies of real
answers in the issues of tokland/youtube-upload (#288, #333), FujiwaraChoki/MoneyPrinter (#192) and
BOT-HAT/Youtube-First-Comment-Bot (#21), read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply

# The HTTP status of a reason; all others are 400.
STATUSES: Final[Mapping[str, int]] = {
    "authError": 401,
    "required": 401,
    "youtubeSignupRequired": 401,
    "accessNotConfigured": 403,
    "accountDelegationForbidden": 403,
    "authenticatedUserAccountClosed": 403,
    "authenticatedUserAccountSuspended": 403,
    "commentsDisabled": 403,
    "dailyLimitExceeded": 403,
    "forbidden": 403,
    "forbiddenLicenseSetting": 403,
    "forbiddenPrivacySetting": 403,
    "ineligibleAccount": 403,
    "insufficientPermissions": 403,
    "quotaExceeded": 403,
    "rateLimitExceeded": 403,
    "userRateLimitExceeded": 403,
    "channelNotFound": 404,
    "notFound": 404,
    "playlistContainsMaximumNumberOfVideos": 403,
    "playlistItemsNotAccessible": 403,
    "captionNotFound": 404,
    "commentNotFound": 404,
    "parentCommentNotFound": 404,
    "playlistItemNotFound": 404,
    "playlistNotFound": 404,
    "videoNotFound": 404,
    "captionExists": 409,
    "uploadTooLarge": 413,
    "uploadRateLimitExceeded": 429,
    "backendError": 500,
    "internalError": 500,
    "serviceUnavailable": 503,
}
QUOTA_MESSAGE: Final = 'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.'
# What is known of the words and the domain of a reason: (domain, message).
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "quotaExceeded": ("youtube.quota", QUOTA_MESSAGE),
    "uploadLimitExceeded": ("youtube.video", "The user has exceeded the number of videos they may upload."),
    "rateLimitExceeded": ("usageLimits", "Rate Limit Exceeded"),
    "userRateLimitExceeded": ("usageLimits", "User Rate Limit Exceeded"),
    "dailyLimitExceeded": ("usageLimits", "Daily Limit Exceeded"),
    "accessNotConfigured": (
        "usageLimits",
        "YouTube Data API v3 has not been used in this project before or it is disabled.",
    ),
    "uploadRateLimitExceeded": (
        "youtube.thumbnail",
        "The channel has uploaded too many thumbnails recently. Please try the request again later.",
    ),
    "backendError": ("global", "Backend Error"),
    "youtubeSignupRequired": ("youtube.header", "Unauthorized"),
}
# The name that Google's newer front end adds to errors of its own.
CANONICAL: Final = {"authError": "UNAUTHENTICATED", "required": "UNAUTHENTICATED"} | dict.fromkeys(
    ("insufficientPermissions", "accessNotConfigured"), "PERMISSION_DENIED"
)
BAD_CREDENTIALS: Final = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    " authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
NO_CREDENTIALS: Final = BAD_CREDENTIALS.replace("had invalid", "is missing required").replace(
    "credentials.", "credential.", 1
)
CHALLENGE: Final = 'Bearer realm="https://accounts.google.com/"'
OAUTH_OPERATIONS: Final = frozenset({"token", "refresh", "revoke", "tokeninfo"})
OAUTH_STATUSES: Final = {
    "invalid_client": 401,
    "disabled_client": 401,
    "unauthorized_client": 401,
    "internal_failure": 500,
}
RESUME_INCOMPLETE: Final = 308


class YouTubeRefusal(Exception):
    """Ends a call with a reason of YouTube's. `location` names the parameter or the part of the body that is wrong."""

    def __init__(
        self, reason: str, message: str = "", *, domain: str = "", location: str = "", location_type: str = "other"
    ) -> None:
        known_domain, known_message = WORDS.get(reason, ("global", ""))
        super().__init__(message or known_message or reason)
        self.reason = reason
        self.message = message or known_message or f"The request was refused: {reason}."
        self.domain = domain or known_domain
        self.location = location
        self.location_type = location_type

    def reply(self, status: int | None = None) -> Reply:
        """Return the response; `status` overrides the one of the reason."""
        code = status or STATUSES.get(self.reason, 400)
        detail: dict[str, JSONValue] = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            detail |= {"location": self.location, "locationType": self.location_type}
        body: dict[str, JSONValue] = {"code": code, "message": self.message, "errors": [detail]}
        headers: dict[str, str] = {}
        if self.reason in CANONICAL:
            body["status"] = CANONICAL[self.reason]
        if code == STATUSES["authError"]:
            headers["WWW-Authenticate"] = CHALLENGE + (', error="invalid_token"' if self.reason == "authError" else "")
        return json_reply({"error": body}, code, headers)


def bad_token() -> YouTubeRefusal:
    """Return the refusal of an access token that is expired, revoked or unknown."""
    return YouTubeRefusal("authError", BAD_CREDENTIALS, location="Authorization", location_type="header")


def suspended(project: str) -> YouTubeRefusal:
    """Return the refusal of a call for a project that Google has suspended."""
    return YouTubeRefusal("forbidden", f"Permission denied: Consumer 'project:{project}' has been suspended.")


def no_token() -> YouTubeRefusal:
    """Return the refusal of a call without an access token."""
    return YouTubeRefusal("required", NO_CREDENTIALS, location="Authorization", location_type="header")


def no_scope() -> YouTubeRefusal:
    """Return the refusal of a call that the granted scopes don't allow."""
    return YouTubeRefusal("insufficientPermissions", "Request had insufficient authentication scopes.")


def oauth_error(error: str, description: str = "", status: int | None = None) -> Reply:
    """Return an error of the token endpoints."""
    more: dict[str, JSONValue] = {"error_description": description} if description else {}
    return json_reply({"error": error, **more}, status or OAUTH_STATUSES.get(error, 400))


class Envelopes:
    """The errors of injected faults. `stored` is how much of the upload in question is stored, in bytes."""

    def __init__(self, stored: int = 0) -> None:
        self._stored = stored

    def server_error(self, call: Call) -> Reply:
        """Return Google's HTTP 500."""
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error("internal_failure", "Internal error encountered.")
        return YouTubeRefusal("backendError").reply()

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault: `value.code` is a reason, or on `upload` also 308."""
        code, status = str(fault.value["code"]), fault.value.get("status")
        http_status = status if isinstance(status, int) else None
        message = str(fault.value.get("message") or "")
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error(code, message or "The sandbox is set to return this error.", http_status)
        if call.operation == "upload" and code == str(RESUME_INCOMPLETE):
            return incomplete(self._stored)  # nothing of the chunk was stored
        return YouTubeRefusal(code, message).reply(http_status)


def incomplete(stored: int) -> Reply:
    """Return 308 with the range of what is stored, in bytes; without a Range header where nothing is."""
    headers = {"Range": f"bytes=0-{stored - 1}"} if stored else {}
    return Reply(status=RESUME_INCOMPLETE, headers=headers, shown={"range": headers.get("Range")})
