"""`llms.txt`, a list of all pages for language models (llmstxt.org), and `llms-full.txt`, the texts of the guides."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from website.pages import Page, in_order

_ABOUT: Final = (
    "> Presswork is a publishing service: one API call publishes a finished video, picture, slideshow, text or link to many "
    "accounts on Instagram, TikTok, Threads, Facebook, YouTube, LinkedIn, Bluesky, Mastodon, X, Telegram and Pinterest, and nothing is posted twice. It is self-hosted; its API is described by OpenAPI 3.1 at /openapi.json."
)
_FULL: Final = frozenset({"Tutorials", "How-to guides", "Reference", "Explanation"})
_NOT_FULL: Final = ("api/", "cli.", "sandbox.", "sdk-python-reference", "sdk-typescript-reference")
"""Pages that would be most of the text, and that a program looks up one at a time."""


def index(pages: Sequence[Page]) -> str:
    """Return llms.txt. The URLs are those of the pages' Markdown, relative to the file."""
    return "\n".join(_index(pages))


def _index(pages: Sequence[Page]) -> Iterator[str]:
    yield "# Presswork"
    yield ""
    yield _ABOUT
    yield ""
    yield "Each URL below is the Markdown of a page; the page itself ends with .html. All guides in one file: llms-full.txt."
    for section, members in groupby(in_order(pages), key=lambda page: page.section):
        yield ""
        yield f"## {section or 'Start'}"
        yield ""
        for page in members:
            yield f"- [{page.title}]({page.path})" + (f": {page.about}" if page.about else "")
    yield ""


def full(pages: Sequence[Page]) -> str:
    """Return llms-full.txt: the tutorials, guides, explanations and error codes, each after its URL, without the longest references."""
    chosen = [page for page in in_order(pages) if page.section in _FULL and not page.path.startswith(_NOT_FULL)]
    return "\n\n".join(f"<!-- {page.path} -->\n\n{page.text.strip()}" for page in chosen) + "\n"
