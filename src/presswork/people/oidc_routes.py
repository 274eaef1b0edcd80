"""Sign-in with OpenID Connect, as a browser goes through it: to the issuer, and back."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.cookies import OIDC_LOGIN, SESSION, cookie_of, drop_cookie, set_cookie
from presswork.api.envelope import request_id_of
from presswork.api.origin import own_path
from presswork.api.pages import PAGES
from presswork.core.errors import STATUS, FieldError, Invalid, Issue, NotFound, PressworkError
from presswork.crypto.keyring import SealBroken
from presswork.people.model import SESSION_LIFETIME
from presswork.people.oidc_model import CALLBACK, START, OidcFailure, OidcLogin, OidcRefused
from presswork.people.oidc_sign_in import sign_in_with_identity
from presswork.people.sessions import Browser

if TYPE_CHECKING:
    from presswork.people.oidc import IdentityProvider

router: Final = APIRouter(include_in_schema=False)

HOME: Final = "/console"
_LASTS: Final = timedelta(minutes=10)
_PURPOSE: Final = "oidc login"
_Text = Annotated[str | None, Query(max_length=4096)]


@router.get(START)
async def start_oidc(
    context: Ctx, now: Now, return_url: Annotated[str | None, Query(alias="returnUrl", max_length=2048)] = None
) -> Response:
    """Send the browser to the issuer. What the answer is compared with stays in a sealed cookie of this browser."""
    provider = _provider(context)
    try:
        path = HOME if return_url is None else own_path(return_url, base_url=context.base_url)
    except FieldError as error:
        raise Invalid([Issue.at("returnUrl", str(error), error.code)]) from error
    login = OidcLogin.new()
    response = RedirectResponse(await provider.authorize_url(login), status_code=303, headers=_HEADERS)
    sealed = context.keyring.seal(
        json.dumps(
            {
                "purpose": _PURPOSE,
                "state": login.state,
                "nonce": login.nonce,
                "verifier": login.verifier,
                "path": path,
                "until": (now + _LASTS).timestamp(),
            }
        ).encode()
    )
    set_cookie(response, OIDC_LOGIN, sealed.decode("ascii"), base_url=context.base_url, lasts=_LASTS)
    return response


_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get(CALLBACK)
async def finish_oidc(
    request: Request,
    context: Ctx,
    now: Now,
    code: _Text = None,
    state: _Text = None,
    error: _Text = None,
    iss: _Text = None,
) -> Response:
    """Receive the browser from the issuer, start a session, and continue at the page where the sign-in began."""
    provider = _provider(context)
    try:
        response = await _finish(request, context, provider, code=code, state=state, error=error, iss=iss, now=now)
    except PressworkError as refusal:
        response = _refusal(request, refusal)
    drop_cookie(response, OIDC_LOGIN, base_url=context.base_url)
    return response


async def _finish(
    request: Request,
    context: Context,
    provider: "IdentityProvider",
    *,
    code: str | None,
    state: str | None,
    error: str | None,
    iss: str | None,
    now: datetime,
) -> Response:
    login, path = _login_of(request, context, state, now)
    if error is not None or code is None:
        raise OidcRefused(OidcFailure.DENIED)
    identity = await provider.identify(login, code, issuer=iss, now=now)
    browser = Browser(
        address=None if request.client is None else request.client.host,
        user_agent=request.headers.get("user-agent"),
        request_id=request_id_of(request),
        token=cookie_of(request, SESSION, base_url=context.base_url),
    )
    signed_in = await sign_in_with_identity(context.pool, identity, browser=browser, now=now)
    for user_id in {signed_in.user.id, signed_in.ended_user_id} - {None}:
        context.sessions.forget_user(user_id)  # type: ignore[arg-type]  # None was removed
    response = RedirectResponse(path, status_code=303, headers=_HEADERS)
    set_cookie(response, SESSION, signed_in.token, base_url=context.base_url, lasts=SESSION_LIFETIME)
    return response


def _login_of(request: Request, context: Context, state: str | None, now: datetime) -> tuple[OidcLogin, str]:
    """Return the login that this browser began, and the page to return to. Raises OidcRefused for another one."""
    sealed = cookie_of(request, OIDC_LOGIN, base_url=context.base_url)
    try:
        stored = json.loads(context.keyring.open((sealed or "").encode("ascii")))
    except (SealBroken, ValueError) as error:
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN) from error
    is_ours = isinstance(stored, dict) and stored.get("purpose") == _PURPOSE
    if not is_ours or not hmac.compare_digest(str(stored["state"]), (state or "").encode("ascii", "replace").decode()):
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    if now >= datetime.fromtimestamp(stored["until"], UTC):
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    login = OidcLogin(state=stored["state"], nonce=stored["nonce"], verifier=stored["verifier"])
    return login, str(stored["path"])


def _provider(context: Context) -> "IdentityProvider":
    if context.identity_provider is None:
        raise NotFound("Sign-in with OpenID Connect is not configured. Set PRESSWORK_OIDC_ISSUER and the client ID.")
    return context.identity_provider


def _refusal(request: Request, refusal: PressworkError) -> Response:
    """Return the page that says why a sign-in failed."""
    request.scope["state"]["error_code"] = refusal.code.value
    values = {
        "title": "You are not signed in",
        "message": refusal.message,
        "request_id": request_id_of(request),
        "link": {"url": HOME, "label": "Back to sign-in"},
    }
    return PAGES.response("error.html", values, status_code=STATUS[refusal.code], headers=_HEADERS)
