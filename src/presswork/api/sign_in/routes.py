"""Routes of sign-in: the session of this browser, password, one-time links, and sign-out.

They set the cookie of the session. No route here honours an Idempotency-Key: callers without a session have nothing to keep
a reply under, and the stored fingerprint of a password could be guessed from.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import AnyKey, browser_of, session_token_of
from presswork.api.http.body import body_of
from presswork.api.http.envelope import request_id_of
from presswork.api.http.openapi import refusals
from presswork.api.http.origin import refuse_other_sites, require_own_page
from presswork.api.http.query import only_known_parameters
from presswork.api.sign_in.replies import (
    oidc_of,
    respond_first_step,
    respond_session,
    respond_signed_out,
)
from presswork.api.users.schemas import (
    Acceptance,
    CurrentSession,
    PasswordChange,
    SignIn,
    SignOut,
    require_session,
)
from presswork.core.errors import Code
from presswork.people import store
from presswork.people.accept import accept
from presswork.people.model import Session
from presswork.people.passwords import Passwords
from presswork.people.second_step import drop_pending, find_factors, find_pending
from presswork.people.sessions import SessionCache, find_session, sign_out
from presswork.people.sign_in import change_password, sign_in

router: Final = APIRouter(tags=["Sign-in"], dependencies=[Depends(only_known_parameters)])


@router.get(
    "/v1/auth/session",
    response_model=CurrentSession,
    responses=refusals(Code.VALIDATION),
    summary="Retrieve the session of this browser",
)
async def get_current_session(request: Request, context: Ctx, now: Now) -> Response:
    """Return who is signed in with the cookie of this request: 200 with `user: null` without a session.

    Needs no API key. `oidc` is there if people can sign in with OpenID Connect; `next` and `methods`, if a sign-in of this
    browser waits for its second step.
    """
    token = session_token_of(request, context)
    found = None if token is None else await context.part(SessionCache).find_valid(token, now=now)
    if found is None:
        pending = await find_pending(context.pool, browser_of(request, context).pending_token, now=now)
        if pending is None:
            return respond_session(CurrentSession.signed_out(oidc=oidc_of(context)))
        factors = await find_factors(context.pool, pending.user_id)
        return respond_session(CurrentSession.pending(pending.next_step, factors, oidc=oidc_of(context)))
    user = await store.find_user(context.pool, found.user_id, organization_id=found.organization_id, now=now)
    session: Session | None = await find_session(context.pool, found, now=now)
    if session is None:
        return respond_session(CurrentSession.signed_out(oidc=oidc_of(context)))
    organization = await store.find_organization(context.pool, user.organization_id)
    return respond_session(CurrentSession.for_user(user, session, organization=organization, oidc=oidc_of(context)))


@router.post(
    "/v1/auth/sign-in",
    response_model=CurrentSession,
    responses=refusals(Code.UNAUTHENTICATED, Code.RATE_LIMITED, Code.FORBIDDEN_ORIGIN, Code.UNAVAILABLE),
    summary="Sign in with a password",
)
async def sign_in_with_password(
    request: Request, body: Annotated[SignIn, body_of(SignIn)], context: Ctx, now: Now
) -> Response:
    """Start a session and set its cookie. A wrong password and an unknown e-mail address get the same response.

    Of a person with a second factor, `next` is `second_factor`: send it to POST /v1/auth/second-factor within ten minutes.
    Where the organization demands a second factor and the person has none, it is `set_up_second_factor`: the cookie then
    serves for the routes that set one up, which start the session.

    Attempts are limited per account and address: after ten in 15 minutes, 429 with `Retry-After`.
    """
    refuse_other_sites(request, base_url=context.base_url)
    step = await sign_in(
        context.pool,
        context.part(Passwords),
        email=body.email,
        password=body.password.get_secret_value(),
        organization_id=body.organization_id,
        browser=browser_of(request, context),
        now=now,
    )
    return await respond_first_step(request, context, step)


@router.post(
    "/v1/auth/accept",
    response_model=CurrentSession,
    responses=refusals(Code.NOT_FOUND, Code.FORBIDDEN_ORIGIN, Code.UNAVAILABLE),
    summary="Accept a one-time link",
)
async def accept_link(
    request: Request, body: Annotated[Acceptance, body_of(Acceptance)], context: Ctx, now: Now
) -> Response:
    """Use a one-time link: set the password of its user, end all former sessions, and sign in.

    The second step is that of a sign-in with a password.

    An unknown, used or expired link returns 404.
    """
    refuse_other_sites(request, base_url=context.base_url)
    step = await accept(
        context.pool,
        context.part(Passwords),
        token=body.token.get_secret_value(),
        password=body.password.get_secret_value(),
        name=body.name,
        email=body.email,
        organization_name=body.organization_name,
        browser=browser_of(request, context),
        now=now,
    )
    return await respond_first_step(request, context, step)


@router.post(
    "/v1/auth/sign-out",
    response_model=CurrentSession,
    responses=refusals(Code.FORBIDDEN_ORIGIN),
    summary="Sign out",
)
async def sign_out_of_session(
    request: Request,
    _body: Annotated[SignOut, body_of(SignOut, is_optional=True)],
    context: Ctx,
    now: Now,
) -> Response:
    """End the session of this browser, or its sign-in that waits, and delete the cookie. Without one it does nothing."""
    token = session_token_of(request, context)
    session = None if token is None else await context.part(SessionCache).find_valid(token, now=now)
    if session is not None:
        require_own_page(request, base_url=context.base_url)
        async with context.pool.acquire() as connection, connection.transaction():
            await sign_out(connection, session, request_id=request_id_of(request), now=now)
        context.part(SessionCache).forget_user(session.user_id)
    await drop_pending(context.pool, browser_of(request, context).pending_token)
    return respond_signed_out(request, context)


@router.post("/v1/auth/password", response_model=CurrentSession, summary="Change the password")
async def change_own_password(
    caller: AnyKey,
    request: Request,
    body: Annotated[PasswordChange, body_of(PasswordChange)],
    context: Ctx,
    now: Now,
) -> Response:
    """Change the password of the user whose session this is. All sessions of the user end, this one too.

    An API key has no password: it gets 401.
    """
    require_session(caller)
    user = await change_password(
        context.pool,
        context.part(Passwords),
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        caller=caller,
        browser=browser_of(request, context),
        now=now,
    )
    context.part(SessionCache).forget_user(user.id)
    return respond_signed_out(request, context)
