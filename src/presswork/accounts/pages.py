"""HTML pages of a login: choose an account, its result, and unknown login."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from presswork.accounts.connect import Candidate, Choice, LoginResult
from presswork.accounts.model import LoginFailure
from presswork.platforms.registry import manual_instructions

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1.5rem; color: #222; background: #fff }}
button {{ font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .6rem 1rem; text-align: left; cursor: pointer; color: inherit; background: #8881; border: 1px solid #8888; border-radius: .5rem }}
button:hover, button:focus-visible {{ background: #8884 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #ddd; background: #181818 }} }}
</style>
</head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""

# Contains no data of the request, so that it can't be used for injection.
_UNKNOWN_LOGIN: Final = """\
<p>This link does not belong to a login that is in progress. No account was connected.</p>
<p>Return to the app that you came from and connect the account again. Complete the login within ten minutes.</p>
<p><a href="/">About this service</a></p>"""

_CONNECTED: Final = """\
<p><strong>@{handle}</strong> on {platform} is connected. You can close this page.</p>"""

_FAILED: Final = """\
<p>{what}</p>
<p>{advice}</p>
<p><small>{platform}, error <code>{code}</code></small></p>
<p><a href="/">About this service</a></p>"""

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
        "Link an Instagram professional account to your Facebook Page, begin the login again, and select both.",
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
    LoginFailure.KEY_REVOKED: (
        "The app that you came from has lost its access to this service.",
        "Ask the people who sent you the link for a new one.",
    ),
}
"""For each failure, what happened and what to do."""

_CHOICE: Final = """\
<p>Your login gives access to {count} accounts. Choose one. To connect another one later, start again in the app that you came from.</p>
<form method="post" action="?">
<input type="hidden" name="state" value="{state}">
{buttons}
<button name="account" value="">None of these</button>
</form>"""


def unknown_login() -> str:
    """Return the page for a redirect whose login is unknown, so that there is no return URL."""
    return _PAGE.format(title="This login can’t be completed", content=_UNKNOWN_LOGIN)


def result_page(result: LoginResult) -> str:
    """Return the page that shows how a login without a return URL has ended."""
    platform = manual_instructions(result.platform).title
    if result.failure is None:
        content = _CONNECTED.format(handle=escape(result.handle or ""), platform=platform)
        return _PAGE.format(title="Account connected", content=content)
    what, advice = (sentence.format(platform=platform) for sentence in _FAILURES[result.failure])
    content = _FAILED.format(what=what, advice=advice, platform=platform, code=result.failure.value)
    return _PAGE.format(title="The account was not connected", content=content)


def choice_page(choice: Choice) -> str:
    """Return the page that asks which account to connect. It uses no script and loads no external resource."""
    content = _CHOICE.format(
        count=len(choice.candidates), state=escape(choice.state), buttons=_buttons(choice.candidates)
    )
    return _PAGE.format(title="Which account do you want to connect?", content=content)


def _buttons(candidates: Sequence[Candidate]) -> str:
    return "\n".join(
        f'<button name="account" value="{escape(one.external_id)}">@{escape(one.handle)}'
        f"{f' · {escape(one.display_name)}' if one.display_name else ''}</button>"
        for one in candidates
    )
