"""Traces: one API request, the attempts at its posts, and each call to a platform, as one tree.

When tracing is disabled, OpenTelemetry is not imported. Otherwise a background thread sends spans to a collector over OTLP. A
span holds names, codes and Presswork's ids; never an address, a token or content. Platforms do not receive the trace.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Final

import structlog

from presswork.core.errors import Unavailable
from presswork.core.settings import CoreSettings

if TYPE_CHECKING:
    from presswork.telemetry.otel import OTelSpans

Attributes = Mapping[str, str | int | None]


class Kind(StrEnum):
    """The kind of a span."""

    SERVER = "server"
    """A request that Presswork answers."""
    CONSUMER = "consumer"
    """Work that was queued earlier."""
    CLIENT = "client"
    """A call to a platform."""


@dataclass(slots=True)
class _Switch:
    """Whether this process traces; global, because tracing covers the whole process."""

    spans: "OTelSpans | None" = None


_switch: Final = _Switch()


@contextlib.asynccontextmanager
async def traced(settings: CoreSettings, *, part: str) -> AsyncIterator[None]:
    """Trace this process for the length of a block, if an endpoint is set.

    Raises Unavailable if OpenTelemetry is not installed.
    """
    if settings.otel_endpoint is None:
        yield
        return
    try:
        spans: OTelSpans = import_module("presswork.telemetry.otel").open_spans(settings.otel_endpoint, part)
    except ModuleNotFoundError as error:
        raise Unavailable(
            "PRESSWORK_OTEL_ENDPOINT is set, but OpenTelemetry is not installed. Install Presswork as `presswork[otel]`, "
            "or remove the setting."
        ) from error
    _switch.spans = spans
    try:
        yield
    finally:
        _switch.spans = None
        await spans.aclose()


def is_on() -> bool:
    """Return whether this process traces."""
    return _switch.spans is not None


@contextlib.contextmanager
def span(name: str, kind: Kind, *, parent: str | None = None, **attributes: str | int | None) -> Iterator[None]:
    """Trace a block of work; run it untraced if tracing is disabled."""
    if _switch.spans is None:
        yield
        return
    with (
        _switch.spans.span(name, kind, parent, attributes),
        structlog.contextvars.bound_contextvars(trace=_trace_id(_switch.spans.traceparent())),
    ):
        yield


def platform_called(platform: str, operation: str, code: str, *, started: float) -> None:
    """Trace a finished call to a platform that started at `started`, by `perf_counter`."""
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


def annotate(*, name: str | None = None, is_failed: bool = False, **attributes: str | int | None) -> None:
    """Add attributes to the current span, and rename it if a name is given."""
    if _switch.spans is not None:
        _switch.spans.annotate(attributes, name=name, is_failed=is_failed)


def traceparent() -> str | None:
    """Return the current span as a traceparent to pass on, or None."""
    return None if _switch.spans is None else _switch.spans.traceparent()


def _trace_id(parent: str | None) -> str | None:
    """Return the id of a trace, for log lines."""
    return None if parent is None else parent.split("-")[1]
