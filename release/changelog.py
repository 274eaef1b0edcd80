"""CHANGELOG.md: the section of a version, and the notes under "Unreleased" that a release moves into it."""

import re
from typing import Final

HEADINGS: Final = ("Before you upgrade", "Added", "Changed", "Fixed", "Security")
_HEADING: Final = re.compile(r"^### (.+)\n", re.MULTILINE)
_UNRELEASED: Final = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def section_of(version: str, changelog: str) -> str:
    """Return the section of a version without those of others; empty if there is none."""
    _, found, rest = changelog.partition(f"\n## {version} (")
    section, _, _ = rest.partition("\n## ")
    return f"## {version} ({section}" if found else ""


def unreleased_notes(changelog: str) -> str:
    """Return what is under "Unreleased"; empty if there is no such part."""
    found = _UNRELEASED.search(changelog)
    return found[1] if found else ""


def merge_notes(section: str, unreleased: str) -> str:
    """Return a section with the unreleased notes under its headings, after its own. Raises ValueError for another heading."""
    title, _, notes = section.partition("\n")
    groups = {heading: list[str]() for heading in HEADINGS}
    for text in (notes, unreleased):
        _, *parts = _HEADING.split(text)
        for heading, body in zip(parts[::2], parts[1::2], strict=True):
            if heading not in groups:
                raise ValueError(
                    f"CHANGELOG.md: {heading!r} is no heading of a release. Use one of {', '.join(HEADINGS)}."
                )
            groups[heading].append(body.strip())
    filled = [f"### {heading}\n\n" + "\n\n".join(bodies) for heading, bodies in groups.items() if bodies]
    return "\n\n".join([title, *filled]) + "\n"


def release_notes(version: str, changelog: str) -> str:
    """Return the changelog with the unreleased notes in the section of a version, which towncrier has begun."""
    unreleased = unreleased_notes(changelog)
    section = section_of(version, changelog)
    if not unreleased or not section:
        return changelog
    merged = merge_notes(section, unreleased)
    return _UNRELEASED.sub("", changelog).replace(section.strip(), merged.strip())
