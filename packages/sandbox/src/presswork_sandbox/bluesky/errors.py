"""Bluesky's errors: `{"error", "message"}` of XRPC, `{"error", "error_description"}` of its OAuth server.

Source: bluesky-social/atproto, packages/xrpc-server and packages/oauth/oauth-provider, read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

STATUSES: Final[Mapping[str, int]] = {
    "AuthMissing": 401,
    "AuthenticationRequired": 401,
    "AuthFactorTokenRequired": 401,
    "AccountTakedown": 401,
    "AccountDeactivated": 401,
    "BadJwt": 401,
    "BadJwtAudience": 401,
    "BadJwtLexiconMethod": 401,
    "JwtExpired": 401,
    "use_dpop_nonce": 401,
    "invalid_dpop_proof": 401,
    "invalid_token": 401,
    "Forbidden": 403,
    "ScopeMissingError": 403,
    "already_exists": 409,
    "PayloadTooLarge": 413,
    "RateLimitExceeded": 429,
    "InternalServerError": 500,
    "MethodNotImplemented": 501,
    "UpstreamFailure": 502,
    "NotEnoughResources": 503,
    "UpstreamTimeout": 504,
}
"""HTTP statuses by the name of an error; 400 for all others."""
OAUTH_OPERATIONS: Final = frozenset({"par", "token", "revoke"})
"""Operations of the OAuth server; a refresh is one if its call names no XRPC method."""
OAUTH_STATUSES: Final = {"server_error": 500, "temporarily_unavailable": 503}
DEFAULT_WAIT_SECONDS: Final = 300
"""Until RateLimit-Reset of a RateLimitExceeded that a fault names without `regainMinutes`."""


class XRPCError(Exception):
    """Ends a call with a named error of XRPC."""

    def __init__(
        self, name: str, message: str, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.name: Final = name
        self.status: Final = status or STATUSES.get(name, 400)
        self.headers: Final = headers or {}

    def reply(self) -> Reply:
        """Return it as it goes out."""
        return json_reply({"error": self.name, "message": str(self)}, self.status, self.headers)


class OAuthError(Exception):
    """Ends a call to the OAuth server with an error code of RFC 6749 or RFC 9449."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code: Final = code

    def reply(self, status: int | None = None) -> Reply:
        """Return it as it goes out."""
        body: JSONValue = {"error": self.code, "error_description": str(self)}
        return json_reply(body, status or OAUTH_STATUSES.get(self.code, 400), {"Cache-Control": "no-store"})


def invalid(message: str) -> XRPCError:
    """Return the error for a parameter or record that can't be accepted."""
    return XRPCError("InvalidRequest", message)


def dpop_challenge(code: str, description: str) -> XRPCError:
    """Return the error of an account server for a DPoP proof or token that it can't accept."""
    challenge = f'DPoP error="{code}", error_description="{description}"'
    return XRPCError(code, description, 401, {"WWW-Authenticate": challenge})


class Errors:
    """The responses to injected faults of one host."""

    def __init__(self, nonce: str, now: float) -> None:
        """`nonce` goes with a use_dpop_nonce, `now` is sandbox time in seconds since 1970."""
        self._nonce = nonce
        self._now = now

    def server_error(self, call: Call) -> Reply:
        """Return the HTTP 500 of the host."""
        if _is_oauth(call):
            return OAuthError("server_error", "An unknown error occurred").reply()
        return XRPCError("InternalServerError", "Internal Server Error").reply()

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value.status` overrides the HTTP status of the code."""
        code = text_of(fault.value["code"])
        message = text_of(fault.value.get("message")) or "The sandbox is set to return this error."
        given = fault.value.get("status")
        status = given if isinstance(given, int) else None
        if _is_oauth(call):
            reply = OAuthError(code, message).reply(status)
        elif code in {"use_dpop_nonce", "invalid_dpop_proof", "invalid_token"}:
            reply = dpop_challenge(code, message).reply()
            reply.status = status or reply.status
        else:
            reply = XRPCError(code, message, status).reply()
        if code == "use_dpop_nonce":
            reply.headers = {**reply.headers, "DPoP-Nonce": self._nonce}
        if reply.status == 429:
            reply.headers = {**reply.headers, **self._wait(fault)}
        return reply

    def _wait(self, fault: Fault) -> Mapping[str, str]:
        minutes = text_of(fault.value.get("regainMinutes"))
        wait = int(minutes) * 60 if minutes else DEFAULT_WAIT_SECONDS
        return {
            "RateLimit-Limit": "5000",
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": str(int(self._now) + wait),
            "RateLimit-Policy": "5000;w=3600",
        }


def _is_oauth(call: Call) -> bool:
    return call.operation in OAUTH_OPERATIONS or (call.operation == "refresh" and "/xrpc/" not in call.path)
