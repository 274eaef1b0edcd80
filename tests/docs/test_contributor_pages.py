"""The pages for contributors name files that exist, and quote code as it is."""

import re
from pathlib import Path
from typing import Final

from tests.docs.pages import DOCS, ROOT, code_blocks, prose

PAGES: Final = (DOCS / "style.md", DOCS / "developing.md")
_PATH: Final = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/(?:[\w-]+\.\w+)?)`")
"""A file or, with a slash at its end, a folder: of the repository or of `src/presswork`."""
_GAP: Final = re.compile(r"^ *(?:#|--) …\n", re.MULTILINE)


def exists(path: str) -> bool:
    """Return whether a page may name this path."""
    return (ROOT / path).exists() or (ROOT / "src" / "presswork" / path).exists()


def missing_lines(block: str) -> list[str]:
    """Return the parts of an example that its file, which its first line names, does not have. `# …` is a gap."""
    first, _, example = block.partition("\n")
    text = Path(ROOT / first.lstrip("#- ")).read_text(encoding="utf-8")
    return [f"{first}: {part}" for part in _GAP.split(example) if part not in text]


def test_the_files_that_they_name_exist() -> None:
    """Each path between code marks is a file or folder."""
    named = {path for page in PAGES for path in _PATH.findall(prose(page))}
    assert len(named) > 50
    assert {path for path in named if not exists(path)} == set()


def test_the_examples_are_in_their_files() -> None:
    """Each example of Python and SQL is in the file that it names, apart from its gaps."""
    blocks = [block for page in PAGES for kind in ("python", "sql") for block in code_blocks(page, kind)]
    assert len(blocks) > 8
    assert [part for block in blocks for part in missing_lines(block)] == []
