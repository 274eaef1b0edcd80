"""Stage the documents of the repository: which pages the site has, in which section, and where their links lead."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
INDEX: Final = DOCS / "index.md"
PROJECT: Final = "Project"
"""The section of documents outside docs/, such as the changelog and the READMEs of packages."""

_FENCE: Final = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"`[^`\n]*`|\]\((?P<target>[^)\s]+)\)")
_LABELED: Final = re.compile(r"`[^`\n]*`|\[(?P<label>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)


class BrokenLink(Exception):
    """A link of a document leads to no file of the repository; the message names both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the site. `path` is that of its Markdown file, relative to the site; `about` may be empty."""

    path: str
    title: str
    section: str
    text: str
    group: str = ""
    """Of the pages of a section that are folded in the navigation."""
    about: str = ""

    @property
    def url(self) -> str:
        """The page's file in the site."""
        return f"{self.path.removesuffix('.md')}.html"


def title_of(text: str) -> str:
    """Return the first heading without its code marks."""
    found = _TITLE.search(text)
    return found[1].replace("`", "").strip() if found else ""


ReplacedHeadings = Mapping[tuple[Path, str], str]
"""By a document and the anchor of one of its headings, the generated page to which links to the heading lead on the site."""


def staged(replaced: ReplacedHeadings) -> tuple[Sequence[Page], Mapping[str, Path]]:
    """Return the pages that are documents, and the other files that they link, by their path in the site.

    The sections are the headings of docs/index.md, their pages the links below each, in that order; a page that has no link
    there is in the section of the project. Raises BrokenLink.
    """
    places, sections = _places()
    pages, files = list[Page](), dict[str, Path]()
    waiting = list(places)
    for source in waiting:
        for target in _targets(source):
            if target.suffix == ".md" and target not in places:
                places[target] = _project_place(target)
                sections[target] = PROJECT, ""
                waiting.append(target)
            elif target.is_file() and target.suffix != ".md":
                files[_file_place(target)] = target
    for source, place in places.items():
        text = _relinked(source, places, replaced)
        section, about = sections[source]
        group = "Decisions" if source.parent.name == "decisions" else ""
        pages.append(
            Page(
                path=place,
                title=title_of(text),
                section=PROJECT if group else section,
                text=text,
                group=group,
                about=about,
            )
        )
    return pages, files


def _places() -> tuple[dict[Path, str], dict[Path, tuple[str, str]]]:
    """Return each document that docs/index.md links, with its path in the site, and its section and subject."""
    text = INDEX.read_text(encoding="utf-8")
    places, sections = {INDEX: "index.md"}, {INDEX: ("", "")}
    _, *parts = _SECTION.split(text)
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        for line in body.splitlines():
            about = line.strip("| ").partition(" | ")[0] if line.startswith("| ") else ""
            for found in re.finditer(r"\]\(([^)#\s]+\.md)\)", line):
                target = (DOCS / found[1]).resolve()
                is_document = target.is_relative_to(DOCS)
                place = str(target.relative_to(DOCS)) if is_document else _project_place(target)
                places.setdefault(target, place)
                sections.setdefault(target, (heading if is_document and about else PROJECT, about))
    return places, sections


def _project_place(source: Path) -> str:
    return f"project/{'-'.join(source.relative_to(ROOT).parts).lower()}"


def _file_place(source: Path) -> str:
    inside = source.is_relative_to(DOCS) and source.parent != DOCS
    return str(source.relative_to(DOCS)) if inside else f"files/{source.relative_to(ROOT)}"


def _targets(source: Path) -> Iterator[Path]:
    for part in _FENCE.split(source.read_text(encoding="utf-8")):
        if not part.startswith("```"):
            for found in _LINK.finditer(part):
                target = _local(source, found["target"])
                if target is not None:
                    yield target


def _local(source: Path, link: str | None) -> Path | None:
    """Return the file that a link leads to, or None for another URL and for a heading of the same page."""
    if link is None or "://" in link or link.startswith(("#", "mailto:")):
        return None
    target = (source.parent / link.partition("#")[0]).resolve()
    if not target.exists():
        raise BrokenLink(f"{source.relative_to(ROOT)} links {link}, which does not exist.")
    return target


def _relinked(source: Path, places: Mapping[Path, str], replaced: ReplacedHeadings) -> str:
    """Return a document's text with the links of the site. A folder has no page: its link becomes plain text."""
    here = Path(places[source]).parent

    def relink(found: re.Match[str]) -> str:
        name, mark, anchor = (found["target"] or "").partition("#")
        target = _local(source, found["target"]) if name else source
        if target is not None and (page := replaced.get((target, anchor))) is not None:
            return f"[{found['label']}]({os.path.relpath(page, here)})"
        if target is None or not name:
            return found[0]
        if target.is_dir():
            return str(found["label"])
        place = places[target] if target.suffix == ".md" else _file_place(target)
        return f"[{found['label']}]({os.path.relpath(place, here)}{mark}{anchor})"

    return _outside_code(source.read_text(encoding="utf-8"), lambda part: _LABELED.sub(relink, part))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


def in_order(pages: Sequence[Page]) -> Sequence[Page]:
    """Return the pages by section, those of the project last."""
    sections = list(dict.fromkeys(page.section for page in pages if page.section != PROJECT))
    return sorted(pages, key=lambda page: [*sections, PROJECT].index(page.section))


def navigation(pages: Sequence[Page]) -> str:
    """Return the value of `nav`, as TOML: the sections, in them the groups, and in those the pages."""
    tree: dict[str, dict[str, list[Page]]] = {}
    for page in in_order(pages):
        tree.setdefault(page.section, {}).setdefault(page.group, []).append(page)
    entries = [_entry(page) for page in tree.pop("", {}).get("", [])]
    for section, groups in tree.items():
        inside = [_entry(page) for page in groups.pop("", [])]
        inside += [_table(group, f"[{', '.join(map(_entry, below))}]") for group, below in groups.items()]
        entries.append(_table(section, f"[{', '.join(inside)}]"))
    return f"[{', '.join(entries)}]"


def _entry(page: Page) -> str:
    return _table(page.title, _quoted(page.path))


def _table(name: str, value: str) -> str:
    return f"{{ {_quoted(name)} = {value} }}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
