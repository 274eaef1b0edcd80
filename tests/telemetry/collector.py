"""A tiny OpenTelemetry collector: takes traces over HTTP and keeps their spans."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from presswork.cli.address import listen_on, url_of


@dataclass(frozen=True, kw_only=True)
class Told:
    """A span as it came in."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str | int]
    is_error: bool


@dataclass
class Collector:
    """What has come in."""

    url: str = ""
    spans: list[Told] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, name: str) -> list[Told]:
        """Return the spans of a name."""
        return [span for span in self.spans if span.name == name]

    async def take(self, request: web.Request) -> web.Response:
        """Take a batch in."""
        body = await request.read()
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [_told(span) for span in scope.spans]
        return web.Response()


def _told(span: Span) -> Told:
    return Told(
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
    """Listen for the length of a block."""
    collector, listener = Collector(), listen_on("127.0.0.1", 0)
    collector.url = url_of(listener)
    application = web.Application(client_max_size=2**26)
    application.add_routes([web.post("/v1/traces", collector.take)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield collector
    finally:
        await runner.cleanup()
