"""`/errors`: a page for each error code, which the `docUrl` of an error leads to. It needs no key and no other host."""

import json
import re
from typing import Final

from fastapi import APIRouter
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from presswork.api.context import Ctx
from presswork.api.http.error_guide import error_guide
from presswork.api.http.openapi_examples import example_of
from presswork.api.http.pages import PAGES, READ
from presswork.core.errors import STATUS, Code, Issue, IssueCode, NotFound
from presswork.platforms.errors import FailureCode

router: Final = APIRouter(include_in_schema=False)

EXAMPLE_ISSUE: Final = Issue.at("targets[3].mode", "is required. Add it.", IssueCode.REQUIRED).as_json()
_INLINE: Final = re.compile(r"`([^`]+)`|\[((?:`[^`]*`|[^\]`])+)\]\(([^)#]+)\.md(#[^)]+)?\)")
"""Code and links to documents: what the texts use of Markdown."""


@router.api_route("/errors", methods=READ)
async def error_index(context: Ctx) -> HTMLResponse:
    """Return a page with all codes."""
    guide, site = error_guide(), context.settings.docs_url
    calls = [(STATUS[code], code.value, _html(entry.means, site)) for code, entry in guide.calls.items()]
    posts = [(code.value, _html(entry.means, site)) for code, entry in guide.posts.items()]
    return PAGES.response("errors.html", {"calls": calls, "posts": posts, "site": site})


@router.api_route("/errors/{code}", methods=READ)
async def error_page(code: str, context: Ctx) -> HTMLResponse:
    """Return the page of a code. Raises NotFound."""
    guide, site = error_guide(), context.settings.docs_url
    if code not in guide.names():
        raise NotFound("There is no such error code. The list of all codes is at /errors.")
    parts = []
    if code in Code.__members__:
        call = guide.calls[Code(code)]
        example = example_of(Code(code), scope=None, issue=EXAMPLE_ISSUE)
        where = f"An error response with the HTTP status {STATUS[Code(code)]}"
        parts.append(_part(where, call.means, "", call.fix, example, site))
    if code in FailureCode.__members__:
        post = guide.posts[FailureCode(code)]
        example = dict(post.example(FailureCode(code)))
        parts.append(_part("The reason why a post failed", post.means, post.causes, post.fix, example, site))
    issues = guide.issues if code == Code.VALIDATION else {}
    shown = [(issue.value, _html(cause, site)) for issue, cause in issues.items()]
    return PAGES.response("error_code.html", {"code": code, "parts": parts, "issues": shown, "site": site})


def _part(where: str, means: str, causes: str, fix: str, example: object, site: str | None) -> dict[str, object]:
    return {
        "where": where,
        "means": _html(means, site),
        "causes": [_html(cause.strip(), site) for cause in causes.split(";") if cause],
        "fix": _html(fix, site),
        "example": json.dumps(example, indent=2, ensure_ascii=False),
    }


def _html(text: str, site: str | None) -> Markup:
    """Convert a text of the guide. Without a documentation site, links are plain text."""
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        code, label, document, anchor = found.groups()
        if code is not None:
            parts.append(Markup("<code>{}</code>").format(code))
        elif site is None:
            parts.append(_html(label, site))
        else:
            url = f"{site.rstrip('/')}/{document}.html{anchor or ''}"
            parts.append(Markup('<a href="{}">{}</a>').format(url, _html(label, site)))
        end = found.end()
    return Markup().join([*parts, escape(text[end:])])
