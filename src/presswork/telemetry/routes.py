"""`/metrics` of the API: what this process does, and how the queue is, in Prometheus' text format."""

from datetime import datetime
from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.api.auth import caller_of
from presswork.api.context import Context, Ctx, Now
from presswork.orgs.model import Scope, Unauthenticated
from presswork.telemetry import meters
from presswork.telemetry.metrics_auth import has_valid_token
from presswork.telemetry.process import CONTENT_TYPE, Families, Pools, shown_aside

router: Final = APIRouter()


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, context: Ctx, now: Now) -> Response:
    """Show the figures to whoever may see them. Figures are of the whole installation."""
    await _let_in(request, context, now)
    queue = Families(await context.queue_metrics.families())
    parts = (queue, Pools({"main": context.pool}), meters.API, meters.EVERY)
    return Response(await shown_aside(*parts), headers={"content-type": CONTENT_TYPE})


async def _let_in(request: Request, context: Context, now: datetime) -> None:
    """Raises Unauthenticated, and what a key without metrics:read meets."""
    token = context.settings.metrics_token
    told = request.headers.get("authorization")
    if told is None:
        if token is None and context.settings.public_url is None and _is_of_this_machine(request):
            return
        raise Unauthenticated(
            "Metrics are not for everybody. Send `Authorization: Bearer …` with PRESSWORK_METRICS_TOKEN, or with an API "
            "key that has metrics:read."
        )
    if token is not None and has_valid_token(told, token):
        return
    (await caller_of(request, context, now)).require(Scope.METRICS_READ)


def _is_of_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:  # a Unix socket has no address, and is not for everybody either way
        return False
