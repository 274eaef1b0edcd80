"""The pages of our own that a person sees on the way of a login: which account to connect, and that nobody knows the login."""

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

# Nothing of the request is on this page, so that it can't be made to say anything.
_UNKNOWN_LOGIN: Final = """\
<p>The address that you came by belongs to no login that is under way here. No account was connected.</p>
<p>Go back to the app that sent you, and start connecting the account again. A login must be finished within ten minutes.</p>"""

_CHOICE: Final = """\
<p>Your login leads to {count} accounts. One of them is connected now; to connect another, start again from the app that sent you.</p>
<form method="post" action="?">
<input type="hidden" name="state" value="{state}">
{buttons}
<button name="account" value="">None of these</button>
</form>"""


def unknown_login() -> str:
    """Return the page for a person whose login can't be traced to any app."""
    return _page("This login can’t be finished", _UNKNOWN_LOGIN)


def choice_page(choice: Choice) -> str:
    """Return the page that asks which account to connect. It works without a script, and shows nothing from elsewhere."""
    content = _CHOICE.format(
        count=len(choice.candidates), state=escape(choice.state), buttons=_buttons(choice.candidates)
    )
    return _page("Which account do you want to connect?", content)


def _buttons(candidates: Sequence[Candidate]) -> str:
    return "\n".join(
        f'<button name="account" value="{escape(one.external_id)}">@{escape(one.handle)}'
        f"{f' · {escape(one.display_name)}' if one.display_name else ''}</button>"
        for one in candidates
    )


def _page(title: str, content: str) -> str:
    return _PAGE.format(title=title, content=content)
