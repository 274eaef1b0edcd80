"""What TikTok accepts from every account: texts, counts and formats, with numbers in every message."""

import pytest
from tests.platforms.drafts import advice, draft, media, reasons, tiktok
from tests.platforms.rows import each_row

from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Findings
from presswork.platforms.port import Media, Mode
from presswork.platforms.rules import utf16_units
from presswork.platforms.tiktok.rules import check

CLIP = media(width=720, height=1280, seconds=9)
PICTURE = media(width=1080, height=1350)


def test_text_is_counted_as_tiktok_does() -> None:
    """Characters beyond the basic plane count twice."""
    assert (utf16_units("abc"), utf16_units("ä"), utf16_units("🎬"), utf16_units("")) == (3, 1, 2, 0)


@pytest.mark.parametrize(
    ("item", "caption", "words"),
    [
        (CLIP, "🎬" * 1101, ["2,202 characters", "UTF-16", "2,200", "a video"]),
        (PICTURE, "x" * 4001, ["4,001 characters", "4,000", "pictures"]),
    ],
)
def test_a_caption_that_is_too_long(item: Media, caption: str, words: list[str]) -> None:
    """Videos and pictures have separate limits."""
    [problem] = check(draft(item, caption=caption)).errors
    assert all(word in problem.message for word in words), problem.message
    assert problem.details["reason"] == "caption_length"


@each_row(("item", "caption"), [(CLIP, "🎬" * 1100), (PICTURE, "x" * 4000), (PICTURE, "#tag " * 60), (CLIP, "")])
def test_a_caption_that_fits(item: Media, caption: str) -> None:
    """The limits themselves are allowed, and hashtags have none."""
    assert check(draft(item, caption=caption)) == Findings([], [])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (media(width=359, height=640, seconds=9), ["359 × 640 pixels", "360 at least"]),
        (media(width=8000, height=640, seconds=9), ["8000 × 640", "4096 pixels", "327"]),
    ],
)
def test_a_video_that_is_too_small(item: Media, words: list[str]) -> None:
    """Small videos are not enlarged, and one that must be scaled down counts with its scaled size."""
    problem = check(draft(item)).errors[0]
    assert all(word in problem.message for word in words), problem.message
    assert (problem.details["reason"], problem.code) == ("dimensions", FailureCode.PLATFORM_LIMIT)


@each_row(
    ("item", "code"),
    [
        (media(content_type="image/png"), "MEDIA_CONVERTED"),
        (media(width=4000, height=3000), "MEDIA_CONVERTED"),
        (media(width=720, height=1280, seconds=9, codec="av1"), "MEDIA_CONVERTED"),
        (media(width=720, height=1280, seconds=9, frame_rate=12), "MEDIA_CONVERTED"),
        (media(width=720, height=1600, seconds=9), "UNUSUAL_RATIO"),
    ],
)
def test_what_is_only_a_warning(item: Media, code: str) -> None:
    """Converted copies and ratios that TikTok was seen to refuse are warnings."""
    findings = check(draft(item))
    assert (reasons(findings), advice(findings)) == ([], [code])


def test_too_many_pictures() -> None:
    """TikTok accepts 35."""
    [problem] = check(draft(*(media(position=place) for place in range(36)))).errors
    assert "36 pictures; TikTok accepts 35" in problem.message


@each_row(
    ("item", "mode", "codes"),
    [
        (CLIP, "auto", ["MUSIC_IGNORED"]),
        (PICTURE, "manual", ["MUSIC_NOT_CHOSEN"]),
        (PICTURE, "auto", []),
        (PICTURE, "none", []),
    ],
)
def test_music_that_can_not_be_requested(item: Media, mode: str, codes: list[str]) -> None:
    """A specific track can't be requested, and videos have no music at all."""
    assert advice(check(draft(item, options=tiktok(music_mode=mode)))) == codes


@pytest.mark.parametrize(
    ("seconds", "refused", "codes"),
    [(600, [], ["CAPTION_NOT_DELIVERED"]), (601, ["duration"], ["CAPTION_NOT_DELIVERED"])],
)
def test_the_draft_of_a_video(seconds: float, refused: list[str], codes: list[str]) -> None:
    """It may be ten minutes long; its caption is not delivered at all, and so has no limit."""
    clip = media(width=720, height=1280, seconds=seconds)
    findings = check(draft(clip, caption="x" * 5000, mode=Mode.DRAFT))
    assert (reasons(findings), advice(findings)) == (refused, codes)
    assert advice(check(draft(clip, mode=Mode.DRAFT))) == []
    assert reasons(check(draft(clip, caption="Hello"))) == []  # as a post, the account's own limit counts


def test_the_draft_of_pictures() -> None:
    """Its caption is delivered, and has the limit of a post's."""
    assert check(draft(PICTURE, caption="x" * 4000, mode=Mode.DRAFT)) == Findings([], [])
    assert reasons(check(draft(PICTURE, caption="x" * 4001, mode=Mode.DRAFT))) == ["caption_length"]
