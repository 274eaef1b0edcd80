"""Authenticate a request: check the API key or the session, its rate limit and its scope, in this order.

A request with an Authorization header is that of a key, whatever cookies it has.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

from presswork.agents.grants import find_agent
from presswork.agents.model import is_oauth_token
from presswork.api.context import Context, Ctx, Now, context_of, now_of
from presswork.api.http.cookies import PENDING, SESSION, cookie_of, drop_cookie, set_cookie
from presswork.api.http.envelope import request_id_of
from presswork.api.http.origin import own_hosts, require_own_page
from presswork.api.http.project_visibility import hide_other_projects
from presswork.api.http.query import require_known_parameters
from presswork.callers.model import Principal, Scope, Unauthenticated
from presswork.core.enums import Environment
from presswork.core.errors import Code, Invalid, Issue, IssueCode, PressworkError
from presswork.core.ids import USER, public_id
from presswork.doctor.store import require_first_organization
from presswork.orgs.keys import KeyCache, find_caller
from presswork.orgs.rates import RateClass, count_call
from presswork.orgs.usage import CallCounts
from presswork.people.confirm import require_confirmed
from presswork.people.model import SESSION_LIFETIME
from presswork.people.second_factor_model import PENDING_LIFETIME, PendingSignIn
from presswork.people.sessions import Browser, SessionCache, SignedIn
from presswork.telemetry import tracing

_MISSING: Final = (
    "The request has no valid API key. Send `Authorization: Bearer lp_…`; create a key with `presswork key create`."
)
_AGENT_ENDED: Final = (
    "The access token has expired, or the agent was disconnected. Refresh the token, or authorize again."
)
_WRONG_AUDIENCE: Final = "This token is for /mcp only. Use it there, or send an API key."
FOR_AGENT: Final = "for_agent"
"""In the state of a request: it was sent to /mcp, or by a tool there. No client can set it."""
OF_SESSION: Final = "of_session"
"""In the state of a request: its caller is a session."""
_ENDED: Final = "The session has ended. Sign in again."
ENVIRONMENT_HEADER: Final = "x-presswork-environment"
_SAFE: Final = frozenset({"GET", "HEAD"})


class RateLimited(PressworkError):
    """The caller has used all requests of this minute."""

    code = Code.RATE_LIMITED


async def caller_of(request: Request, context: Ctx, now: Now) -> Principal:
    """Return the caller, and count the call.

    Raises Unauthenticated, KeyKilled, ForeignOrigin, RateLimited, Invalid.
    """
    caller = await identify(request, context, now)
    context.part(CallCounts).count(caller, now=now)
    kind = RateClass.READ if request.method == "GET" else RateClass.WRITE
    await check_rate(request, context, caller, now, kind=kind)
    return caller


async def identify(request: Request, context: Context, now: datetime) -> Principal:
    """Return the caller, a key or a session, without counting a call: also while a response is still being sent.

    Raises Unauthenticated, KeyKilled, ForeignOrigin, Invalid.
    """
    values = request.headers.getlist("authorization")
    if not values and (token := session_token_of(request, context)) is not None:
        caller = await _session_caller(request, context, token, now)
    else:
        scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")  # two headers are ambiguous
        if scheme.lower() != "bearer":
            raise Unauthenticated(_MISSING)
        token = token.strip()
        if is_oauth_token(token):
            caller = await _agent(request, context, token, now)
        else:
            caller, lookup = await find_caller(context.part(KeyCache), token, message=_MISSING, now=now)
            request.scope["state"]["key"] = lookup
    return replace(caller, request_id=request_id_of(request), traceparent=tracing.traceparent())


async def _agent(request: Request, context: Context, token: str, now: datetime) -> Principal:
    """Return the user for whom an agent acts. Its tokens are for /mcp, and for the calls that the tools there make."""
    if not request.scope["state"].get(FOR_AGENT):
        raise Unauthenticated(_WRONG_AUDIENCE)
    caller = await find_agent(context.pool, token, message=_AGENT_ENDED, now=now)
    request.scope["state"]["key"] = caller.public_id
    return caller


def session_token_of(request: Request, context: Context) -> str | None:
    """Return the token of the session that the browser sends, if it sends one."""
    return cookie_of(request, SESSION, base_url=context.base_url)


def browser_of(request: Request, context: Context) -> Browser:
    """Return where a request comes from."""
    return Browser(
        address=None if request.client is None else request.client.host,
        user_agent=request.headers.get("user-agent"),
        request_id=request_id_of(request),
        token=session_token_of(request, context),
        pending_token=cookie_of(request, PENDING, base_url=context.base_url),
    )


def set_session_cookie(
    response: Response, request: Request, context: Context, result: SignedIn | PendingSignIn
) -> None:
    """Give the token of a new session to the browser, or that of a sign-in that waits: it never has both."""
    is_session = isinstance(result, SignedIn)
    name, other = (SESSION, PENDING) if is_session else (PENDING, SESSION)
    lasts = SESSION_LIFETIME if is_session else PENDING_LIFETIME
    set_cookie(response, name, result.token, base_url=context.base_url, lasts=lasts)
    if cookie_of(request, other, base_url=context.base_url) is not None:
        drop_cookie(response, other, base_url=context.base_url)


async def _session_caller(request: Request, context: Context, token: str, now: datetime) -> Principal:
    session = await context.part(SessionCache).find_valid(token, now=now)
    if session is None:
        raise Unauthenticated(_ENDED)
    request.scope["state"].update({"key": public_id(USER, session.user_id), OF_SESSION: True})
    if request.method not in _SAFE:
        require_own_page(request, base_url=context.base_url)
    return session.principal(_environment_of(request), return_domains=own_hosts(request, base_url=context.base_url))


def _environment_of(request: Request) -> Environment:
    """Return the environment that a session works in. Raises Invalid for an unknown one."""
    values = request.headers.getlist(ENVIRONMENT_HEADER)
    if not values:
        return Environment.TEST
    try:
        (value,) = values
        return Environment(value)
    except ValueError as error:
        problem = "is not an environment. Send live or test, or leave the header out for test."
        raise Invalid([Issue.at("X-Presswork-Environment", problem, IssueCode.INVALID_CHOICE)]) from error


def in_environment(caller: Principal, environment: Environment | None) -> Principal:
    """Return the caller in an environment that a parameter names. Raises Invalid for a key of the other one.

    For what browsers open by themselves, such as an EventSource or a download: they send no header that names it.
    """
    if environment is None or environment is caller.environment:
        return caller
    if caller.user_id is not None:
        return replace(caller, environment=environment)
    problem = f"is not the environment of this key, which reads {caller.environment}. Leave it out, or use another key."
    raise Invalid([Issue.at("environment", problem, IssueCode.INVALID_VALUE)])


async def check_rate(request: Request, context: Context, caller: Principal, now: datetime, *, kind: RateClass) -> None:
    """Count the call, and report the limit in the headers of the response. Raises RateLimited."""
    rate = await count_call(context.pool, caller, kind, now=now)
    request.scope["state"]["rate_headers"] = [
        (b"ratelimit-limit", str(rate.limit).encode()),
        (b"ratelimit-remaining", str(max(0, rate.remaining)).encode()),
        (b"ratelimit-reset", str(rate.reset_seconds).encode()),
    ]
    if rate.remaining < 0:
        who = "This key" if caller.user_id is None else "A user"
        raise RateLimited(
            f"{who} may send {rate.limit} {kind} requests per minute. Retry in {rate.reset_seconds} s.",
            retryAfterSeconds=rate.reset_seconds,
        )


@dataclass(frozen=True)
class RequireScope:
    """Dependency that requires one scope of the caller; the OpenAPI document reads the scope from it.

    It also refuses unknown query parameters, and hides the objects of projects that the caller does not see: every route
    with a caller depends on it.
    """

    scope: Scope | None
    alternative: Scope | None = None
    """One that is as good."""
    is_sensitive: bool = False
    """Whether the person of a session must have proved within five minutes who it is (people/confirm.py)."""

    async def __call__(self, request: Request, caller: Annotated[Principal, Depends(caller_of)]) -> Principal:
        """Return the caller.

        Raises ScopeMissing, Invalid for query parameters that the route does not have, and ConfirmationRequired.
        """
        await self.authorize(request, caller)
        require_known_parameters(request)
        if caller.project_ids is not None:
            await hide_other_projects(request, caller)
        if self.is_sensitive:
            context = await context_of(request)
            await require_confirmed(context.pool, caller, now=await now_of(context))
        return caller

    async def authorize(self, request: Request, caller: Principal) -> None:  # noqa: ARG002  others read it
        """Raise ScopeMissing for a caller without the scope."""
        if self.scope is not None and not (self.alternative is not None and caller.may(self.alternative)):
            caller.require(self.scope)


AnyKey = Annotated[Principal, Depends(RequireScope(None))]
ProjectsRead = Annotated[Principal, Depends(RequireScope(Scope.PROJECTS_READ))]
ProjectsWrite = Annotated[Principal, Depends(RequireScope(Scope.PROJECTS_WRITE))]
ContentRead = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_READ))]
ContentWrite = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_WRITE))]
ContentApprove = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_APPROVE))]
ContentDiscuss = Annotated[Principal, Depends(RequireScope(Scope.CONTENT_WRITE, Scope.CONTENT_APPROVE))]
PublishRead = Annotated[Principal, Depends(RequireScope(Scope.PUBLISH_READ))]
PublishWrite = Annotated[Principal, Depends(RequireScope(Scope.PUBLISH_WRITE))]
InsightsRead = Annotated[Principal, Depends(RequireScope(Scope.INSIGHTS_READ))]
SocialRead = Annotated[Principal, Depends(RequireScope(Scope.SOCIAL_READ))]
SocialWrite = Annotated[Principal, Depends(RequireScope(Scope.SOCIAL_WRITE))]
WebhooksRead = Annotated[Principal, Depends(RequireScope(Scope.WEBHOOKS_READ))]
WebhooksWrite = Annotated[Principal, Depends(RequireScope(Scope.WEBHOOKS_WRITE))]
CommentsRead = Annotated[Principal, Depends(RequireScope(Scope.COMMENTS_READ))]
CommentsWrite = Annotated[Principal, Depends(RequireScope(Scope.COMMENTS_WRITE))]


@dataclass(frozen=True)
class RequireInstallation(RequireScope):
    """Dependency of routes about all organizations: a key with the scope, or an administrator of the installation."""

    async def authorize(self, request: Request, caller: Principal) -> None:
        """Raise ScopeMissing for a key without the scope, NotFirstOrganization for an administrator of a customer."""
        if caller.session_id is not None and caller.may(Scope.ORG_ADMIN):
            await require_first_organization((await context_of(request)).pool, caller)
        else:
            caller.require(Scope.INSTALLATION_ADMIN)


InstallationAdmin = Annotated[Principal, Depends(RequireInstallation(Scope.INSTALLATION_ADMIN))]
ConfirmedInstallationAdmin = Annotated[
    Principal, Depends(RequireInstallation(Scope.INSTALLATION_ADMIN, is_sensitive=True))
]
OrgAdmin = Annotated[Principal, Depends(RequireScope(Scope.ORG_ADMIN))]
ConfirmedUser = Annotated[Principal, Depends(RequireScope(None, is_sensitive=True))]
ConfirmedAdmin = Annotated[Principal, Depends(RequireScope(Scope.ORG_ADMIN, is_sensitive=True))]
"""For changes of keys, users, apps and what else decides who may do what."""


async def _admin(caller: OrgAdmin, context: Ctx) -> Principal:
    """Return the caller, who administers the installation. Raises NotFirstOrganization."""
    await require_first_organization(context.pool, caller)
    return caller


async def _confirmed_admin(caller: ConfirmedAdmin, context: Ctx) -> Principal:
    """Return the caller, who administers the installation. Raises NotFirstOrganization."""
    await require_first_organization(context.pool, caller)
    return caller


SystemAdmin = Annotated[Principal, Depends(_admin)]
ConfirmedSystemAdmin = Annotated[Principal, Depends(_confirmed_admin)]
