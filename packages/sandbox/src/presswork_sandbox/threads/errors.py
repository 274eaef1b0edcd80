"""The refusals of Threads, in Graph's envelope.

Source: Meta, "Threads API: Troubleshooting", "Posts" and "Text Attachments"; the codes and texts that Meta does not list are
those of error bodies in public issues and clients; read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from presswork_sandbox.calls import Call
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.errors import (
    INVALID_PARAMETER,
    KNOWN,
    SERVER_ERROR,
    Problem,
    graph_error,
    named_problem,
    usage_headers,
)
from presswork_sandbox.wire import Reply, text_of

PARAMETER: Final = replace(INVALID_PARAMETER, kind="THApiException")
_NOT_FOUND: Final = Problem(
    code=24,
    subcode=4279009,
    message="The requested resource does not exist",
    user_title="Media Not Found",
    user_message="The media cannot be found.",
)
_INVALID_CHILDREN: Final = Problem(
    code=100,
    subcode=4279004,
    message="Invalid parameter",
    user_title="Invalid Carousel Children",
    user_message="The children are invalid, nonexistent, or expired.",
)
# Meta documents the quotas, but not their error. This one was seen in 2026 from an account that posted too much.
QUOTA_EXCEEDED: Final = Problem(
    code=613,
    subcode=4279002,
    message="Calls to this api have exceeded the rate limit.",
    user_title="Threads API Rate Limit Exceeded",
    user_message="You have exceeded the rate limit of this API. Try again later.",
)
TEXT_TOO_LONG: Final = PARAMETER.about("Param text must be at most 500 characters long.")
# Meta names these errors without a number, so where the names stand in the envelope is an assumption.
LINK_LIMIT: Final = PARAMETER.about(
    "(#100) THREADS_API__LINK_LIMIT_EXCEEDED: A post can have at most 5 links. Remove some of them."
)
GEO_NOT_AVAILABLE: Final = PARAMETER.about(
    "(#100) THREADS_API__FEATURE_NOT_AVAILABLE: Geo-gating is not available to this user."
)
INVALID_COUNTRIES: Final = PARAMETER.about(
    "(#100) THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES: The country codes must be those of ISO 3166-1 alpha-2."
)
ONLY_BY_FAULT: Final = (
    Problem(
        code=-1,
        subcode=4279047,
        message="Fatal",
        user_title="Invalid Link Attachment",
        user_message="The link attachment is invalid.",
    ),
    Problem(
        code=10,
        subcode=4279067,
        message="Application does not have permission for this action",
        user_title="App Does Not Have Sufficient Access Tier",
        user_message="The requested data is not available at your data access tier. App review might be required.",
    ),
    Problem(
        code=1,
        subcode=2207052,
        message="An unknown error occurred",
        user_title="Media Download Failed",
        user_message="The media could not be fetched from this URI.",
    ),
)
KNOWN_HERE: Final[Mapping[tuple[int, int | None], Problem]] = MappingProxyType(
    {
        **KNOWN,
        **{
            (problem.code, problem.subcode): problem
            for problem in (_NOT_FOUND, _INVALID_CHILDREN, QUOTA_EXCEEDED, *ONLY_BY_FAULT)
        },
    }
)
"""The words of a platform_error fault without a message, by code and subcode: those of Graph in general, and of Threads."""


def media_not_found(media_id: str) -> Problem:
    """Return the refusal for a container or a post that is not there, or not there yet.

    Publishing a container before it is finished fails with it, and sometimes publishing one right after.
    """
    return replace(_NOT_FOUND, user_message=f"The media with id {media_id[:40]} cannot be found.")


def invalid_children(ids: Sequence[str]) -> Problem:
    """Return the refusal for children of a carousel that are no finished carousel items of the account."""
    message = f"The children with IDs {', '.join(ids)} are invalid, nonexistent, or expired."
    return replace(_INVALID_CHILDREN, user_message=message)


class ThreadsErrorFormat:
    """The error responses of the Threads API for faults, the code exchange among them."""

    def __init__(self, trace: str) -> None:
        self._trace = trace

    def server_error(self, call: Call) -> Reply:
        """Return HTTP 500 with Graph's code 2."""
        _ = call
        return graph_error(SERVER_ERROR, self._trace, 500)

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value` may also carry status and regainMinutes."""
        problem, status = named_problem(fault, KNOWN_HERE)
        shown = call.shown if isinstance(call.shown, Mapping) else {}
        if problem.subcode == _NOT_FOUND.subcode and shown.get("creation_id"):
            problem = replace(problem, user_message=media_not_found(text_of(shown["creation_id"])).user_message)
        reply = graph_error(problem, self._trace, status)
        reply.headers = usage_headers(call, fault, problem, "threads")
        return reply
