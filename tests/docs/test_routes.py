"""Every route that documents, help texts and messages name is one that Presswork serves."""

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.docs.pages import ROOT, pages

from presswork.api.app import create_routes
from presswork.api.http.openapi import routes_of

SOURCES: Final = ("src/presswork", "packages/sandbox/src", "sdk/python/src")
TEXTS: Final = ("src/presswork/**/*.html", "sdk/*/README.md", "packages/*/README.md", "examples/**/*.md")
OTHERS: Final = frozenset(
    {
        "/oauth/access_token",
        "/oauth/authorize",
        "/oauth/jwks",
        "/oauth/par",
        "/oauth/revoke",
        "/oauth/token",
        "/oauth/v2/accessToken",
        "/oauth/v2/authorization",
        "/oauth/v2/revoke",
        "/v1/traces",
    }
)
"""Paths of Instagram, Facebook, LinkedIn, Bluesky and OpenTelemetry."""
_START: Final = (
    r"(?:^|(?<=[\s`'\"(“|=])|https?://(?:127\.0\.0\.1|localhost|presswork\.example\.com)(?::\d+)?|\$\{?\w+\}?|\{x\})"
)
_FIRST: Final = (
    r"(?:v1|oauth|webhooks|callbacks|media|uploads|handover|healthz|readyz|metrics|openapi\.json|robots\.txt)"
)
_VALUE: Final = "{x}"
"""Stands for a value in an f-string."""
_NAMED: Final = re.compile(
    rf"(?:\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD) )?{_START}(?P<path>/{_FIRST}(?![\w.-])[^\s`'\"()|,;?#&”\\]*)",
    re.MULTILINE,
)
_PLACEHOLDER: Final = re.compile(r"\{.*\}|<.*>|:\w+|\$.*|…|\.\.\.|.*…|[a-z]{2,4}_[\w-]+")


@functools.cache
def served() -> Sequence[tuple[str, frozenset[str]]]:
    """Return each route with its methods."""
    routes = [(route.path, frozenset(route.methods or ())) for route in routes_of(create_routes())]
    return [*routes, ("/openapi.json", frozenset({"GET", "HEAD"}))]


def named(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield the method, if any, and the path of each route that a text names."""
    for found in _NAMED.finditer(text):
        yield found["method"], found["path"].rstrip(".:*_!—")


def is_served(method: str | None, path: str, routes: Sequence[tuple[str, frozenset[str]]]) -> bool:
    """Whether a route has this path; or several begin with it."""
    if path in OTHERS:
        return True
    wanted = path.strip("/").split("/")
    for template, methods in routes:
        parts = template.strip("/").split("/")
        is_prefix = len(wanted) < len(parts)
        same_length = len(wanted) == len(parts) or parts[-1].endswith(":path}")
        if not is_prefix and not same_length:
            continue
        if method is not None and method not in methods:
            continue
        pairs = list(zip(wanted, parts, strict=False))
        if all(_matches(given, part) for given, part in pairs):
            return True
    return False


def _matches(given: str, part: str) -> bool:
    if part.startswith("{") or given == _VALUE:
        return True
    return given == part and not _PLACEHOLDER.fullmatch(given)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings of a Python file with their lines; the parts of an f-string are joined."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    inner = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else _VALUE for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_documents_name_only_routes_that_exist() -> None:
    """Every path of the API in a document, with its method if it names one, is served."""
    routes = served()
    texts = [*pages(), *(path for pattern in TEXTS for path in ROOT.glob(pattern) if "node_modules" not in path.parts)]
    wrong = [
        f"{page.relative_to(ROOT)}: {method or ''} {path}"
        for page in texts
        for method, path in named(page.read_text(encoding="utf-8"))
        if not is_served(method, path, routes)
    ]
    assert wrong == []


def test_messages_name_only_routes_that_exist() -> None:
    """Every path of the API in a string of the program (a message, a help text, a docstring) is served."""
    routes = served()
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {method or ''} {route}"
        for source in SOURCES
        for path in sorted((ROOT / source).rglob("*.py"))
        for line, text in strings(path)
        for method, route in named(text)
        if not is_served(method, route, routes)
    ]
    assert wrong == []


def test_a_wrong_route_is_found() -> None:
    """The check itself knows a route that does not exist from one that does."""
    texts = {
        "POST /v1/social-accounts/{id}/reauth-url": False,
        "`POST /v1/projects/{projectId}/social/reauth-url`": True,
        "DELETE /v1/whoami": False,
        "curl http://127.0.0.1:8000/v1/content/cnt_1/publish": True,
        "see /v1/contents": False,
        "forward /oauth/callback/ to it": True,
        "$URL/v1/projects/$PROJECT/social/oauth-url": True,
    }
    found = {}
    for text in texts:
        ((method, path),) = named(text)
        found[text] = is_served(method, path, served())
    assert found == texts
