"""Responses with HTML: their content security policy, and headers that keep other sites from framing them."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse


def html_page(
    html: str, *, allow: str, status_code: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Return a page that no site may frame, and that loads and runs only what the directives `allow` name."""
    return HTMLResponse(
        html,
        status_code=status_code,
        headers={
            "Content-Security-Policy": (
                f"default-src 'none'; {allow}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            **(headers or {}),
        },
    )
