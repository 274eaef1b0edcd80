"""`/metrics` of the API: this process and the queue, in Prometheus' text format."""

from datetime import datetime
from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import caller_of
from presswork.callers.model import Scope, Unauthenticated
from presswork.telemetry import meters
from presswork.telemetry.metrics_auth import has_valid_token
from presswork.telemetry.process import CONTENT_TYPE, Families, Pools, render_in_thread
from presswork.telemetry.queue_metrics import QueueMetrics

router: Final = APIRouter()
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that a proxy adds."""


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, context: Ctx, now: Now) -> Response:
    """Return the metrics of the whole installation."""
    await _authorize(request, context, now)
    queue = Families(await context.part(QueueMetrics).families())
    parts = (queue, Pools({"main": context.pool}), meters.API, meters.EVERY)
    return Response(await render_in_thread(*parts), headers={"content-type": CONTENT_TYPE})


async def _authorize(request: Request, context: Context, now: datetime) -> None:
    """Require the metrics token, an API key with metrics:read, or a local client. Raises Unauthenticated or Forbidden."""
    token = context.settings.metrics_token
    sent = request.headers.get("authorization")
    if sent is None:
        if token is None and context.settings.public_url is None and _is_local(request):
            return
        raise Unauthenticated(
            "Metrics need authentication. Send `Authorization: Bearer …` with PRESSWORK_METRICS_TOKEN, or with an API key "
            "that has metrics:read."
        )
    if token is not None and has_valid_token(sent, token):
        return
    (await caller_of(request, context, now)).require(Scope.METRICS_READ)


def _is_local(request: Request) -> bool:
    """Whether a program on this machine sent the request, and not a proxy for another client."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:  # a Unix socket has no address
        return False
