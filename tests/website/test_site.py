"""The documentation site: it builds without a problem, works from its files alone, and has a page for everything."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser
from tests.api_server import shared_routes
from tests.browsers import findings_of_axe
from tests.docs.pages import DOCS
from website.__main__ import build

from presswork.api.http.error_guide import error_guide
from presswork.core.errors import IssueCode
from presswork.platforms.options import OptionCode
from website import checks, error_pages

OF_THE_GENERATOR = ("landmark-unique", "scrollable-region-focusable")
"""What axe finds about the markup of Zensical itself."""

pytestmark = pytest.mark.timeout(600)  # a build takes ten seconds of one core


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sequence[str]]:
    """The site, and what is wrong with it."""
    folder = tmp_path_factory.mktemp("website")
    return folder / "site", build(folder / "site", folder / "work")


@pytest.mark.slow
async def test_the_site_is_complete(built: tuple[Path, Sequence[str]], browser: Browser) -> None:
    """Links and anchors hold, each code and call is on a page, llms.txt lists all, and the search works from file://."""
    site, problems = built
    assert problems == []
    for name in error_guide().names():
        assert f"<code>{name}</code>" in _text(site / "errors" / "index.html")
        assert re.search(rf"<h1[^>]*>{name}", _text(site / "errors" / f"{name}.html")), name
    assert all(f'id="{issue}"' in _text(site / "errors" / "VALIDATION.html") for issue in (*IssueCode, *OptionCode))

    reference = "".join(_text(path) for path in (site / "api").glob("*.html"))
    document = shared_routes().openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"].replace("_", "-")}"' in reference, f"{method} {path}"
    assert all(f'id="{name.lower()}"' in reference for name in document["components"]["schemas"])

    for language in ("python", "typescript"):  # the repository's documents can only link a heading of the guide
        links = (f'href="sdk-{language}.html#reference"', f'href="sdk-{language}-reference.html"')
        for name in ("index.html", f"sdk-{language}.html", "coming-from-layers.html"):
            article = _text(site / name).partition("<article")[2]
            assert links[0] not in article, name
        assert all(links[1] in _text(site / name) for name in ("index.html", f"sdk-{language}.html"))

    listed = set(re.findall(r"^- \[.+?\]\((.+?)\)", _text(site / "llms.txt"), re.MULTILINE))
    pages = {str(path.relative_to(site).with_suffix(".md")) for path in site.rglob("*.html")} - {"404.md"}
    assert listed == pages
    assert all((site / path).is_file() for path in listed)
    assert 100_000 < (site / "llms-full.txt").stat().st_size < 1_000_000

    await _search(site, browser)
    assert await _findings(site, browser, "errors/NOT_FOUND.html") == {}


@pytest.mark.exhaustive
@pytest.mark.slow
async def test_long_pages_are_accessible(built: tuple[Path, Sequence[str]], browser: Browser) -> None:
    """Those of each kind, with all rules of axe in both themes."""
    site, _ = built
    paths = ("index.html", "api-guide.html", "errors/VALIDATION.html", "api/approval.html")
    assert await _findings(site, browser, *paths, every_rule_in_dark=True) == {}


async def _findings(
    site: Path, browser: Browser, *paths: str, every_rule_in_dark: bool = False
) -> Mapping[str, Sequence[str]]:
    """Return what axe finds, by page."""
    found = {}
    page = await browser.new_page()
    for path in paths:
        await page.goto((site / path).as_uri(), timeout=60_000)
        findings = await findings_of_axe(page, leave_out=OF_THE_GENERATOR, every_rule_in_dark=every_rule_in_dark)
        if findings:
            found[path] = findings
    return found


async def _search(site: Path, browser: Browser) -> None:
    """Search for a word in the files, without a web server; no page asks another host for anything."""
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto((site / "index.html").as_uri())
    await page.keyboard.press("/")
    await page.locator("input:focus").wait_for()
    await page.keyboard.type("CREDENTIAL_INVALID", delay=20)
    await page.locator("a[href*='CREDENTIAL_INVALID']").first.wait_for(timeout=60_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []


def test_the_tables_of_codes_are_current() -> None:
    """The documents have the texts of error_guide.toml. If not, run `make docs`."""
    assert {name: _text(DOCS / name) for name in error_pages.tables()} == error_pages.tables()


def test_the_check_finds_what_is_wrong(tmp_path: Path) -> None:
    """Missing files and anchors, a page that no page links, what is loaded from another host, and unnamed columns are reported."""
    (tmp_path / "index.html").write_text(
        '<h1 id="top">x</h1><a href="gone.html">x</a><a href="#low">x</a><a href="#top">x</a>'
        '<script src="https://cdn.example.com/x.js"></script>'
    )
    (tmp_path / "alone.html").write_text('<a href="alone.html">x</a>')
    (tmp_path / "x.css").write_text("@font-face { src: url(https://fonts.example.com/x.woff2) }")
    (tmp_path / "index.html").write_text(
        (tmp_path / "index.html").read_text() + "<table><tr><th>a<th><code>b</code></th><th> </th></tr></table>"
    )
    assert sorted(line.partition(": ")[2] for line in checks.problems(tmp_path)) == [
        "a table has a column without a name",
        "links #low, which has no such anchor",
        "links gone.html, which does not exist",
        "loads https://cdn.example.com/x.js from another host",
        "loads https://fonts.example.com/x.woff2 from another host",
        "no page links it",
    ]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
