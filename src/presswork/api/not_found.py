"""Calls that match no route: a key that comes with one is counted all the same, so that every reply has its rate headers."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from presswork.api.auth import RateLimited, caller_of
from presswork.api.context import context_of, now_of
from presswork.api.envelope import refusal_response, unmatched_request
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.orgs.model import KeyKilled, Unauthenticated

_NO_KEY: Final = (Unauthenticated, KeyKilled, *TRANSIENT_ERRORS)
"""Errors that are ignored here: that a path does not exist is no secret."""


async def not_found(request: Request, error: Exception) -> Response:
    """Turn the router's own 404 and 405 into the envelope, or into 429 for a key that has used up its calls."""
    if "authorization" in request.headers and "rate_headers" not in request.scope["state"]:
        context = await context_of(request)
        try:
            await caller_of(request, context, await now_of(context))
        except RateLimited as refusal:
            return await refusal_response(request, refusal)
        except _NO_KEY:
            pass
    return await unmatched_request(request, error)
