"""TikTok's refusals: one envelope for the API, a flat one for the token endpoints, and the status of each code.

Source: TikTok, "Content Posting API" (error tables of each endpoint) and "OAuth error handling", read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.clock import iso
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply

STATUSES: Final[Mapping[str, int]] = {
    "ok": 200,
    "invalid_param": 400,
    "invalid_params": 400,
    "invalid_publish_id": 400,
    "token_not_authorized_for_specified_publish_id": 400,
    "publish_not_cancellable": 400,
    "app_version_check_failed": 400,
    "scope_permission_missed": 400,
    "invalid_file_upload": 400,
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "spam_risk": 403,
    "spam_risk_too_many_posts": 403,
    "spam_risk_user_banned_from_posting": 403,
    "spam_risk_too_many_pending_share": 403,
    "reached_active_user_cap": 403,
    "unaudited_client_can_only_post_to_private_accounts": 403,
    "url_ownership_unverified": 403,
    "privacy_level_option_mismatch": 403,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
}
# creator_info says "cannot post now" with HTTP 200.
CREATOR_INFO_OK: Final = frozenset(
    {"spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "reached_active_user_cap"}
)
OAUTH_OPERATIONS: Final = frozenset({"token", "client_token", "refresh", "revoke"})
OAUTH_STATUSES: Final = {"server_error": 500, "temporarily_unavailable": 503, "invalid_client": 401}


class TikTokRefusal(Exception):
    """Ends a call with a code of TikTok's."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or f"The request was refused: {code}."


class Envelopes:
    """Write responses, each with a log_id: the sandbox's date and time, then the trace."""

    def __init__(self, trace: str, now: float) -> None:
        stamp = "".join(letter for letter in iso(now) if letter.isdigit())[:14]
        self._log_id = stamp + trace.upper()

    def ok(self, data: JSONValue) -> Reply:
        """Return a success."""
        return json_reply({"data": data, "error": {"code": "ok", "message": "", "log_id": self._log_id}})

    def refused(self, code: str, message: str, status: int | None = None) -> Reply:
        """Return an error with the HTTP status that belongs to its code."""
        error: JSONValue = {"code": code, "message": message, "log_id": self._log_id}
        return json_reply({"data": {}, "error": error}, status or STATUSES.get(code, 400))

    def oauth(self, error: str, description: str, status: int | None = None) -> Reply:
        """Return an error of the token endpoints, which are flat."""
        body: JSONValue = {"error": error, "error_description": description, "log_id": self._log_id}
        return json_reply(body, status or OAUTH_STATUSES.get(error, 400))

    def server_error(self, call: Call) -> Reply:
        """Return TikTok's HTTP 500."""
        if call.operation in OAUTH_OPERATIONS:
            return self.oauth("server_error", "Something went wrong. Please try again later.")
        if call.operation == "upload":
            return Reply(status=500)
        return self.refused("internal_error", "Something went wrong. Please try again later.", 500)

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value.status` overrides the HTTP status of the code."""
        code = str(fault.value["code"])
        message = str(fault.value.get("message") or "The sandbox is set to return this error.")
        status = fault.value.get("status")
        http_status = status if isinstance(status, int) else None
        if call.operation in OAUTH_OPERATIONS:
            return self.oauth(code, message, http_status)
        if call.operation == "upload":
            named = int(code) if code.isascii() and code.isdigit() and 400 <= int(code) <= 599 else 400
            return Reply(status=http_status or named)
        if http_status is None and call.operation == "creator_info" and code in CREATOR_INFO_OK:
            http_status = 200
        return self.refused(code, message, http_status)
