"""Pinterest's errors: `{"code", "message"}`, whose number says more than the HTTP status.

Source: pinterest/api-description 5.23.0 (2025-12), and bodies in public issues of 2026 for 1, 2, 29 and 40. The code of a picture
that can't be fetched is not documented: clients know it by its message. Code 8 is general knowledge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

INVALID: Final = 1
AUTHENTICATION: Final = 2
TOO_MANY: Final = 8
FORBIDDEN: Final = 29
NO_BOARD: Final = 40
NO_PIN: Final = 50
SERVER: Final = 0
STATUSES: Final[Mapping[int, int]] = {
    SERVER: 500,
    AUTHENTICATION: 401,
    3: 403,
    TOO_MANY: 429,
    FORBIDDEN: 403,
    NO_BOARD: 404,
    NO_PIN: 404,
}
"""The HTTP status of a code; others have 400."""
MESSAGES: Final[Mapping[int, str]] = {
    SERVER: "Something went wrong on our end. Sorry about that.",
    INVALID: "Invalid request.",
    AUTHENTICATION: "Authentication failed.",
    3: "Authorization failed.",
    TOO_MANY: "You have exceeded your rate limit. Try again later.",
    FORBIDDEN: "You are not permitted to access that resource.",
    NO_BOARD: "Board not found.",
    NO_PIN: "Pin not found.",
}
TRIAL: Final = (
    "Apps with Trial access may not create Pins in production https://api.pinterest.com - use API Sandbox "
    "https://api-sandbox.pinterest.com instead."
)
UNREACHABLE: Final = "Unable to reach the URL. Please check the URL and try again."
DEFAULT_WAIT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error."""

    code: int
    message: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def reply(self) -> Reply:
        """Return it as it goes out."""
        message = self.message or MESSAGES.get(self.code, "The sandbox is set to return this error.")
        body: dict[str, JSONValue] = {"code": self.code, "message": message}
        return json_reply(body, self.status or STATUSES.get(self.code, 400), self.headers)


class PinterestError(Exception):
    """Ends a call with an error."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message or MESSAGES.get(problem.code, ""))
        self.problem: Final = problem


def refuse(code: int, message: str = "") -> PinterestError:
    """Return the error with a code, in its own words or in others."""
    return PinterestError(Problem(code=code, message=message))


def invalid(message: str) -> PinterestError:
    """Return the error for a body or a query that the schema does not allow."""
    return refuse(INVALID, f"Invalid request: {message}")


class Errors:
    """The responses to injected faults."""

    def server_error(self, call: Call) -> Reply:
        """Return the HTTP 500."""
        _ = call
        return Problem(code=SERVER).reply()

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault, by its code."""
        _ = call
        code, status = int(text_of(fault.value["code"])), fault.value.get("status")
        minutes = text_of(fault.value.get("regainMinutes"))
        wait = int(minutes) * 60 if minutes else DEFAULT_WAIT_SECONDS
        return Problem(
            code=code,
            message=text_of(fault.value.get("message")),
            status=status if isinstance(status, int) else None,
            headers=limit_headers(100, 0, wait) if code == TOO_MANY else {},
        ).reply()


def limit_headers(max_calls: int, left: int, seconds: int) -> Mapping[str, str]:
    """Return the headers of a limit: calls in all and left, and the seconds until it begins again."""
    return {
        "x-ratelimit-limit": str(max_calls),
        "x-ratelimit-remaining": str(max(0, left)),
        "x-ratelimit-reset": str(seconds),
    }
