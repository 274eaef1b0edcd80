"""Facebook's limits, and what becomes a reel."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.platforms.rows import each_row

from presswork.platforms.errors import FailureCode
from presswork.platforms.facebook_pages.rules import check, check_comment, is_reel
from presswork.platforms.findings import Advice
from presswork.platforms.port import Draft, Media, MediaType, Mode, PostOptions


def media(*, width: int = 1080, height: int = 1350, position: int = 0, size_bytes: int = 400_000) -> Media:
    """Return a picture."""
    return Media(
        asset_id=UUID(int=1),
        position=position,
        content_type="image/jpeg",
        size_bytes=size_bytes,
        sha256="0" * 64,
        width=width,
        height=height,
        duration=None,
        video_codec=None,
        frame_rate=None,
    )


def clip(seconds: float = 20, *, width: int = 1080, height: int = 1920) -> Media:
    """Return a video."""
    return replace(
        media(width=width, height=height),
        content_type="video/mp4",
        size_bytes=9_000_000,
        duration=timedelta(seconds=seconds),
        video_codec="h264",
        frame_rate=30.0,
    )


def draft(*items: Media, caption: str = "Hello", placement: str = "feed") -> Draft:
    """Return a post with these media."""
    kind = MediaType.MULTI if len(items) > 1 else MediaType.VIDEO if items[0].is_video else MediaType.IMAGE
    options = PostOptions({"facebookPostSettings": {"placement": placement}})
    return Draft(mode=Mode.PUBLISH, media_type=kind, caption=caption, media=items, options=options)


@each_row(
    ("video", "expected"),
    [
        (clip(), True),
        (clip(3), True),
        (clip(2.9), False),
        (clip(90), True),
        (clip(90.1), False),
        (clip(width=540, height=960), True),
        (clip(width=539, height=958), False),
        (clip(width=608, height=1080), True),
        (clip(width=1080, height=1350), False),
        (clip(width=1920, height=1080), False),
        (media(), False),
    ],
)
def test_what_becomes_a_reel(video: Media, *, expected: bool) -> None:
    """9:16, 3 to 90 seconds, at least 540 × 960; everything else goes to the other call."""
    assert is_reel(video) is expected


@pytest.mark.parametrize(("length", "errors"), [(63_206, 0), (63_207, 1)])
def test_length_of_a_caption(length: int, errors: int) -> None:
    """The limit is an error with the numbers, and what to do."""
    found = check(draft(media(), caption="a" * length)).errors
    assert len(found) == errors
    for error in found:
        assert (error.code, error.details["value"]) == (FailureCode.PLATFORM_LIMIT, length)
        assert "captionOverride" in error.message


def test_length_of_a_comment() -> None:
    """8,000 characters are accepted."""
    assert check_comment("a" * 8_000) is None
    problem = check_comment("a" * 8_001)
    assert problem is not None
    assert "firstCommentOverride" in problem.message


@pytest.mark.parametrize(("count", "errors"), [(2, 0), (10, 0), (11, 1)])
def test_pictures_of_a_post(count: int, errors: int) -> None:
    """A post has 2 to 10 pictures."""
    assert len(check(draft(*[media(position=place) for place in range(count)])).errors) == errors


@pytest.mark.parametrize(
    ("item", "reason"),
    [(clip(4 * 3600 + 1), "duration"), (replace(clip(), size_bytes=10_000_000_001), "size")],
)
def test_media_beyond_a_limit(item: Media, reason: str) -> None:
    """Length and size are refused with the item's number."""
    (error,) = check(draft(item)).errors
    assert (error.details["reason"], error.details["item"]) == (reason, 1)


@each_row(
    ("item", "reason"),
    [
        (clip(60.1), "duration"),
        (clip(width=1080, height=1350), "ratio"),
        (clip(width=450, height=800), "video_size"),
    ],
)
def test_media_beyond_a_limit_of_stories(item: Media, reason: str) -> None:
    """A story has limits that other posts don't have; a picture of any shape is one."""
    (error,) = check(draft(item, placement="story")).errors
    assert (error.details["reason"], error.details["item"]) == (reason, 1)
    assert check(draft(item)).errors == check(draft(media(), placement="story")).errors == []


@each_row(
    "item",
    [
        media(size_bytes=4_000_001),
        replace(media(), content_type="image/png"),
        replace(clip(), frame_rate=23.0),
        replace(clip(), video_codec="vp9"),
    ],
)
def test_what_is_converted(item: Media) -> None:
    """A picture that is too large or no JPEG, and a reel with 23 frames a second: a copy is sent."""
    (warning,) = check(draft(item)).warnings
    assert warning.code is Advice.MEDIA_CONVERTED


def test_a_slow_video_that_is_no_reel_is_sent_as_it_is() -> None:
    """The least frame rate is that of reels."""
    assert check(draft(replace(clip(200), frame_rate=23.0))).warnings == []


@each_row(("width", "height", "warnings"), [(1080, 1920, 0), (1920, 1080, 0), (2560, 1080, 1), (500, 1000, 1)])
def test_unusual_ratios(width: int, height: int, warnings: int) -> None:
    """A video beyond 9:16 to 16:9 is a warning."""
    found = [one for one in check(draft(clip(width=width, height=height))).warnings if one.code is Advice.UNUSUAL_RATIO]
    assert len(found) == warnings
