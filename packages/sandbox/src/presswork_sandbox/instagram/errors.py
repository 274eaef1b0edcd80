"""Graph's refusals, by code and subcode, in Graph's own envelope.

Source: Meta, "Instagram Platform: Error Codes", read 2026-11; texts in quotation marks of the real API where known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.wire import JSONValue, Reply, json_reply

# Codes that come with is_transient: true.
TRANSIENT: Final = frozenset({-1, 1, 2, 4, 17, 32, 341, 613})
TOO_MANY_CALLS: Final = frozenset({80001, 80002})  # the codes that always come with a usage header
FORBIDDEN: Final = frozenset({10, *range(200, 300)})  # HTTP 403, everything else is 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error of the Graph API."""

    code: int
    message: str
    subcode: int | None = None
    kind: str = "OAuthException"
    user_message: str | None = None
    user_title: str | None = None  # None: as the message
    data: Mapping[str, JSONValue] = field(default_factory=dict)

    def about(self, message: str) -> "Problem":
        """Return the same refusal with another message."""
        return replace(self, message=message)


class GraphRefusal(Exception):
    """Ends a call with Graph's error envelope."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


INVALID_PARAMETER: Final = Problem(code=100, message="(#100) Invalid parameter", kind="IGApiException")
NO_TOKEN: Final = Problem(code=104, message="An access token is required to request this resource.")
BAD_TOKEN: Final = Problem(code=190, message="Invalid OAuth access token - Cannot parse access token")
EXPIRED_TOKEN: Final = Problem(
    code=190, subcode=463, message="Error validating access token: Session has expired. Log in again."
)
REVOKED_TOKEN: Final = Problem(
    code=190, subcode=458, message="Error validating access token: The user has not authorized the application."
)
# Of graph.facebook.com; graph.instagram.com was seen to answer with code 100.
WRONG_SECRET: Final = Problem(code=1, message="Error validating client secret.")
APP_BLOCKED: Final = Problem(code=200, message="API access blocked.")
WRONG_APP: Final = Problem(code=100, message="(#100) The App_id in the input_token did not match the Viewing App")
PROOF_MISSING: Final = Problem(
    code=100, message="API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
)
PROOF_WRONG: Final = PROOF_MISSING.about("Invalid appsecret_proof provided in the API argument")
NOT_BUSINESS: Final = Problem(code=10, message="The user is not an Instagram Business")
NO_PERMISSION: Final = Problem(code=10, message="(#10) Application does not have permission for this action")
INVALID_METRIC: Final = INVALID_PARAMETER.about("(#100) The value must be a valid insights metric")
TOO_FEW_VIEWERS: Final = Problem(code=10, message="(#10) Not enough viewers for the media to show insights")
UNKNOWN_ERROR: Final = Problem(code=1, message="An unknown error has occurred.")
MISSING_OBJECT: Final = Problem(code=100, subcode=33, message="Unsupported request.", kind="GraphMethodException")
UNKNOWN_PATH: Final = Problem(code=2500, message="Unknown path components")
UNKNOWN_MEDIA_TYPE: Final = Problem(
    code=100, subcode=2207023, message="The media type is unknown.", user_message="Unknown media type"
)
# The subcode for a stand-alone VIDEO post is not in Meta's list; it is what clients report since November 2023.
VIDEO_IS_GONE: Final = Problem(
    code=100,
    subcode=2207067,
    message="The VIDEO value for media_type is no longer supported. Use the REELS media type to publish a video.",
)
CAROUSEL_SIZE: Final = Problem(
    code=100, subcode=2207028, message="Carousels need at least 2 and no more than 10 items."
)
TOO_MANY_MENTIONS: Final = Problem(code=100, subcode=2207040, message="No more than 20 @ tags are allowed.")
CAPTION_TOO_LONG: Final = Problem(
    code=36004, subcode=2207010, message="The caption is too long: 2200 characters, 30 hashtags and 20 @ tags at most."
)
IMAGE_TOO_LARGE: Final = Problem(code=36000, subcode=2207004, message="The image is larger than 8 MiB.")
IMAGE_FORMAT: Final = Problem(code=36001, subcode=2207005, message="The image format is not supported. Use JPEG.")
IMAGE_RATIO: Final = Problem(
    code=36003, subcode=2207009, message="The submitted image's aspect ratio is outside 4:5 to 1.91:1."
)
NOT_FETCHED: Final = Problem(
    code=9004,
    subcode=2207052,
    message="Only photo or video can be accepted as media type.",
    user_message="The media could not be fetched from this URI.",
)


def not_fetched(status: int | None) -> Problem:
    """Return the refusal of a URL that answered with an HTTP status instead of the file, or not at all."""
    if status is None:
        return NOT_FETCHED
    return replace(NOT_FETCHED, user_message=f"The media could not be fetched from this URI: HTTP error code {status}")


FETCH_TIMED_OUT: Final = Problem(code=-2, subcode=2207003, message="It takes too long to download the media.")
NOT_READY: Final = Problem(
    code=9007,
    subcode=2207027,
    message="Media ID is not available",
    user_message="The media is not ready for publishing, please wait for a moment",
)
CONTAINER_EXPIRED: Final = Problem(code=-2, subcode=2207020, message="The media you are trying to access has expired.")
UNKNOWN_CONTAINER: Final = Problem(
    code=24, subcode=2207008, message="The media container with this id does not exist or has expired."
)
THUMB_OFFSET: Final = Problem(code=1, subcode=2207057, message="The thumbnail offset is outside the video.")
# Meta names this error in its reference, without a code.
INVALID_LOCATION: Final = INVALID_PARAMETER.about(
    "(#100) INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID: The location_id must be a Page with location data."
)
LIKES_LOCKED: Final = Problem(code=4, message="(#4) Application request limit reached: too many likes")
PRODUCT_NOT_FOUND: Final = Problem(
    code=100, subcode=2207037, message="The products could not be tagged: this account has no shop that sells them."
)
# What Instagram really answers here is not documented anywhere; this one place decides it for the sandbox.
ALREADY_PUBLISHED: Final = UNKNOWN_CONTAINER.about("The media container was already published.")
DAILY_LIMIT: Final = Problem(
    code=9,
    subcode=2207042,
    message="You have reached the maximum number of posts that can be published by the Content Publishing API.",
)
# Meta documents the limit of 400 containers a day, but not its error.
CONTAINER_LIMIT: Final = DAILY_LIMIT.about("You have reached the maximum number of containers for 24 hours.")
CHILD_NOT_READY: Final = Problem(code=2, message="An unexpected error has occurred. Please retry your request later.")
SERVER_ERROR: Final = CHILD_NOT_READY
# What only faults answer: the words that a platform_error has if its value names none.
ONLY_BY_FAULT: Final = (
    Problem(code=-2, subcode=2207003, message="It takes too long to download the media."),
    Problem(code=-1, subcode=2207001, message="Instagram server error. Try again."),
    Problem(code=-1, subcode=2207032, message="Create media fail, please try to re-create media."),
    Problem(code=-1, subcode=2207053, message="Unknown upload error."),
    Problem(code=-1, subcode=2207085, message="Fatal"),
    Problem(code=1, message="An unknown error occurred."),
    Problem(code=4, message="(#4) Application request limit reached"),
    Problem(code=4, subcode=2207051, message="Application request limit reached"),
    Problem(code=17, message="(#17) User request limit reached"),
    Problem(code=20, subcode=1772107, message="(#20) The comment could not be added."),
    Problem(code=24, subcode=2207006, message="The requested resource does not exist"),
    Problem(code=25, subcode=2207050, message="The Instagram account is restricted."),
    Problem(code=32, message="(#32) Page request limit reached"),
    Problem(code=80002, message="(#80002) There have been too many calls to this Instagram account."),
)

KNOWN: Final = {
    (problem.code, problem.subcode): problem
    for problem in (
        *ONLY_BY_FAULT,
        BAD_TOKEN,
        CAPTION_TOO_LONG,
        CAROUSEL_SIZE,
        CHILD_NOT_READY,
        CONTAINER_EXPIRED,
        DAILY_LIMIT,
        EXPIRED_TOKEN,
        IMAGE_FORMAT,
        IMAGE_RATIO,
        IMAGE_TOO_LARGE,
        INVALID_PARAMETER,
        MISSING_OBJECT,
        NOT_FETCHED,
        NOT_READY,
        NO_PERMISSION,
        REVOKED_TOKEN,
        THUMB_OFFSET,
        TOO_MANY_MENTIONS,
        UNKNOWN_CONTAINER,
        UNKNOWN_MEDIA_TYPE,
    )
}

OAUTH_PATHS: Final = ("token",)  # answered by api.instagram.com, which has a different envelope


def graph_error(problem: Problem, trace: str, status: int | None = None) -> Reply:
    """Return the envelope: HTTP 400, or 403 for a missing permission."""
    error: dict[str, JSONValue] = {
        "message": problem.message,
        "type": problem.kind,
        "code": problem.code,
    }
    if problem.subcode is not None:
        error["error_subcode"] = problem.subcode
    error["is_transient"] = problem.code in TRANSIENT and problem.subcode is None
    if problem.user_message is not None:
        error["error_user_title"] = problem.user_title or problem.message
        error["error_user_msg"] = problem.user_message
    if problem.data:
        error["error_data"] = problem.data
    error["fbtrace_id"] = "A" + trace
    return json_reply({"error": error}, status or (403 if problem.code in FORBIDDEN else 400))


def oauth_error(message: str, status: int = 400) -> Reply:
    """Return the envelope of api.instagram.com, unlike any other."""
    body: JSONValue = {"error_type": "OAuthException", "code": status, "error_message": message}
    return json_reply(body, status)


def named_problem(fault: Fault, known: Mapping[tuple[int, int | None], Problem]) -> tuple[Problem, int | None]:
    """Return the error that a platform_error fault names, and its HTTP status where the fault has one.

    `known` has the words of errors by code and subcode; a message of the fault's own replaces them.
    """
    value = fault.value
    code, subcode = int(str(value["code"])), value.get("subcode")
    number = None if subcode is None else int(str(subcode))
    unknown = Problem(code=code, subcode=number, message=f"(#{code}) The sandbox is set to return this error")
    problem = known.get((code, number), unknown)
    if value.get("message"):
        problem = problem.about(str(value["message"]))
    status = value.get("status")
    return problem, status if isinstance(status, int) else None


def usage_headers(call: Call, fault: Fault, problem: Problem, product: str) -> Mapping[str, str]:
    """Return the header that says how long to wait, where a fault has regainMinutes or the error is about usage."""
    minutes = fault.value.get("regainMinutes")
    if problem.code not in TOO_MANY_CALLS and minutes is None:
        return {}
    owner = "0" if call.account is None else call.account.user_id
    usage = (
        f'{{"{owner}":[{{"type":"{product}","call_count":100,"total_cputime":4,"total_time":5,'
        f'"estimated_time_to_regain_access":{int(str(minutes or 0))}}}]}}'
    )
    return {"X-Business-Use-Case-Usage": usage}


class GraphErrorFormat:
    """The error responses of Meta's hosts. api.instagram.com has a different envelope for the code exchange."""

    def __init__(
        self, trace: str, *, own_envelope: bool = True, known: Mapping[tuple[int, int | None], Problem] | None = None
    ) -> None:
        """`known`: the words of errors that a fault gives none; by default Instagram's."""
        self._trace = trace
        self._known = KNOWN if known is None else known
        self._oauth_paths = OAUTH_PATHS if own_envelope else ()

    def server_error(self, call: Call) -> Reply:
        """Return HTTP 500 with Graph's code 2."""
        if call.operation in self._oauth_paths:
            return oauth_error("Sorry, something went wrong. Please try again.", 500)
        return graph_error(SERVER_ERROR, self._trace, 500)

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value` may also carry status, headers and regainMinutes."""
        problem, http_status = named_problem(fault, self._known)
        if call.operation in self._oauth_paths:
            return oauth_error(problem.message, http_status or 400)
        # The fault's message is the whole error: what the platform says to people is left out.
        problem = replace(problem, user_message=None)
        reply = graph_error(problem, self._trace, http_status)
        reply.headers = usage_headers(call, fault, problem, "pages" if call.platform == "facebook" else "instagram")
        return reply


def missing(call: Call, subject: str) -> Problem:
    """Return the error for an object that does not exist or belongs to another account."""
    method = call.request.method.lower()
    return MISSING_OBJECT.about(
        f"Unsupported {method} request. Object with ID '{subject[:40]}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation."
    )
