"""Sign-in with OpenID Connect, as a browser goes through it: to the issuer, and back."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import browser_of, set_session_cookie
from presswork.api.http.body import read_form
from presswork.api.http.cookies import OIDC_LOGIN, cookie_of, drop_cookie, set_cookie
from presswork.api.http.envelope import request_id_of
from presswork.api.http.origin import own_path, require_own_origin
from presswork.api.http.pages import OWN_RESOURCES, Pages
from presswork.api.sign_in.issuer import ConfiguredIssuer
from presswork.api.sign_in.replies import SECOND_STEP, forget_sessions
from presswork.core.errors import STATUS, FieldError, Invalid, Issue, NotFound, PressworkError
from presswork.crypto.keyring import SealBroken
from presswork.db.rows import from_row
from presswork.people.oidc_model import CALLBACK, CHOOSE, START, Identity, OidcFailure, OidcLogin, OidcRefused
from presswork.people.oidc_sign_in import sign_in_with_identity
from presswork.people.second_step import FirstStep
from presswork.people.sessions import SignedIn
from presswork.people.throttle import count_subject

if TYPE_CHECKING:
    from presswork.people.oidc import IdentityProvider

router: Final = APIRouter(include_in_schema=False)
_PAGES: Final = Pages("presswork.api.sign_in")

HOME: Final = "/console"
STEPS_PER_ADDRESS: Final = 600
"""In 15 minutes, of all people behind an address: a sign-in has two or three steps, and one makes calls to the issuer."""
_LASTS: Final = timedelta(minutes=10)
_PURPOSE: Final = "oidc login"
_CHOICE: Final = "oidc choice"
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
# Without same-origin, browsers send `Origin: null` with forms.
_FORM_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_FORM_POLICY: Final = OWN_RESOURCES.replace("form-action 'none'", "form-action 'self'")
_Text = Annotated[str | None, Query(max_length=4096)]


@router.get(START)
async def start_oidc(
    request: Request,
    context: Ctx,
    now: Now,
    return_url: Annotated[str | None, Query(alias="returnUrl", max_length=2048)] = None,
    is_again: Annotated[bool, Query(alias="again")] = False,
) -> Response:
    """Send the browser to the issuer. What the response is compared with stays in a sealed cookie of this browser.

    `again`: the issuer is asked to have the person sign in again, which confirms the session that follows.
    """
    provider = _provider(context)
    path = _require_own_path(return_url or HOME, context, field="returnUrl")
    await _count_step(request, context, now)
    login = OidcLogin.new()
    response = RedirectResponse(
        await provider.authorize_url(login, is_again=is_again), status_code=303, headers=_HEADERS
    )
    _keep(response, context, _PURPOSE, {**asdict(login), "path": path, "isAgain": is_again}, now=now)
    return response


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
    """Receive the browser from the issuer, start a session, and continue at the page where the sign-in began.

    A person who may sign in to several organizations, or was invited to one, is asked.
    """
    provider = _provider(context)
    try:
        await _count_step(request, context, now)
        login, path, is_again = _login_of(request, context, state, now)
        if error is not None or code is None:
            raise OidcRefused(OidcFailure.DENIED)
        identity = await provider.identify(login, code, issuer=iss, now=now)
        if is_again and identity.auth_time is None:  # an issuer that does not say when: the person comes from there now
            identity = replace(identity, auth_time=int(now.timestamp()))
        result = await sign_in_with_identity(
            context.pool, identity, chosen=None, browser=browser_of(request, context), return_path=path, now=now
        )
        if isinstance(result, FirstStep):
            return _respond_signed_in(request, context, result, path)
    except PressworkError as refusal:
        return _refusal(request, context, refusal)
    values = {
        "action": CHOOSE,
        "home": HOME,
        "choices": result,
        "identity": identity,
        "provider": provider.host,
        "path": path,
    }
    response = _PAGES.response("choose_organization.html", values, headers=_FORM_HEADERS, allow=_FORM_POLICY)
    _keep(response, context, _CHOICE, asdict(identity), now=now)
    return response


@router.post(CHOOSE)
async def choose_organization(request: Request, context: Ctx, now: Now) -> Response:
    """Sign the person in to the organization that it chose on the page, which works once for each sign-in at the issuer."""
    require_own_origin(request, base_url=context.base_url)
    form = dict(await read_form(request))
    path = _require_own_path(form.get("path", HOME), context, field="path")
    try:
        await _count_step(request, context, now)
        identity = from_row(Identity, _read_cookie(request, context, _CHOICE, now))
        result = await sign_in_with_identity(
            context.pool,
            identity,
            chosen=form.get("user", ""),
            browser=browser_of(request, context),
            return_path=path,
            now=now,
        )
        if not isinstance(result, FirstStep):
            raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    except PressworkError as refusal:
        return _refusal(request, context, refusal)
    return _respond_signed_in(request, context, result, path)


def _respond_signed_in(request: Request, context: Context, step: FirstStep, path: str) -> Response:
    forget_sessions(context, step)
    target = path if isinstance(step.result, SignedIn) else SECOND_STEP
    response = RedirectResponse(target, status_code=303, headers=_HEADERS)
    set_session_cookie(response, request, context, step.result)
    drop_cookie(response, OIDC_LOGIN, base_url=context.base_url)
    return response


async def _count_step(request: Request, context: Context, now: datetime) -> None:
    address = browser_of(request, context).address
    await count_subject(context.pool, "oidc steps", address, limit=STEPS_PER_ADDRESS, now=now)


def _require_own_path(text: str, context: Context, *, field: str) -> str:
    """Return the path to return to. Raises Invalid for a URL of another site."""
    try:
        return own_path(text, base_url=context.base_url)
    except FieldError as error:
        raise Invalid([Issue.at(field, str(error), error.code)]) from error


def _keep(response: Response, context: Context, purpose: str, values: Mapping[str, object], *, now: datetime) -> None:
    """Keep values for the next step in a sealed cookie of the browser, for ten minutes."""
    text = json.dumps({**values, "purpose": purpose, "until": (now + _LASTS).timestamp()}, ensure_ascii=False)
    sealed = context.keyring.seal(text.encode()).decode("ascii")
    set_cookie(response, OIDC_LOGIN, sealed, base_url=context.base_url, lasts=_LASTS)


def _read_cookie(request: Request, context: Context, purpose: str, now: datetime) -> dict[str, Any]:
    """Return what this browser keeps. Raises OidcRefused for nothing, another purpose, and what is too old."""
    sealed = cookie_of(request, OIDC_LOGIN, base_url=context.base_url)
    try:
        stored = json.loads(context.keyring.open((sealed or "").encode("ascii")))
    except (SealBroken, ValueError) as error:
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN) from error
    is_ours = isinstance(stored, dict) and stored.get("purpose") == purpose
    if not is_ours or now >= datetime.fromtimestamp(stored["until"], UTC):
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    return dict(stored)


def _login_of(request: Request, context: Context, state: str | None, now: datetime) -> tuple[OidcLogin, str, bool]:
    """Return the login that this browser began, the page to return to, and whether it is a confirmation. Raises OidcRefused for another one."""
    stored = _read_cookie(request, context, _PURPOSE, now)
    if not hmac.compare_digest(str(stored["state"]), (state or "").encode("ascii", "replace").decode()):
        raise OidcRefused(OidcFailure.LOGIN_UNKNOWN)
    login = OidcLogin(state=stored["state"], nonce=stored["nonce"], verifier=stored["verifier"])
    return login, str(stored["path"]), bool(stored.get("isAgain"))


def _provider(context: Context) -> "IdentityProvider":
    provider = context.part(ConfiguredIssuer).provider
    if provider is None:
        raise NotFound("Sign-in with OpenID Connect is not configured. Set PRESSWORK_OIDC_ISSUER and the client ID.")
    return provider


def _refusal(request: Request, context: Context, refusal: PressworkError) -> Response:
    """Return the page that says why a sign-in failed."""
    request.scope["state"]["error_code"] = refusal.code.value
    values = {
        "title": "You are not signed in",
        "message": refusal.message,
        "request_id": request_id_of(request),
        "link": {"url": HOME, "label": "Back to sign-in"},
    }
    headers = dict(_HEADERS)
    if "retryAfterSeconds" in refusal.details:
        headers["Retry-After"] = str(refusal.details["retryAfterSeconds"])
    response = _PAGES.response("error.html", values, status_code=STATUS[refusal.code], headers=headers)
    drop_cookie(response, OIDC_LOGIN, base_url=context.base_url)
    return response
