"""Connects a Bluesky account by OAuth as the AT Protocol profiles it, and refreshes its tokens.

The request is pushed before the page opens (PAR), every token is bound to a key of its login (DPoP), and Presswork proves
with its own key that it is the client (private_key_jwt). A refresh token serves once: using it twice ends the session, so
the accounts domain refreshes an account's tokens once in the whole cluster.
Sources: atproto.com, "OAuth" (identity verification); bluesky-social/atproto, packages/oauth/oauth-provider; RFC 7636, 9126, 9207 and 9449; read 2026-11.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from presswork.platforms.bluesky.api import Api, Response
from presswork.platforms.bluesky.client import BegunLogin, Client, Session, SigningKey
from presswork.platforms.bluesky.description import SCOPES
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.repository import Identity, read_identity, unusable_account, verified_handle
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.oauth import (
    AGAIN,
    REFRESH,
    REVOKE,
    TEMPORARY_ERRORS,
    TOKEN,
    OAuthErrors,
    digest,
    read_persistently,
    read_scopes,
    read_tokens,
    refresh_due_at,
)
from presswork.platforms.port import Grant, PushedRequest, Tokens
from presswork.platforms.transport import CallFailed

_REFRESH_MARGIN: Final = timedelta(minutes=15)
_REFRESH_LIFE: Final = timedelta(days=90)
"""How long a refresh token of a confidential client serves: no response says. Source: oauth-provider, constants, read 2026-11."""
_READ_WITHIN: Final = timedelta(seconds=5)
"""How long a read before a refresh may take. The refresh itself must not be cut short: its token serves once."""
_ENDPOINTS: Final = ("pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint")
_GRANT_ERRORS: Final = frozenset({"invalid_grant", "access_denied"})
_BLUESKY: Final = OAuthErrors(
    name="Bluesky",
    app_errors=frozenset({"invalid_client", "invalid_client_metadata", "unauthorized_client", "invalid_scope"}),
    check_app="Bluesky does not accept Presswork as a client. Check that the URLs below PRESSWORK_PUBLIC_URL/oauth/bluesky/ can be "
    "read from the internet, and that PRESSWORK_BLUESKY_PRIVATE_KEY is the same in every process.",
    temporary_errors=TEMPORARY_ERRORS | {"slow_down"},
    login_advice="Check that the clock of this machine is right and that PRESSWORK_PUBLIC_URL is the URL at which people reach it, then "
    "connect the account again.",
    grant_errors=_GRANT_ERRORS,
    revoked_errors=_GRANT_ERRORS | {"invalid_token", "invalid_request"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServer:
    """The URLs of an authorization server."""

    issuer: str
    par: str
    authorize: str
    token: str
    revoke: str | None


@dataclass(frozen=True, slots=True)
class BlueskyLogin:
    """The port's `Login` for Bluesky, with a pushed request."""

    api: Api
    client: Client
    redirect_uri: str
    """A registered one, with which the client can be checked."""
    permissions: Sequence[str] = SCOPES

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:  # noqa: ARG002  see the port
        """Return the usual URL of the page where an account's owner agrees; the login needs a pushed request."""
        return f"{self.api.endpoints.entryway}/oauth/authorize?{urlencode({'client_id': self.client.client_id})}"

    async def push_request(self, *, redirect_uri: str, state: str, now: datetime) -> PushedRequest:  # noqa: ARG002  proofs are dated when sent
        """Send the request of a login to the authorization server. Raises TryLater, Rejected."""
        server = await entry_server(self.api)
        begun = BegunLogin(
            key=SigningKey.new(), verifier=secrets.token_urlsafe(48), issuer=server.issuer, redirect_uri=redirect_uri
        )
        fields = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": digest(begun.verifier),
            "code_challenge_method": "S256",
        }
        response = await self._post_form(server.par, fields, step="par", key=begun.key, audience=server.issuer)
        request_uri = response.text("request_uri")
        if request_uri is None:
            raise TryLater("Bluesky's response to the request of the login is incomplete.", step="par")
        query = urlencode({"client_id": self.client.client_id, "request_uri": request_uri})
        joint = "&" if "?" in server.authorize else "?"
        return PushedRequest(url=f"{server.authorize}{joint}{query}", secret=begun.write())

    def check_issuer(self, issuer: str | None, *, verifier: str | None) -> None:
        """Check that the redirect comes from the server that the login began at. Raises Rejected. Source: RFC 9207."""
        if (issuer or "").rstrip("/") != BegunLogin.read(verifier).issuer:
            raise Rejected(
                "The redirect names another server than the one where the login began. Connect the account again, and begin "
                "at Presswork.",
                step=TOKEN,
            )

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:  # noqa: ARG002  the pushed one
        """Exchange the code of the redirect for tokens and a profile. Raises Rejected, TryLater."""
        begun = BegunLogin.read(verifier)
        server = await authorization_server(self.api, begun.issuer)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.verifier,
        }
        response = await self._post_form(server.token, fields, step=TOKEN, key=begun.key, audience=server.issuer)
        did = response.text("sub")
        if did is None:
            raise TryLater(f"Bluesky's response to the login is incomplete. {AGAIN}", step=TOKEN)
        identity = await read_persistently(lambda: read_identity(self.api, did))
        if await read_persistently(lambda: issuer_of(self.api, identity.pds)) != begun.issuer:
            raise Rejected(
                f"The account {did} belongs to another server than the one that allowed the login. Connect it at its own.",
                step=TOKEN,
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        tokens = _bind_tokens(response, begun.key, identity, begun.issuer, now=now)
        if tokens is None:
            raise TryLater(f"Bluesky's response to the login is incomplete. {AGAIN}", step=TOKEN)
        profile = await self._read_profile(Session.read(tokens.access_token, step=TOKEN))
        return Grant(
            tokens=tokens,
            external_id=did,
            handle=await verified_handle(self.api, identity),
            display_name=None if profile is None else profile.text("displayName"),
            avatar_url=None if profile is None else profile.text("avatar"),
            scopes=read_scopes(response.text("scope")),
        )

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens, UTC: after 45 of the 60 minutes of 2026. None where they can't be refreshed."""
        return refresh_due_at(tokens, margin=_REFRESH_MARGIN)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens, and read again which server has the account; the old refresh token becomes invalid.

        Raises CredentialInvalid, TryLater.
        """
        if tokens.refresh_token is None:
            raise CredentialInvalid(f"Bluesky returned no refresh token. {AGAIN}", step=REFRESH)
        session = Session.read(tokens.refresh_token, step=REFRESH)
        # First the reads, which may fail without harm; then the call that uses the refresh token up, with time to end in.
        try:
            async with asyncio.timeout(_READ_WITHIN.total_seconds()):
                server = await authorization_server(self.api, session.issuer)
        except Rejected as error:
            raise TryLater(error.what, advice=error.advice, step=REFRESH) from error
        except TimeoutError as error:
            raise TryLater("Bluesky's authorization server does not respond in time.", step=REFRESH) from error
        identity = await self._find_identity(session)
        fields = {"grant_type": "refresh_token", "refresh_token": session.token}
        response = await self._post_form(server.token, fields, step=REFRESH, key=session.key, audience=session.issuer)
        if response.text("sub") != session.did:
            raise CredentialInvalid(f"Bluesky returned access to another account. {AGAIN}", step=REFRESH)
        fresh = _bind_tokens(response, session.key, identity, session.issuer, now=now)
        if fresh is None:
            raise TryLater("Bluesky's response to the token refresh contains no usable tokens.", step=REFRESH)
        return fresh

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        try:
            session = Session.read(tokens.refresh_token or tokens.access_token, step=REVOKE)
        except CredentialInvalid:
            return
        server = await authorization_server(self.api, session.issuer)
        if server.revoke is None:
            return
        fields = {"token": session.token}
        await self._post_form(server.revoke, fields, step=REVOKE, key=session.key, audience=session.issuer)

    async def check_app(self) -> None:
        """Push a request that no person will see, which makes the server read the client's documents. Raises Rejected, TryLater.

        It lapses within minutes.
        """
        await self.push_request(redirect_uri=self.redirect_uri, state="presswork-check", now=self.api.now())

    async def _post_form(
        self, url: str, fields: Mapping[str, str], *, step: str, key: SigningKey, audience: str
    ) -> Response:
        """Send a form to an authorization server as the client. Raises the errors of `OAuthErrors.error_of`."""

        def form() -> Mapping[str, str]:
            return {**fields, **self.client.authentication(audience=audience, now=self.api.time_at(url))}

        with BLUESKY.lost(step=step):
            response = await self.api.call("POST", url, step=step, key=key, form=form)
        refused = replace(response.refused, code=response.error)
        is_revoked = step == REVOKE and (response.status < 300 or _BLUESKY.is_revoked(refused))
        if response.is_ok or is_revoked:
            return response
        raise _BLUESKY.error_of(refused, step=step)

    async def _find_identity(self, session: Session) -> Identity:
        """Return which server has the account now, or the known one where that can't be read."""
        known = Identity(did=session.did, pds=session.pds, handle=None)
        try:
            async with asyncio.timeout(_READ_WITHIN.total_seconds()):
                found = await read_identity(self.api, session.did)
                if found.pds == known.pds or await issuer_of(self.api, found.pds) == session.issuer:
                    return found
        except (PlatformError, TimeoutError):
            return known
        return known

    async def _read_profile(self, session: Session) -> Response | None:
        """Return the account's profile, None where it can't be read: a login does not need it."""
        url = f"{session.pds}/xrpc/app.bsky.actor.getProfile"
        try:
            response = await self.api.call(
                "GET", url, step="profile", key=session.key, token=session.token, params={"actor": session.did}
            )
        except CallFailed:
            return None
        return response if response.is_ok else None


def _bind_tokens(
    response: Response, key: SigningKey, identity: Identity, issuer: str, *, now: datetime
) -> Tokens | None:
    """Return the tokens of a response, or None where they are incomplete, or not bound to the key."""
    tokens = read_tokens(response.body or {}, now=now, before=None)
    if tokens is None or (response.text("token_type") or "").lower() != "dpop":
        return None

    def stored(token: str) -> str:
        return Session(token=token, key=key, did=identity.did, pds=identity.pds, issuer=issuer).write()

    refresh = tokens.refresh_token
    return replace(
        tokens,
        access_token=stored(tokens.access_token),
        refresh_token=None if refresh is None else stored(refresh),
        refresh_expires_at=None if refresh is None else now + _REFRESH_LIFE,
    )


async def authorization_server(api: Api, issuer: str) -> AuthorizationServer:
    """Return the URLs of an authorization server. Raises Rejected, TryLater."""
    response = await api.get(f"{issuer}/.well-known/oauth-authorization-server", step="authorization_server")
    if (response.text("issuer") or "").rstrip("/") != issuer:
        raise unusable_account(f"the authorization server {issuer} names itself differently")
    par, authorize, token = (_find_endpoint(response, issuer, name) for name in _ENDPOINTS)
    if par is None or authorize is None or token is None:
        raise unusable_account(f"the authorization server {issuer} states no usable addresses")
    revoke = _find_endpoint(response, issuer, "revocation_endpoint")
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
    response = await api.get(f"{server}/.well-known/oauth-protected-resource", step="protected_resource")
    servers = (response.body or {}).get("authorization_servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, str) or not api.endpoints.accepts_server(first):
        raise unusable_account("its server names no authorization server")
    return first.rstrip("/")


def _find_endpoint(response: Response, issuer: str, name: str) -> str | None:
    """Return a URL of an authorization server, or None where it is not on that very server."""
    url = response.text(name)
    return url if url is not None and url.startswith(f"{issuer}/") else None
