"""The part of the port that connects accounts: what a login returns, and what a platform offers for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens of one account. Secret: encrypted at rest, never logged. Instants in UTC.

    Only the platform's folder reads the two strings. Where access needs more than a bearer token (the key that proves its
    possession, the address of the account's server), they are documents with all of it.
    """

    access_token: str
    issued_at: datetime
    expires_at: datetime | None
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Tokens(expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The result of a completed login: the tokens and the account that they belong to."""

    tokens: Tokens
    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    scopes: frozenset[str]
    grantor_id: str | None = None
    """The platform's id of the person who gave the grant, if it has one besides that of the account. Where the grant covers
    several accounts, revoking it ends the access to all of them."""
    reduced_privacy: str | None = None
    """The privacy level of posts that request none, where the platform offers the account no public one."""
    others: tuple["Grant", ...] = ()
    """Grants for further accounts from the same login, for the person to choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """The operator's app, as registered with a platform. TikTok calls the id `client_key`."""

    client_id: str
    client_secret: str = field(repr=False)


class Login(Protocol):
    """Connects accounts of one platform by OAuth."""

    @property
    def permissions(self) -> Sequence[str]:
        """What the page asks the account's owner for, in this order. The operator's app must have each of them."""
        ...

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return the URL of the page where the account's owner agrees.

        Where the platform supports PKCE, the URL contains the challenge of the verifier. Of a login that
        `SupportsPushedRequest`, only the address is of use: its page needs a request that was pushed.
        """
        ...

    async def connect(self, *, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> Grant:
        """Exchange the code of the redirect for tokens and a profile. `redirect_uri` and `verifier` are those of the
        authorize URL, or the secret of the pushed request; no verifier: its URL had no challenge.

        Raises TryLater, or Rejected (with ACCOUNT_NOT_ELIGIBLE when the login gives access to no account that can be
        published to).
        """
        ...

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when to refresh the tokens (before they expire), UTC; None where they can't be refreshed."""
        ...

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return new tokens. Raises CredentialInvalid when the grant is invalid, TryLater when the platform is unavailable."""
        ...

    async def revoke(self, tokens: Tokens) -> None:
        """Revoke the grant, where the platform supports it. Raises TryLater, Rejected."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequest:
    """An authorization request that the platform has: the URL of its page, and what `Login.connect` gets as its verifier."""

    url: str
    secret: str = field(repr=False)


@runtime_checkable
class SupportsPushedRequest(Protocol):
    """A login whose platform receives the request before the page opens. Source: RFC 9126."""

    async def push_request(self, *, redirect_uri: str, state: str, now: datetime) -> PushedRequest:
        """Send the platform the request of a login. Raises TryLater, Rejected."""
        ...


@runtime_checkable
class SupportsServers(Protocol):
    """A login of a platform with many servers, one of which the person names. At each, the service registers an app of its own."""

    def read_host(self, typed: str | None) -> str:
        """Return the host of the server that a person typed, or the usual one of None. Raises ValueError; its text says why."""
        ...

    def host_of(self, external_id: str) -> str:
        """Return the host of the server of a connected account."""
        ...

    async def register_app(self, host: str, *, redirect_uri: str) -> AppCredentials:
        """Register the service at a server. Raises Rejected where the host is no such server, TryLater."""
        ...

    def begin_at(
        self, host: str, app: AppCredentials, *, redirect_uri: str, state: str, verifier: str
    ) -> PushedRequest:
        """Return the URL of the server's page, and what `Login.connect` gets as its verifier."""
        ...


@runtime_checkable
class SupportsIssuerCheck(Protocol):
    """A login whose platform names the authorization server in its redirect. Source: RFC 9207."""

    def check_issuer(self, issuer: str | None, *, verifier: str | None) -> None:
        """Check that it is the server where the login began; `verifier` as in `Login.connect`. Raises Rejected."""
        ...


@runtime_checkable
class SupportsAppCheck(Protocol):
    """A login whose platform can be asked about the app itself, without an account."""

    async def check_app(self) -> None:
        """Ask the platform whether it accepts the app's id and secret. Raises Rejected if not, TryLater."""
        ...


@runtime_checkable
class SupportsAccessCheck(Protocol):
    """A login whose platform reports by webhook that access was revoked, and can be asked whether that is true."""

    async def check_access(self, token: str) -> None:
        """Ask the platform whether it accepts an access token. Raises CredentialInvalid if not, TryLater, Rejected."""
        ...
