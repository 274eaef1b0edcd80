"""Sanitizing text from platforms."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.platforms.rows import each_row

from presswork.platforms.platform_text import MAX_STRING, clean, clean_header, is_same_text, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=20,
)


@given(st.text(st.characters()))
def test_clean_text_can_be_stored(text: str) -> None:
    """Any text keeps its length, becomes valid UTF-8 and contains no control character."""
    cleaned = clean(text)
    cleaned.encode()
    assert len(cleaned) == len(text)
    assert not any(letter < " " and letter not in "\t\n\r" for letter in cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(st.characters()))
def test_a_sent_text_is_recognized(text: str) -> None:
    """Also without the characters that are replaced where it is read, and with other white space."""
    assert is_same_text(clean(text), text)
    assert is_same_text(f" {text}\n", text)


@pytest.mark.parametrize("shown", ["", "First", "First! Second!"])
def test_another_text_is_not(shown: str) -> None:
    """A part of a text is another one."""
    assert not is_same_text(shown, "First!")


def test_ordinary_text_stays_as_it_is() -> None:
    """Line ends, emoji and other scripts are kept."""
    text = "Zwei\r\nZeilen\t👩👧 日本語"
    assert clean(text) == text


@given(JSON)
def test_a_cleaned_document_is_json_that_postgresql_takes(document: object) -> None:
    """Whatever a platform sends, the parsed document has only finite numbers and clean text, keys included."""
    read = read_json(json.dumps(document).encode())
    written = json.dumps(read, allow_nan=False, ensure_ascii=False).encode()
    assert b"\0" not in written
    assert read_json(written) == read


@each_row("body", [b"", b"<html>", b"{", b"[" * 100_000, b"\xff"])
def test_invalid_json_raises(body: bytes) -> None:
    """Pages of proxies and broken documents are not JSON."""
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


def test_numbers_too_large_for_json_are_nothing() -> None:
    """1e999 is parsed as infinity, which no JSON column stores, and some platforms write NaN."""
    assert read_json(b'{"a": [1e999, -1e999, 1.5, NaN, Infinity]}') == {"a": [None, None, 1.5, None, None]}


def test_long_strings_are_cut_and_headers_cleaned() -> None:
    """The limit is in characters."""
    assert clean("x" * (MAX_STRING + 1)) == "x" * (MAX_STRING - 1) + "…"
    assert clean_header("a\x00b") == "a\ufffdb"
