"""Whether an account can be published to, mode by mode. One function decides for lists, preflight and publishing. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from presswork.accounts.model import AccountStatus as AccountStatus
from presswork.accounts.model import NotReady as NotReady
from presswork.platforms.port import Mode, Platform


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
    platform: Platform,
    *,
    status: AccountStatus,
    scopes: Set[str],
    managed: NotReady | None,
    unavailable: Set[Mode] = frozenset(),
) -> Mapping[Mode, Readiness]:
    """Return the verdict for every mode.

    `scopes` are what the account's owner granted; `managed` is what its layer lacks for managed distribution (see
    `model.managed_lack`); `unavailable` are the modes that this service is not set up for in the account's environment. The
    first reason that applies is told, the most lasting one first.
    """
    return {
        mode: _verdict(platform, mode, status, scopes, managed=managed, is_available=mode not in unavailable)
        for mode in Mode
    }


def _verdict(
    platform: Platform,
    mode: Mode,
    status: AccountStatus,
    scopes: Set[str],
    *,
    managed: NotReady | None,
    is_available: bool,
) -> Readiness:
    needed = platform.required_scopes.get(mode)
    if needed is None:
        return Readiness(reason=NotReady.MODE_UNAVAILABLE)
    if status is AccountStatus.DISCONNECTED:
        return Readiness(reason=NotReady.DISCONNECTED)
    if status is AccountStatus.REAUTH_REQUIRED:
        return Readiness(reason=NotReady.REAUTH_REQUIRED)
    if missing := sorted(needed - scopes):
        return Readiness(reason=NotReady.MISSING_PERMISSION, missing_scopes=tuple(missing))
    if mode is Mode.MANAGED and managed is not None:
        return Readiness(reason=managed)
    return Readiness(reason=None if is_available else NotReady.PLATFORM_UNAVAILABLE)
