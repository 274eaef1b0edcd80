"""The part of the port that connects accounts: what a login gives, and what a platform offers for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a platform gave to act for an account. Secret: sealed at rest, never logged. Instants in UTC."""

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
    """What a finished login gives: the tokens and who they act for."""

    tokens: Tokens
    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    scopes: frozenset[str]
    grantor_id: str | None = None
    """Who gave the grant, by the platform's own id, where that is a person who may have given it for more than this
    account; giving one back ends them all."""
    others: tuple["Grant", ...] = ()
    """Grants for further accounts that the same login gave, for the person to choose from."""


class Login(Protocol):
    """Connecting accounts of one platform by OAuth."""

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """Return the page where the account's owner agrees."""
        ...

    async def connect(self, *, code: str, redirect_uri: str, now: datetime) -> Grant:
        """Turn the code of the redirect into tokens and a profile.

        Raises Rejected (with ACCOUNT_NOT_ELIGIBLE when the login leads to no account that can be published to), TryLater.
        """
        ...

    def refresh_due_at(self, tokens: Tokens) -> datetime | None:
        """Return when the tokens should be refreshed (early, before they expire), UTC; None: they can't be."""
        ...

    async def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """Return fresh tokens. Raises CredentialInvalid when the grant is dead, TryLater when the platform is away."""
        ...

    async def revoke(self, tokens: Tokens) -> None:
        """Give the grant back, where the platform offers it. Raises TryLater, Rejected."""
        ...
