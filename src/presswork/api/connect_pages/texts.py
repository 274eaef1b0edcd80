"""What the pages of connect links say about the end of a login. Pure."""

from collections.abc import Mapping
from typing import Final

from presswork.accounts.model import LoginFailure
from presswork.core.texts import translatable

_NEW_LINK: Final = translatable("Ask the person who sent you the link for a new one.")

ENDS: Final[Mapping[LoginFailure, tuple[str, str]]] = {
    LoginFailure.ACCESS_DENIED: (
        translatable("You did not allow access to the account."),
        translatable("If that was not intended, go back, begin again and allow the access."),
    ),
    LoginFailure.EXPIRED_STATE: (
        translatable("The login took longer than ten minutes."),
        translatable("Go back, begin again, and complete it within ten minutes."),
    ),
    LoginFailure.STATE_USED: (
        translatable("This login is already being completed."),
        translatable("Load this page again in a moment to see the result."),
    ),
    LoginFailure.EXCHANGE_FAILED: (
        translatable("%(platform)s did not complete the login."),
        translatable("Go back and begin again. If it fails again, write to the person who sent you the link."),
    ),
    LoginFailure.NO_ACCOUNT: (
        translatable("The login gives access to no account that posts can be published to."),
        "",  # the platform's own advice
    ),
    LoginFailure.ACCOUNT_MISMATCH: (
        translatable("You logged in with another account than the one to reconnect. Nothing was changed."),
        translatable("Log out on %(platform)s, go back, and log in with the account that is to be reconnected."),
    ),
    LoginFailure.PLATFORM_UNAVAILABLE: (
        translatable("%(platform)s can’t be reached at the moment."),
        translatable("Go back and begin again in a few minutes."),
    ),
    LoginFailure.PROJECT_ARCHIVED: (
        translatable("What you were asked to connect the account for has ended. No account was connected."),
        _NEW_LINK,
    ),
    LoginFailure.KEY_REVOKED: (
        translatable("The link is no longer valid. No account was connected."),
        _NEW_LINK,
    ),
    LoginFailure.LINK_EXPIRED: (
        translatable("The link expired while you logged in. No account was connected."),
        _NEW_LINK,
    ),
    LoginFailure.LINK_REVOKED: (
        translatable("The link was withdrawn while you logged in. No account was connected."),
        _NEW_LINK,
    ),
    LoginFailure.ACCOUNT_DISCONNECTED: (
        translatable("The account was disconnected while you logged in. Nothing was changed."),
        translatable("Go back to see the accounts that are left, or write to the person who sent you the link."),
    ),
    LoginFailure.PLAN_LIMIT: (
        translatable("No more accounts can be connected at the moment. No account was connected."),
        translatable("Write to the person who sent you the link."),
    ),
    LoginFailure.LINK_USED_UP: (
        translatable("The link was used up while you logged in. No account was connected."),
        _NEW_LINK,
    ),
}
"""For each failure, what happened and what to do, in the language of the sources."""
