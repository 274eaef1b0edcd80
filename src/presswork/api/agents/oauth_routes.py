"""OAuth 2.1 for programs: metadata (RFC 8414, RFC 9728), registration (RFC 7591), tokens, revocation (RFC 7009)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from presswork.agents.grants import (
    EXCHANGES_PER_ADDRESS,
    exchange_code,
    find_client,
    refresh,
    register_client,
    revoke_token,
)
from presswork.agents.model import ACCESS_LIFETIME, SCOPES, OAuthError, OAuthRefused, Tokens
from presswork.api.agents.urls import AUTHORIZE, METADATA, issuer_of, resource_of
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.body import read_body, read_form, require_few_values, require_json
from presswork.api.http.envelope import request_id_of
from presswork.api.http.pages import READ
from presswork.people.throttle import count_subject

router: Final = APIRouter(include_in_schema=False)

_MAX_METADATA_BYTES: Final = 64 * 1024
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.api_route(METADATA, methods=READ)
@router.api_route(f"{METADATA}/mcp", methods=READ)
async def protected_resource(request: Request, context: Ctx) -> Response:
    """Return which authorization server issues tokens for /mcp."""
    return JSONResponse(
        {
            "resource": resource_of(request, context),
            "authorization_servers": [issuer_of(request, context)],
            "scopes_supported": [scope.value for scope in SCOPES],
            "bearer_methods_supported": ["header"],
            "resource_name": "Presswork",
        }
    )


@router.api_route("/.well-known/oauth-authorization-server", methods=READ)
async def authorization_server(request: Request, context: Ctx) -> Response:
    """Return the endpoints of OAuth, and what they accept."""
    issuer = issuer_of(request, context)
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}{AUTHORIZE}",
            "token_endpoint": f"{issuer}/oauth/token",
            "registration_endpoint": f"{issuer}/oauth/register",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "scopes_supported": [scope.value for scope in SCOPES],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@router.post("/oauth/register")
async def register(request: Request, context: Ctx, now: Now) -> Response:
    """Register a program. It gets no secret: PKCE protects its codes."""
    require_json(request)
    raw = await read_body(request, max_bytes=_MAX_METADATA_BYTES)
    require_few_values(raw)
    try:
        name, uris = _metadata(raw)
        client = await register_client(
            context.pool, name=name, redirect_uris=uris, address=_client_address(request), now=now
        )
    except OAuthRefused as refusal:
        return _refusal(request, refusal)
    body = {
        "client_id": str(client.id),
        "client_id_issued_at": int(now.timestamp()),
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }
    return JSONResponse(body, status_code=201, headers=_NO_STORE)


@router.post("/oauth/token")
async def token(request: Request, context: Ctx, now: Now) -> Response:
    """Exchange an authorization code or a refresh token for new tokens."""
    try:
        tokens = await _tokens(request, context, now)
    except OAuthRefused as refusal:
        return _refusal(request, refusal)
    body = {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "refresh_token": tokens.refresh,
        "scope": " ".join(tokens.scopes),
    }
    return JSONResponse(body, headers=_NO_STORE)


@router.post("/oauth/revoke")
async def revoke(request: Request, context: Ctx, now: Now) -> Response:
    """End what a token belongs to: all tokens of the grant. An unknown token is no error."""
    try:
        form = await _form_of(request)
        await count_subject(context.pool, "oauth token", _client_address(request), limit=EXCHANGES_PER_ADDRESS, now=now)
        client = await find_client(context.pool, form.get("client_id"))
        await revoke_token(
            context.pool, _require_field(form, "token"), client_id=client.id, request_id=request_id_of(request), now=now
        )
    except OAuthRefused as refusal:
        return _refusal(request, refusal)
    return Response(status_code=200, headers=_NO_STORE)


async def _tokens(request: Request, context: Context, now: datetime) -> Tokens:
    form = await _form_of(request)
    kind = _require_field(form, "grant_type")
    await count_subject(context.pool, "oauth token", _client_address(request), limit=EXCHANGES_PER_ADDRESS, now=now)
    client = await find_client(context.pool, form.get("client_id"))
    resource = None if form.get("resource") is None else resource_of(request, context, form["resource"])
    request_id = request_id_of(request)
    if kind == "authorization_code":
        return await exchange_code(
            context.pool,
            code=_require_field(form, "code"),
            verifier=_require_field(form, "code_verifier"),
            client_id=client.id,
            redirect_uri=_require_field(form, "redirect_uri"),
            resource=resource,
            request_id=request_id,
            now=now,
        )
    if kind == "refresh_token":
        old = _require_field(form, "refresh_token")
        return await refresh(
            context.pool, token=old, client_id=client.id, resource=resource, request_id=request_id, now=now
        )
    raise OAuthRefused(OAuthError.UNSUPPORTED_GRANT_TYPE, "Send grant_type authorization_code or refresh_token.")


def _metadata(raw: bytes) -> tuple[str | None, list[str]]:
    """Return name and URLs of a client that registers. Raises OAuthRefused."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise OAuthRefused(OAuthError.INVALID_CLIENT_METADATA, "Send client metadata as a JSON object.")
    uris, name = body.get("redirect_uris"), body.get("client_name")
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise OAuthRefused(OAuthError.INVALID_REDIRECT_URI, "Send redirect_uris, a list of strings.")
    return (name if isinstance(name, str) else None), uris


async def _form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a form. Raises OAuthRefused if one was sent twice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthRefused(OAuthError.INVALID_REQUEST, "Send a form (application/x-www-form-urlencoded).")
    fields = await read_form(request)
    form = dict(fields)
    if len(form) != len(fields):
        raise OAuthRefused(OAuthError.INVALID_REQUEST, "A parameter was sent twice. Send each once.")
    return form


def _require_field(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise OAuthRefused(OAuthError.INVALID_REQUEST, f"The parameter {name} is missing. Add it.")
    return form[name]


def _client_address(request: Request) -> str | None:
    return None if request.client is None else request.client.host


def _refusal(request: Request, refusal: OAuthRefused) -> Response:
    request.scope["state"]["error_code"] = refusal.error.value
    status = 401 if refusal.error is OAuthError.INVALID_CLIENT else 400
    body = {"error": refusal.error.value, "error_description": refusal.description}
    return JSONResponse(body, status_code=status, headers=_NO_STORE)
