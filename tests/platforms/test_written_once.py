"""A limit of a platform is written once, in its rules: the forms, the documents and the messages read it."""

import re
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Final

from presswork.platforms.limits import LimitSubject
from presswork.platforms.names import PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.registry import rules_of

_ROOT: Final = Path(__file__).parents[2]
_PLATFORMS: Final = _ROOT / "src" / "presswork" / "platforms"
_FOLDERS: Final = {PlatformName.FACEBOOK: "facebook_pages"}
"""Those that are not named like the platform."""
_FORMS: Final = (
    "console/src/platforms",
    "console/src/screens/compose",
    "console/src/screens/library",
    "integrations/n8n/nodes/Presswork/resources",
    "src/presswork/tiktok_posting",
)
"""Where a person or a workflow writes a post."""
_DOCUMENTS: Final = (
    "*.md",
    "docs/*.md",
    "src/presswork/locales/*.po",
    "src/presswork/**/*.html",
    "src/presswork/**/*.toml",
)
_GENERATED: Final = {"platform-limits.md"}
_OTHER_FACTS: Final = {
    "sandbox.md": "the sandbox's own, written from the documentation of the platforms",
    "CHANGELOG.md": "of the versions that it is about",
}
_OF_API: Final = {
    ("api-guide.md", "63,206 characters"),
    ("api-guide.md", "4,000 characters"),
    ("discussion.md", "5,000 characters"),
    ("labels-and-snippets.md", "63,206 characters"),
    ("api-guide.md", "1,024 characters"),
    ("review-links.md", "1,024 characters"),
}
"""What the API accepts in captions, snippets, notes and the discussion, whatever the platform."""
_COMMON: Final = {*range(20), 100, 1024}
"""Numbers that forms have for other reasons, such as percentages and units of bytes."""
_LIMIT: Final = r"(?i:limit|max\w*|most|up to)\W{1,4}"


def _max_of_texts(name: PlatformName) -> Set[int]:
    texts = {LimitSubject.CAPTION, LimitSubject.FIRST_COMMENT}
    return {int(row.max) for row in rules_of(name).rows() if row.subject in texts and row.max is not None}


def _long_texts() -> Iterator[tuple[PlatformName, int]]:
    """Yield the lengths of texts of each platform. Smaller numbers are counts of hashtags, mentions and links."""
    return ((name, number) for name in PlatformName for number in _max_of_texts(name) if number >= 300)


def _written(number: int) -> str:
    """Return a pattern of the ways to write a number."""
    return rf"(?<![\w.,])(?:{number}|{number:_}|{number:,}|{f'{number:,}'.replace(',', '[.]')})(?![\w%]|[.,]\d)"


def test_the_code_of_a_platform_writes_a_length_once() -> None:
    """Rules, connectors and the messages of error tables have one constant. A line about HTTP statuses is about another number."""
    counted = Counter(
        (name.value, number)
        for name, number in _long_texts()
        for path in (_PLATFORMS / _FOLDERS.get(name, name.value)).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(_written(number), line) and "status" not in line and "must be at most" not in line
    )
    assert counted == dict.fromkeys(((name.value, number) for name, number in _long_texts()), 1)


def test_no_limit_is_written_in_a_form() -> None:
    """Compose, the n8n nodes and TikTok's posting page have neither the length of a text nor the bound of an option."""
    bounds = re.findall(r"'max(?:Length|Items)': (\d+)", str([one.json_schema() for one in OPTIONS]))
    numbers = ({number for _, number in _long_texts()} | {int(bound) for bound in bounds}) - _COMMON
    assert numbers >= {300, 1250, 2200, 3000, 8000, 63206, 90, 255}
    found = {
        f"{path.relative_to(_ROOT)}: {number}"
        for folder in _FORMS
        for path in (_ROOT / folder).rglob("*.*")
        if path.suffix in {".ts", ".tsx", ".py"} and ".test." not in path.name
        for number in numbers
        if re.search((_LIMIT if number < 1000 else "") + _written(number), path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_document_repeats_a_length() -> None:
    """Documents and pages link the page of limits, which is generated, or get the number."""
    units = r"\s+(?:\w+\s+)?(?:characters|bytes|(?:UTF-16 )?units|graphemes|code points|Zeichen)"
    pages = {page for pattern in _DOCUMENTS for page in _ROOT.glob(pattern)}
    found = {
        (page.name, match)
        for page in pages
        if page.name not in _GENERATED | _OTHER_FACTS.keys()
        for _, number in _long_texts()
        for match in re.findall(_written(number) + units, page.read_text(encoding="utf-8"))
    }
    assert found - _OF_API == set()
