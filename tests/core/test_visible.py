"""Control characters in texts for people."""

import json

import pytest

from presswork.core.visible import visible, visible_json, visible_line

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
"""OSC 52: a terminal that reads it replaces the clipboard."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Acme{CLIPBOARD}", r"Acme\x1b]52;c;ZXZpbA==\x07"),
        ("\x9b31mred", r"\x9b31mred"),
        ("a\rb\x08\x7f\x00", r"a\rb\x08\x7f\x00"),
        ("pay \u202e001\u202c \u2066x\u2069", r"pay \u202e001\u202c \u2066x\u2069"),
        ("a\u2028b\ud800", r"a\u2028b\ud800"),
    ],
)
def test_control_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    """Escape sequences, C1 controls, carriage returns and bidirectional overrides become visible text."""
    assert visible(text) == visible_line(text) == shown


def test_printable_text_is_unchanged() -> None:
    """Letters of all scripts and emoji stay, joined ones included; tabs and line feeds stay unless it is one line."""
    text = "Bäckerei مخبز 👩\u200d🍳 “x”"
    assert visible(text) == visible_line(text) == text
    assert visible("a\tb\nc") == "a\tb\nc"
    assert visible_line("a\tb\nc") == r"a\tb\nc"


def test_json_stays_the_same_document() -> None:
    """JSON output has no control character and is read as the same document."""
    document = {"name": f"{CLIPBOARD}\x9b\u202e\x7f", "city": "Málaga"}
    text = visible_json(json.dumps(document, indent=2, ensure_ascii=False))
    assert json.loads(text) == document
    assert visible(text) == text
    assert "Málaga" in text
