"""X's refusals: problems with a type, lists of wrong parameters, the old numbered ones, and those of the token endpoints.

Source: xdevplatform/docs (2026-08), "Response codes & errors", and answers quoted in issues of 2026, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

PROBLEMS: Final = "https://api.x.com/2/problems/"
BLANK: Final = "about:blank"
OAUTH_OPERATIONS: Final = frozenset({"token", "refresh", "revoke"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error. `kind` is the end of its type's URL, or about:blank; with `wrong`, it lists parameters and their values."""

    status: int
    title: str
    detail: str
    kind: str = BLANK
    wrong: Sequence[tuple[str, Mapping[str, Sequence[str]]]] = ()
    more: Mapping[str, JSONValue] = field(default_factory=dict)

    def body(self) -> dict[str, JSONValue]:
        """Return it as X writes it."""
        body: dict[str, JSONValue] = {
            "title": self.title,
            "detail": self.detail,
            "type": BLANK if self.kind == BLANK else PROBLEMS + self.kind,
            **self.more,
        }
        if self.wrong:
            errors: list[JSONValue] = [
                {"message": message, "parameters": parameters} for message, parameters in self.wrong
            ]
            return {"errors": errors, **body}
        return {**body, "status": self.status} if self.kind == BLANK else body


class XRefusal(Exception):
    """Ends a call with a problem. `headers` replace those that the call has otherwise."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem: Final = problem
        self.headers: Final = headers or {}


def _make_forbidden(detail: str) -> Problem:
    return Problem(status=403, title="Forbidden", detail=detail)


UNAUTHORIZED: Final = Problem(status=401, title="Unauthorized", detail="Unauthorized")
NOT_PERMITTED: Final = _make_forbidden("You are not permitted to perform this action.")
DUPLICATE: Final = _make_forbidden("You are not allowed to create a Tweet with duplicate content.")
NOT_SUMMONED: Final = _make_forbidden(
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of"
    " the post you are replying to."
)
TOO_LONG_VIDEO: Final = _make_forbidden("This user is not allowed to post a video longer than 2 minutes")
CASHTAGS: Final = _make_forbidden("A post can have a maximum of one cashtag.")
NO_FEATURE: Final = _make_forbidden("Your account is not permitted to access this feature")
GONE_TARGET: Final = _make_forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
NOT_OWN: Final = _make_forbidden("You are not authorized to delete this Tweet.")
CLIENT_FORBIDDEN: Final = Problem(
    status=403,
    title="Client Forbidden",
    detail="This app is not permitted to access this endpoint or field.",
    kind="client-forbidden",
    more={"reason": "client-not-enrolled"},
)
SUSPENDED: Final = Problem(status=403, title="User Suspended", detail="The user is suspended.", kind="user-suspended")
RATE_LIMITED: Final = Problem(status=429, title="Too Many Requests", detail="Too Many Requests")
NO_CREDITS: Final = Problem(
    status=402,
    title="CreditsDepleted",
    detail="Your enrolled account does not have any credits to fulfill this request.",
    kind="credits",
)
CAPPED: Final = Problem(
    status=429,
    title="UsageCapExceeded",
    detail="Usage cap exceeded: the spending limit of this account is reached.",
    kind="usage-capped",
    more={"period": "Monthly", "scope": "Account"},
)
UNKNOWN_PATH: Final = Problem(status=404, title="Not Found", detail="Not Found")
SERVER_ERROR: Final = Problem(status=500, title="Internal Server Error", detail="Internal Server Error")
INVALID: Final = Problem(
    status=400,
    title="Invalid Request",
    detail="One or more parameters to your request was invalid.",
    kind="invalid-request",
)
_KNOWN: Final[Mapping[str, Problem]] = {
    "CreditsDepleted": NO_CREDITS,
    "usage-capped": CAPPED,
    "client-forbidden": CLIENT_FORBIDDEN,
    "user-suspended": SUSPENDED,
    "not-authorized-for-resource": Problem(
        status=403,
        title="Authorization Error",
        detail="Sorry, you are not authorized to see this resource.",
        kind="not-authorized-for-resource",
    ),
    "invalid-request": INVALID,
    "unsupported-authentication": Problem(
        status=403,
        title="Unsupported Authentication",
        detail="Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
        kind="unsupported-authentication",
    ),
    "duplicate": DUPLICATE,
    "not-summoned": NOT_SUMMONED,
    "400": INVALID,
    "401": UNAUTHORIZED,
    "402": NO_CREDITS,
    "403": NOT_PERMITTED,
    "404": UNKNOWN_PATH,
    "429": RATE_LIMITED,
    "500": SERVER_ERROR,
    "502": Problem(status=502, title="Bad Gateway", detail="Bad Gateway"),
    "503": Problem(status=503, title="Service Unavailable", detail="Service Unavailable"),
    "504": Problem(status=504, title="Gateway Timeout", detail="Gateway Timeout"),
}
"""The words of a platform_error fault without a message, by the end of a problem's type or its HTTP status; two are short names."""


def invalid(message: str, **parameters: str) -> XRefusal:
    """Return the refusal for a parameter with a value that X does not take; names have __ for a dot."""
    named = {name.replace("__", "."): [value] for name, value in parameters.items()}
    return XRefusal(replace(INVALID, wrong=[(message, named)]))


def bad_media(ids: Sequence[str]) -> XRefusal:
    """Return the refusal for media of a post that are not there, not finished, over, or another person's."""
    problem = replace(INVALID, detail="Your media IDs are invalid.")
    return XRefusal(replace(problem, wrong=[("Your media IDs are invalid.", {"media.media_ids": list(ids)})]))


def not_found(post_id: str, parameter: str = "id") -> Mapping[str, JSONValue]:
    """Return the partial error of a read that names what is not there; its HTTP status is 200."""
    return {
        "value": post_id,
        "detail": f"Could not find tweet with {parameter}: [{post_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": post_id,
        "type": f"{PROBLEMS}resource-not-found",
    }


def oauth_error(error: str, description: str, status: int = 400) -> Reply:
    """Return an error of the token endpoints."""
    return json_reply({"error": error, "error_description": description}, status)


class Envelopes:
    """Write the errors of api.x.com."""

    def __init__(self, now: float) -> None:
        """`now`: sandbox time, seconds; limits end after it."""
        self._now = now

    def refused(self, refusal: XRefusal) -> Reply:
        """Return an error of the API."""
        return json_reply(refusal.problem.body(), refusal.problem.status, refusal.headers)

    def server_error(self, call: Call) -> Reply:
        """Return X's HTTP 500."""
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error("server_error", "Internal Server Error", 500)
        return self.refused(XRefusal(SERVER_ERROR))

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault.

        `code` is the end of a problem's type, an HTTP status, or 88 for the numbered form of the rate limit; with
        `regainMinutes`, x-rate-limit-reset says when the limit ends.
        """
        code, status, message = str(fault.value["code"]), fault.value.get("status"), text_of(fault.value.get("message"))
        known = _KNOWN.get(code, Problem(status=400, title=code, detail="The sandbox returns this.", kind=code))
        problem = replace(
            known, status=status if isinstance(status, int) else known.status, detail=message or known.detail
        )
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error(code, problem.detail, problem.status)
        minutes = fault.value.get("regainMinutes")
        reset = self._now + 60 * (float(text_of(minutes)) if minutes is not None else 15.0)
        headers = {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(reset)),
        }
        if code == "88":
            errors: JSONValue = {"errors": [{"code": 88, "message": message or "Rate limit exceeded"}]}
            return json_reply(errors, status if isinstance(status, int) else 429, headers)
        return self.refused(XRefusal(problem, headers if problem.status == 429 else None))
