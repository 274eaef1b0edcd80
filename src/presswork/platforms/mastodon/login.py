"""Connects accounts of any Mastodon server by its OAuth, as an app that Presswork registers there.

A token has no end and can't be refreshed: it serves until the person withdraws it.
Source: mastodon/documentation, methods/apps and methods/oauth (2026-07), read 2026-12.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.platforms.json_values import text_of
from presswork.platforms.mastodon.api import (
    APPS,
    AUTHORIZE,
    REVOKE,
    TOKEN,
    WHO,
    Api,
    Session,
    read_host,
    read_response,
)
from presswork.platforms.mastodon.description import SCOPES
from presswork.platforms.mastodon.error_mapping import MASTODON
from presswork.platforms.oauth import AGAIN, OAuth, OAuthLogin, digest, read_persistently, read_scopes
from presswork.platforms.oauth import REFRESH as REFRESH_STEP
from presswork.platforms.oauth import REVOKE as REVOKE_STEP
from presswork.platforms.oauth import TOKEN as TOKEN_STEP
from presswork.platforms.port import AppCredentials, Grant, PushedRequest, Tokens

REGISTER: Final = "apps"
_MASTODON: Final = OAuth(
    name="Mastodon",
    read=read_response,
    authorize=AUTHORIZE,
    token=TOKEN,
    revoke=REVOKE,
    challenge=digest,
    check_app=f"The server no longer knows the app that Presswork registered there. {AGAIN}",
    revoked_errors=frozenset({"invalid_grant", "invalid_token"}),
    revoke_place="in the settings of the account, under Account, Authorized apps",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A login that has begun, as its secret is stored."""

    host: str
    client_id: str
    client_secret: str = field(repr=False)
    verifier: str = field(repr=False)


_BEGUN: Final = TypeAdapter(_Begun)


class _ServerLogin(OAuthLogin):
    """The login at one server."""

    def __init__(self, api: Api, host: str, app: AppCredentials) -> None:
        server = api.endpoints.server(host)
        super().__init__(
            oauth=_MASTODON,
            site=server,
            server=server,
            app=app,
            transport=api.transport,
            timeout=api.retry_policy.timeouts.call,
            permissions=SCOPES,
            is_guarded=api.endpoints.is_guarded(host),
        )
        self._api: Final = api
        self._host: Final = host

    async def read_grant(self, tokens: Tokens, response: JsonObject, *, now: datetime) -> Grant:
        """Return the grant of the account, whose id and handle name its server too. Raises Rejected, TryLater, CredentialInvalid."""
        access = Session(
            token=tokens.access_token,
            host=self._host,
            client_id=self.app.client_id,
            client_secret=self.app.client_secret,
        ).write()

        async def read_account() -> JsonObject:
            with MASTODON.lost(step="verify_credentials"):
                reply = await self._api.call("GET", WHO, step="verify_credentials", token=access)
            return MASTODON.object_of(read_response(reply), step="verify_credentials", now=now)

        account = await read_persistently(read_account)
        account_id, name = text_of(account.get("id")), text_of(account.get("username"))
        if account_id is None or name is None:
            raise TryLater("Mastodon did not report whose login this is.", step=TOKEN_STEP)
        return Grant(
            tokens=replace(tokens, access_token=access, refresh_token=None),
            external_id=f"{account_id}@{self._host}",
            handle=f"{name}@{self._host}",
            display_name=text_of(account.get("display_name")),
            avatar_url=text_of(account.get("avatar")),
            scopes=read_scopes(response.get("scope")) or frozenset(self.permissions),
        )


@dataclass(frozen=True, slots=True)
class MastodonLogin:
    """The port's `Login` for Mastodon, at a server that a person names."""

    api: Api
    app_name: str
    website: str
    """The service's own URL; empty where there is none."""
    permissions: Sequence[str] = SCOPES

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:  # noqa: ARG002  see the port
        """Return the usual URL of the page where an account's owner agrees; the login begins at a server."""
        return f"{self.api.endpoints.api_url}{AUTHORIZE}"

    def read_host(self, typed: str | None) -> str:
        """Return the host of the server that a person typed, or else of the operator's own. Raises ValueError."""
        return self.api.endpoints.default_host if typed is None else read_host(typed)

    def host_of(self, external_id: str) -> str:
        """Return the host of a connected account's server."""
        return external_id.rpartition("@")[2]

    async def register_app(self, host: str, *, redirect_uri: str) -> AppCredentials:
        """Register Presswork at a server. Raises Rejected where the host is no Mastodon server, TryLater."""
        fields = {
            "client_name": self.app_name,
            "redirect_uris": redirect_uri,
            "scopes": " ".join(self.permissions),
            **({"website": self.website} if self.website else {}),
        }
        with MASTODON.lost(step=REGISTER):
            reply = await self.api.transport.call(
                "POST",
                self.api.endpoints.server(host) + APPS,
                operation=REGISTER,
                timeout=self.api.retry_policy.timeouts.call,
                form=fields,
                is_guarded=self.api.endpoints.is_guarded(host),
            )
        made = MASTODON.object_of(read_response(reply), step=REGISTER)
        client_id, secret = text_of(made.get("client_id")), text_of(made.get("client_secret"))
        if client_id is None or secret is None:
            raise Rejected(f"{host} is no Mastodon server: it registered no app.", step=REGISTER)
        return AppCredentials(client_id=client_id, client_secret=secret)

    def begin_at(
        self, host: str, app: AppCredentials, *, redirect_uri: str, state: str, verifier: str
    ) -> PushedRequest:
        """Return the URL of the server's page, and the secret that completes the login."""
        begun = _Begun(host=host, client_id=app.client_id, client_secret=app.client_secret, verifier=verifier)
        url = _ServerLogin(self.api, host, app).authorize_url(redirect_uri=redirect_uri, state=state, verifier=verifier)
        return PushedRequest(url=url, secret=_BEGUN.dump_json(begun).decode())

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:
        """Exchange the code of the redirect for a token and a profile. Raises Rejected, TryLater."""
        try:
            begun = _BEGUN.validate_json(verifier or "")
        except ValidationError:
            raise Rejected(f"The login did not begin at a server. {AGAIN}", step=TOKEN_STEP) from None
        app = AppCredentials(client_id=begun.client_id, client_secret=begun.client_secret)
        login = _ServerLogin(self.api, begun.host, app)
        return await login.connect(code=code, redirect_uri=redirect_uri, verifier=begun.verifier, now=now)

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:  # noqa: ARG002  see the port
        """Return None, since a token has no end."""
        return None

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:  # noqa: ARG002  see the port
        """Raise CredentialInvalid: a token that is refused was withdrawn."""
        raise CredentialInvalid(
            "The account's access has ended: it was withdrawn at its server.", advice=AGAIN, step=REFRESH_STEP
        )

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the token; one that is invalid already counts as revoked. Raises TryLater, Rejected."""
        try:
            session = Session.read(tokens.access_token, step=REVOKE_STEP)
        except CredentialInvalid:
            return
        app = AppCredentials(client_id=session.client_id, client_secret=session.client_secret)
        await _ServerLogin(self.api, session.host, app).revoke(replace(tokens, access_token=session.token))
