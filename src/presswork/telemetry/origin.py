"""The origin of a post, stored in its row: the request that created it, and that request's trace."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from presswork.core.json_text import compact_json

_REQUEST: Final = "keep_request"
_TRACE: Final = "keep_trace"
ORIGIN_KEYS: Final = frozenset({_REQUEST, _TRACE})
"""`keep_`: entries that survive when a worker starts a post over."""


def origin_text(*, request_id: str | None, traceparent: str | None, more: Mapping[str, JsonValue]) -> str:
    """Return the initial state of posts that a request creates, as JSON; `more` are further entries."""
    origin = {_REQUEST: request_id, _TRACE: traceparent, **more}
    return compact_json({name: value for name, value in origin.items() if value is not None})


def request_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the id of the request that created the post."""
    request = state.get(_REQUEST)
    return request if isinstance(request, str) else None


def trace_of(state: Mapping[str, JsonValue]) -> str | None:
    """Return the trace of the request that created the post, as a traceparent."""
    trace = state.get(_TRACE)
    return trace if isinstance(trace, str) else None
