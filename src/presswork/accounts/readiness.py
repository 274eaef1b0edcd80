"""Whether an account can be published to, mode by mode. One function decides for lists, preflight and publishing. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from presswork.accounts.model import AccountStatus as AccountStatus
from presswork.platforms.port import Mode, Platform


class NotReady(StrEnum):
    """Why an account can't be published to in a mode."""

    DISCONNECTED = "disconnected"
    REAUTH_REQUIRED = "reauth_required"
    MISSING_PERMISSION = "missing_permission"  # its owner did not grant all that the mode needs
    NO_MANAGED_LAYER = "no_managed_layer"
    NO_MANAGED_PROVIDER = "no_managed_provider"
    MODE_UNAVAILABLE = "mode_unavailable"  # the platform does not offer the mode
    PLATFORM_UNAVAILABLE = "platform_unavailable"  # this service is not set up for the platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """One mode's verdict; without a reason the account is ready."""

    reason: NotReady | None
    missing_scopes: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether a post in this mode would be accepted."""
        return self.reason is None


def readiness(
    platform: Platform, *, status: AccountStatus, scopes: Set[str], is_available: bool = True
) -> Mapping[Mode, Readiness]:
    """Return the verdict for every mode.

    `scopes` are what the account's owner granted; `is_available` tells whether this service is set up for the
    platform in the account's environment. The first reason that applies is told, the most lasting one first.
    """
    return {mode: _verdict(platform, mode, status, scopes, is_available=is_available) for mode in Mode}


def _verdict(
    platform: Platform, mode: Mode, status: AccountStatus, scopes: Set[str], *, is_available: bool
) -> Readiness:
    needed = platform.required_scopes.get(mode)
    if needed is None and mode is not Mode.MANAGED:
        return Readiness(reason=NotReady.MODE_UNAVAILABLE)
    if status is AccountStatus.DISCONNECTED:
        return Readiness(reason=NotReady.DISCONNECTED)
    if status is AccountStatus.REAUTH_REQUIRED:
        return Readiness(reason=NotReady.REAUTH_REQUIRED)
    if missing := sorted((needed or frozenset()) - scopes):
        return Readiness(reason=NotReady.MISSING_PERMISSION, missing_scopes=tuple(missing))
    if mode is Mode.MANAGED:
        return Readiness(reason=NotReady.NO_MANAGED_LAYER)
    return Readiness(reason=None if is_available else NotReady.PLATFORM_UNAVAILABLE)
