"""Pages for people: the start page, the API reference, error pages, and the assets that all pages share."""

import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.api_server import Api

import presswork_sandbox
from presswork.console import static_files

_PAGES = ("/", "/docs")


@pytest.fixture(autouse=True)
def without_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start page is shown where the console is not built; else `/` leads there (tests/console)."""
    monkeypatch.setattr(static_files, "is_built", lambda: False)


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """A client without a key, with the Accept header of a browser."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    return await api.anonymous(headers={"Accept": accept})


def _loaded(page: str) -> list[str]:
    """Return the URLs of all resources that a page loads."""
    found = re.findall(r'<(?:script|img|iframe)[^>]*\ssrc="([^"]*)"|<link[^>]*\shref="([^"]*)"', page)
    return [source or reference for source, reference in found]


def _policy(answer: httpx2.Response) -> dict[str, str]:
    """Return the directives of a page's content security policy."""
    directives = answer.headers["content-security-policy"].split("; ")
    return {name: sources for name, _, sources in (directive.partition(" ") for directive in directives)}


@pytest.mark.parametrize("path", [*_PAGES, "/missing"])
async def test_pages_load_only_what_this_server_has(browser: httpx2.AsyncClient, path: str) -> None:
    """Each stylesheet, script and icon exists, is cached with a version in its URL or by its library, and is local."""
    page = (await browser.get(path)).text
    parts = _loaded(page)
    assert any(part.startswith("/assets/presswork.css?v=") for part in parts)
    assert any(part.startswith("/assets/favicon.svg?v=") for part in parts)
    for part in parts:
        answer = await browser.get(part)
        assert (answer.status_code, urlsplit(part).netloc) == (200, ""), part
        assert len(answer.content) > 100
        if part.startswith("/assets/"):
            assert answer.headers["cache-control"] == "public, max-age=86400"
            assert answer.headers["etag"].strip('"') == part.partition("?v=")[2]
    assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=", page)  # the policy forbids inline code


@pytest.mark.parametrize("path", [*_PAGES, "/missing"])
async def test_pages_can_not_be_framed(browser: httpx2.AsyncClient, path: str) -> None:
    """The policy of a page forbids frames and all scripts but those of this server."""
    answer = await browser.get(path)
    policy = _policy(answer)
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert (policy["script-src"], policy["form-action"]) == ("'self'", "'none'")
    assert "*" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_reference_keeps_to_itself(browser: httpx2.AsyncClient) -> None:
    """Swagger UI loads the document of this server, sends it to no validator, and does not store the key."""
    script = next(part for part in _loaded((await browser.get("/docs")).text) if "docs.js" in part)
    text = (await browser.get(script)).text
    for line in ('url: "/openapi.json"', "validatorUrl: null", "persistAuthorization: false"):
        assert line in text


async def test_links_of_the_start_page_work(api: Api, browser: httpx2.AsyncClient) -> None:
    """Every link on / works, and the page shows the URL of this API."""
    answer = await browser.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"{api.base_url}/v1/whoami" in answer.text
    links = re.findall(r'<a [^>]*href="(/[^"]*)"', answer.text)
    assert set(links) == {"/", "/docs", "/sandbox/", "/readyz", "/openapi.json"}
    for link in links:
        assert (await browser.get(link)).status_code in {200, 503}, link


@pytest.mark.parametrize(
    "path", [*_PAGES, "/openapi.json", "/healthz", "/readyz", "/favicon.ico", "/robots.txt", "/assets/presswork.css"]
)
async def test_head_returns_the_headers_of_a_page(browser: httpx2.AsyncClient, path: str) -> None:
    """HEAD, which link previews and monitors send, has the status and the type of GET, and no body."""
    shown, head = await browser.get(path), await browser.head(path)
    assert (head.status_code, head.headers["content-type"]) == (shown.status_code, shown.headers["content-type"])
    assert head.content == b""


async def test_head_does_not_finish_a_login(browser: httpx2.AsyncClient) -> None:
    """The redirect URI of a login changes something, so a link preview must not use it."""
    assert (await browser.head("/oauth/callback/instagram?state=st_x&code=c")).status_code == 405


async def test_a_browser_gets_an_error_page_and_a_program_json(api: Api, browser: httpx2.AsyncClient) -> None:
    """The page has the message, the request id and a link; /v1 returns JSON to browsers, too."""
    page = await browser.get("/missing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Page not found</h1>" in page.text
    assert page.headers["x-request-id"] in page.text
    assert '<a class="button" href="/">Start page</a>' in page.text
    for client, path in ((await api.anonymous(), "/missing"), (browser, "/v1/missing"), (browser, "/v1")):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), path


async def test_an_error_page_escapes_what_it_repeats(browser: httpx2.AsyncClient) -> None:
    """A message that repeats text of the request can't add markup."""
    page = await browser.get("/readyz", params={"part": "<script>alert(1)</script>"})
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "<script>alert" not in page.text


async def test_unknown_assets_are_not_found(browser: httpx2.AsyncClient) -> None:
    """Only the listed assets are served."""
    for name in ("app.py", "..%5Capp.py", "page.html"):
        assert (await browser.get(f"/assets/{name}")).status_code == 404


def test_the_sandbox_has_the_same_look() -> None:
    """The sandbox is its own distribution, so it has a copy of the stylesheet and the icon, and they are equal."""
    copies = Path(presswork_sandbox.__file__).parent / "templates"
    for name in ("presswork.css", "favicon.svg"):
        assert (copies / name).read_bytes() == (files("presswork.api.http") / "assets" / name).read_bytes(), name
