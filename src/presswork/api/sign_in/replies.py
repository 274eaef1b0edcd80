"""Replies of sign-in: a session, a sign-in that waits for its second step, or neither, each with its cookies."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from presswork.api.context import Context
from presswork.api.http.auth import set_session_cookie
from presswork.api.http.cookies import PENDING, SESSION, cookie_of, drop_cookie
from presswork.api.http.responses import reply_of, response_of
from presswork.api.sign_in.issuer import ConfiguredIssuer
from presswork.api.users.schemas import CurrentSession, OidcSignIn
from presswork.people import store
from presswork.people.oidc_model import START
from presswork.people.second_step import FirstStep
from presswork.people.sessions import SessionCache, SignedIn

SECOND_STEP: Final = "/console/sign-in"
"""The page that asks for a second factor, and leads to the one where the sign-in began."""


async def respond_first_step(request: Request, context: Context, step: FirstStep) -> Response:
    """Return what the first step of a sign-in led to."""
    forget_sessions(context, step)
    if isinstance(step.result, SignedIn):
        return await respond_signed_in(request, context, step.result)
    response = respond_session(
        CurrentSession.pending(step.result.next_step, step.result.factors, oidc=oidc_of(context))
    )
    set_session_cookie(response, request, context, step.result)
    return response


async def respond_signed_in(
    request: Request, context: Context, signed_in: SignedIn, *, return_path: str | None = None
) -> Response:
    """Return a new session. `return_path`: of the page where the sign-in began, if that was not the console."""
    for user_id in (signed_in.user.id, signed_in.ended_user_id):
        if user_id is not None:
            context.part(SessionCache).forget_user(user_id)
    organization = await store.find_organization(context.pool, signed_in.user.organization_id)
    current = CurrentSession.of(signed_in, organization=organization, oidc=oidc_of(context), return_path=return_path)
    response = respond_session(current)
    set_session_cookie(response, request, context, signed_in)
    return response


def respond_signed_out(request: Request, context: Context) -> Response:
    """Return that the browser has no session."""
    response = respond_session(CurrentSession.signed_out(oidc=oidc_of(context)))
    drop_cookie(response, SESSION, base_url=context.base_url)
    if cookie_of(request, PENDING, base_url=context.base_url) is not None:
        drop_cookie(response, PENDING, base_url=context.base_url)
    return response


def respond_session(body: CurrentSession) -> Response:
    """Return the state of a browser, which no cache stores."""
    return response_of(reply_of(body, exclude_unset=True), {"Cache-Control": "no-store"})


def forget_sessions(context: Context, step: FirstStep) -> None:
    """Drop the sessions from this process's cache that a sign-in has ended."""
    for user_id in (step.user.id, step.ended_user_id):
        if user_id is not None:
            context.part(SessionCache).forget_user(user_id)


def oidc_of(context: Context) -> OidcSignIn | None:
    """Return how to sign in with OpenID Connect, if it is configured."""
    provider = context.part(ConfiguredIssuer).provider
    return None if provider is None else OidcSignIn(start_url=START, provider=provider.host)
