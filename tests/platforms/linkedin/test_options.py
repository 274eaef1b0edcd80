"""The options of a LinkedIn post: their schema, where they apply, and what is sent."""

from dataclasses import replace

import pytest
from pydantic import JsonValue, ValidationError
from tests.platforms.drafts import linkedin, media
from tests.platforms.rows import each_row

from presswork.core.enums import MediaType
from presswork.platforms.linkedin.rules import OPTIONS, LinkedInPostSettings, post_body, settings_of
from presswork.platforms.options import OptionCode

AUTHOR = "urn:li:person:a"
POLL: dict[str, JsonValue] = {"question": "Which loaf?", "options": ["Rye", "Spelt"], "duration": "ONE_DAY"}
WRONG_POLLS: list[dict[str, JsonValue]] = [
    {"question": ""},
    {"question": " "},
    {"question": "a" * 141},
    {"options": ["Rye"]},
    {"options": ["Rye"] * 5},
    {"options": ["Rye", ""]},
    {"options": ["Rye", "a" * 31]},
    {"duration": "TWO_DAYS"},
    {"duration": None},
    {"votes": 1},
]


def body(*items: object, caption: str = "Hi (you)", **settings: object) -> dict[str, JsonValue]:
    """Return what is sent for media with the URNs 0, 1 …"""
    named = [(one, f"urn:li:image:{index}") for index, one in enumerate(items)]
    return post_body(settings_of(linkedin(**settings)), author=AUTHOR, caption=caption, media=named)  # type: ignore[arg-type]  # media items


def test_defaults() -> None:
    """A picture without options is public and can be reposted, and its text is escaped."""
    assert body(media()) == {
        "author": AUTHOR,
        "commentary": "Hi \\(you\\)",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": {"media": {"id": "urn:li:image:0"}},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def test_alternative_texts_and_titles() -> None:
    """Pictures carry their alternative texts as they are, a video its title."""
    pictures = [replace(media(position=index), alt_text=text) for index, text in enumerate(("A (b)", None))]
    assert body(*pictures)["content"] == {
        "multiImage": {"images": [{"id": "urn:li:image:0", "altText": "A (b)"}, {"id": "urn:li:image:1"}]}
    }
    assert body(media(seconds=9), title="How")["content"] == {"media": {"id": "urn:li:image:0", "title": "How"}}


@each_row(
    "document",
    [
        {"visibility": "public"},
        {"visibility": "CONTAINER"},
        {"isReshareDisabled": "true"},
        {"title": ""},
        {"title": " "},
        {"title": "a\nb"},
        {"title": "a" * 201},
        {"asDocument": True},
        *({"poll": POLL | wrong} for wrong in WRONG_POLLS),
    ],
)
def test_malformed_options_are_refused(document: dict[str, JsonValue]) -> None:
    """Whatever the platform of the target."""
    with pytest.raises(ValidationError):
        LinkedInPostSettings.model_validate(document)


def test_poll() -> None:
    """A poll is sent with its settings, and an approval covers its words."""
    assert body(poll=POLL)["content"] == {
        "poll": {
            "question": "Which loaf?",
            "options": [{"text": "Rye"}, {"text": "Spelt"}],
            "settings": {"duration": "ONE_DAY"},
        }
    }
    [option] = OPTIONS
    assert option.own_words({"poll": POLL}) == {
        "linkedinPostSettings.poll.question": "Which loaf?",
        "linkedinPostSettings.poll.options[0]": "Rye",
        "linkedinPostSettings.poll.options[1]": "Spelt",
        "linkedinPostSettings.poll.duration": "ONE_DAY",
    }


@each_row("media_type", MediaType)
def test_titles_are_for_videos(media_type: MediaType) -> None:
    """A title on pictures is refused where the target is LinkedIn."""
    [option] = OPTIONS
    found = option.unsuitable({"title": "How"}, media_type)
    expected = [] if media_type is MediaType.VIDEO else [(".title", OptionCode.NON_VIDEO_CONTAINER)]
    assert [(one.path, one.reason) for one in found] == expected
    assert option.unsuitable({"visibility": "PUBLIC"}, media_type) == []
