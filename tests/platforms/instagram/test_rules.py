"""What Instagram accepts: captions and media, with numbers in every message."""

from dataclasses import replace

import pytest
from tests.platforms.drafts import advice, draft, media, reasons
from tests.platforms.rows import each_row

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import Findings
from presswork.platforms.graph.quota import Quota
from presswork.platforms.instagram.rules import check
from presswork.platforms.port import Media


@pytest.mark.parametrize(
    ("caption", "words", "numbers"),
    [
        ("x" * 2201, ["2,201 characters", "2,200"], ("caption_length", 2201, 2200)),
        (" ".join(f"#tag{n}" for n in range(31)), ["31 hashtags", "30"], ("hashtags", 31, 30)),
        (" ".join(f"@user.{n}" for n in range(21)), ["21 accounts", "20"], ("mentions", 21, 20)),
    ],
)
def test_caption_beyond_a_limit_is_a_problem(caption: str, words: list[str], numbers: tuple[str, int, int]) -> None:
    """Each limit has its message with the counted and the accepted number, and both as details."""
    [problem] = check(draft(caption=caption)).errors
    assert all(word in problem.message for word in words)
    assert tuple(problem.details[name] for name in ("reason", "value", "limit")) == numbers
    assert problem.code is FailureCode.PLATFORM_LIMIT


@each_row("caption", ["", "x" * 2200, "#a " * 30, "@b " * 20, "mail me@example.com a&#39;b c#d"])
def test_caption_at_its_limits_is_fine(caption: str) -> None:
    """The limits themselves are allowed, and email addresses or HTML entities are neither mentions nor hashtags."""
    assert reasons(check(draft(caption=caption))) == []


def test_many_hashtags_are_a_warning() -> None:
    """The app allows five hashtags; the API may accept up to thirty; beyond them the error is sufficient."""
    assert advice(check(draft(caption="#a " * 5))) == []
    [warning] = check(draft(caption="#a " * 6)).warnings
    assert "6 hashtags" in warning.message
    assert advice(check(draft(caption="#a " * 31))) == []


@each_row(
    ("item", "words", "reason"),
    [
        (media(width=500, height=1000), ["500 × 1000 pixels", "0.50:1", "0.80:1 (4:5) to 1.91:1"], "ratio"),
        (media(width=1920, height=1000), ["1.92:1"], "ratio"),
        (media(width=1110, height=110, seconds=9), ["10.09:1", "10:1"], "ratio"),
        (media(seconds=2.9), ["The video is 2.9 s", "3 s to 15 min", "longer"], "duration"),
        (media(seconds=1003), ["The video is 16 min 43 s", "3 s to 15 min", "shorter"], "duration"),
        (media(seconds=900.1), ["15 min 0.1 s"], "duration"),
        (media(seconds=9, size_bytes=301_000_000), ["301 MB", "300 MB"], "size"),
    ],
)
def test_media_beyond_a_limit_are_a_problem(item: Media, words: list[str], reason: str) -> None:
    """Ratio, duration and size are reported with their numbers."""
    [problem] = check(draft(item)).errors
    assert all(word in problem.message for word in words), problem.message
    assert (problem.details["reason"], problem.code) == (reason, FailureCode.PLATFORM_LIMIT)


@each_row(
    "item",
    [
        media(width=1080, height=1350),
        media(width=1910, height=1000),
        media(seconds=3),
        media(seconds=2.96),
        media(seconds=900),
        media(width=100, height=1080, seconds=9, size_bytes=300_000_000),
    ],
)
def test_media_at_their_limits_are_fine(item: Media) -> None:
    """The limits themselves are allowed; durations count to a tenth of a second."""
    assert check(draft(item)) == Findings([], [])


@each_row(
    ("item", "words"),
    [
        (media(content_type="image/png"), ["PNG", "JPEG"]),
        (media(size_bytes=9_500_000), ["9.5 MB", "8 MB"]),
        (media(seconds=9, codec="vp9"), ["VP9", "H.264 or H.265"]),
        (media(seconds=9, frame_rate=120), ["120 frames", "23 to 60"]),
        (media(seconds=9, width=3840, height=2160), ["3840 × 2160", "1920 pixels wide"]),
    ],
)
def test_a_converted_copy_is_a_warning(item: Media, words: list[str]) -> None:
    """The worker sends a converted copy, so this is a warning, not an error."""
    findings = check(draft(item))
    assert (reasons(findings), advice(findings)) == ([], ["MEDIA_CONVERTED"])
    assert all(word in findings.warnings[0].message for word in words), findings.warnings[0].message


def test_a_carousel_names_its_items() -> None:
    """Each invalid item is named by its number; items with another ratio than the first are cropped."""
    items = [
        media(width=1000, height=1000),
        media(width=100, height=1000, position=1),
        media(width=1000, height=900, position=2),
    ]
    findings = check(draft(*items))
    assert [error.message.partition(":")[0] for error in findings.errors] == ["Item 2"]
    assert advice(findings) == ["MEDIA_CROPPED"]
    assert "Items 2, 3 have another shape" in findings.warnings[0].message
    many = [media(position=place) for place in range(11)]
    [problem] = check(draft(*many)).errors
    assert "11 items; Instagram accepts 2 to 10" in problem.message


def test_prepare_reports_every_problem_at_once() -> None:
    """`prepare` raises one error with every message."""
    with pytest.raises(Rejected, match=r"2,201 characters.*2\.9 s") as refused:
        check(draft(media(seconds=2.9), caption="x" * 2201)).require_none(step="media")
    assert refused.value.failure is FailureCode.PLATFORM_LIMIT


@each_row(
    ("used", "ahead", "errors", "warnings"),
    [
        (0, 0, [], []),
        (44, 0, [], []),
        (45, 0, [], ["QUOTA_LOW"]),
        (49, 0, [], ["QUOTA_LOW"]),
        (50, 0, ["quota"], []),
        (60, 0, ["quota"], []),
        (48, 1, [], ["QUOTA_LOW"]),
        (48, 2, ["quota"], []),
    ],
)
def test_the_quota_counts_earlier_posts(used: int, ahead: int, errors: list[str], warnings: list[str]) -> None:
    """An account with 50 posts a day: the earlier posts of the same call count too."""
    findings = Quota(used, 50, "Instagram", "content_publishing_limit").validate(replace(draft(media()), ahead=ahead))
    assert (reasons(findings), advice(findings)) == (errors, warnings)
    messages = [error.message for error in findings.errors] + [warning.message for warning in findings.warnings]
    assert all(f"{used} of the 50 posts" in message for message in messages)
