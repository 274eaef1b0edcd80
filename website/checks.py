"""Check a built site: links and anchors resolve, every page can be reached, nothing is loaded from elsewhere, columns have names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

START: Final = "index.html"
_NOT_LINKED: Final = frozenset({"404.html"})
"""Pages that a web server shows, and no page links."""
_LOADED: Final = {"script": "src", "img": "src", "source": "src", "video": "src", "iframe": "src"}
_FOREIGN: Final = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^)'\"]+)")
_LOADING_LINKS: Final = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest"})


@dataclass(slots=True)
class Document(HTMLParser):
    """The anchors, URLs and names of columns of a page."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    _is_in_column: bool = False

    def __post_init__(self) -> None:
        """Begin parsing."""
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what a tag names."""
        values = {name: value or "" for name, value in attrs}
        if tag == "th":
            self.columns.append("")
        self._is_in_column = self._is_in_column or tag == "th"
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a":
            self.anchors.add(values.get("name", ""))
            if "href" in values:
                self.links.append(values["href"])
        elif tag in _LOADED and _LOADED[tag] in values:
            self.loads.append(values[_LOADED[tag]])
        elif tag == "link" and _LOADING_LINKS & set(values.get("rel", "").split()):
            self.loads.append(values.get("href", ""))

    def handle_data(self, data: str) -> None:
        """Collect the name of a column."""
        if self._is_in_column:
            self.columns[-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        """End the name of a column."""
        self._is_in_column = self._is_in_column and tag != "th"


def problems(site: Path) -> Sequence[str]:
    """Return everything that is wrong with a site, one a line."""
    documents = {str(path.relative_to(site)): _parsed(path) for path in sorted(site.rglob("*.html"))}
    linked, found = {START}, list[str]()
    for name, document in documents.items():
        if name in _NOT_LINKED:
            continue
        found += _of(name, document, documents, site, linked)
        if "" in document.columns:
            found.append(f"{name}: a table has a column without a name")
    for style in site.rglob("*.css"):
        for url in _FOREIGN.findall(style.read_text(encoding="utf-8")):
            found.append(f"{style.relative_to(site)}: loads {url} from another host")
    found += [f"{name}: no page links it" for name in sorted(documents.keys() - linked - _NOT_LINKED)]
    return found


def _of(
    name: str, document: Document, documents: Mapping[str, Document], site: Path, linked: set[str]
) -> Iterator[str]:
    for url in document.loads:
        parts = urlsplit(url)
        if parts.netloc:
            yield f"{name}: loads {url} from another host"
        elif parts.scheme != "data" and not (site / name).parent.joinpath(unquote(parts.path)).resolve().is_file():
            yield f"{name}: loads {url}, which does not exist"
    for url in document.links:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            continue
        target = (site / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site.resolve() / name
        if target.is_dir():
            target /= START
        if not target.is_relative_to(site.resolve()) or not target.is_file():
            yield f"{name}: links {url}, which does not exist"
            continue
        there = str(target.relative_to(site.resolve()))
        if there != name:
            linked.add(there)
        anchor = unquote(parts.fragment)
        if anchor and there in documents and anchor not in documents[there].anchors:
            yield f"{name}: links {url}, which has no such anchor"


def _parsed(path: Path) -> Document:
    document = Document()
    document.feed(path.read_text(encoding="utf-8"))
    return document
