"""LinkedIn's refusals: the plain envelope, the one that lists wrong fields, and the flat one of the token endpoints.

Source: LinkedIn, "API error details" and "Authorization Code Flow", and answers quoted in issues of 2023 to 2026, read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply

BAD_REQUEST: Final = "com.linkedin.common.error.BadRequest"
OAUTH_OPERATIONS: Final = frozenset({"token", "refresh", "revoke"})
OAUTH_STATUSES: Final = {"invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error: its HTTP status, and what of the rest LinkedIn sends for it. With `inputs`, it is about fields."""

    status: int
    message: str
    code: str | None = None
    service_code: int | None = None
    inputs: Sequence[Mapping[str, JSONValue]] = ()

    def body(self) -> JSONValue:
        """Return it as LinkedIn writes it."""
        if self.inputs:
            details = {"inputErrors": list(self.inputs)}
            return {
                "errorDetailType": BAD_REQUEST,
                "message": self.message,
                "errorDetails": details,
                "status": self.status,
            }
        body: dict[str, JSONValue] = {"status": self.status}
        if self.service_code is not None:
            body["serviceErrorCode"] = self.service_code
        if self.code is not None:
            body["code"] = self.code
        return {**body, "message": self.message}


class LinkedInRefusal(Exception):
    """Ends a call with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem: Final = problem


EMPTY_TOKEN: Final = Problem(
    status=401, service_code=65604, code="EMPTY_ACCESS_TOKEN", message="Empty oauth2 access token"
)
INVALID_TOKEN: Final = Problem(
    status=401, service_code=65600, code="INVALID_ACCESS_TOKEN", message="Invalid access token"
)
REVOKED_TOKEN: Final = Problem(
    status=401,
    service_code=65601,
    code="REVOKED_ACCESS_TOKEN",
    message="The token used in the request has been revoked by the user",
)
EXPIRED_TOKEN: Final = Problem(
    status=401,
    service_code=65602,
    code="EXPIRED_ACCESS_TOKEN",
    message="The token used in the request has expired",
)
VERSION_MISSING: Final = Problem(
    status=400,
    code="VERSION_MISSING",
    message="A version must be present. Please specify a version by adding the LinkedIn-Version header.",
)
BAD_PATH: Final = Problem(status=400, code="ILLEGAL_ARGUMENT", message="Syntax exception in path variables")
BAD_QUERY: Final = Problem(status=400, code="ILLEGAL_ARGUMENT", message="Invalid query parameters passed to request")
METHOD_MISSING: Final = Problem(
    status=400, code="ILLEGAL_ARGUMENT", message="A POST on an entity needs the header X-RestLi-Method"
)
UNKNOWN_RESOURCE: Final = Problem(status=404, code="RESOURCE_NOT_FOUND", message="No virtual resource found")
UNKNOWN_ENTITY: Final = Problem(status=404, code="NOT_FOUND", message="Could not find entity")
CONFLICT: Final = Problem(status=409, code="CONFLICT", message="Retry the request")
THROTTLED: Final = Problem(
    status=429,
    service_code=101,
    code="TOO_MANY_REQUESTS",
    message="Resource level throttle APPLICATION DAY limit for calls to this resource is reached.",
)
MEMBER_THROTTLED: Final = Problem(
    status=429,
    service_code=101,
    code="TOO_MANY_REQUESTS",
    message="Resource level throttle APPLICATION AND MEMBER DAY limit for calls to this resource is reached.",
)
SERVER_ERROR: Final = Problem(status=500, message="Unable to obtain activity")
FORBIDDEN_AUTHOR: Final = Problem(
    status=403,
    service_code=100,
    code="ACCESS_DENIED",
    message="Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]",
)
UNPERMITTED_CONTENT: Final = Problem(
    status=403,
    service_code=100,
    code="ACCESS_DENIED",
    message="Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/content]",
)
FORBIDDEN_ACTOR: Final = Problem(
    status=403, service_code=100, code="ACCESS_DENIED", message="The actor can't change what another one wrote"
)
FORBIDDEN_OWNER: Final = Problem(
    status=403,
    message="Accessing this media resource is forbidden. Please check your permissions for this resource",
)
_KNOWN: Final = {
    problem.code: problem
    for problem in (
        EMPTY_TOKEN,
        INVALID_TOKEN,
        REVOKED_TOKEN,
        EXPIRED_TOKEN,
        VERSION_MISSING,
        UNKNOWN_RESOURCE,
        UNKNOWN_ENTITY,
        CONFLICT,
        THROTTLED,
        Problem(status=403, service_code=100, code="ACCESS_DENIED", message="Not enough permissions to access"),
        Problem(status=426, code="NONEXISTENT_VERSION", message="Requested version is not active"),
        Problem(status=500, code="INTERNAL_SERVER_ERROR", message="Internal Server Error"),
        Problem(status=503, code="SERVICE_UNAVAILABLE", message="Service Unavailable"),
        Problem(status=504, code="GATEWAY_TIMEOUT", message="Gateway Timeout"),
    )
}
# Codes that stand in `inputErrors`, and their status.
_OF_FIELDS: Final = {
    "DUPLICATE_POST": 422,
    "FIELD_ARRAY_SIZE_TOO_HIGH": 400,
    "FIELD_LENGTH_TOO_LONG": 400,
    "INVALID_VALUE_FOR_FIELD": 400,
}


def not_active(version: str) -> Problem:
    """Return the error for a version that is over, or never was; LinkedIn's message shows it with a day."""
    shown = f"{version}01" if len(version) == 6 else version
    return Problem(status=426, code="NONEXISTENT_VERSION", message=f"Requested version {shown} is not active")


def denied(resource: str, version: str) -> Problem:
    """Return the error for a permission that the token has not, on a resource such as partnerApiPostsExternal.GET."""
    end = f"{version}01" if version.isdigit() else version
    message = f"Not enough permissions to access: {resource}.{end}"
    return Problem(status=403, service_code=100, code="ACCESS_DENIED", message=message)


def wrong_field(path: str, message: str, code: str = "INVALID_VALUE_FOR_FIELD", **more: JSONValue) -> Problem:
    """Return the error for a field whose value LinkedIn refuses."""
    found: dict[str, JSONValue] = {
        "description": message,
        "input": {"inputPath": {"fieldPath": path}},
        "code": code,
        **more,
    }
    return Problem(status=_OF_FIELDS.get(code, 400), message=message, inputs=[found])


def unmet_schema(*problems: str) -> Problem:
    """Return the error for a body that does not fit the resource's schema: all that is wrong, a line for each."""
    return Problem(status=422, message="".join(f"ERROR :: {problem}\n" for problem in problems))


def duplicate_of(urn: str) -> Problem:
    """Return the error for a post whose author has posted the same before."""
    found: Mapping[str, JSONValue] = {
        "description": "Duplicate post is detected",
        "input": {},
        "code": "DUPLICATE_POST",
    }
    message = f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}"
    return Problem(status=422, message=message, inputs=[found])


def oauth_error(error: str, description: str, status: int | None = None) -> Reply:
    """Return an error of the token endpoints."""
    body: JSONValue = {"error": error, "error_description": description}
    return json_reply(body, status or OAUTH_STATUSES.get(error, 400))


class Envelopes:
    """Write the errors of LinkedIn's hosts."""

    def refused(self, problem: Problem) -> Reply:
        """Return an error of the API."""
        return json_reply(problem.body(), problem.status)

    def server_error(self, call: Call) -> Reply:
        """Return LinkedIn's HTTP 500."""
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error("server_error", "An internal error occurred. Please try again.")
        if call.operation == "upload":
            return Reply(status=500)
        return self.refused(SERVER_ERROR)

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault: its code's own words and HTTP status, unless the fault has others.

        A `subcode` is the serviceErrorCode.
        """
        code, status, subcode = str(fault.value["code"]), fault.value.get("status"), fault.value.get("subcode")
        http_status = status if isinstance(status, int) else None
        known = _KNOWN.get(
            code, Problem(status=_OF_FIELDS.get(code, 400), code=code, message="The sandbox returns this.")
        )
        message = str(fault.value.get("message") or known.message)
        if call.operation in OAUTH_OPERATIONS:
            return oauth_error(code, message, http_status)
        if call.operation == "upload":
            return Reply(status=http_status or (int(code) if code.isdigit() and 400 <= int(code) <= 599 else 400))
        inputs: Sequence[Mapping[str, JSONValue]] = ()
        if code in _OF_FIELDS:
            inputs = [{"description": message, "input": {}, "code": code}]
        return self.refused(
            Problem(
                status=http_status or known.status,
                code=known.code,
                service_code=known.service_code if subcode is None else int(str(subcode)),
                message=message,
                inputs=inputs,
            )
        )
