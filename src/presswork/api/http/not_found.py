"""Requests that match no route. They count against the key's rate limit, so that every response has its headers."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from presswork.api.context import context_of, now_of
from presswork.api.http.auth import RateLimited, caller_of, session_token_of
from presswork.api.http.envelope import refusal_response, unmatched_request
from presswork.callers.model import ForeignOrigin, KeyKilled, Unauthenticated
from presswork.core.errors import Invalid
from presswork.db.errors import TRANSIENT_ERRORS

_NO_KEY: Final = (Unauthenticated, KeyKilled, ForeignOrigin, Invalid, *TRANSIENT_ERRORS)
"""Errors that do not change the response: whether a path exists is public."""


async def not_found(request: Request, error: Exception) -> Response:
    """Return the error response for the router's 404 and 405, or 429 for a key that has exceeded its rate limit."""
    context = await context_of(request)
    has_caller = "authorization" in request.headers or session_token_of(request, context) is not None
    if has_caller and "rate_headers" not in request.scope["state"]:
        try:
            await caller_of(request, context, await now_of(context))
        except RateLimited as refusal:
            return await refusal_response(request, refusal)
        except _NO_KEY:
            pass
    return await unmatched_request(request, error)
