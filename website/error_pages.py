"""The pages of the error codes, and the tables of docs/ that list them, from src/presswork/api/http/error_guide.toml."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from presswork.api.errors.routes import EXAMPLE_ISSUE
from presswork.api.http.error_guide import error_guide
from presswork.api.http.openapi_examples import example_of
from presswork.core.errors import STATUS, Code
from presswork.platforms.errors import FailureCode
from website.api_reference import Calls
from website.pages import DOCS, Page

_TABLE: Final = re.compile(r"(?P<mark><!-- make docs writes this table: (?P<name>\w+) -->\n)(?:\n?\|[^\n]*)*")
_LINK: Final = re.compile(r"\]\((?=[\w-]+\.md)")
_MANY_CALLS: Final = 40
"""A code of more calls than this is one that almost every call can return."""


def tables() -> Mapping[str, str]:
    """Return the text of each document with tables of codes, as it should be, by its name in docs/."""
    guide = error_guide()
    rows = {
        "calls": [
            "| status | code | cause, and what to do |",
            "|---|---|---|",
            *(f"| {STATUS[code]} | `{code}` | {entry.means} {entry.fix} |" for code, entry in guide.calls.items()),
        ],
        "issues": [
            "| code | cause |",
            "|---|---|",
            *(f"| `{code}` | {cause} |" for code, cause in guide.issues.items()),
        ],
        "posts": [
            "| code | what it means | usual causes | what to do |",
            "|---|---|---|---|",
            *(f"| `{code}` | {one.means} | {one.causes} | {one.fix} |" for code, one in guide.posts.items()),
        ],
    }

    def filled(found: re.Match[str]) -> str:
        return "\n".join([found["mark"], *rows[found["name"]]])

    texts = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("api-guide.md", "why-a-post-failed.md")}
    return {name: _TABLE.sub(filled, text) for name, text in texts.items()}


def write(calls: Calls) -> Sequence[Page]:
    """Return the pages: the list of codes, then one page a code. `calls` are the operations by code."""
    return [
        _page("index", "Error codes", "\n".join(_index()), about="look up an error code"),
        *(_page(name, name, "\n".join(_lines(name, calls.get(name, ())))) for name in error_guide().names()),
    ]


def _page(name: str, title: str, text: str, about: str = "") -> Page:
    return Page(
        path=f"errors/{name}.md",
        title=title,
        section="Reference",
        group="Error codes",
        text=_LINK.sub("](../", text),
        about=about,
    )


def _index() -> Iterator[str]:
    guide = error_guide()
    yield "# Error codes\n"
    yield "Every error response has a code, and its `docUrl` leads to the code's page. A post that failed has one in `lastError`.\n"
    yield "## Of error responses\n"
    yield "| code | status | what it means |"
    yield "|---|---|---|"
    for code, call in guide.calls.items():
        yield f"| [`{code}`](./{code}.md) | {STATUS[code]} | {call.means} |"
    yield "\n## Of failed posts\n"
    yield "| code | what it means |"
    yield "|---|---|"
    for failure, post in guide.posts.items():
        yield f"| [`{failure}`](./{failure}.md) | {post.means} |"
    yield "\n## Of issues\n"
    yield "The entries of `details.issues` have issue codes: see [`VALIDATION`](./VALIDATION.md#codes-of-issues)."


def _lines(name: str, operations: Sequence[tuple[str, str]]) -> Iterator[str]:
    guide = error_guide()
    yield f"# {name}"
    is_both = name in Code.__members__ and name in FailureCode.__members__
    if name in Code.__members__:
        code = Code(name)
        call = guide.calls[code]
        yield f"\n{'## Of an error response' + chr(10) * 2 if is_both else ''}HTTP status {STATUS[code]}. {call.means}\n"
        yield f"**What to do:** {call.fix}\n"
        yield from _example(example_of(code, scope=None, issue=EXAMPLE_ISSUE))
        if operations:
            yield from _operations(operations)
    if name in FailureCode.__members__:
        failure = FailureCode(name)
        post = guide.posts[failure]
        yield f"\n{'## Of a failed post' + chr(10) * 2 if is_both else ''}A post can fail with this code. {post.means}\n"
        yield f"**What to do:** {post.fix}\n"
        yield "**Usual causes:**\n"
        yield from (f"- {cause.strip()}" for cause in post.causes.split(";"))
        yield ""
        yield from _example(post.example(failure))
        yield "See [Why a post failed](why-a-post-failed.md) for how to read a failed post and its timeline."
    if name == Code.VALIDATION:
        yield "\n## Codes of issues\n"
        yield "| code | cause |"
        yield "|---|---|"
        yield from (f'| <span id="{issue}"></span>`{issue}` | {cause} |' for issue, cause in guide.issues.items())


def _example(body: object) -> Iterator[str]:
    yield "```json"
    yield json.dumps(body, indent=2, ensure_ascii=False)
    yield "```\n"


def _operations(operations: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield "**Calls that return it:** " + (
        "almost every call of the [API](../api/index.md)."
        if len(operations) > _MANY_CALLS
        else ", ".join(f"[{label}](../api/{place})" for label, place in operations) + "."
    )
    yield ""
