"""HTML pages of a login: choose an account, and unknown login."""

from collections.abc import Sequence
from html import escape
from typing import Final

from presswork.accounts.connect import Candidate, Choice

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
<p>Return to the app that you came from and connect the account again. Complete the login within ten minutes.</p>"""

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
