"""Connects a Bluesky account by OAuth as the AT Protocol profiles it, and refreshes its tokens.

The request is pushed before the page opens (PAR), every token is bound to a key of its login (DPoP), and Presswork proves
with its own key that it is the client (private_key_jwt). A refresh token serves once: using it twice ends the session, so
the accounts domain refreshes an account's tokens once in the whole cluster.
Sources: atproto.com, "OAuth"; bluesky-social/atproto, packages/oauth/oauth-provider; RFC 7636, 9126, 9207 and 9449; read 2026-11.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from presswork.platforms.bluesky.api import Answer, Api
from presswork.platforms.bluesky.client import SCOPES, Client
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.identity import (
    Identity,
    authorization_server,
    entry_server,
    issuer_of,
    read_identity,
    verified_handle,
)
from presswork.platforms.bluesky.proofs import SigningKey, digest
from presswork.platforms.bluesky.session import BegunLogin, Session
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.port import Grant, PushedRequest, Tokens
from presswork.platforms.transport import CallFailed

REFRESH_MARGIN: Final = timedelta(minutes=15)
"""Tokens are refreshed this long before they expire, or at half of their life if that is later."""
CONFIDENTIAL_REFRESH_LIFE: Final = timedelta(days=90)
"""How long a refresh token of a confidential client serves: no response says. Source: oauth-provider, constants, read 2026-11."""
_READ_WITHIN: Final = timedelta(seconds=5)
"""How long a read before a refresh may take. The refresh itself must not be cut short: its token serves once."""
_READS: Final = 3
"""How often a read after the exchange is tried: the code is used up, so a login would be lost with it."""
_APP_AT_FAULT: Final = frozenset({"invalid_client", "invalid_client_metadata", "unauthorized_client", "invalid_scope"})
_GRANT_OVER: Final = frozenset({"invalid_grant", "access_denied"})
_PASSING: Final = frozenset({"server_error", "temporarily_unavailable", "slow_down"})
_CHECK_APP: Final = (
    "Bluesky does not accept Presswork as a client. Check that the addresses below PRESSWORK_PUBLIC_URL/oauth/bluesky/ can be "
    "read from the internet, and that PRESSWORK_BLUESKY_PRIVATE_KEY is the same in every process."
)
_CONNECT_AGAIN: Final = "Connect the account again."

Result = TypeVar("Result")


class BlueskyLogin:
    """The port's `Login` for Bluesky, with a pushed request."""

    def __init__(self, api: Api, client: Client, redirect_uri: str) -> None:
        """Store the API client, the OAuth client, and a registered redirect URI with which the client can be checked."""
        self._api = api
        self._client = client
        self._redirect_uri = redirect_uri
        self.permissions: Final = SCOPES

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:  # noqa: ARG002  see the port
        """Return the usual address of the page where an account's owner agrees; the login needs a pushed request."""
        return f"{self._api.endpoints.entryway}/oauth/authorize?{urlencode({'client_id': self._client.client_id})}"

    async def push_request(self, *, redirect_uri: str, state: str, now: datetime) -> PushedRequest:  # noqa: ARG002  proofs are dated when sent
        """Send the request of a login to the authorization server. Raises TryLater, Rejected."""
        server = await entry_server(self._api)
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
        answer = await self._post(server.par, fields, step="par", key=begun.key, audience=server.issuer)
        request_uri = answer.text("request_uri") if answer.is_ok else None
        if request_uri is None:
            raise _login_refused(answer, step="par")
        query = urlencode({"client_id": self._client.client_id, "request_uri": request_uri})
        joint = "&" if "?" in server.authorize else "?"
        return PushedRequest(url=f"{server.authorize}{joint}{query}", secret=begun.write())

    def check_issuer(self, issuer: str | None, *, verifier: str | None) -> None:
        """Check that the redirect comes from the server that the login began at. Raises Rejected. Source: RFC 9207."""
        if (issuer or "").rstrip("/") != BegunLogin.read(verifier).issuer:
            raise Rejected(
                "The redirect names another server than the one where the login began. Connect the account again, and begin "
                "at Presswork.",
                step="token",
            )

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:  # noqa: ARG002  the pushed one
        """Exchange the code of the redirect for tokens and a profile. Raises Rejected, TryLater."""
        begun = BegunLogin.read(verifier)
        server = await authorization_server(self._api, begun.issuer)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.verifier,
        }
        answer = await self._post(server.token, fields, step="token", key=begun.key, audience=server.issuer)
        did = answer.text("sub") if answer.is_ok else None
        if did is None:
            raise _login_refused(answer, step="token")
        identity = await _persistently(lambda: read_identity(self._api, did))
        if await _persistently(lambda: issuer_of(self._api, identity.pds)) != begun.issuer:
            raise Rejected(
                f"The account {did} belongs to another server than the one that allowed the login. Connect it at its own.",
                step="token",
                failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            )
        tokens = _tokens(answer, begun.key, identity, begun.issuer, now=now)
        if tokens is None:
            raise TryLater(f"Bluesky's response to the login is incomplete. {_CONNECT_AGAIN}", step="token")
        profile = await self._profile(Session.read(tokens.access_token, step="token"))
        return Grant(
            tokens=tokens,
            external_id=did,
            handle=await verified_handle(self._api, identity),
            display_name=None if profile is None else profile.text("displayName"),
            avatar_url=None if profile is None else profile.text("avatar"),
            scopes=frozenset((answer.text("scope") or "").split()),
        )

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens, UTC: after 45 of the 60 minutes of 2026. None where they can't be refreshed."""
        if tokens.refresh_token is None or tokens.expires_at is None:
            return None
        life = tokens.expires_at - tokens.issued_at
        return tokens.issued_at + max(life / 2, life - REFRESH_MARGIN)

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens, and read again which server has the account; the old refresh token becomes invalid.

        Raises CredentialInvalid, TryLater.
        """
        if tokens.refresh_token is None:
            raise CredentialInvalid(f"Bluesky returned no refresh token. {_CONNECT_AGAIN}", step="refresh")
        session = Session.read(tokens.refresh_token, step="refresh")
        # First the reads, which may fail without harm; then the call that uses the refresh token up, with time to end in.
        try:
            async with asyncio.timeout(_READ_WITHIN.total_seconds()):
                server = await authorization_server(self._api, session.issuer)
        except Rejected as error:
            raise TryLater(error.what, advice=error.advice, step="refresh") from error
        except TimeoutError as error:
            raise TryLater("Bluesky's authorization server does not respond in time.", step="refresh") from error
        identity = await self._identity_of(session)
        fields = {"grant_type": "refresh_token", "refresh_token": session.token}
        answer = await self._post(server.token, fields, step="refresh", key=session.key, audience=session.issuer)
        if not answer.is_ok:
            raise _refresh_refused(answer)
        if answer.text("sub") != session.did:
            raise CredentialInvalid(f"Bluesky returned access to another account. {_CONNECT_AGAIN}", step="refresh")
        fresh = _tokens(answer, session.key, identity, session.issuer, now=now)
        if fresh is None:
            raise TryLater("Bluesky's response to the token refresh contains no usable tokens.", step="refresh")
        return fresh

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        try:
            session = Session.read(tokens.refresh_token or tokens.access_token, step="revoke")
        except CredentialInvalid:
            return
        server = await authorization_server(self._api, session.issuer)
        if server.revoke is None:
            return
        answer = await self._post(
            server.revoke, {"token": session.token}, step="revoke", key=session.key, audience=session.issuer
        )
        if answer.status < 300 or answer.error in _GRANT_OVER | {"invalid_token", "invalid_request"}:
            return
        raise _login_refused(answer, step="revoke")

    async def check_app(self) -> None:
        """Push a request that no person will see, which makes the server read the client's documents. Raises Rejected, TryLater.

        It lapses within minutes.
        """
        await self.push_request(redirect_uri=self._redirect_uri, state="presswork-check", now=self._api.now())

    async def _post(self, url: str, fields: Mapping[str, str], *, step: str, key: SigningKey, audience: str) -> Answer:
        """Send a form to an authorization server as the client. Raises TryLater where it gives no usable response."""

        def form() -> Mapping[str, str]:
            return {**fields, **self._client.authentication(audience=audience, now=self._api.time_at(url))}

        try:
            return await self._api.call("POST", url, step=step, key=key, form=form)
        except CallFailed as error:
            raise BLUESKY.no_response(error, step=step) from error

    async def _identity_of(self, session: Session) -> Identity:
        """Return which server has the account now, or the known one where that can't be read."""
        known = Identity(did=session.did, pds=session.pds, handle=None)
        try:
            async with asyncio.timeout(_READ_WITHIN.total_seconds()):
                found = await read_identity(self._api, session.did)
                if found.pds == known.pds or await issuer_of(self._api, found.pds) == session.issuer:
                    return found
        except (PlatformError, TimeoutError):
            return known
        return known

    async def _profile(self, session: Session) -> Answer | None:
        """Return the account's profile, None where it can't be read: a login does not need it."""
        url = f"{session.pds}/xrpc/app.bsky.actor.getProfile"
        try:
            answer = await self._api.call(
                "GET", url, step="profile", key=session.key, token=session.token, params={"actor": session.did}
            )
        except CallFailed:
            return None
        return answer if answer.is_ok else None


async def _persistently(read: Callable[[], Awaitable[Result]]) -> Result:
    """Read something without which a login is lost, a few times. Raises Rejected, TryLater."""
    for _ in range(_READS - 1):
        try:
            return await read()
        except TryLater:
            continue
    return await read()


def _tokens(answer: Answer, key: SigningKey, identity: Identity, issuer: str, *, now: datetime) -> Tokens | None:
    """Return the tokens of a response; None where they are incomplete, or not bound to the key."""
    access, refresh = answer.text("access_token"), answer.text("refresh_token")
    if access is None or (answer.text("token_type") or "").lower() != "dpop":
        return None
    seconds = (answer.body or {}).get("expires_in")

    def stored(token: str) -> str:
        return Session(token=token, key=key, did=identity.did, pds=identity.pds, issuer=issuer).write()

    return Tokens(
        access_token=stored(access),
        issued_at=now,
        expires_at=now + timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None,
        refresh_token=None if refresh is None else stored(refresh),
        refresh_expires_at=None if refresh is None else now + CONFIDENTIAL_REFRESH_LIFE,
    )


def _is_passing(answer: Answer) -> bool:
    return answer.status >= 500 or answer.status in (408, 429) or answer.error in _PASSING or not answer.error


def _later(answer: Answer, *, step: str) -> TryLater:
    return TryLater(
        f"{answer.refused.quoted} Bluesky could not do this now.",
        step=step,
        retry_after=answer.wait,
        is_throttled=answer.status == 429,
        **answer.reported,
    )


def _login_refused(answer: Answer, *, step: str) -> PlatformError:
    """Return the error for a request, an exchange or a revocation that the authorization server did not accept."""
    if _is_passing(answer):
        return _later(answer, step=step)
    if answer.error in _APP_AT_FAULT:
        message = _CHECK_APP
    elif answer.error == "access_denied":
        message = "The account's owner did not agree. Connect the account again if that was a mistake."
    elif answer.error == "invalid_grant":
        message = f"Bluesky's login code was used before or has expired. {_CONNECT_AGAIN}"
    else:
        message = (
            f"Bluesky refused the login ({answer.error}). Check that the clock of this machine is right and that "
            "PRESSWORK_PUBLIC_URL is the address at which people reach it, then connect the account again."
        )
    return Rejected(message, step=step, **answer.reported)


def _refresh_refused(answer: Answer) -> CredentialInvalid | TryLater:
    """Return the error for a refused refresh: only `invalid_grant` means that this account's grant is over."""
    if _is_passing(answer):
        return _later(answer, step="refresh")
    if answer.error in _GRANT_OVER:
        return CredentialInvalid(
            f"Bluesky no longer accepts this account's login. {_CONNECT_AGAIN}", step="refresh", **answer.reported
        )
    message = _CHECK_APP if answer.error in _APP_AT_FAULT else f"Bluesky refused to refresh the token ({answer.error})."
    return TryLater(message, step="refresh", **answer.reported)
