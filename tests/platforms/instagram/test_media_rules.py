"""What Instagram takes: captions and media, with numbers in every sentence."""

from datetime import timedelta
from uuid import UUID

import pytest

from presswork.platforms.instagram.media_rules import caption_problems, caption_warnings, media_problems
from presswork.platforms.port import Media


def media(*, width: int = 1080, height: int = 1350, seconds: float | None = None, size_bytes: int = 1000) -> Media:
    """Return a picture, or a video where it has a duration."""
    is_video = seconds is not None
    return Media(
        asset_id=UUID(int=1),
        position=0,
        content_type="video/mp4" if is_video else "image/jpeg",
        size_bytes=size_bytes,
        sha256="0" * 64,
        width=width,
        height=height,
        duration=timedelta(seconds=seconds) if seconds is not None else None,
        video_codec="h264" if is_video else None,
        frame_rate=30.0 if is_video else None,
    )


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("x" * 2201, ["2,201 characters", "2,200"]),
        (" ".join(f"#tag{n}" for n in range(31)), ["31 hashtags", "30"]),
        (" ".join(f"@user.{n}" for n in range(21)), ["21 accounts", "20"]),
    ],
)
def test_caption_beyond_a_limit_is_a_problem(caption: str, words: list[str]) -> None:
    """Each limit has its sentence with what was counted and what is taken."""
    [problem] = caption_problems(caption)
    assert all(word in problem for word in words)


@pytest.mark.parametrize("caption", ["", "x" * 2200, "#a " * 30, "@b " * 20, "mail me@example.com a&#39;b c#d"])
def test_caption_at_its_limits_is_fine(caption: str) -> None:
    """The limits themselves are allowed, and addresses or entities are neither tags nor mentions."""
    assert caption_problems(caption) == []


def test_many_hashtags_are_a_warning() -> None:
    """The app allows five hashtags; the API may take up to thirty."""
    assert caption_warnings("#a " * 5) == []
    [warning] = caption_warnings("#a " * 6)
    assert "6 hashtags" in warning


def test_media_beyond_a_limit_are_a_problem() -> None:
    """Ratio, duration and size are told with their numbers; at the limits all is well."""
    assert media_problems(media(width=1080, height=1350)) == []
    assert "0.50:1" in media_problems(media(width=500, height=1000))[0]
    assert media_problems(media(seconds=3.0)) == []
    assert "2.9 seconds" in media_problems(media(seconds=2.9))[0]
    assert "901.0 seconds" in media_problems(media(seconds=901))[0]
    assert "301 MB" in media_problems(media(seconds=9, size_bytes=301_000_000))[0]
