"""What the page at the end of a login says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork.accounts.connect import LoginResult
from presswork.accounts.model import LoginFailure
from presswork.platforms.registry import advice_without_account, manual_instructions

_FAILURES: Final[Mapping[LoginFailure, tuple[str, str]]] = {
    LoginFailure.ACCESS_DENIED: (
        "Access to the account was not allowed.",
        "If that was not intended, begin the login again in the app that you came from, and allow the access.",
    ),
    LoginFailure.EXPIRED_STATE: (
        "The login took longer than ten minutes.",
        "Begin it again in the app that you came from, and complete it within ten minutes.",
    ),
    LoginFailure.STATE_USED: (
        "This login is already being completed.",
        "Load this page again in a moment to see the result.",
    ),
    LoginFailure.EXCHANGE_FAILED: (
        "{platform} did not complete the login.",
        "Begin it again in the app that you came from. If it fails again, the log of this service has the reason.",
    ),
    LoginFailure.NO_ACCOUNT: (
        "The login gives access to no account that posts can be published to.",
        "{no_account}",
    ),
    LoginFailure.ACCOUNT_MISMATCH: (
        "You logged in with another account than the one to connect again.",
        "Log out on {platform}, begin the login again, and log in with the account that is to be connected again.",
    ),
    LoginFailure.PLATFORM_UNAVAILABLE: (
        "{platform} can’t be reached at the moment.",
        "Begin the login again in a few minutes, in the app that you came from.",
    ),
    LoginFailure.PROJECT_ARCHIVED: (
        "The project that the account was for has been archived.",
        "Ask the people who sent you the link for a new one.",
    ),
    LoginFailure.LINK_EXPIRED: (
        "The link expired while you logged in. No account was connected.",
        "Ask the people who sent you the link for a new one.",
    ),
    LoginFailure.LINK_REVOKED: (
        "The link was withdrawn while you logged in. No account was connected.",
        "Ask the people who sent you the link for a new one.",
    ),
    LoginFailure.LINK_USED_UP: (
        "The link was used up while you logged in. No account was connected.",
        "Ask the people who sent you the link for a new one.",
    ),
    LoginFailure.ACCOUNT_DISCONNECTED: (
        "The account was disconnected while you logged in. Nothing was changed.",
        "Ask the people who sent you the link whether it is still needed.",
    ),
    LoginFailure.PLAN_LIMIT: (
        "No more accounts can be connected at the moment. No account was connected.",
        "Ask the people who sent you the link to make room for another account, and begin again.",
    ),
    LoginFailure.KEY_REVOKED: (
        "The app that you came from has lost its access to this service.",
        "Ask the people who sent you the link for a new one.",
    ),
}
"""For each failure, what happened and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """The end of a login without a return URL: the connected accounts, or what happened and what to do."""

    platform: str
    accounts: Sequence[str] = ()
    what: str = ""
    advice: str = ""
    code: LoginFailure | None = None


def result_page(result: LoginResult) -> ResultPage:
    """Return what the page says about a login."""
    instructions = manual_instructions(result.platform)
    platform = instructions.title
    if result.failure is None:
        return ResultPage(platform=platform, accounts=[instructions.account(handle) for handle in result.handles])
    words = {"platform": platform, "no_account": advice_without_account(result.platform)}
    what, advice = (sentence.format(**words) for sentence in _FAILURES[result.failure])
    return ResultPage(platform=platform, what=what, advice=advice, code=result.failure)
