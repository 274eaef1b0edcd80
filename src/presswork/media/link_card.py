"""The card of a link in a post: what its page says about itself, and the picture as it was stored."""

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

from pydantic import TypeAdapter

from presswork.core.json_text import JSONText
from presswork.media.fetch import FetchedPage
from presswork.media.model import Probe
from presswork.media.specs import ImageSpec

MAX_TITLE_CHARACTERS: Final = 400
"""LinkedIn's limit (general knowledge)."""
MAX_DESCRIPTION_CHARACTERS: Final = 1000
PICTURE: Final = ImageSpec(max_size_bytes=1_000_000, max_width=1280, max_height=1280)
"""The picture of a card: Bluesky accepts 1,000,000 bytes (lexicon app.bsky.embed.external, read 2026-08)."""
_NAMES: Final = {
    "title": ("og:title", "twitter:title"),
    "description": ("og:description", "twitter:description", "description"),
    "image_url": ("og:image:secure_url", "og:image", "twitter:image"),
}
"""The names of a page's `meta` elements that say something about it, the best first."""
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", re.IGNORECASE)
_CHARSET_WITHIN: Final = 4096
"""Bytes of a page in which its charset is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPicture:
    """The stored picture of a card."""

    asset_id: UUID
    object_key: str
    probe: Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """A link and its card, as a container stores it. What was not given and could not be read is None."""

    url: str
    title: str | None = None
    description: str | None = None
    image_url: str | None = None
    picture: CardPicture | None = None
    unreadable: str | None = None
    """Why its page or picture could not be read, as a sentence."""

    @property
    def texts(self) -> dict[str, str | None]:
        """What a reviewer sees of it, by the path of the field in responses."""
        return {
            "link.url": self.url,
            "link.title": self.title,
            "link.description": self.description,
            "link.imageUrl": self.image_url,
        }

    @property
    def picture_sha256(self) -> str | None:
        """The SHA-256 of the stored picture, as hex, or None without one."""
        return None if self.picture is None else self.picture.probe.sha256

    def filled(self, page: "LinkCard") -> "LinkCard":
        """Return the card with what only its page says."""
        return replace(
            self,
            title=self.title or page.title,
            description=self.description or page.description,
            image_url=self.image_url or page.image_url,
        )


_CARD: Final = TypeAdapter(LinkCard)


def parse_card(text: str | None) -> LinkCard | None:
    """Return a stored card. Raises pydantic.ValidationError on anything else."""
    return None if text is None else _CARD.validate_json(text)


def serialize_card(card: LinkCard | None) -> JSONText | None:
    """Return a card in the form that is stored."""
    return None if card is None else JSONText(_CARD.dump_json(card, exclude_none=True).decode())


def read_page(url: str, page: FetchedPage) -> LinkCard:
    """Return what a web page says about itself."""
    head = _Head()
    head.feed(_decode(page))
    head.close()
    found = {
        field: next((head.meta[name] for name in names if name in head.meta), None) for field, names in _NAMES.items()
    }
    image_url = found["image_url"]
    return LinkCard(
        url=url,
        title=_cut(found["title"] or head.title, MAX_TITLE_CHARACTERS),
        description=_cut(found["description"], MAX_DESCRIPTION_CHARACTERS),
        image_url=None if image_url is None else urljoin(page.final_url, image_url),
    )


def _decode(page: FetchedPage) -> str:
    named = _CHARSET.search(page.body[:_CHARSET_WITHIN])
    charset = page.charset or (named[1].decode("ascii") if named else "utf-8")
    try:
        return page.body.decode(charset, "replace")
    except LookupError:
        return page.body.decode("utf-8", "replace")


def _cut(text: str | None, max_characters: int) -> str | None:
    """Return a text in one line, cut between words where it is too long; None for an empty one."""
    line = "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable())
    if len(line) <= max_characters:
        return line or None
    kept = line[: max_characters - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"


class _Head(HTMLParser):
    """Reads the title and the `meta` elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.meta: dict[str, str] = {}
        self._is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the first of each name; an empty one counts as none."""
        attributes = dict(attrs)
        name = (attributes.get("property") or attributes.get("name") or "").lower()
        content = (attributes.get("content") or "").strip()
        if tag == "meta" and name and content:
            self.meta.setdefault(name, content)
        self._is_in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        """End the title."""
        if tag == "title":
            self._is_in_title = False

    def handle_data(self, data: str) -> None:
        """Collect the title."""
        if self._is_in_title:
            self.title += data
