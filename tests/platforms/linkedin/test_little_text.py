"""Captions as LinkedIn's little text: what is escaped, and which elements stay."""

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.platforms.rows import each_row

from presswork.platforms.linkedin.notation import escaped, little_text, utf16_units, visible

RESERVED = "\\|{}@[]()<>#*_~"


def test_exactly_the_documented_characters_are_reserved() -> None:
    """All fifteen are escaped, and no other ASCII character is."""
    ascii_characters = [chr(code) for code in range(32, 127)]
    assert [one for one in ascii_characters if escaped(one) != one] == sorted(RESERVED)
    assert all(escaped(one) == f"\\{one}" for one in RESERVED)


@each_row(
    ("caption", "sent"),
    [
        ("", ""),
        ("Fresh bread, 40 % off!", "Fresh bread, 40 % off!"),
        ("(a) [b] {c} <d>", r"\(a\) \[b\] \{c\} \<d\>"),
        ("a_b *c* ~d~ e|f", r"a\_b \*c\* \~d\~ e\|f"),
        ("C:\\temp\\", r"C:\\temp\\"),
        (r"\(", r"\\\("),
        ("me@example.com", r"me\@example.com"),
        ("@brand", r"\@brand"),
        ("#bread and #rolls!", "#bread and #rolls!"),
        ("(#bread)", r"\(#bread\)"),
        ("#brot_und_rolls", r"\#brot\_und\_rolls"),
        ("#1 #2026", r"\#1 \#2026"),
        ("#3loaves #漢字 #Brötchen", "#3loaves #漢字 #Brötchen"),
        ("C# ##x #", r"C\# \#\#x \#"),
        ("https://example.com/a_b#c", r"https://example.com/a\_b\#c"),
        ("Thanks @[Acme (UK)](urn:li:organization:12)!", r"Thanks @[Acme \(UK\)](urn:li:organization:12)!"),
        ("@[Ann](urn:li:person:a-B1)", "@[Ann](urn:li:person:a-B1)"),
        ("@[Ann](urn:li:share:1)", r"\@\[Ann\]\(urn:li:share:1\)"),
        ("@[](urn:li:person:1)", r"\@\[\]\(urn:li:person:1\)"),
        ("🎬 (漢)", r"🎬 \(漢\)"),
        ("a\n(b)\n", "a\n\\(b\\)\n"),
    ],
)
def test_vectors(caption: str, sent: str) -> None:
    """Each caption has exactly this form."""
    assert little_text(caption) == sent


@given(st.text(alphabet=st.sampled_from(f"{RESERVED} ab1é漢🎬\n:/.")))
def test_no_reserved_character_is_left_alone(caption: str) -> None:
    """Whatever the caption, each reserved character is escaped, but the signs of hashtags; and reading it back gives the caption."""
    sent = little_text(caption)
    rest = re.sub(r"\\[\\|{}@\[\]()<>#*_~]", "", sent)
    assert set(rest) & set(RESERVED) <= {"#"}
    assert re.sub(r"\\(.)", r"\1", sent) == caption
    assert not re.search(r"#(?!\w)", rest)


def test_mentions_are_shown_by_their_names() -> None:
    """Readers see the name, so only that counts."""
    assert visible("Hi @[Acme](urn:li:organization:1) #tag @x") == "Hi Acme #tag @x"


def test_units_are_those_of_java() -> None:
    """A character outside the basic plane counts two."""
    assert [utf16_units(text) for text in ("a", "漢", "🎬", "e\u0301")] == [1, 1, 2, 2]
