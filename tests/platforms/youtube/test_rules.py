"""The rules of titles, descriptions, tags and videos, and the options."""

import pytest
from pydantic import ValidationError
from tests.platforms.drafts import advice, draft, media, reasons, settings_document, youtube
from tests.platforms.rows import each_row

from presswork.platforms.findings import Findings
from presswork.platforms.youtube.rules import (
    Quota,
    YouTubePostSettings,
    check,
    check_unverified,
    is_short,
    settings_of,
    snippet,
    status,
    tag_characters,
    title_of,
)

CLIP = media(width=1080, height=1920, seconds=20)


def checked(caption: str, **settings: object) -> Findings:
    """Check a post of a clip."""
    return check(draft(CLIP, caption=caption, options=youtube(**settings)))


@each_row(
    ("caption", "settings", "title"),
    [
        ("Three loaves\nand a roll", {}, "Three loaves"),
        ("\n  Three loaves  \n", {}, "Three loaves"),
        ("a" * 99 + " bc", {}, "a" * 99),
        ("é" * 150, {}, "é" * 100),
        ("Caption", {"title": " Own title "}, "Own title"),
        ("", {}, ""),
    ],
)
def test_title(caption: str, settings: dict[str, object], title: str) -> None:
    """The requested title, else the first line of the caption that is not blank, cut to 100 characters."""
    assert title_of(settings_of(youtube(**settings)), caption) == title


@each_row(
    ("caption", "settings", "expected"),
    [
        ("Three loaves", {}, []),
        ("", {"title": "Three loaves"}, []),
        ("", {}, ["title_missing"]),
        (" \n ", {}, ["title_missing"]),
        ("a < b", {}, ["title_characters", "caption_characters"]),
        ("Title\na > b", {}, ["caption_characters"]),
        ("x" * 5000, {}, []),
        ("x" * 5001, {}, ["caption_length"]),
        ("漢" * 1667, {}, ["caption_length"]),
        ("Title", {"tags": ["x" * 250, "y" * 249]}, []),
        ("Title", {"tags": ["x" * 250, "y" * 250]}, ["tags_length"]),
        ("Title", {"tags": ["x" * 497 + " y"]}, ["tags_length"]),
    ],
)
def test_texts(caption: str, settings: dict[str, object], expected: list[str]) -> None:
    """Bytes of the description, characters that YouTube refuses, and the sum of all tags."""
    assert reasons(checked(caption, **settings)) == expected


def test_tags_are_counted_as_youtube_counts_them() -> None:
    """A comma between two tags counts 1, and the quotes around a tag with a space 2."""
    assert tag_characters(["bread", "three loaves"]) == 5 + 1 + 12 + 2
    assert tag_characters([]) == 0


def test_hashtags() -> None:
    """Sixty are fine; with one more, YouTube ignores all."""
    assert advice(checked("T " + "#a " * 60)) == []
    assert advice(checked("T " + "#a " * 61)) == ["TOO_MANY_HASHTAGS"]


def test_length_of_a_video() -> None:
    """12 hours for every channel, 15 minutes for one that is not verified."""
    long = draft(media(seconds=901), caption="T")
    assert reasons(check(long)) == []
    assert reasons(check_unverified(long)) == ["duration"]
    assert reasons(check_unverified(draft(media(seconds=900), caption="T"))) == []
    assert reasons(check(draft(media(seconds=12 * 3600 + 1), caption="T"))) == ["duration"]


@each_row(
    ("width", "height", "seconds", "expected"),
    [(1080, 1920, 180, True), (1080, 1080, 20, True), (1920, 1080, 20, False), (1080, 1920, 181, False)],
)
def test_shorts(width: int, height: int, seconds: float, expected: bool) -> None:
    """Square or vertical, and three minutes at most."""
    assert is_short(media(width=width, height=height, seconds=seconds)) is expected


def test_advice_on_extras() -> None:
    """A frame behind the end, and captions that need more units than a day has for writes; both are published."""
    captions = [{"language": f"en-{number}", "url": "https://example.com/a.srt"} for number in range(20)]
    late = checked("Bread", thumbnail={"timestampMs": 20_001})
    assert (advice(late), reasons(late)) == (["EXTRA_ADAPTED"], [])
    assert advice(checked("Bread", thumbnail={"timestampMs": 20_000}, captions=captions)) == []
    quota = Quota(uploads=100, units=10_000)
    found = {}
    for count in (19, 20):
        post = draft(CLIP, caption="Bread", options=youtube(captions=captions[:count]))
        warned = quota.warn(post)
        found[count] = (quota.cost(post, has_comment=False).units, warned and warned.code.value)
    assert found == {19: (7_650, None), 20: (8_050, "QUOTA_LOW")}


def test_all_options_reach_their_fields() -> None:
    """Each option is sent under YouTube's own name."""
    settings = settings_of(
        youtube(
            title="Own",
            privacy="unlisted",
            tags=["a", "b c"],
            category_id="10",
            made_for_kids=True,
            contains_synthetic_media=True,
            license="creativeCommon",
            embeddable=False,
            default_language="pt-BR",
        )
    )
    assert snippet(settings, "Text") == {
        "title": "Own",
        "description": "Text",
        "categoryId": "10",
        "tags": ["a", "b c"],
        "defaultLanguage": "pt-BR",
    }
    assert status(settings, settings.visibility) == {
        "privacyStatus": "unlisted",
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
        "embeddable": False,
        "license": "creativeCommon",
        "publicStatsViewable": True,
    }


@each_row(
    "settings",
    [
        {"title": ""},
        {"title": "  "},
        {"title": "x" * 101},
        {"title": "a <b>"},
        {"title": "two\nlines"},
        {"privacy": "hidden"},
        {"tags": ["<a>"]},
        {"tags": ["x"] * 251},
        {"category_id": "music"},
        {"made_for_kids": "no"},
        {"default_language": "not a tag"},
        {"publish_at": "2027-01-01T00:00:00Z"},
        {"thumbnail": {}},
        {"thumbnail": {"url": "https://example.com/a.jpg", "timestampMs": 0}},
        {"thumbnail": {"url": "ftp://example.com/a.jpg"}},
        {"thumbnail": {"timestampMs": 43_200_001}},
        {"playlist_ids": [f"PL{number}" for number in range(6)]},
        {"playlist_ids": ["PLa", "PLa"]},
        {"playlist_ids": ["https://www.youtube.com/playlist?list=PLa"]},
        {"captions": [{"language": f"en-{number}", "url": "https://example.com/a.srt"} for number in range(21)]},
        {"captions": [{"language": "German", "url": "a.srt"}]},
        {"captions": [{"language": "de", "url": "https://example.com/a.srt"}] * 2},
        {"captions": [{"language": "de", "name": "x" * 151, "url": "https://example.com/a.srt"}]},
    ],
)
def test_malformed_options(settings: dict[str, object]) -> None:
    """What YouTube could never accept is refused when it is sent."""
    with pytest.raises(ValidationError):
        YouTubePostSettings.model_validate(settings_document(**settings))
