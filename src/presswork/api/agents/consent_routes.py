"""The pages of OAuth: sign in, and allow a program to act for the user."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from presswork.agents.grants import Consent, allow, find_client
from presswork.agents.model import (
    SCOPES,
    Client,
    OAuthError,
    OAuthRefused,
    form_target_of,
    is_loopback,
    place_of,
    requested_scopes,
    require_code_request,
    with_parameters,
)
from presswork.agents.tool_model import JSON
from presswork.api.agents.urls import AUTHORIZE, issuer_of, resource_of
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import browser_of, session_token_of, set_session_cookie
from presswork.api.http.body import read_form
from presswork.api.http.envelope import request_id_of
from presswork.api.http.origin import require_own_origin
from presswork.api.http.pages import OWN_RESOURCES, Pages
from presswork.api.sign_in.issuer import ConfiguredIssuer
from presswork.api.sign_in.replies import SECOND_STEP, forget_sessions
from presswork.core.enums import Environment
from presswork.core.errors import STATUS, Code, PressworkError
from presswork.core.ids import new_id
from presswork.crypto.keyring import SealBroken
from presswork.people.oidc_model import START
from presswork.people.passwords import Passwords
from presswork.people.sessions import SessionCache, SignedIn, StoredSession
from presswork.people.sign_in import sign_in
from presswork.people.store import find_organization
from presswork.people.throttle import is_first_use

router: Final = APIRouter(include_in_schema=False)
_PAGES: Final = Pages("presswork.api.agents")

_AGENTS: Final = "/console/test/you"
"""Where the console lists the connected agents of its user."""
_PURPOSE: Final = "one oauth consent"
_LASTS: Final = timedelta(minutes=10)
_MAX_QUERY_CHARACTERS: Final = 4096
# Without same-origin, browsers send `Origin: null` with forms.
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


@router.get(AUTHORIZE)
async def authorize(request: Request, context: Ctx, now: Now) -> Response:
    """Ask the user whether a program may act for it; without a session, ask for a sign-in first.

    An unknown client or URL ends on a page: nothing is ever sent to a URL that is not registered.
    """
    query = _query_of(request)
    try:
        client = await find_client(context.pool, query.get("client_id"))
        uri = client.require_registered(query.get("redirect_uri", ""))
    except OAuthRefused as refusal:
        return _error_page(request, f"{refusal.description} Start again in the program that sent you here.")
    try:
        session = await _session_of(request, context, now)
        challenge = require_code_request(query)
        resource = resource_of(request, context, query.get("resource"))
        if session is None or not session.is_confirmed(now=now):
            return _sign_in_page(request, context, _own_query(query), is_again=session is not None)
        scopes = requested_scopes(query.get("scope"), session.role)
    except OAuthRefused as refusal:
        if is_loopback(uri):
            return _return(request, context, uri, query.get("state"), refusal=refusal)
        # Anybody can register a program with a URL of theirs, so that this would send people there without a question.
        return _error_page(request, f"{refusal.description} Start again in the program that sent you here.")
    organization = await find_organization(context.pool, session.organization_id)
    ticket = {
        "purpose": _PURPOSE,
        "id": str(new_id()),
        "session": str(session.session_id),
        "client": str(client.id),
        "uri": uri,
        "challenge": challenge,
        "resource": resource,
        "scopes": list(scopes),
        "state": query.get("state"),
        "until": (now + _LASTS).timestamp(),
    }
    return _PAGES.response(
        "consent.html",
        {
            "client": client,
            "place": place_of(uri),
            "organization": organization.name,
            "user": session.user_name,
            "scopes": [(scope.value, sentence) for scope, sentence in SCOPES.items() if scope.value in scopes],
            "request": context.keyring.seal(json.dumps(ticket).encode()).decode("ascii"),
            "agents": _AGENTS,
        },
        headers=_HEADERS,
        allow=_allowing("'self'", form_target_of(uri)),
    )


@router.post("/oauth/consent")
async def consent(request: Request, context: Ctx, now: Now) -> Response:
    """Send the browser back to the program, with a code if the user allowed it. A page serves once."""
    require_own_origin(request, base_url=context.base_url)
    fields = await read_form(request)
    form = dict(fields)
    session = await _session_of(request, context, now)
    ticket = _ticket_of(context, form.get("request"), session, now)
    if session is None or ticket is None or not await is_first_use(context.pool, _PURPOSE, ticket["id"], now=now):
        return _error_page(
            request, "This page has expired, or was sent before. Start again in the program that sent you here."
        )
    uri, state = str(ticket["uri"]), ticket["state"]
    chosen = {value for name, value in fields if name == "scope"}
    scopes = tuple(scope for scope in ticket["scopes"] if scope in chosen)
    if form.get("decision") != "allow" or not scopes:
        denied = OAuthRefused(OAuthError.ACCESS_DENIED, "The user did not allow it.")
        return _return(request, context, uri, state, refusal=denied)
    try:
        client: Client = await find_client(context.pool, ticket["client"])
        environment = Environment(form.get("environment", Environment.TEST.value))
    except (OAuthRefused, ValueError):
        return _error_page(request, "This request can't be completed. Start again in the program that sent you here.")
    code = await allow(
        context.pool,
        Consent(
            client=client,
            redirect_uri=uri,
            challenge=ticket["challenge"],
            resource=ticket["resource"],
            environment=environment,
            scopes=scopes,
        ),
        session,
        request_id=request_id_of(request),
        now=now,
    )
    return _return(request, context, uri, state, code=code)


@router.post("/oauth/sign-in")
async def sign_in_for_agent(request: Request, context: Ctx, now: Now) -> Response:
    """Sign in with the form of the page, and continue where it was needed."""
    require_own_origin(request, base_url=context.base_url)
    form = dict(await read_form(request))
    query = form.get("query", "")
    try:
        step = await sign_in(
            context.pool,
            context.part(Passwords),
            email=form.get("email", ""),
            password=form.get("password", ""),
            organization_id=None,
            browser=browser_of(request, context),
            return_path=_page_after_sign_in(query),
            now=now,
        )
    except PressworkError as refusal:
        request.scope["state"]["error_code"] = refusal.code.value
        return _sign_in_page(request, context, query, problem=refusal.message, status=STATUS[refusal.code])
    forget_sessions(context, step)
    target = _page_after_sign_in(query) if isinstance(step.result, SignedIn) else SECOND_STEP
    response = RedirectResponse(target, status_code=303, headers=_HEADERS)
    set_session_cookie(response, request, context, step.result)
    return response


async def _session_of(request: Request, context: Context, now: datetime) -> StoredSession | None:
    token = session_token_of(request, context)
    return None if token is None else await context.part(SessionCache).find_valid(token, now=now)


def _query_of(request: Request) -> Mapping[str, str]:
    """Return the parameters of an authorization request; those that are sent twice count as missing."""
    text = request.scope.get("query_string", b"").decode("latin-1")
    pairs = _pairs(text)
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


_PARAMETERS: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "resource",
)


def _own_query(query: Mapping[str, str]) -> str:
    return urlencode({name: query[name] for name in _PARAMETERS if name in query})


def _page_after_sign_in(query: str) -> str:
    """Return the page after a sign-in: always one of this module, with nothing but known parameters."""
    return f"{AUTHORIZE}?{_own_query(dict(_pairs(query)))}"


def _pairs(query: str) -> Sequence[tuple[str, str]]:
    """Return the parameters of a query; none, if it is longer or has more of them than any real one."""
    try:
        return parse_qsl(query, max_num_fields=100) if len(query) <= _MAX_QUERY_CHARACTERS else []
    except ValueError:  # too many fields
        return []


def _ticket_of(context: Context, sealed: str | None, session: StoredSession | None, now: datetime) -> JSON | None:
    """Return what a page of this session sealed; None for that of another session, or an old one."""
    try:
        ticket = json.loads(context.keyring.open((sealed or "").encode("ascii")))
    except (SealBroken, ValueError):
        return None
    if session is None or not isinstance(ticket, dict) or ticket.get("purpose") != _PURPOSE:
        return None
    is_same = hmac.compare_digest(str(ticket["session"]), str(session.session_id))
    return ticket if is_same and now < datetime.fromtimestamp(ticket["until"], UTC) else None


def _return(
    request: Request,
    context: Context,
    uri: str,
    state: object,
    *,
    code: str | None = None,
    refusal: OAuthRefused | None = None,
) -> Response:
    """Send the browser to a registered URL of a client."""
    parameters = {
        "code": code,
        "error": None if refusal is None else refusal.error.value,
        "error_description": None if refusal is None else refusal.description,
        "state": None if state is None else str(state),
        "iss": issuer_of(request, context),
    }
    return RedirectResponse(with_parameters(uri, parameters), status_code=303, headers=_HEADERS)


def _sign_in_page(
    request: Request,
    context: Context,
    query: str,
    *,
    problem: str | None = None,
    is_again: bool = False,
    status: int = 200,
) -> Response:
    """Return the form of the sign-in. `is_again`: of a person who has a session that is not confirmed."""
    provider = context.part(ConfiguredIssuer).provider
    return_url = quote(_page_after_sign_in(query), safe="")
    values = {
        "query": query,
        "problem": problem,
        "is_again": is_again,
        "oidc": None if provider is None else f"{START}?returnUrl={return_url}&again=true",
        "provider": None if provider is None else provider.host,
        "request_id": request_id_of(request) if problem else None,
    }
    return _PAGES.response("sign_in.html", values, status_code=status, headers=_HEADERS, allow=_allowing("'self'"))


def _error_page(request: Request, message: str) -> Response:
    request.scope["state"]["error_code"] = Code.VALIDATION.value
    values = {
        "title": "This request can't be served",
        "message": message,
        "request_id": request_id_of(request),
        "link": None,
    }
    return _PAGES.response("error.html", values, status_code=400, headers=_HEADERS)


def _allowing(*targets: str) -> str:
    """Return the policy of a page whose form leads to these targets: browsers check those of redirects, too."""
    return OWN_RESOURCES.replace("form-action 'none'", f"form-action {' '.join(targets)}")
