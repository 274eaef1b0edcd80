"""How X counts a post's text, and what it makes of the links in it.

Source: xdevplatform/docs (2026-08), "Counting characters" (twitter-text version 3), read 2026-11. A link is what begins with a
scheme, or a domain with a well-known ending: X's own list of endings is longer, and does not have reserved ones such as .example.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

import regex

MAX_WEIGHT: Final = 280
MAX_LONG_WEIGHT: Final = 25_000  # of subscribers
LINK_WEIGHT: Final = 23
EMOJI_WEIGHT: Final = 2
LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1; all others weigh 2."""
_ENDINGS: Final = "com|org|net|edu|gov|info|biz|io|co|dev|app|ai|me|tv|shop|store|news|blog|cafe|example|test"
_COUNTRIES: Final = "at|au|br|ca|ch|de|es|eu|fr|in|it|jp|nl|pl|pt|se|uk|us"
_LINK: Final = regex.compile(
    r"(?<![\w@.$#/-])(?:https?://[^\s<>\"]+"
    rf"|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS}|{_COUNTRIES})(?![\w.-]*\w)(?:/[^\s<>\"]*)?)",
    regex.IGNORECASE,
)
_TRAILING: Final = ".,:;!?'\")]}…"
_EMOJI: Final = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\uFE0F\u20E3"
)
_MENTION: Final = regex.compile(r"(?<![\w@])@(\w{1,15})\b", regex.ASCII)
_CASHTAG: Final = regex.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?\b")


def links_in(text: str) -> Sequence[tuple[int, int]]:
    """Return where the links of a text begin and end."""
    found = []
    for match in _LINK.finditer(text):
        url = match[0].rstrip(_TRAILING)
        if url:
            found.append((match.start(), match.start() + len(url)))
    return found


def weight_of(text: str) -> int:
    """Return the weighted length of a text: NFC first, a link counts as 23, an emoji as 2 whatever it is made of."""
    normal = unicodedata.normalize("NFC", text)
    total, place = 0, 0
    for start, end in links_in(normal):
        total += _weigh(normal[place:start]) + LINK_WEIGHT
        place = end
    return total + _weigh(normal[place:])


def _weigh(text: str) -> int:
    total = 0
    for cluster in regex.findall(r"\X", text):
        if _EMOJI.search(cluster) is not None:
            total += EMOJI_WEIGHT
        else:
            total += sum(1 if any(low <= ord(one) <= high for low, high in LIGHT) else 2 for one in cluster)
    return total


def mentions_in(text: str) -> frozenset[str]:
    """Return the handles that a text mentions, in lower case."""
    return frozenset(match[1].lower() for match in _MENTION.finditer(text))


def count_cashtags(text: str) -> int:
    """Return how many cashtags a text has."""
    return len(_CASHTAG.findall(text))
