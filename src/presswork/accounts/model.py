"""Social accounts, and the logins that connect them: their states and what refuses a call. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.core.enums import Environment, LoginName, PlatformName
from presswork.core.errors import NotFound

STATE_LIFETIME: Final = timedelta(minutes=10)
"""How long an authorize URL can be used."""
EXCHANGE_LIMIT: Final = timedelta(seconds=60)
"""Longest time for turning a platform's redirect into tokens; after that the login has failed."""
CHOICE_LIMIT: Final = timedelta(minutes=10)
"""How long, after an authorize URL has run out, the person may still choose one of several accounts."""


class AccountStatus(StrEnum):
    """Whether Presswork may act for an account."""

    CONNECTED = "connected"
    REAUTH_REQUIRED = "reauth_required"  # its tokens are dead; its owner must log in again
    DISCONNECTED = "disconnected"  # given back; its tokens are wiped


MOVES: Final[Mapping[AccountStatus, Set[AccountStatus]]] = {  # the only place that says what is legal
    AccountStatus.CONNECTED: {AccountStatus.CONNECTED, AccountStatus.REAUTH_REQUIRED, AccountStatus.DISCONNECTED},
    AccountStatus.REAUTH_REQUIRED: {AccountStatus.CONNECTED, AccountStatus.DISCONNECTED},
    AccountStatus.DISCONNECTED: {AccountStatus.CONNECTED},
}


class NotReady(StrEnum):
    """Why an account can't be published to in a mode."""

    DISCONNECTED = "disconnected"
    REAUTH_REQUIRED = "reauth_required"
    MISSING_PERMISSION = "missing_permission"  # its owner did not grant all that the mode needs
    NO_MANAGED_LAYER = "no_managed_layer"
    NO_MANAGED_PROVIDER = "no_managed_provider"
    MODE_UNAVAILABLE = "mode_unavailable"  # the platform does not offer the mode
    PLATFORM_UNAVAILABLE = "platform_unavailable"  # this service is not set up for it


MANAGED_TEMPLATE: Final = UUID("af058068-ad85-4fb8-92a1-f531b40bfcbc")
"""The template of layers that hand their accounts to a managed provider."""


def managed_lack(template_id: UUID | None, *, is_provider_known: bool) -> NotReady | None:
    """Return what an account lacks for managed distribution, by the template of its layer; None: nothing.

    `is_provider_known`: the layer's `config.provider` names a provider that is configured in the account's environment.
    """
    if template_id != MANAGED_TEMPLATE:
        return NotReady.NO_MANAGED_LAYER
    return None if is_provider_known else NotReady.NO_MANAGED_PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAccount:
    """One account on a platform, as one project has it. Instants in UTC."""

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
    connected_at: datetime
    disconnected_at: datetime | None
    disconnected_reason: str | None
    layer_id: UUID | None
    managed: NotReady | None  # what its layer lacks for managed distribution; None: nothing
    created_at: datetime


class LoginStatus(StrEnum):
    """Where a login is, from the authorize URL to its end."""

    PENDING = "pending"
    EXCHANGING = "exchanging"  # taken by the one callback that may finish it
    CHOOSING = "choosing"  # leads to several accounts; the person is asked which
    CONNECTED = "connected"
    FAILED = "failed"


class LoginFailure(StrEnum):
    """Why a login failed, as `layers_oauth_error` and the status of the login tell it."""

    ACCESS_DENIED = "access_denied"  # the owner said no
    EXPIRED_STATE = "expired_state"  # the authorize URL was used too late, or never
    STATE_USED = "state_used"  # the platform's redirect came a second time
    EXCHANGE_FAILED = "exchange_failed"  # the platform did not complete the login
    NO_ACCOUNT = "no_account"  # the login leads to no account that can be published to
    ACCOUNT_MISMATCH = "account_mismatch"  # another account than the one to connect again
    PLATFORM_UNAVAILABLE = "platform_unavailable"  # the platform did not answer, or is not set up
    PROJECT_ARCHIVED = "project_archived"  # meanwhile
    KEY_REVOKED = "key_revoked"  # the key that asked has ended meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login: begun by a key, finished by one redirect of the platform."""

    state: str
    status: LoginStatus
    account_id: UUID | None
    failure: LoginFailure | None
    expires_at: datetime  # UTC

    def seen_at(self, now: datetime) -> Self:
        """Return it as it stands at an instant: what has run out of time has failed, whether or not a row says so."""
        if self.status is LoginStatus.PENDING and now >= self.expires_at:
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXPIRED_STATE)
        if self.status is LoginStatus.CHOOSING and now >= self.expires_at + CHOICE_LIMIT:
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXPIRED_STATE)
        if self.status is LoginStatus.EXCHANGING and now >= self.expires_at + EXCHANGE_LIMIT:
            return replace(self, status=LoginStatus.FAILED, failure=LoginFailure.EXCHANGE_FAILED)
        return self


class AccountNotFound(NotFound):
    """There is no such account, or another organization or environment has it."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__(
            "There is no such social account here. List a project's under /v1/projects/{projectId}/social-accounts."
        )


class LoginNotFound(NotFound):
    """There is no such login, or another organization or environment began it."""

    def __init__(self) -> None:
        """Say what a state is and how long it is kept."""
        super().__init__(
            "There is no such login here. A state comes from oauth-url or reauth-url and is kept for a day; "
            "begin again with a fresh one."
        )
