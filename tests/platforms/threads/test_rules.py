"""Threads' limits: texts in bytes, links, media."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.platforms.rows import each_row

from presswork.platforms.errors import FailureCode
from presswork.platforms.port import Draft, Media, MediaType, Mode
from presswork.platforms.threads.rules import check, check_comment


def media(*, width: int = 1080, height: int = 1350, position: int = 0) -> Media:
    """Return a picture."""
    return Media(
        asset_id=UUID(int=1),
        position=position,
        content_type="image/jpeg",
        size_bytes=400_000,
        sha256="0" * 64,
        width=width,
        height=height,
        duration=None,
        video_codec=None,
        frame_rate=None,
    )


def clip(seconds: float = 20, *, size_bytes: int = 9_000_000) -> Media:
    """Return a video."""
    return replace(
        media(width=1080, height=1920),
        content_type="video/mp4",
        size_bytes=size_bytes,
        duration=timedelta(seconds=seconds),
        video_codec="h264",
        frame_rate=30.0,
    )


def draft(*items: Media, caption: str = "Hello") -> Draft:
    """Return a post with these media."""
    kind = MediaType.MULTI if len(items) > 1 else MediaType.VIDEO if items[0].is_video else MediaType.IMAGE
    return Draft(mode=Mode.PUBLISH, media_type=kind, caption=caption, media=items)


@each_row(
    ("text", "bytes_"),
    [
        ("a" * 500, None),
        ("a" * 501, 501),
        ("a" * 495 + "’" * 3, 504),
        ("я" * 250, None),
        ("я" * 251, 502),
        ("👩‍👩‍👧" * 28, 504),
    ],
)
def test_texts_are_counted_in_bytes(text: str, bytes_: int | None) -> None:
    """A text of 498 characters with three typographic apostrophes is refused, like 251 Cyrillic letters; 500 bytes are not."""
    found = check(draft(media(), caption=text)).errors
    assert [dict(error.details) for error in found] == (
        [] if bytes_ is None else [{"reason": "caption_length", "value": bytes_, "limit": 500, "unit": "bytes"}]
    )
    comment = check_comment(text)
    assert (comment and comment.details["value"]) == bytes_


def test_the_sixth_different_link_is_refused() -> None:
    """Repeating a link is free; a sixth different one is an error with the numbers, in captions and first comments."""
    five = " ".join(f"https://x.example/{number}" for number in range(5))
    assert check(draft(media(), caption=f"{five} https://x.example/0")).errors == []
    (error,) = check(draft(media(), caption=f"{five} http://x.example/5")).errors
    assert (error.code, error.details["reason"], error.details["value"]) == (
        FailureCode.PLATFORM_LIMIT,
        "caption_links",
        6,
    )
    assert "captionOverride" in error.message
    in_sentences = ", ".join(f"https://x.example/{number}" for number in range(5))
    assert check(draft(media(), caption=f"{in_sentences}. Again: {five}!")).errors == []
    comment = check_comment(f"{five} http://x.example/5")
    assert comment is not None
    assert "firstCommentOverride" in comment.message


@each_row(
    ("item", "reason"),
    [
        (media(width=4000, height=399), "ratio"),
        (media(width=399, height=4000), "ratio"),
        (clip(300.4), "duration"),
        (clip(size_bytes=1_000_000_001), "size"),
    ],
)
def test_media_beyond_a_limit(item: Media, reason: str) -> None:
    """Ratio, length and size are refused with the item's number."""
    (error,) = check(draft(item)).errors
    assert (error.details["reason"], error.details["item"]) == (reason, 1)


def test_what_threads_accepts_and_instagram_does_not() -> None:
    """A very wide picture, a PNG and a video of one second need neither an error nor a copy."""
    items = (media(width=1910, height=200), replace(media(), content_type="image/png"), clip(1))
    assert [check(draft(item)) for item in items] == [check(draft(media()))] * 3


def test_a_webp_is_converted() -> None:
    """A format that Threads does not accept is a warning: a copy is sent."""
    (warning,) = check(draft(replace(media(), content_type="image/webp"))).warnings
    assert "JPEG or PNG is accepted" in warning.message


@pytest.mark.parametrize(("count", "errors"), [(2, 0), (20, 0), (21, 1)])
def test_items_of_a_carousel(count: int, errors: int) -> None:
    """A carousel has 2 to 20 items."""
    assert len(check(draft(*[media(position=place) for place in range(count)])).errors) == errors
