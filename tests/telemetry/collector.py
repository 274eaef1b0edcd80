"""A small OpenTelemetry collector that receives traces over HTTP and stores their spans."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from presswork.cli.sockets import listen_on, url_of


@dataclass(frozen=True, kw_only=True)
class ReceivedSpan:
    """A received span."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str | int]
    is_error: bool


@dataclass
class Collector:
    """Stores received spans and request bodies."""

    url: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, name: str) -> list[ReceivedSpan]:
        """Return the spans with this name."""
        return [span for span in self.spans if span.name == name]

    async def receive(self, request: web.Request) -> web.Response:
        """Store a batch of spans."""
        body = await request.read()
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [_received(span) for span in scope.spans]
        return web.Response()


def _received(span: Span) -> ReceivedSpan:
    return ReceivedSpan(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes={one.key: one.value.string_value or one.value.int_value for one in span.attributes},
        is_error=span.status.code == Status.STATUS_CODE_ERROR,
    )


@contextlib.asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """Run a collector until the block ends."""
    collector, listener = Collector(), listen_on("127.0.0.1", 0)
    collector.url = url_of(listener)
    application = web.Application(client_max_size=2**26)
    application.add_routes([web.post("/v1/traces", collector.receive)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield collector
    finally:
        await runner.cleanup()
