"""Social accounts and the logins that connect them: states, transitions and errors. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import NotFound
from presswork.platforms.names import LoginName, PlatformName

STATE_LIFETIME: Final = timedelta(minutes=10)
"""How long an authorize URL is valid."""
EXCHANGE_LIMIT: Final = timedelta(seconds=60)
"""Longest time to exchange a platform's code for tokens; after that the login has failed."""
CHOICE_LIMIT: Final = timedelta(minutes=10)
"""How long the person may choose one of several accounts after the authorize URL has expired."""


class AccountStatus(StrEnum):
    """Whether Presswork has access to an account."""

    CONNECTED = "connected"
    REAUTH_REQUIRED = "reauth_required"  # the tokens are invalid; the owner must log in again
    DISCONNECTED = "disconnected"  # the tokens are deleted


MOVES: Final[Mapping[AccountStatus, Set[AccountStatus]]] = {  # the only definition of the allowed transitions
    AccountStatus.CONNECTED: {AccountStatus.CONNECTED, AccountStatus.REAUTH_REQUIRED, AccountStatus.DISCONNECTED},
    AccountStatus.REAUTH_REQUIRED: {AccountStatus.CONNECTED, AccountStatus.DISCONNECTED},
    AccountStatus.DISCONNECTED: {AccountStatus.CONNECTED},
}


class NotReady(StrEnum):
    """Why a mode, or a change of live posts, is not available for an account."""

    DISCONNECTED = "disconnected"
    REAUTH_REQUIRED = "reauth_required"
    MISSING_PERMISSION = "missing_permission"  # the owner did not grant all permissions of the mode
    NO_MANAGED_LAYER = "no_managed_layer"
    NO_MANAGED_PROVIDER = "no_managed_provider"
    MODE_UNAVAILABLE = "mode_unavailable"  # the platform does not support the mode
    PLATFORM_UNAVAILABLE = "platform_unavailable"  # this service has no credentials for it
    NOT_SUPPORTED = "not_supported"  # the platform has no call for it


MANAGED_TEMPLATE: Final = UUID("af058068-ad85-4fb8-92a1-f531b40bfcbc")
"""Template of layers that publish through a managed provider."""


def managed_not_ready(template_id: UUID | None, *, is_provider_known: bool) -> NotReady | None:
    """Return why managed distribution is not available for an account with a layer of this template, or None.

    `is_provider_known`: the provider of the layer's `config.provider` is configured in the account's environment.
    """
    if template_id != MANAGED_TEMPLATE:
        return NotReady.NO_MANAGED_LAYER
    return None if is_provider_known else NotReady.NO_MANAGED_PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccount:
    """One account on a platform, connected to one project. Instants in UTC."""

    id: UUID
    project_id: UUID
    environment: Environment
    platform: PlatformName
    login: LoginName
    external_id: str
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: AccountStatus
    scopes: frozenset[str]
    token_expires_at: datetime | None
    token_refreshed_at: datetime | None  # None: not since it was connected
    connected_at: datetime
    disconnected_at: datetime | None
    disconnected_reason: str | None
    app_id: UUID | None  # the customer's app that issued its tokens; None: the installation's
    layer_id: UUID | None
    connect_link_id: UUID | None  # the connect link through which it was last connected; None: connected otherwise
    managed: NotReady | None  # why managed distribution is not available; None: it is
    created_at: datetime


class LoginStatus(StrEnum):
    """State of a login."""

    PENDING = "pending"
    EXCHANGING = "exchanging"  # claimed by the one redirect that may finish it
    CHOOSING = "choosing"  # grants access to several accounts; the person chooses one
    CONNECTED = "connected"
    FAILED = "failed"


class LoginFailure(StrEnum):
    """Why a login failed: the value of `layers_oauth_error`, and of `errorCode` in the status of the login."""

    ACCESS_DENIED = "access_denied"  # the owner denied access
    EXPIRED_STATE = "expired_state"  # the authorize URL was not used in time
    STATE_USED = "state_used"  # the platform's redirect arrived a second time
    EXCHANGE_FAILED = "exchange_failed"  # the platform did not complete the login
    NO_ACCOUNT = "no_account"  # the login grants access to no account that supports publishing
    ACCOUNT_MISMATCH = "account_mismatch"  # the login is of another account than the one to connect again
    PLATFORM_UNAVAILABLE = "platform_unavailable"  # the platform did not respond, or is not configured
    PROJECT_ARCHIVED = "project_archived"  # since the login began
    KEY_REVOKED = "key_revoked"  # the key that began the login was revoked or killed
    LINK_EXPIRED = "link_expired"  # the connect link at which the login began, while the person logged in
    LINK_REVOKED = "link_revoked"  # the same
    LINK_USED_UP = "link_used_up"  # other logins finished first, and the link serves no more
    ACCOUNT_DISCONNECTED = (
        "account_disconnected"  # the account to reconnect at a connect link, while the person logged in
    )
    PLAN_LIMIT = "plan_limit"  # the organization has as many accounts as it may


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """The page of a connect link at which a person began a login."""

    link_id: UUID
    token: str
    language: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"LinkPage(link_id={self.link_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that a key began and one redirect of the platform finishes."""

    state: str
    status: LoginStatus
    account_ids: Sequence[UUID]  # of the connected accounts; none until the login has succeeded
    failure: LoginFailure | None
    expires_at: datetime  # UTC
    claimed_at: datetime | None  # UTC; when a redirect claimed it. None: none did, or that of an earlier version

    def seen_at(self, now: datetime) -> Self:
        """Return the login's state at an instant: an expired login has failed, whatever its row says."""
        if self.status is LoginStatus.PENDING and now >= self.expires_at:
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXPIRED_STATE)
        if self.status is LoginStatus.CHOOSING and now >= self.expires_at + CHOICE_LIMIT:
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXPIRED_STATE)
        if self.status is LoginStatus.EXCHANGING and is_exchange_over(self.claimed_at, self.expires_at, now=now):
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXCHANGE_FAILED)
        return self


def is_exchange_over(claimed_at: datetime | None, expires_at: datetime, *, now: datetime) -> bool:
    """Return whether a claimed login should have ended: its process has died, or the database was away at its end."""
    return now >= (claimed_at or expires_at) + EXCHANGE_LIMIT


class AccountNotFound(NotFound):
    """The account does not exist, or the key can't see it."""

    sentence = "This social account does not exist. List a project's with GET /v1/projects/{projectId}/social-accounts."


class LoginNotFound(NotFound):
    """The login does not exist, or the key can't see it."""

    sentence = (
        "This login does not exist. A state comes from oauth-url or reauth-url and is kept for one day. "
        "Begin a new login."
    )
