"""Decide which modes are available for an account. Lists, preflight and publishing all use this function. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from presswork.accounts.model import AccountStatus, NotReady
from presswork.platforms.port import Mode, Platform
from presswork.platforms.registry import consents_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Readiness of an account for one mode; `reason` is None if it is ready."""

    reason: NotReady | None
    missing_scopes: tuple[str, ...] = ()
    advice: str | None = None
    """What a person does where live posts can't be taken down or changed."""

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
    """Return the readiness of an account for every mode.

    `scopes` are the permissions that the owner granted; `managed` is the result of `model.managed_not_ready`;
    `unavailable` are the modes for which this service has no credentials in the account's environment. If several
    reasons apply, the most lasting one is returned.
    """

    def of_mode(mode: Mode) -> Readiness:
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
        return Readiness(reason=NotReady.PLATFORM_UNAVAILABLE if mode in unavailable else None)

    return {mode: of_mode(mode) for mode in Mode}


def take_down_readiness(
    platform: Platform, *, status: AccountStatus, scopes: Set[str], mode: Mode = Mode.PUBLISH
) -> Readiness:
    """Return whether Presswork can take down an account's live posts of a mode."""
    if not platform.can_take_down(mode):
        return Readiness(reason=NotReady.NOT_SUPPORTED, advice=platform.take_down_advice)
    return _live_readiness(platform, platform.take_down_scopes or frozenset(), status=status, scopes=scopes)


def edit_readiness(
    platform: Platform, *, status: AccountStatus, scopes: Set[str], mode: Mode = Mode.PUBLISH
) -> Readiness:
    """Return whether Presswork can change an account's live posts of a mode."""
    if not platform.editable(mode):
        return Readiness(reason=NotReady.NOT_SUPPORTED, advice="Change the post with the platform's app, if that can.")
    return _live_readiness(platform, platform.edit_scopes, status=status, scopes=scopes)


def comments_readiness(platform: Platform, *, status: AccountStatus, scopes: Set[str]) -> Readiness:
    """Return whether Presswork can read and answer comments on an account's posts of the mode `publish`."""
    support = platform.comments
    if support is None:
        advice = "Read and answer comments with the platform's app: it has no API for them."
        return Readiness(reason=NotReady.NOT_SUPPORTED, advice=advice)
    needed = support.reply_scopes | (support.read_scopes if support.is_readable else frozenset())
    return _live_readiness(platform, needed, status=status, scopes=scopes)


def _live_readiness(platform: Platform, needed: Set[str], *, status: AccountStatus, scopes: Set[str]) -> Readiness:
    if status is AccountStatus.DISCONNECTED:
        return Readiness(reason=NotReady.DISCONNECTED, advice="Connect the account again.")
    if missing := sorted(needed - scopes):
        consents = consents_of(platform.login_name)
        named = [f"{scope} ({consents[scope].rstrip('.')})" if scope in consents else scope for scope in missing]
        advice = f"Connect the account again, and grant {' and '.join(named)}."
        return Readiness(reason=NotReady.MISSING_PERMISSION, missing_scopes=tuple(missing), advice=advice)
    if status is AccountStatus.REAUTH_REQUIRED:
        return Readiness(reason=NotReady.REAUTH_REQUIRED, advice="Connect the account again.")
    return Readiness(reason=None)
