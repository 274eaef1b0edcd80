"""The references of the clients, which `sdk/generator` writes from the OpenAPI document: pages of the site, not files in docs/."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from generator.openapi import read
from generator.reference import LANGUAGES, write
from website.pages import DOCS, Page

HEADING: Final = "reference"
"""The heading of a client's guide that says how to get its reference. On the site a link to it leads to the reference."""


def pages(document: Mapping[str, Any]) -> Sequence[Page]:  # Any: nested JSON values of all types
    """Return the reference of each client."""
    api = read(document)
    return [
        Page(
            path=language.page,
            title=f"The {language.name} client: reference",
            section="Reference",
            text=write(api, language),
            about=f"look up a method of the {language.name} client",
        )
        for language in LANGUAGES
    ]


def headings() -> Mapping[tuple[Path, str], str]:
    """Return the pages that replace headings of documents, as `pages.staged` takes them."""
    return {(DOCS / language.guide, HEADING): language.page for language in LANGUAGES}
