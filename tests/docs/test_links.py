"""The links of the documentation resolve."""

import functools
import re
from pathlib import Path

from tests.docs.pages import DOCS, ROOT, anchors, links, pages


def test_relative_links_resolve() -> None:
    """Each relative link names a file of the repository and, after `#`, one of its headings."""
    broken = [f"{page.relative_to(ROOT)}: {link}" for page in pages() for link in links(page) if is_broken(page, link)]
    assert broken == []


def is_broken(page: Path, link: str) -> bool:
    """Return whether a link of a page leads nowhere in the repository."""
    if "://" in link or link.startswith("mailto:"):
        return False
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return not target.exists() or (bool(anchor) and anchor not in anchors_of(target))


anchors_of = functools.cache(anchors)


def test_the_index_links_every_document() -> None:
    """docs/index.md links to every document in docs/, including the decision records."""
    named = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md")}
    assert {page for page in DOCS.rglob("*.md") if page.name != "index.md"} <= named


def test_packages_are_installed_from_files() -> None:
    """Our names are registered on no index, where another party could own them: no document installs by name."""
    names = r"(presswork|presswork-client|presswork-sandbox|n8n-nodes-presswork)"
    by_name = re.compile(
        rf"(?:pip|pipx|npm|uv tool) (?:install|i) (?:-\S+ )*'?{names}(?:\[\S*)?(?![\w/.-])|uvx {names}\b"
        r"|(?:podman|docker) pull \S*presswork|(?:ghcr|docker)\.io/\S*presswork|oci://\S*presswork|helm repo add \S*presswork"
    )
    readmes = [
        *ROOT.glob("sdk/*/README.md"),
        *ROOT.glob("packages/*/README.md"),
        *ROOT.glob("integrations/*/README.md"),
    ]
    source = ROOT / "console/src/screens/developers/firstCalls.ts"
    pages_of_users = [page for page in pages() if page.name != "CHANGELOG.md"]
    found = [
        f"{page.relative_to(ROOT)}: {one[0]}"
        for page in (*pages_of_users, *readmes, source)
        for one in by_name.finditer(page.read_text(encoding="utf-8"))
    ]
    assert found == []
