"""What a person sees whose login can't be traced to any app: a page of our own, since nobody may be sent anywhere."""

from typing import Final

from starlette.responses import HTMLResponse

PRIVATE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of every answer to a redirect: its URL carries a code and a state, which are nobody else's business."""

# Nothing of the request is on the page, so that it can't be made to say anything.
_UNKNOWN_LOGIN: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This login can't be finished</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1.5rem; color: #222; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } }
</style>
</head>
<body>
<h1>This login can’t be finished</h1>
<p>The address that you came by belongs to no login that is under way here. No account was connected.</p>
<p>Go back to the app that sent you, and start connecting the account again. A login must be finished within ten minutes.</p>
</body>
</html>
"""


def unknown_login() -> HTMLResponse:
    """Return the page, with status 400."""
    return HTMLResponse(
        _UNKNOWN_LOGIN,
        status_code=400,
        headers={
            **PRIVATE,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
