"""The pure parts: texts, record keys, options, errors, addresses, and keys."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import JsonValue, TypeAdapter, ValidationError
from tests.contract.job import picture, sample, slideshow
from tests.contract.on_bluesky import items_of
from tests.keys import private_key
from tests.platforms.rows import each_row

from presswork.platforms.bluesky.api import Endpoints, service_did
from presswork.platforms.bluesky.client import SigningKey
from presswork.platforms.bluesky.error_mapping import BLUESKY, ERROR_MEANINGS, VIDEO_FAILURES, meaning_of
from presswork.platforms.bluesky.options import BlueskyPostSettings
from presswork.platforms.bluesky.plugin import PLUGIN
from presswork.platforms.bluesky.record import ENTROPY, Place, facets, parts_of, size_bytes, spans, tid
from presswork.platforms.bluesky.rules import BOUNDS, check, check_comment
from presswork.platforms.job_state import as_stored, parse_stored
from presswork.platforms.port import Draft, Media, MediaType, Mode
from presswork.platforms.rules import graphemes
from presswork.platforms.settings import Settings

FAMILY: Final = "👨‍👩‍👧‍👦"


@each_row(
    ("text", "count"),
    [("", 0), ("abc", 3), (FAMILY, 1), ("🇩🇪🇫🇷", 2), ("e\u0301", 1), ("क्षि", 1), ("\r\n", 1), ("👍🏽x", 2)],
)
def test_graphemes_are_what_people_count(text: str, count: int) -> None:
    """Emoji of several code points, flags, combining accents and conjuncts count as one."""
    assert graphemes(text) == count


@each_row(
    ("text", "found"),
    [
        ("see https://example.com/a_(b).", [("link", "https://example.com/a_(b)", "https://example.com/a_(b)")]),
        ("(https://example.com)", [("link", "https://example.com", "https://example.com")]),
        ("https://localhost", []),
        ("é #über!", [("tag", "#über", "über")]),
        ("#2026 #a2026 # #", [("tag", "#a2026", "a2026")]),
        ("x#no #yes,", [("tag", "#yes", "yes")]),
        ("hi @Luna.Example.com: you", [("mention", "@Luna.Example.com", "luna.example.com")]),
        ("mail@example.com @plain", []),
        (f"{FAMILY} @a.example.com", [("mention", "@a.example.com", "a.example.com")]),
        ("https://example.com/#part", [("link", "https://example.com/#part", "https://example.com/#part")]),
    ],
)
def test_parts_of_a_text_become_clickable(text: str, found: list[tuple[str, str, str]]) -> None:
    """Links, tags and mentions are found with their places in UTF-8 bytes, without the punctuation that follows."""
    raw = text.encode()
    assert [(span.kind.value, raw[span.start : span.end].decode(), span.value) for span in spans(text)] == found


def test_facets_are_in_order_and_omit_unknown_accounts() -> None:
    """Facets follow the text, and a mention of an account that does not exist stays plain text."""
    made = facets("#a @known.example.com @other.example.com https://b.example", {"known.example.com": "did:plc:x"})
    kinds = [str(items_of(facet["features"])[0]["$type"]).rpartition("#")[2] for facet in items_of(made)]
    assert kinds == ["tag", "mention", "link"]


def test_record_keys_are_valid_and_differ() -> None:
    """Keys have 13 characters of the alphabet, begin as they must, sort by time, and differ within one instant."""
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    places = [Place.choose(now, entropy=entropy) for entropy in range(0, ENTROPY, ENTROPY // 50)]
    keys = [place.rkey for place in places]
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert len(key) == 13
        assert set(key) <= set("234567abcdefghijklmnopqrstuvwxyz")
        assert key[0] in "234567abcdefghij"
    assert max(keys) < Place.choose(now + timedelta(seconds=2), entropy=ENTROPY - 1).rkey
    assert places[0].created_at == "2026-11-28T12:00:00.000Z"
    assert tid(0, 0) == "2" * 13
    assert parse_stored(Place, as_stored(places[0])) == places[0]
    assert parse_stored(Place, "x") is None


def test_ids_of_posts() -> None:
    """The id of a post is its address in the AT Protocol."""
    assert parts_of("at://did:plc:x/app.bsky.feed.post/3k") == ("did:plc:x", "3k")
    for wrong in ("", "3k", "at://did:plc:x/app.bsky.feed.like/3k", "https://x/app.bsky.feed.post/3k"):
        assert parts_of(wrong) is None


def draft(caption: str = "", *media: Media, kind: MediaType = MediaType.IMAGE) -> Draft:
    """Return a post to check."""
    return Draft(mode=Mode.PUBLISH, media_type=kind, caption=caption, media=media or [picture().media])


@each_row(
    ("text", "unit"), [(FAMILY * 100, None), ("a" * 300, None), ("a" * 301, "graphemes"), (FAMILY * 121, "bytes")]
)
def test_texts_have_two_limits(text: str, unit: str | None) -> None:
    """A caption or comment has 300 graphemes and 3,000 bytes at most, with the numbers in the finding."""
    units = [] if unit is None else [unit]
    assert [problem.details["unit"] for problem in check(draft(text)).errors] == units
    comment = check_comment(text)
    assert ([] if comment is None else [comment.details["unit"]]) == units


def test_nothing_within_the_bounds_is_refused() -> None:
    """The longest text within the bounds, of the largest characters, is within both limits."""
    for (_, kind), bounds in BOUNDS.items():
        assert bounds.characters is not None
        for letter in ("a", "\U0001f600", "é", "\u0301"):
            text = letter * bounds.characters
            assert not check(draft(text, kind=kind)).errors
            assert size_bytes(text) <= 3000
            assert check_comment(letter * (bounds.comment_characters or 0)) is None


def test_limits_of_media() -> None:
    """Too many pictures, and videos that are too long or too large, are refused with the numbers."""
    many = [one.media for one in slideshow(2)] * 6
    clip = sample(b"x", "video/mp4", width=10, height=10).media
    long = Media(
        **{name: getattr(clip, name) for name in Media.__dataclass_fields__}
        | {"duration": timedelta(minutes=11), "size_bytes": 400_000_000}
    )
    assert [one.details["reason"] for one in check(draft("", *many, kind=MediaType.MULTI)).errors] == ["item_count"]
    assert [one.details["reason"] for one in check(draft("", long, kind=MediaType.VIDEO)).errors] == [
        "duration",
        "size",
    ]
    assert not check(draft("", clip, kind=MediaType.VIDEO)).errors


@each_row(
    "value",
    [
        {"languages": ["en", "pt-BR", "zh-Hant"]},
        {"replyControl": []},
        {"replyControl": ["mentioned", "followers", "following"], "quoteControl": "everyone"},
        {"contentLabels": ["porn", "sexual", "nudity", "graphic-media"], "tags": ["a", "b"]},
        {},
    ],
)
def test_valid_options(value: JsonValue) -> None:
    """What the lexicons allow is accepted."""
    TypeAdapter(BlueskyPostSettings).validate_python(value)


@each_row(
    "value",
    [
        {"languages": ["english!"]},
        {"languages": ["en", "de", "fr", "it"]},
        {"replyControl": ["everyone"]},
        {"quoteControl": "followers"},
        {"contentLabels": ["spam"]},
        {"tags": ["#a"]},
        {"tags": ["a b"]},
        {"tags": ["a"] * 9},
        {"tags": ["a" * 65]},
        {"unknown": True},
    ],
)
def test_invalid_options(value: JsonValue) -> None:
    """Anything else is an issue of the body."""
    with pytest.raises(ValidationError):
        TypeAdapter(BlueskyPostSettings).validate_python(value)


def test_the_table_of_errors_is_sorted_and_complete() -> None:
    """Each error has one row, with a sentence, and with advice where it ends a post."""
    assert list(ERROR_MEANINGS) == sorted(ERROR_MEANINGS)
    assert list(VIDEO_FAILURES) == sorted(VIDEO_FAILURES)
    for name, row in ERROR_MEANINGS.items():
        assert row.sentence.endswith(".")
        assert row.advice or row.action.value in ("retry", "wait", "throttle")
        assert meaning_of(name, 400) is row
    assert meaning_of("", 429).action.value == "throttle"
    assert meaning_of("", 502).action.value == "retry"
    assert meaning_of("", 401).action.value == "reconnect"
    assert meaning_of("", 413) is ERROR_MEANINGS["PayloadTooLarge"]  # a proxy in front of the server
    assert meaning_of("Surprise", 400).action.value == "reject"
    assert meaning_of("InvalidRequest", 400, "Could not find repo: did:plc:x").action.value == "moved"


def test_messages_have_no_secrets() -> None:
    """Tokens and the queries of URLs are cut out of the platform's words."""
    said = BLUESKY.without_secrets(
        "bad eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln at https://x.example/a?code=cod-1 ref-0123456789abcdef0"
    )
    assert said == "bad … at https://x.example/a?… …"


def test_addresses() -> None:
    """Servers of the settings are trusted whatever their scheme; others need TLS and no path."""
    endpoints = Endpoints(entryway="http://127.0.0.1:8000/sandbox/bsky.social")
    assert endpoints.is_trusted("https://127.0.0.1:8000/sandbox/pds")
    assert not endpoints.is_trusted("http://127.0.0.1:8001/sandbox/pds")
    assert endpoints.accepts_server("http://127.0.0.1:8000/sandbox/pds")
    assert endpoints.accepts_server("https://morel.us-east.host.bsky.network")
    assert not endpoints.accepts_server("https://morel.us-east.host.bsky.network/x")
    assert endpoints.document_of("did:web:example.com") == "https://example.com/.well-known/did.json"
    assert endpoints.document_of("did:web:example.com%3A3000") == "https://example.com:3000/.well-known/did.json"
    assert endpoints.document_of("did:web:a@b/c") is None
    assert endpoints.document_of("did:key:z6Mk") is None
    assert service_did("https://morel.us-east.host.bsky.network") == "did:web:morel.us-east.host.bsky.network"
    assert service_did("http://127.0.0.1:8000/sandbox/pds.example.com") == "did:web:pds.example.com"


def test_keys_are_read_as_openssl_writes_them(key: SigningKey) -> None:
    """A key is PEM, with real or written line ends; another curve, a public key and other text are refused."""
    text = private_key()
    assert SigningKey.of(text).key_id == SigningKey.of(text.replace("\n", "\\n")).key_id
    for wrong in (private_key(ec.SECP384R1()), "hello", ""):
        with pytest.raises(ValueError, match="private key"):
            SigningKey.of(wrong)
    with pytest.raises(ValueError, match="private key"):
        SigningKey.of(key.public_jwk)
    assert str(key.private_jwk["d"]) not in repr(key)


def test_the_private_key_is_all_that_live_projects_need() -> None:
    """The app of live projects is complete with the key: its ID is the address of its metadata."""
    assert PLUGIN.description.app.missing(Settings()) == ["PRESSWORK_BLUESKY_PRIVATE_KEY"]
    assert PLUGIN.description.app.missing(Settings(bluesky_private_key="x")) == []
