"""Routes of sign-in: the session of this browser, password, one-time links, and sign-out.

They set the cookie of the session. No route here honours an Idempotency-Key: callers without a session have nothing to keep
a reply under, and the stored fingerprint of a password could be guessed from.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import AnyKey, browser_of, session_token_of, set_session_cookie
from presswork.api.http.body import body_of
from presswork.api.http.cookies import SESSION, drop_cookie
from presswork.api.http.envelope import request_id_of
from presswork.api.http.openapi import refusals
from presswork.api.http.origin import has_origin, require_own_origin, require_own_page
from presswork.api.http.query import only_known_parameters
from presswork.api.http.responses import reply_of, response_of
from presswork.api.sign_in.issuer import ConfiguredIssuer
from presswork.api.users.schemas import (
    Acceptance,
    CurrentSession,
    OidcSignIn,
    PasswordChange,
    SignIn,
    SignOut,
    require_session,
)
from presswork.core.errors import Code
from presswork.people import store
from presswork.people.accept import accept
from presswork.people.model import Session
from presswork.people.oidc_model import START
from presswork.people.passwords import Passwords
from presswork.people.sessions import SessionCache, SignedIn, find_session, sign_out
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

    Needs no API key. `oidc` is there if people can sign in with OpenID Connect.
    """
    token = session_token_of(request, context)
    found = None if token is None else await context.part(SessionCache).find_valid(token, now=now)
    if found is None:
        return _respond(CurrentSession.signed_out(oidc=_oidc(context)))
    user = await store.find_user(context.pool, found.user_id, organization_id=found.organization_id, now=now)
    session: Session | None = await find_session(context.pool, found, now=now)
    if session is None:
        return _respond(CurrentSession.signed_out(oidc=_oidc(context)))
    organization = await store.find_organization(context.pool, user.organization_id)
    return _respond(CurrentSession.for_user(user, session, organization=organization, oidc=_oidc(context)))


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

    Attempts are limited per account and address: after ten in 15 minutes, 429 with `Retry-After`.
    """
    _refuse_other_sites(request, context)
    signed_in = await sign_in(
        context.pool,
        context.part(Passwords),
        email=body.email,
        password=body.password.get_secret_value(),
        organization_id=body.organization_id,
        browser=browser_of(request, context),
        now=now,
    )
    return await _respond_signed_in(context, signed_in)


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

    An unknown, used or expired link returns 404.
    """
    _refuse_other_sites(request, context)
    signed_in = await accept(
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
    context.part(SessionCache).forget_user(signed_in.user.id)
    return await _respond_signed_in(context, signed_in)


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
    """End the session of this browser and delete its cookie. Without a session it does nothing."""
    token = session_token_of(request, context)
    session = None if token is None else await context.part(SessionCache).find_valid(token, now=now)
    if session is not None:
        require_own_page(request, base_url=context.base_url)
        async with context.pool.acquire() as connection, connection.transaction():
            await sign_out(connection, session, request_id=request_id_of(request), now=now)
        context.part(SessionCache).forget_user(session.user_id)
    return _respond_signed_out(context)


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
    return _respond_signed_out(context)


def _refuse_other_sites(request: Request, context: Context) -> None:
    """Raise ForeignOrigin for a page of another site, which could sign a person in to a user of the attacker.

    Programs send no Origin.
    """
    if has_origin(request):
        require_own_origin(request, base_url=context.base_url)


async def _respond_signed_in(context: Context, signed_in: SignedIn) -> Response:
    if signed_in.ended_user_id is not None:
        context.part(SessionCache).forget_user(signed_in.ended_user_id)
    organization = await store.find_organization(context.pool, signed_in.user.organization_id)
    response = _respond(CurrentSession.of(signed_in, organization=organization, oidc=_oidc(context)))
    set_session_cookie(response, context, signed_in)
    return response


def _respond_signed_out(context: Context) -> Response:
    response = _respond(CurrentSession.signed_out(oidc=_oidc(context)))
    drop_cookie(response, SESSION, base_url=context.base_url)
    return response


def _respond(body: CurrentSession) -> Response:
    return response_of(reply_of(body, exclude_unset=True), {"Cache-Control": "no-store"})


def _oidc(context: Context) -> OidcSignIn | None:
    provider = context.part(ConfiguredIssuer).provider
    return None if provider is None else OidcSignIn(start_url=START, provider=provider.host)
