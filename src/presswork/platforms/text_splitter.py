"""Splits a long text into the parts of a thread, at sentences where that is possible. Pure.

A text is cut at white space, or after a full stop or comma of scripts that are written without spaces: never inside a word, a link,
a mention, a hashtag or a grapheme. Nothing is lost but the white space at a cut.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from wcwidth import iter_graphemes

from presswork.platforms.parts import MAX_PARTS

_WHOLE: Final = re.compile(r"(?:https?://|www\.)\S+|[@#＠＃][^\s]+", re.IGNORECASE)
"""What is not cut, although it may contain punctuation."""
_SENTENCE_ENDS: Final = ".!?…"
_WIDE_SENTENCE_ENDS: Final = "。！？｡"
_WIDE_STOPS: Final = f"{_WIDE_SENTENCE_ENDS}、，；：､"
"""Punctuation after which scripts without spaces can be cut."""
_CLOSING: Final = "\"'”’»)]」』）】"
_AT_WIDE_CUT: Final = frozenset(_WIDE_STOPS + _CLOSING)
_NUMBERED_ITEM: Final = re.compile(r"\W?\d{1,3}\.")
"""A number with a stop: an ordinal, or the number of an item."""


class Unsplittable(Exception):
    """The text makes no thread."""

    def __init__(self, sentence: str, reason: str) -> None:
        """`sentence` says why and what to do; `reason` names it for programs."""
        super().__init__(sentence)
        self.sentence: Final = sentence
        self.reason: Final = reason


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text that is not cut, without the white space after it."""

    start: int
    end: int
    ends_sentence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSplitter:
    """Splits texts by one platform's own counting."""

    fits: Callable[[str], bool]
    """Whether the platform accepts a text in one post. A text that begins another one that fits, fits too."""

    def split(self, text: str, *, is_numbered: bool) -> Sequence[str]:
        """Return the parts in order; a text that fits is the only one, as it is.

        `is_numbered` adds the place of each part and their number, like 2/5. Raises Unsplittable.
        """
        if self.fits(text.strip()):
            return (text,)
        if not is_numbered:
            return self._cut(text, suffix="")
        for longest in (" 9/9", f" {MAX_PARTS}/{MAX_PARTS}"):
            parts = self._cut(text, suffix=longest)
            numbers = [f" {place}/{len(parts)}" for place in range(1, len(parts) + 1)]
            if len(numbers[-1]) <= len(longest):
                return [part + number for part, number in zip(parts, numbers, strict=True)]
        raise AssertionError("a thread has no more parts than two digits can count")

    def _cut(self, text: str, *, suffix: str) -> Sequence[str]:
        source, waiting, parts = _list_pieces(text), list[_Piece](), list[str]()
        while waiting or (waiting := list(islice(source, 1))):
            if len(parts) == MAX_PARTS:
                sentence = (
                    f"The text makes more than {MAX_PARTS} parts, which is the most that a thread has. Shorten it."
                )
                raise Unsplittable(sentence, "part_count")
            count = self._count_fitting(text, waiting, source, suffix)
            if count == 0:
                word = text[waiting[0].start : waiting[0].end]
                raise Unsplittable(
                    f"“{word[:40]}…” is longer than a part can be, and is not cut. Shorten it, or send `parts`.",
                    "part_unsplittable",
                )
            if count < len(waiting):  # else the text ends here
                count = next((place for place in range(count, 0, -1) if waiting[place - 1].ends_sentence), count)
            parts.append(text[waiting[0].start : waiting[count - 1].end])
            del waiting[:count]
        return parts

    def _count_fitting(self, text: str, waiting: list[_Piece], source: Iterator[_Piece], suffix: str) -> int:
        """Return how many of the next pieces fit into one part; `waiting` grows by those that were read for it."""

        def fits(count: int) -> bool:
            return self.fits(text[waiting[0].start : waiting[count - 1].end] + suffix)

        fitting, tried = 0, 1
        while True:
            waiting += islice(source, max(tried - len(waiting), 0))
            tried = min(tried, len(waiting))
            if tried == fitting:  # the text ends here
                return fitting
            if not fits(tried):
                break
            fitting, tried = tried, 2 * tried
        while tried - fitting > 1:
            middle = (fitting + tried) // 2
            fitting, tried = (middle, tried) if fits(middle) else (fitting, middle)
        return fitting


def _list_pieces(text: str) -> Iterator[_Piece]:
    """Yield the pieces of a text in order."""
    wholes = [match.span() for match in _WHOLE.finditer(text)]
    start: int | None = None
    end = at = 0
    for grapheme in iter_graphemes(text):
        if start is not None and end < at and not grapheme.isspace():  # the white space after a piece is over
            yield _Piece(start, end, _ends_sentence(text, start, end, at))
            start = None
        if not grapheme.isspace():
            start, end = at if start is None else start, at + len(grapheme)
            while wholes and wholes[0][1] <= at:
                del wholes[0]
            if not (wholes and wholes[0][0] <= at) and (stop := _find_wide_stop(text, start, end)):
                yield _Piece(start, end, stop in _WIDE_SENTENCE_ENDS)
                start = None
        at += len(grapheme)
    if start is not None:
        yield _Piece(start, end, ends_sentence=True)


def _find_wide_stop(text: str, start: int, end: int) -> str | None:
    """Return the punctuation after which a text without spaces can be cut at `end`; what closes after it stays with it."""
    if text[end - 1] not in _AT_WIDE_CUT or text[end : end + 1] in _AT_WIDE_CUT:
        return None
    stop = text[start:end].rstrip(_CLOSING)[-1:]
    return stop if stop and stop in _WIDE_STOPS else None


def _ends_sentence(text: str, start: int, end: int, following: int) -> bool:
    """Whether a sentence or a line ends with the piece before `end`; the next piece begins at `following`."""
    if "\n" in text[end:following]:
        return True
    piece = text[start:end].rstrip(_CLOSING)
    if not piece.endswith(tuple(_SENTENCE_ENDS + _WIDE_SENTENCE_ENDS)) or _NUMBERED_ITEM.fullmatch(piece):
        return False
    return not text[following].islower()  # as after an abbreviation
