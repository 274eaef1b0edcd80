"""Authenticate a request: check the API key, its kill switch, its rate limit and its scope, in this order."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request

from presswork.api.context import Context, Ctx, Now
from presswork.api.envelope import request_id_of
from presswork.api.query import require_known_parameters
from presswork.core.errors import Code, PressworkError
from presswork.orgs.keys import find_caller
from presswork.orgs.model import Principal, Scope, Tier, Unauthenticated
from presswork.orgs.rates import RateClass, count_call
from presswork.telemetry import tracing

_MISSING: Final = (
    "The request has no valid API key. Send `Authorization: Bearer lp_…`; create a key with `presswork key create`."
)


class RateLimited(PressworkError):
    """The key, or a caller without one, has used all requests of this minute."""

    code = Code.RATE_LIMITED


async def caller_of(request: Request, context: Ctx, now: Now) -> Principal:
    """Return the caller, and count the call. Raises Unauthenticated, KeyKilled, RateLimited."""
    caller = await identify(request, context, now)
    await _check_rate(request, context, caller, now)
    return caller


async def identify(request: Request, context: Context, now: datetime) -> Principal:
    """Return the caller without counting a call, also for a response that is still being sent.

    Raises Unauthenticated, KeyKilled.
    """
    values = request.headers.getlist("authorization")
    scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")  # two headers are ambiguous
    if scheme.lower() != "bearer":
        raise Unauthenticated(_MISSING)
    caller, lookup = await find_caller(context.keys, token.strip(), message=_MISSING, now=now)
    request.scope["state"]["key"] = lookup
    return replace(caller, request_id=request_id_of(request), traceparent=tracing.traceparent())


async def _check_rate(request: Request, context: Context, caller: Principal, now: datetime) -> None:
    """Count the call of a limited key. A key without a limit has no RateLimit headers."""
    if caller.tier is Tier.UNLIMITED:
        return
    kind = RateClass.READ if request.method == "GET" else RateClass.WRITE
    rate = await count_call(context.pool, caller, kind, now=now)
    request.scope["state"]["rate_headers"] = [
        (b"ratelimit-limit", str(rate.limit).encode()),
        (b"ratelimit-remaining", str(max(0, rate.remaining)).encode()),
        (b"ratelimit-reset", str(rate.reset_seconds).encode()),
    ]
    if rate.remaining < 0:
        raise RateLimited(
            f"This key may send {rate.limit} {kind} requests per minute. Retry in {rate.reset_seconds} s.",
            retryAfterSeconds=rate.reset_seconds,
        )


@dataclass(frozen=True)
class RequireScope:
    """Dependency that requires one scope of the caller's key; the OpenAPI document reads the scope from it.

    It also refuses unknown query parameters: every route with a key depends on it.
    """

    scope: Scope | None

    async def __call__(self, request: Request, caller: Annotated[Principal, Depends(caller_of)]) -> Principal:
        """Return the caller. Raises ScopeMissing, and Invalid for query parameters that the route does not have."""
        if self.scope is not None:
            caller.require(self.scope)
        require_known_parameters(request)
        return caller


AnyKey = Annotated[Principal, Depends(RequireScope(None))]
ProjectsRead = Annotated[Principal, Depends(RequireScope(Scope.PROJECTS_READ))]
ProjectsWrite = Annotated[Principal, Depends(RequireScope(Scope.PROJECTS_WRITE))]
ContentRead = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_READ))]
ContentWrite = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_WRITE))]
ContentApprove = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_APPROVE))]
PublishRead = Annotated[Principal, Depends(RequireScope(Scope.PUBLISH_READ))]
PublishWrite = Annotated[Principal, Depends(RequireScope(Scope.PUBLISH_WRITE))]
SocialRead = Annotated[Principal, Depends(RequireScope(Scope.SOCIAL_READ))]
SocialWrite = Annotated[Principal, Depends(RequireScope(Scope.SOCIAL_WRITE))]
WebhooksRead = Annotated[Principal, Depends(RequireScope(Scope.WEBHOOKS_READ))]
WebhooksWrite = Annotated[Principal, Depends(RequireScope(Scope.WEBHOOKS_WRITE))]
OrgAdmin = Annotated[Principal, Depends(RequireScope(Scope.ORG_ADMIN))]
