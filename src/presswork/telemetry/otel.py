"""The OpenTelemetry exporter; imported only when tracing is enabled.

The SDK reads the standard variables (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES, …).
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from presswork import __version__
from presswork.telemetry.tracing import Attributes, Kind

_SENT_EVERY: Final = timedelta(seconds=1)
_SENT_WITHIN: Final = timedelta(seconds=5)
_ENDED_WITHIN: Final = timedelta(seconds=3)
"""How long the process waits for the collector at its end; unsent spans are dropped then."""
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_KINDS: Final[Mapping[Kind, SpanKind]] = {
    Kind.SERVER: SpanKind.SERVER,
    Kind.CONSUMER: SpanKind.CONSUMER,
    Kind.CLIENT: SpanKind.CLIENT,
}


def open_spans(endpoint: str, part: str) -> "OTelSpans":
    """Return an exporter that sends spans to a collector's base URL."""
    resource = Resource({"service.name": "presswork", "service.version": __version__, "presswork.part": part})
    provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_SENT_WITHIN.total_seconds())
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_SENT_EVERY.total_seconds() * 1000))
    return OTelSpans(provider)


class OTelSpans:
    """Creates spans; a background thread sends them."""

    def __init__(self, provider: TracerProvider) -> None:
        """`aclose` shuts the provider down."""
        self._provider: Final = provider
        self._tracer: Final = provider.get_tracer("presswork", __version__)

    @contextlib.contextmanager
    def span(self, name: str, kind: Kind, parent: str | None, attributes: Attributes) -> Iterator[None]:
        """Make a new span the current one for the length of a block. `parent`: a traceparent of another process."""
        context = None if parent is None else _PROPAGATOR.extract({"traceparent": parent})
        with self._tracer.start_as_current_span(
            name,
            context=context,
            kind=_KINDS[kind],
            attributes=_drop_unknown(attributes),
            record_exception=False,  # an error's message may contain a URL
            set_status_on_exception=False,  # as above
        ):
            yield

    def past(
        self, name: str, kind: Kind, attributes: Attributes, *, began_ns: int, ended_ns: int, is_failed: bool
    ) -> None:
        """Add a finished span below the current one."""
        span = self._tracer.start_span(
            name, kind=_KINDS[kind], attributes=_drop_unknown(attributes), start_time=began_ns
        )
        if is_failed:
            span.set_status(StatusCode.ERROR)
        span.end(ended_ns)

    def annotate(self, attributes: Attributes, *, name: str | None, is_failed: bool) -> None:
        """Add attributes to the current span, and rename it if a name is given."""
        span = trace.get_current_span()
        span.set_attributes(_drop_unknown(attributes))
        if name is not None:
            span.update_name(name)
        if is_failed:
            span.set_status(StatusCode.ERROR)

    def traceparent(self) -> str | None:
        """Return the current span as a traceparent, or None if there is none or it is not sampled."""
        if not trace.get_current_span().get_span_context().trace_flags.sampled:
            return None
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get("traceparent")

    async def aclose(self) -> None:
        """Send the remaining spans and shut down, in a thread, so that a hanging collector does not block the process."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def end() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=end, name="presswork-traces", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _ENDED_WITHIN.total_seconds())


def _drop_unknown(attributes: Attributes) -> dict[str, str | int]:
    return {name: value for name, value in attributes.items() if value is not None}
