"""Check that the attributes of uvicorn's classes on which the limits of the HTTP protocol depend exist.

A separate module, because a worker has no server and does not import uvicorn.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from presswork.core.library_internals import missing_message

_INTERNALS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        HttpToolsProtocol: (
            "connections",
            "cycle",
            "data_received",
            "flow",
            "headers",
            "on_body",
            "on_headers_complete",
            "on_message_begin",
            "on_message_complete",
            "pipeline",
            "resume_writing",
            "scope",
            "send_400_response",
            "url",
            "_unset_keepalive_if_required",
            "_unsupported_upgrade_warning",
        ),
        FlowControl: ("read_paused", "resume_reading"),
        RequestResponseCycle: (
            "disconnected",
            "keep_alive",
            "message_event",
            "response_complete",
            "response_started",
            "transport",
            "waiting_for_100_continue",
        ),
    }
)
"""The attributes that `api/http/protocol.py` uses, besides those of asyncio.Protocol."""


def missing_server_internals() -> Sequence[str]:
    """Return a message for each of these attributes that the installed uvicorn does not have."""
    return [
        missing_message("uvicorn", f"{owner.__name__}.{name}")
        for owner, names in _INTERNALS.items()
        for name in names
        if not hasattr(owner, name) and name not in _names_used_by(owner)
    ]


def _names_used_by(owner: type) -> set[str]:
    """Return the names that the methods of a class use, which include the attributes that they assign."""
    codes = (getattr(method, "__code__", None) for method in vars(owner).values())
    return {name for code in codes if code is not None for name in code.co_names}
