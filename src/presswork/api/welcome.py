"""The start page under `/`, with links to the reference, the sandbox and the readiness check."""

import secrets
from html import escape
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from presswork.api.context import Ctx
from presswork.api.pages import html_page

router: Final = APIRouter()

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Presswork</title><style nonce="{nonce}">
:root {{ color-scheme: light dark; --ink: #1a1a2e; --soft: #5b5f77; --paper: #fbfaf7; --card: #fff; --line: #e4e2da; --accent: #c2410c; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #eceaf4; --soft: #a5a8bd; --paper: #15151f; --card: #1e1e2c; --line: #303044; --accent: #fb923c; }} }}
body {{ margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }}
main {{ max-width: 46rem; margin: 0 auto; padding: 4rem 1.25rem; }}
h1 {{ font-size: 2.2rem; letter-spacing: -0.02em; margin: 0 0 .25rem; }}
p.lead {{ color: var(--soft); font-size: 1.1rem; margin: 0 0 2.5rem; }}
.cards {{ display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); margin-bottom: 2.5rem; }}
.cards a {{ display: block; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; color: inherit; text-decoration: none; }}
.cards a:hover, .cards a:focus-visible {{ border-color: var(--accent); outline: none; }}
.cards b {{ display: block; color: var(--accent); }}
.cards span {{ color: var(--soft); font-size: .92rem; }}
h2 {{ font-size: 1.1rem; margin: 0 0 .5rem; }}
pre {{ background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; overflow-x: auto; font-size: .88rem; line-height: 1.5; }}
</style></head><body><main>
<h1>Presswork</h1>
<p class="lead">One call publishes a video, image or slideshow to many Instagram and TikTok accounts.</p>
<div class="cards">
<a href="/docs"><b>API reference</b><span>All routes, with a form to try each.</span></a>
{sandbox}<a href="/readyz"><b>Readiness</b><span>State of the database, the migrations and the workers.</span></a>
<a href="/openapi.json"><b>OpenAPI 3.1</b><span>For tools and generated clients.</span></a>
</div>
<h2>Create a key</h2>
<pre>presswork key create --org demo --env test --scopes '*' --return-domain localhost</pre>
<h2>Check the key</h2>
<pre>curl -H "Authorization: Bearer $KEY" {base}/v1/whoami</pre>
</main></body></html>
"""
_SANDBOX: Final = '<a href="/sandbox/"><b>Sandbox feeds</b><span>The fake accounts and their live posts.</span></a>\n'


@router.get("/", include_in_schema=False)
async def welcome(context: Ctx) -> HTMLResponse:
    """Return the start page."""
    nonce, sandbox = secrets.token_urlsafe(16), _SANDBOX if context.settings.sandbox else ""
    page = _PAGE.format(base=escape(context.base_url), sandbox=sandbox, nonce=nonce)
    return html_page(page, allow=f"style-src 'nonce-{nonce}'")
