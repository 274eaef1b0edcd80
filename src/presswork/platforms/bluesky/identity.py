"""Who an account is: its DID document, the server that has it, the authorization server of that, and its handle.

A DID document belongs to the account's owner, and may name any address: servers that the operator's settings do not name are
called through the guard (`Api.call`).
Sources: atproto.com, "DID", "Handle" and "OAuth" (identity verification), read 2026-11.
"""

import re
from dataclasses import dataclass
from typing import Final

from presswork.platforms.bluesky.api import Answer, Api
from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.json_values import items_of, text_of

STEP: Final = "did_document"
_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,240}", re.ASCII)
_HANDLE: Final = re.compile(
    r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_PDS_TYPE: Final = "AtprotoPersonalDataServer"
_ENDPOINTS: Final = ("pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an account's DID document says."""

    did: str
    pds: str
    handle: str | None
    """As the document claims; whether the handle leads back to the account is another question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServer:
    """The addresses of an authorization server."""

    issuer: str
    par: str
    authorize: str
    token: str
    revoke: str | None


def is_did(text: str) -> bool:
    """Whether a text has the form of a DID."""
    return _DID.fullmatch(text) is not None


async def read_identity(api: Api, did: str) -> Identity:
    """Fetch an account's DID document. Raises Rejected, TryLater."""
    url = api.endpoints.document_of(did) if is_did(did) else None
    if url is None:
        raise _unusable(f"its identity {did} is of a kind that Bluesky does not use")
    answer = await api.get(url, step=STEP)
    if answer.text("id") != did:
        raise _unusable("its DID document belongs to another account")
    pds = _find_server(answer)
    if pds is None or not api.endpoints.accepts_server(pds):
        raise _unusable("its DID document names no server that can be called")
    return Identity(did=did, pds=pds.rstrip("/"), handle=_read_claimed_handle(answer))


async def verified_handle(api: Api, identity: Identity) -> str:
    """Return the account's handle if it leads back to the account, else the DID: a document can claim any handle."""
    if identity.handle is None:
        return identity.did
    try:
        return identity.handle if await resolve_handle(api, identity.handle) == identity.did else identity.did
    except PlatformError:
        return identity.did


async def resolve_handle(api: Api, handle: str) -> str | None:
    """Return the DID that a handle leads to, None where it leads to none. Raises TryLater, Rejected."""
    url = f"{api.endpoints.entryway}/xrpc/com.atproto.identity.resolveHandle"
    try:
        did = (await api.get(url, step="resolve_handle", params={"handle": handle})).text("did")
    except Rejected:
        return None
    return did if did is not None and is_did(did) else None


async def authorization_server(api: Api, issuer: str) -> AuthorizationServer:
    """Return the addresses of an authorization server. Raises Rejected, TryLater."""
    answer = await api.get(f"{issuer}/.well-known/oauth-authorization-server", step="authorization_server")
    if (answer.text("issuer") or "").rstrip("/") != issuer:
        raise _unusable(f"the authorization server {issuer} names itself differently")
    par, authorize, token = (_find_endpoint(answer, issuer, name) for name in _ENDPOINTS)
    if par is None or authorize is None or token is None:
        raise _unusable(f"the authorization server {issuer} states no usable addresses")
    revoke = _find_endpoint(answer, issuer, "revocation_endpoint")
    return AuthorizationServer(issuer=issuer, par=par, authorize=authorize, token=token, revoke=revoke)


async def entry_server(api: Api) -> AuthorizationServer:
    """Return the authorization server of the server where logins begin: itself, or the one that it names.

    Raises Rejected, TryLater.
    """
    try:
        return await authorization_server(api, api.endpoints.entryway)
    except Rejected:
        return await authorization_server(api, await issuer_of(api, api.endpoints.entryway))


async def issuer_of(api: Api, server: str) -> str:
    """Return the authorization server that a server names, without a slash at the end. Raises Rejected, TryLater."""
    answer = await api.get(f"{server}/.well-known/oauth-protected-resource", step="protected_resource")
    servers = (answer.body or {}).get("authorization_servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, str) or not api.endpoints.accepts_server(first):
        raise _unusable("its server names no authorization server")
    return first.rstrip("/")


def _find_endpoint(answer: Answer, issuer: str, name: str) -> str | None:
    """Return an address of an authorization server; None where it is not on that very server."""
    url = answer.text(name)
    return url if url is not None and url.startswith(f"{issuer}/") else None


def _find_server(answer: Answer) -> str | None:
    """Return the URL of the PDS in a DID document."""
    for service in items_of(answer.body or {}, "service"):
        is_pds = str(service.get("id", "")).endswith("#atproto_pds") and service.get("type", _PDS_TYPE) == _PDS_TYPE
        if is_pds and (url := text_of(service.get("serviceEndpoint"))) is not None:
            return url
    return None


def _read_claimed_handle(answer: Answer) -> str | None:
    names = (answer.body or {}).get("alsoKnownAs")
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str) and name.startswith("at://"):
            handle = name.removeprefix("at://").lower()
            return handle if _HANDLE.fullmatch(handle) else None
    return None


def _unusable(why: str) -> Rejected:
    return Rejected(
        f"The Bluesky account can't be used: {why}.",
        advice="Check the account's server, then connect the account again.",
        step=STEP,
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    )
