"""Parse the documentation: shell commands, links and headings."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
DOCS: Final = ROOT / "docs"

_FENCE: Final = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_LINK: Final = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_CODE: Final = re.compile(r"`[^`\n]*`")


def pages() -> Sequence[Path]:
    """Return every document in docs/ and at the root, and the README of the tests."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "tests" / "README.md"])


def shell_blocks(page: Path) -> Sequence[str]:
    """Return the `sh` blocks, in order: the commands for the reader."""
    return code_blocks(page, "sh")


def code_blocks(page: Path, kind: str) -> Sequence[str]:
    """Return the code blocks of a language, in order."""
    return [match["text"] for match in _FENCE.finditer(page.read_text(encoding="utf-8")) if match["kind"] == kind]


def prose(page: Path) -> str:
    """Return a document without its code blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a document's links."""
    yield from _LINK.findall(_CODE.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub generates them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in _HEADING.findall(prose(page))
    }
