"""What a post on X costs the operator of the app. Pure.

Source: xdevplatform/docs, "Pricing" (2026-04-20), read 2026-11. What counts as a link for the price is not documented: here, what counts as
one for the length. A refused call is taken to be free.
"""

from typing import Final

from presswork.platforms.port import Draft, Price
from presswork.platforms.rules import text_with
from presswork.platforms.x.text import has_url

_POST: Final = 15_000
_POST_WITH_LINK: Final = 200_000
_ALT_TEXT: Final = 5_000
"""Millionths of a dollar."""


def _price_text(text: str) -> int:
    return _POST_WITH_LINK if has_url(text) else _POST


def _price_post(draft: Draft, comment: str | None) -> int:
    """Return what a post costs with its alternative texts and its first comment; of a thread, what all parts cost."""
    texts = [text_with(part.caption, part.link) for part in (draft.each_part() or [draft])]
    described = sum(1 for media in draft.media if media.alt_text and not media.is_video)
    return sum(map(_price_text, texts)) + described * _ALT_TEXT + (_price_text(comment) if comment else 0)


PRICE: Final = Price(currency="USD", of_post=_price_post)
