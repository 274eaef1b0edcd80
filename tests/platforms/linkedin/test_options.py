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


def test_documents_are_named_after_their_files() -> None:
    """The title of a document is the target's, else the name of its file, cut, else a word."""
    document = replace(media(), content_type="application/pdf", pages=3)
    for filename, title, sent in (
        ("Spring menu.pdf", None, "Spring menu"),
        ("Spring menu.pdf", "Menu", "Menu"),
        ("a" * 120 + ".pdf", None, "a" * 100),
        (".pdf", None, "Document"),
        (None, None, "Document"),
    ):
        item = replace(document, filename=filename)
        settings = {} if title is None else {"title": title}
        assert body(item, **settings)["content"] == {"media": {"id": "urn:li:image:0", "title": sent}}


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
def test_titles_are_for_videos_and_documents(media_type: MediaType) -> None:
    """A title on pictures is refused where the target is LinkedIn."""
    [option] = OPTIONS
    found = option.unsuitable({"title": "How"}, media_type)
    titled = (MediaType.VIDEO, MediaType.DOCUMENT)
    expected = [] if media_type in titled else [(".title", OptionCode.NON_VIDEO_CONTAINER)]
    assert [(one.path, one.reason) for one in found] == expected
    assert option.unsuitable({"visibility": "PUBLIC"}, media_type) == []


@each_row("media_type", MediaType)
def test_documents_are_made_of_pictures(media_type: MediaType) -> None:
    """Without pictures it is refused; with them, the document can have a title."""
    [option] = OPTIONS
    found = option.unsuitable({"title": "How", "documentFromImages": True}, media_type)
    are_pictures = media_type in (MediaType.IMAGE, MediaType.MULTI)
    assert (OptionCode.DOCUMENT_MEDIA in {one.reason for one in found}) is not are_pictures
    assert found == [] or not are_pictures
