"""The border where text of a platform enters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswork.platforms.platform_text import MAX_STRING, clean, clean_body, clean_headers, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=20,
)


@given(st.text(st.characters()))
def test_clean_text_can_be_stored(text: str) -> None:
    """Any text becomes one of the same length that UTF-8 can express and that holds no control character."""
    cleaned = clean(text)
    cleaned.encode()
    assert len(cleaned) == len(text)
    assert not any(letter < " " and letter not in "\t\n\r" for letter in cleaned)
    assert clean(cleaned) == cleaned


def test_ordinary_text_stays_as_it_is() -> None:
    """Line ends, emoji and other scripts pass."""
    text = "Zwei\r\nZeilen\t👩👧 日本語"
    assert clean(text) == text


@given(JSON)
def test_a_cleaned_document_is_json_that_postgresql_takes(document: object) -> None:
    """Whatever a platform sends, what is read is finite numbers and clean text, keys included."""
    read = read_json(json.dumps(document).encode())
    written = json.dumps(read, allow_nan=False, ensure_ascii=False).encode()
    assert b"\0" not in written
    assert clean_body(written) == json.dumps(read).encode()


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_none(body: bytes) -> None:
    """Pages of proxies and broken documents."""
    with pytest.raises(ValueError, match=r"."):
        read_json(body)
    assert clean_body(body) == body


def test_numbers_too_large_for_json_are_nothing() -> None:
    """1e999 is read as infinity, which no JSON column stores, and some platforms write NaN."""
    assert read_json(b'{"a": [1e999, -1e999, 1.5, NaN, Infinity]}') == {"a": [None, None, 1.5, None, None]}


def test_long_strings_are_cut_and_headers_cleaned() -> None:
    """The bound is in characters; names of headers come in lower case."""
    assert clean("x" * (MAX_STRING + 1)) == "x" * (MAX_STRING - 1) + "…"
    assert clean_headers({"X-Trace": "a\x00b"}) == {"x-trace": "a\ufffdb"}
