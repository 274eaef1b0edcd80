"""Splitting texts into the parts of a thread: nothing is lost, nothing is too long, and nothing is torn."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from presswork.platforms.bluesky.record import spans
from presswork.platforms.bluesky.rules import SPLITTER as BLUESKY
from presswork.platforms.parts import MAX_PARTS
from presswork.platforms.text_splitter import TextSplitter, Unsplittable
from presswork.platforms.threads.rules import SPLITTER as THREADS

SHORT: Final = TextSplitter(fits=lambda text: len(text) <= 40)
_NUMBER: Final = re.compile(r" \d{1,2}/\d{1,2}$")
_WHOLE: Final = re.compile(r"https?://\S+|[@#]\S+|\w+")

_WORDS: Final = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        [
            "https://bakery.example/menu?a=1,2。x",
            "@rye.bakery.example",
            "#bread",
            "👩‍👩‍👧",
            "é" * 3,
            "e\u0301",
            "z.B.",
            "3.",
            "Ende.",
            "終わり。「次」",
        ]
    ),
)
TEXTS: Final = st.lists(st.tuples(_WORDS, st.sampled_from([" ", "  ", "\n", "\n\n", ". ", "! ", "。", ""]))).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def _without_white(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("splitter", [SHORT, THREADS, BLUESKY], ids=["short", "threads", "bluesky"])
@given(text=TEXTS, is_numbered=st.booleans())
@example(text="Rye. " * 30, is_numbered=True)
@example(text=" \u0301" * 60, is_numbered=False)
def test_no_part_tears_or_loses_anything(splitter: TextSplitter, text: str, *, is_numbered: bool) -> None:
    """The parts are the text without the white space at the cuts, each within the limit, and cut only between whole things."""
    try:
        parts = splitter.split(text, is_numbered=is_numbered)
    except Unsplittable:
        return
    if len(parts) == 1:
        assert parts == (text,)
        assert splitter.fits(text.strip())
        return
    assert all(map(splitter.fits, parts))
    assert len(parts) <= MAX_PARTS
    if is_numbered:
        assert [part.rpartition(" ")[2] for part in parts] == [f"{n}/{len(parts)}" for n in range(1, len(parts) + 1)]
        parts = [_NUMBER.sub("", part) for part in parts]
    assert all(parts)
    assert _without_white("".join(parts)) == _without_white(text)
    at, cuts = 0, list[tuple[int, int]]()
    for part in parts:
        begin = text.index(part, at)
        assert not text[at:begin].strip()
        cuts.append((at, begin))
        at = begin + len(part)
    ends = {0, len(text)}
    place = 0
    for grapheme in iter_graphemes(text):
        place += len(grapheme)
        ends.add(place)
    for end, begin in cuts[1:]:
        assert {end, begin} <= ends
        assert not any(start < cut < stop for start, stop in map(_span, _WHOLE.finditer(text)) for cut in (end, begin))


def _span(match: re.Match[str]) -> tuple[int, int]:
    return match.span()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Short.", ["Short."]),
        ("One sentence is here. Another one follows it.", ["One sentence is here.", "Another one follows it."]),
        ("A first line\nA second line that is longer", ["A first line", "A second line that is longer"]),
        (
            "It opens at 7, e.g. on Sundays and at Easter. Closed later",
            ["It opens at 7, e.g. on Sundays and at", "Easter. Closed later"],
        ),
        (
            "パンは朝七時に焼けます。「ライ麦もあります。」土曜日にはスペルト小麦のパン、それからクロワッサンを焼きます。",
            [
                "パンは朝七時に焼けます。「ライ麦もあります。」",
                "土曜日にはスペルト小麦のパン、それからクロワッサンを焼きます。",
            ],
        ),
    ],
)
def test_cuts_at_sentences(text: str, parts: list[str]) -> None:
    """A text is cut after the last sentence or line that fits; where none fits, after a word."""
    assert list(SHORT.split(text, is_numbered=False)) == parts


@pytest.mark.parametrize(
    ("text", "reason"),
    [("https://bakery.example/" + "a" * 60, "part_unsplittable"), ("word " * 10 * (MAX_PARTS + 1), "part_count")],
)
def test_why_a_text_makes_no_thread(text: str, reason: str) -> None:
    """A word that is longer than a part, and a text that makes too many, are refused with a sentence."""
    with pytest.raises(Unsplittable) as refused:
        SHORT.split(text, is_numbered=False)
    assert refused.value.reason == reason
    assert refused.value.sentence.endswith(".")


def test_each_platform_counts_itself() -> None:
    """Threads counts bytes, Bluesky what people see as characters; a link that both find whole stays whole."""
    text = "Käse und Brot. " * 60 + "https://bakery.example/a"
    of_threads, of_bluesky = THREADS.split(text, is_numbered=True), BLUESKY.split(text, is_numbered=True)
    assert max(len(part.encode()) for part in of_threads) <= 500 < max(map(len, of_threads)) + 40
    assert all(len(list(iter_graphemes(part))) <= 300 for part in of_bluesky)
    measure: Callable[[str], int] = lambda part: sum(1 for _ in spans(part))  # noqa: E731  used once
    assert sum(map(measure, of_bluesky)) == sum(1 for _ in spans(text))
