"""Where a post came from, as its row remembers it: the call that made it, and that call's trace."""

import json
from collections.abc import Mapping
from typing import Final

import structlog
from pydantic import JsonValue

from presswork.telemetry import tracing

_REQUEST: Final = "keep_request"
_TRACE: Final = "keep_trace"
"""`keep_`: what a worker keeps of a post's state even where it starts over."""


def origin_text() -> str:
    """Return the first state of posts that the current call makes, as JSON."""
    request, trace = structlog.contextvars.get_contextvars().get("request_id"), tracing.traceparent()
    told = {_REQUEST: request, _TRACE: trace}
    return json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))


def request_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the id of the call that made the post."""
    request = state.get(_REQUEST)
    return request if isinstance(request, str) else None


def trace_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the trace of the call that made the post, as a traceparent."""
    trace = state.get(_TRACE)
    return trace if isinstance(trace, str) else None
