"""LinkedIn's limits: texts, videos and pictures."""

from uuid import UUID

from tests.platforms.drafts import advice, draft, linkedin, media, reasons
from tests.platforms.rows import each_row

from presswork.platforms.findings import Advice
from presswork.platforms.linkedin.rules import IMAGE, VIDEO, check, check_comment, check_for
from presswork.platforms.port import TargetAccount

PICTURE = media()


@each_row(("count", "problems"), [(3000, []), (3001, ["caption_length"])])
@each_row("word", ["a", "漢", "🎬"])
def test_captions_have_3000_characters(count: int, problems: list[str], word: str) -> None:
    """What readers see is counted, in code points."""
    assert reasons(check(draft(PICTURE, caption=word * count))) == problems


def test_mentions_count_as_their_names() -> None:
    """The URN of a mention is not seen."""
    assert reasons(check(draft(PICTURE, caption="a" * 2995 + "@[Acme](urn:li:organization:1)"))) == []


@each_row(
    ("caption", "warned"),
    [("(" * 1500, []), ("(" * 1501, ["CAPTION_NEAR_LIMIT"]), ("🎬" * 1501, ["CAPTION_NEAR_LIMIT"]), ("(" * 3001, [])],
)
def test_captions_that_escapes_make_too_long_have_a_warning(caption: str, warned: list[str]) -> None:
    """Which of both LinkedIn counts is not known: the caption is accepted, and the warning has the number."""
    findings = check(draft(PICTURE, caption=caption))
    assert advice(findings) == warned
    if warned:
        assert findings.warnings[0].details["value"] == 3002


@each_row(("seconds", "problems"), [(2.9, ["duration"]), (3.0, []), (1800.0, []), (1800.1, ["duration"])])
def test_videos_are_3_seconds_to_30_minutes(seconds: float, problems: list[str]) -> None:
    """Rounded to a tenth of a second."""
    assert reasons(check(draft(media(seconds=seconds)))) == problems


@each_row(
    ("item", "warned"),
    [
        (media(content_type="image/png"), []),
        (media(content_type="image/webp"), [Advice.MEDIA_CONVERTED]),
        (media(width=6012, height=6012), []),
        (media(width=6013, height=100), [Advice.MEDIA_CONVERTED]),
        (media(seconds=9), []),
        (media(seconds=9, content_type="video/quicktime"), [Advice.MEDIA_CONVERTED]),
        (media(seconds=9, codec="hevc"), [Advice.MEDIA_CONVERTED]),
    ],
)
def test_other_formats_are_converted(item: object, warned: list[Advice]) -> None:
    """A copy is sent, and preflight says so."""
    assert advice(check(draft(item))) == warned  # type: ignore[arg-type]  # a media item


def test_copies_have_fewer_pixels_than_linkedin_takes() -> None:
    """The largest copy of a picture is below 36,152,320 pixels."""
    assert (IMAGE.max_width or 0) * (IMAGE.max_height or 0) < 36_152_320
    assert VIDEO.max_frame_rate == 60


@each_row(
    ("urn", "visibility", "problems"),
    [
        ("urn:li:organization:1", "CONNECTIONS", ["page_visibility"]),
        ("urn:li:organization:1", "LOGGED_IN", ["page_visibility"]),
        ("urn:li:organization:1", "PUBLIC", []),
        ("urn:li:person:a", "CONNECTIONS", []),
    ],
)
def test_posts_of_pages_are_public(urn: str, visibility: str, problems: list[str]) -> None:
    """A member has all three levels."""
    account = TargetAccount(id=UUID(int=1), external_id=urn, handle="brand", scopes=frozenset())
    assert reasons(check_for(account, draft(PICTURE, options=linkedin(visibility=visibility)))) == problems


def test_comments_have_1250_characters() -> None:
    """One more is refused, with the number."""
    assert check_comment("a" * 1250) is None
    problem = check_comment("a" * 1251)
    assert problem is not None
    assert (problem.details["reason"], problem.details["limit"]) == ("comment_length", 1250)
