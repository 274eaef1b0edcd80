"""Traces: one call of the API, the attempts at its posts, and each call to a platform, as one tree.

Off, nothing of OpenTelemetry is even imported. On, spans go to a collector over OTLP by a thread of their own. A span
holds names, codes and our own ids; never an address, a token or content. The trace goes no further: platforms do not get it.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from time import perf_counter, time_ns
from typing import Final, Protocol

import structlog

from presswork.core.errors import Unavailable
from presswork.core.settings import Settings

Attributes = Mapping[str, str | int | None]


class Kind(StrEnum):
    """What a span is about."""

    SERVER = "server"
    """A call that we answer."""
    CONSUMER = "consumer"
    """Work that was asked for earlier."""
    CLIENT = "client"
    """A call that we make."""


class Spans(Protocol):
    """What makes spans, once tracing is on."""

    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Attributes
    ) -> contextlib.AbstractContextManager[None]:
        """Make a span the current one for the length of a block. `parent`: another process's, as a traceparent."""

    def past(
        self, name: str, kind: Kind, attributes: Attributes, *, began_ns: int, ended_ns: int, is_failed: bool
    ) -> None:
        """Add a span that is over already, below the current one."""

    def tell(self, attributes: Attributes, *, name: str | None, is_failed: bool) -> None:
        """Add to the current span, and name it anew."""

    def traceparent(self) -> str | None:
        """Return the current span as a traceparent, unless there is none or it is not kept."""

    async def aclose(self) -> None:
        """Send what is left, and end; takes seconds at most."""


@dataclass(slots=True)
class _Switch:
    """Whether this process traces. One for the process, as what it traces."""

    spans: Spans | None = None


_switch: Final = _Switch()


@contextlib.asynccontextmanager
async def traced(settings: Settings, *, part: str) -> AsyncIterator[None]:
    """Trace this process for the length of a block, if the settings name an endpoint.

    Raises Unavailable where the packages for it are not installed.
    """
    if settings.otel_endpoint is None:
        yield
        return
    try:
        spans: Spans = import_module("presswork.telemetry.otel").open_spans(settings.otel_endpoint, part)
    except ModuleNotFoundError as error:
        raise Unavailable(
            "PRESSWORK_OTEL_ENDPOINT is set, but OpenTelemetry is not installed. Install Presswork as `presswork[otel]`, "
            "or take the setting away."
        ) from error
    _switch.spans = spans
    try:
        yield
    finally:
        _switch.spans = None
        await spans.aclose()


def is_on() -> bool:
    """Whether this process traces."""
    return _switch.spans is not None


@contextlib.contextmanager
def span(name: str, kind: Kind, *, parent: str | None = None, **attributes: str | int | None) -> Iterator[None]:
    """Trace a block of work; without tracing, just do it."""
    if _switch.spans is None:
        yield
        return
    with (
        _switch.spans.span(name, kind, parent, attributes),
        structlog.contextvars.bound_contextvars(trace=_trace_id(_switch.spans.traceparent())),
    ):
        yield


def platform_called(platform: str, operation: str, code: str, *, started: float) -> None:
    """Trace a call to a platform that began at `started`, by `perf_counter`, and is over."""
    if _switch.spans is None:
        return
    ended_ns = time_ns()
    began_ns = ended_ns - round((perf_counter() - started) * 1e9)
    status = int(code) if code.isdecimal() else None
    _switch.spans.past(
        f"{platform} {operation}",
        Kind.CLIENT,
        {
            "presswork.platform": platform,
            "presswork.operation": operation,
            "http.response.status_code": status,
            "error.type": code if status is None or status >= 400 else None,
        },
        began_ns=began_ns,
        ended_ns=ended_ns,
        is_failed=status is None or status >= 400,
    )


def tell(*, name: str | None = None, is_failed: bool = False, **attributes: str | int | None) -> None:
    """Add what has become known to the current span; a name takes the place of its name."""
    if _switch.spans is not None:
        _switch.spans.tell(attributes, name=name, is_failed=is_failed)


def traceparent() -> str | None:
    """Return the current span in the form in which it is handed on; None: none is kept."""
    return None if _switch.spans is None else _switch.spans.traceparent()


def _trace_id(parent: str | None) -> str | None:
    """Return the id of a trace, for the log lines of what is done under it."""
    return None if parent is None else parent.split("-")[1]
