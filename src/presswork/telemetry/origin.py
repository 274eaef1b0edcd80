"""Where a post came from, as its row remembers it: the call that made it, and that call's trace."""

import json
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

_REQUEST: Final = "keep_request"
_TRACE: Final = "keep_trace"
"""`keep_`: what a worker keeps of a post's state even where it starts over."""


def origin_text(*, request_id: str | None, traceparent: str | None) -> str:
    """Return the first state of posts that a call creates, as JSON."""
    told = {_REQUEST: request_id, _TRACE: traceparent}
    return json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))


def request_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the id of the call that made the post."""
    request = state.get(_REQUEST)
    return request if isinstance(request, str) else None


def trace_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the trace of the call that made the post, as a traceparent."""
    trace = state.get(_TRACE)
    return trace if isinstance(trace, str) else None
