"""Routes of second factors: the second step of a sign-in, the confirmation of a session, and a person's own factors.

Like those of sign-in, they honour no Idempotency-Key: a code and a challenge serve once, and what is stored of them could be
replayed.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import (
    AnyKey,
    ConfirmedUser,
    RequireScope,
    browser_of,
    caller_of,
    session_token_of,
    set_session_cookie,
)
from presswork.api.http.body import body_of
from presswork.api.http.ids import PasskeyId
from presswork.api.http.openapi import refusals
from presswork.api.http.origin import passkey_site, refuse_other_sites, require_own_page
from presswork.api.http.paging import Page
from presswork.api.http.query import only_known_parameters
from presswork.api.http.responses import reply_of, respond, response_of
from presswork.api.sign_in.replies import respond_signed_in
from presswork.api.sign_in.second_factor_schemas import (
    AddedSecondFactor,
    Confirmation,
    Confirmed,
    NewPasskey,
    NewTotp,
    NewTotpSecret,
    Passkey,
    PasskeyOptions,
    PasskeyOptionsRequest,
    RecoveryCodes,
    RecoveryCodesRequest,
    SecondFactor,
    SecondFactorState,
    TotpConfirmation,
    TotpRemoval,
)
from presswork.api.users.schemas import CurrentSession, require_session
from presswork.core.errors import Code, Unavailable
from presswork.people import model
from presswork.people.change_factors import (
    AddedFactor,
    FactorOwner,
    confirm_totp,
    register_passkey,
    remove_passkey,
    remove_totp,
    renew_recovery_codes,
)
from presswork.people.confirm import confirm_session
from presswork.people.passkeys import ask_for_new, ask_for_one
from presswork.people.passkeys import list_passkeys as passkeys_of
from presswork.people.passwords import Passwords
from presswork.people.second_factor_model import ChallengePurpose, NextStep, PasskeySite
from presswork.people.second_step import find_factors, find_pending, finish_sign_in, sign_in_with_passkey
from presswork.people.security_mail import FactorChange, mail_change
from presswork.people.sessions import SessionCache
from presswork.people.store import find_user
from presswork.people.throttle import count_subject
from presswork.people.totp import make_secret

router: Final = APIRouter(tags=["Sign-in"], dependencies=[Depends(only_known_parameters)])
_NO_STORE: Final = {"Cache-Control": "no-store"}
CHALLENGES_PER_ADDRESS: Final = 300
"""In 15 minutes, of browsers without a session."""


async def factor_owner(request: Request, context: Ctx, now: Now) -> FactorOwner:
    """Return whose factors the request changes: the person of a confirmed session, or of a sign-in that waits for a factor.

    Raises Unauthenticated, ForeignOrigin, RateLimited, ConfirmationRequired.
    """
    browser = browser_of(request, context)
    has_other = "authorization" in request.headers or session_token_of(request, context) is not None
    pending = None if has_other else await find_pending(context.pool, browser.pending_token, now=now)
    if pending is not None and pending.next_step is NextStep.SET_UP:
        require_own_page(request, base_url=context.base_url)
        return FactorOwner(
            user_id=pending.user_id,
            organization_id=pending.organization_id,
            session_id=None,
            pending=pending,
            browser=browser,
        )
    caller = await caller_of(request, context, now)
    user_id, session_id = require_session(caller)
    await RequireScope(None, is_sensitive=True)(request, caller)
    return FactorOwner(
        user_id=user_id,
        organization_id=caller.organization_id,
        session_id=session_id,
        pending=None,
        browser=browser,
    )


Owner = Annotated[FactorOwner, Depends(factor_owner)]
_OWN: Final = (
    Code.UNAUTHENTICATED,
    Code.FORBIDDEN_ORIGIN,
    Code.CONFIRMATION_REQUIRED,
    Code.RATE_LIMITED,
    Code.KILL_SWITCH,
    Code.UNAVAILABLE,
)


@router.post(
    "/v1/auth/second-factor/options",
    response_model=PasskeyOptions,
    responses=refusals(
        Code.FORBIDDEN_ORIGIN, Code.RATE_LIMITED, Code.UNAVAILABLE, Code.UNAUTHENTICATED, Code.KILL_SWITCH
    ),
    summary="Ask for a passkey",
)
async def get_passkey_challenge(
    request: Request,
    _body: Annotated[PasskeyOptionsRequest, body_of(PasskeyOptionsRequest, is_optional=True)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return a challenge for a passkey: of the person of the session, to confirm it; of the sign-in that waits, to finish it.

    Without either, any passkey of this site may sign it, and is the whole sign-in, if it verifies its person.
    """
    refuse_other_sites(request, base_url=context.base_url)
    site = _require_site(request, context)
    browser = browser_of(request, context)
    if session_token_of(request, context) is not None:
        user_id, _ = require_session(await caller_of(request, context, now))
        options = await ask_for_one(context.pool, user_id, site, purpose=ChallengePurpose.CONFIRM, now=now)
    else:
        await count_subject(context.pool, "passkey challenges", browser.address, limit=CHALLENGES_PER_ADDRESS, now=now)
        pending = await find_pending(context.pool, browser.pending_token, now=now)
        of_user = None if pending is None else pending.user_id
        options = await ask_for_one(context.pool, of_user, site, purpose=ChallengePurpose.SIGN_IN, now=now)
    return _respond_once(PasskeyOptions(public_key=options))


@router.post(
    "/v1/auth/second-factor",
    response_model=CurrentSession,
    responses=refusals(Code.UNAUTHENTICATED, Code.RATE_LIMITED, Code.FORBIDDEN_ORIGIN, Code.UNAVAILABLE),
    summary="Finish a sign-in with a second factor",
)
async def send_second_factor(
    request: Request, body: Annotated[SecondFactor, body_of(SecondFactor)], context: Ctx, now: Now
) -> Response:
    """Start the session of a sign-in that waits for its second step. A code, a recovery code and a challenge serve once each.

    Without such a sign-in, a passkey that verifies its person is the whole sign-in. Attempts are limited per user and
    address: after five wrong ones in 15 minutes, 429 with `Retry-After`.
    """
    refuse_other_sites(request, base_url=context.base_url)
    browser, proof, site = browser_of(request, context), body.proof(), _site_of(request, context)
    pending = await find_pending(context.pool, browser.pending_token, now=now)
    if pending is None and proof.passkey is not None:
        await count_subject(context.pool, "passkey sign-ins", browser.address, limit=CHALLENGES_PER_ADDRESS, now=now)
        signed_in = await sign_in_with_passkey(
            context.pool, context.keyring, proof, site=site, browser=browser, now=now
        )
    else:
        signed_in = await finish_sign_in(
            context.pool, context.keyring, pending, proof, site=site, browser=browser, now=now
        )
    return_path = None if pending is None else pending.return_path
    return await respond_signed_in(request, context, signed_in, return_path=return_path)


@router.get("/v1/auth/second-factor", response_model=SecondFactorState, summary="Retrieve the second factors")
async def get_second_factor(caller: AnyKey, context: Ctx) -> Response:
    """Return what second factors the user of the session has, and whether the organization demands one."""
    user_id, _ = require_session(caller)
    return respond(SecondFactorState.of(await find_factors(context.pool, user_id)))


@router.post("/v1/auth/confirm", response_model=Confirmed, summary="Confirm a session")
async def confirm_own_session(
    caller: AnyKey,
    request: Request,
    body: Annotated[Confirmation, body_of(Confirmation)],
    context: Ctx,
    now: Now,
) -> Response:
    """Show that it is still the person of the session who acts: for five minutes, it may change keys, users and apps.

    A person with a second factor sends that, another one the password. An API key is not asked.
    """
    user_id, _ = require_session(caller)
    until = await confirm_session(
        context.pool,
        context.keyring,
        context.part(Passwords),
        body.proof(),
        caller=caller,
        user_id=user_id,
        site=_site_of(request, context),
        browser=browser_of(request, context),
        now=now,
    )
    context.part(SessionCache).forget_user(user_id)
    return respond(Confirmed(confirmed_until=until))


@router.post(
    "/v1/auth/totp",
    response_model=NewTotpSecret,
    responses=refusals(*_OWN),
    summary="Begin to set up an authenticator app",
)
async def begin_totp(
    owner: Owner, _body: Annotated[NewTotp, body_of(NewTotp, is_optional=True)], context: Ctx, now: Now
) -> Response:
    """Return a secret for an authenticator app. It counts once a code of it is sent, within 30 minutes.

    Until then, the app that the person already has counts.
    """
    async with context.pool.acquire() as connection:
        user = await find_user(connection, owner.user_id, organization_id=owner.organization_id, now=now)
        secret, url = await make_secret(connection, context.keyring, user, now=now)
    return _respond_once(NewTotpSecret(secret=secret, otpauth_url=url))


@router.post(
    "/v1/auth/totp/confirm",
    response_model=AddedSecondFactor,
    responses=refusals(*_OWN, Code.CONFLICT),
    summary="Set up the authenticator app",
)
async def confirm_own_totp(
    owner: Owner,
    request: Request,
    body: Annotated[TotpConfirmation, body_of(TotpConfirmation)],
    context: Ctx,
    now: Now,
) -> Response:
    """Send the first code of the new app, which counts from now on. All other sessions of the person end.

    A sign-in that waited for the factor is finished, and its session is set.
    """
    code = body.code.get_secret_value()
    added = await confirm_totp(context.pool, context.keyring, owner, code, now=now)
    return _respond_added(request, context, owner, added, FactorChange.TOTP_ADDED)


@router.delete(
    "/v1/auth/totp",
    response_model=SecondFactorState,
    responses=refusals(Code.CONFLICT),
    summary="Remove the authenticator app",
)
async def remove_own_totp(
    caller: AnyKey,
    request: Request,
    body: Annotated[TotpRemoval, body_of(TotpRemoval)],
    context: Ctx,
    now: Now,
) -> Response:
    """Remove the authenticator app of the user, whose other sessions end; without another factor, its recovery codes too.

    The only factor that the organization demands can't be removed.
    """
    user_id, _ = require_session(caller)
    user = await remove_totp(
        context.pool,
        context.keyring,
        context.part(Passwords),
        body.proof(),
        caller=caller,
        user_id=user_id,
        browser=browser_of(request, context),
        now=now,
    )
    return await _respond_removed(context, user, FactorChange.TOTP_REMOVED)


@router.post(
    "/v1/auth/recovery-codes",
    response_model=RecoveryCodes,
    responses=refusals(Code.CONFLICT),
    summary="Renew the recovery codes",
)
async def renew_own_recovery_codes(
    caller: ConfirmedUser,
    _body: Annotated[RecoveryCodesRequest, body_of(RecoveryCodesRequest, is_optional=True)],
    context: Ctx,
    now: Now,
) -> Response:
    """Replace the recovery codes of the user by ten new ones."""
    user_id, _ = require_session(caller)
    user, codes = await renew_recovery_codes(context.pool, caller=caller, user_id=user_id, now=now)
    response = _respond_once(RecoveryCodes(recovery_codes=codes))
    response.background = _mail(context, user, FactorChange.CODES_RENEWED)
    return response


@router.post(
    "/v1/auth/passkeys/options",
    response_model=PasskeyOptions,
    responses=refusals(*_OWN, Code.CONFLICT),
    summary="Begin to add a passkey",
)
async def begin_passkey(
    owner: Owner,
    request: Request,
    _body: Annotated[PasskeyOptionsRequest, body_of(PasskeyOptionsRequest, is_optional=True)],
    context: Ctx,
    now: Now,
) -> Response:
    """Return what a browser needs to make a passkey."""
    site = _require_site(request, context)
    user = await find_user(context.pool, owner.user_id, organization_id=owner.organization_id, now=now)
    return _respond_once(PasskeyOptions(public_key=await ask_for_new(context.pool, user, site, now=now)))


@router.post(
    "/v1/auth/passkeys",
    response_model=AddedSecondFactor,
    status_code=201,
    responses=refusals(*_OWN, Code.CONFLICT),
    summary="Add a passkey",
)
async def add_own_passkey(
    owner: Owner, request: Request, body: Annotated[NewPasskey, body_of(NewPasskey)], context: Ctx, now: Now
) -> Response:
    """Store the passkey that the browser has made. All other sessions of the person end.

    A sign-in that waited for the factor is finished, and its session is set.
    """
    site = _require_site(request, context)
    added = await register_passkey(context.pool, owner, body.passkey, name=body.name, site=site, now=now)
    return _respond_added(request, context, owner, added, FactorChange.PASSKEY_ADDED, status=201)


@router.get("/v1/auth/passkeys", response_model=Page[Passkey], summary="List the passkeys")
async def list_own_passkeys(caller: AnyKey, context: Ctx) -> Response:
    """List the passkeys of the user of the session, oldest first. The list is always whole."""
    user_id, _ = require_session(caller)
    items = [Passkey.of(passkey) for passkey in await passkeys_of(context.pool, user_id)]
    return respond(Page[Passkey](items=items, next_cursor=None))


@router.delete(
    "/v1/auth/passkeys/{passkeyId}",
    response_model=SecondFactorState,
    responses=refusals(Code.CONFLICT),
    summary="Remove a passkey",
)
async def remove_own_passkey(caller: ConfirmedUser, passkey_id: PasskeyId, context: Ctx, now: Now) -> Response:
    """Remove a passkey of the user, whose other sessions end; without another factor, its recovery codes too.

    The only factor that the organization demands can't be removed.
    """
    user_id, _ = require_session(caller)
    user = await remove_passkey(context.pool, passkey_id, caller=caller, user_id=user_id, now=now)
    return await _respond_removed(context, user, FactorChange.PASSKEY_REMOVED)


def _site_of(request: Request, context: Context) -> PasskeySite | None:
    return passkey_site(request, base_url=context.base_url)


def _require_site(request: Request, context: Context) -> PasskeySite:
    """Return the site of passkeys. Raises Unavailable where browsers reach this server by an IP address."""
    site = _site_of(request, context)
    if site is None:
        raise Unavailable(
            "Passkeys need a host name, and browsers reach this server by an IP address. Set PRESSWORK_PUBLIC_URL to a URL with "
            "a host name, or use an authenticator app."
        )
    return site


def _respond_once(
    body: AddedSecondFactor | NewTotpSecret | PasskeyOptions | RecoveryCodes, status: int = 200
) -> Response:
    """Return what no cache may store."""
    return response_of(reply_of(body, status=status), _NO_STORE)


def _respond_added(
    request: Request,
    context: Context,
    owner: FactorOwner,
    added: AddedFactor,
    change: FactorChange,
    *,
    status: int = 200,
) -> Response:
    body = AddedSecondFactor(
        passkey=None if added.passkey is None else Passkey.of(added.passkey),
        recovery_codes=added.recovery_codes,
        return_url=None if owner.pending is None else owner.pending.return_path,
    )
    context.part(SessionCache).forget_user(added.user.id)
    response = _respond_once(body, status)
    if added.signed_in is not None:
        set_session_cookie(response, request, context, added.signed_in)
    response.background = _mail(context, added.user, change)
    return response


async def _respond_removed(context: Context, user: model.User, change: FactorChange) -> Response:
    context.part(SessionCache).forget_user(user.id)
    response = respond(SecondFactorState.of(await find_factors(context.pool, user.id)))
    response.background = _mail(context, user, change)
    return response


def _mail(context: Context, user: model.User, change: FactorChange) -> BackgroundTask:
    """Return what sends the e-mail about a change, after the response."""
    return BackgroundTask(mail_change, context.settings, user, change)
