"""The text of a post: how X counts it, what in it is a link, and what X shows of it. Pure.

Source: xdevplatform/docs (2026-08), "Counting characters" (twitter-text version 3), read 2026-11. X links a domain without a scheme, too,
where it has one of the endings that exist; here, that is every country's and the usual others.
"""

import re
import unicodedata
from html import unescape
from typing import Final

from wcwidth import iter_graphemes

from presswork.platforms.platform_text import is_same_text

MAX_WEIGHT: Final = 280
"""Of a text. Subscribers may write more, which Presswork does not know of an account."""
_URL_WEIGHT: Final = 23
_WIDE: Final = 2
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Ranges of code points that weigh 1; all others weigh 2."""
_ENDINGS: Final = (
    "com|org|net|edu|gov|int|mil|info|biz|name|pro|mobi|app|dev|page|site|online|shop|store|blog|news|live|tech|cloud|"
    "digital|agency|studio|design|media|photo|photos|video|music|art|cafe|bar|pub|restaurant|food|bio|coffee|pizza|wine|"
    "beer|travel|tours|hotel|house|home|garden|fashion|style|beauty|health|care|fit|yoga|club|fan|fun|games|social|chat|"
    "email|link|click|xyz|top|vip|world|earth|green|eco|energy|city|berlin|london|paris|nyc|wien|swiss|academy|school|"
    "college|university|science|foundation|charity|church|events|tickets|show|tv|radio|press|guide|wiki|software|systems|"
    "network|host|space|zone|center|company|business|services|solutions|consulting|expert|legal|law|finance|bank|money|"
    "jobs|work|works|team|group|global|international|today|life|love|family|kids|pet|dog|example|test"
)
_COUNTRIES: Final = (
    "a[cdefgilmoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[ceghrstu]|f[ijkmor]|"
    "g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|"
    "n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghiklmnorstuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|"
    "v[aceginu]|w[fs]|y[et]|z[amw]"
)
_URL: Final = re.compile(
    r"(?<![\w@.$#/-])(?:https?://[^\s<>\"]+"
    rf"|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS}|{_COUNTRIES})(?![\w.-]*\w)(?:/[^\s<>\"]*)?)",
    re.IGNORECASE,
)
_AFTER_URL: Final = ".,:;!?'\")]}…"
_EMOJI: Final = re.compile(
    "[\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}\N{ZERO WIDTH JOINER}\U0001f000-\U0001faff]"
)
"""What only the graphemes of emojis have, among those of several code points."""
_MENTION: Final = re.compile(r"(?<![\w@])@\w{1,15}\b", re.ASCII)
_CASHTAG: Final = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?\b")
_SHORTENED: Final = "://t.co/"


def count_weight(text: str) -> int:
    """Return the weighted length of a text: a URL counts 23, an emoji 2 whatever it is made of, most other letters 1 or 2."""
    total, place, normal = 0, 0, unicodedata.normalize("NFC", text)
    for match in _URL.finditer(normal):
        url = match[0].rstrip(_AFTER_URL)
        total += _weigh(normal[place : match.start()]) + _URL_WEIGHT
        place = match.start() + len(url)
    return total + _weigh(normal[place:])


def _weigh(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        _WIDE if len(cluster) > 1 and _EMOJI.search(cluster) else sum(map(_weigh_letter, cluster))
        for cluster in iter_graphemes(text)
    )


def _weigh_letter(letter: str) -> int:
    return 1 if any(first <= ord(letter) <= last for first, last in _LIGHT) else _WIDE


def has_url(text: str) -> bool:
    """Return whether a text has a link, which makes the post cost more."""
    return _URL.search(unicodedata.normalize("NFC", text)) is not None


def count_cashtags(text: str) -> int:
    """Return how many cashtags a text has, such as $ABC."""
    return len(_CASHTAG.findall(text))


def has_mention(text: str) -> bool:
    """Return whether a text mentions an account."""
    return _MENTION.search(text) is not None


def is_shown_as(shown: str, sent: str) -> bool:
    """Return whether a text that X shows is one that was sent: X replaces each link by one to t.co, and writes some characters as in
    HTML.
    """
    words, own = unescape(shown).split(), unicodedata.normalize("NFC", sent).split()
    return len(words) == len(own) and all(
        is_same_text(word, mine) or (_SHORTENED in word and "." in mine) for word, mine in zip(words, own, strict=True)
    )


def without_mentions(text: str) -> str:
    """Return the text of a reply without the accounts that it begins with: those that it answers."""
    words = unescape(text).split(" ")
    while len(words) > 1 and _MENTION.fullmatch(words[0]):
        del words[0]
    return " ".join(words)
