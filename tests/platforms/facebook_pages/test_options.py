"""The options of a target on Facebook: what is accepted, and which parameters they become."""

import json

import pytest
from pydantic import JsonValue, ValidationError
from tests.platforms.rows import each_row

from presswork.platforms.facebook_pages.options import (
    FacebookPostSettings,
    post_parameters,
    settings_of,
    video_parameters,
)
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import PostOptions
from presswork.platforms.port import MediaType

ALL: dict[str, JsonValue] = {"title": "From the press", "countries": ["DE", "AT"]}


def test_every_option_becomes_its_parameter() -> None:
    """What is requested is sent under Facebook's own names; what is not requested is not sent."""
    parameters = video_parameters(settings_of(PostOptions({"facebookPostSettings": ALL})))
    assert parameters.pop("title") == "From the press"
    assert json.loads(parameters.pop("targeting")) == {"geo_locations": {"countries": ["DE", "AT"]}}
    assert parameters == {}
    assert post_parameters(settings_of(PostOptions())) == video_parameters(settings_of(PostOptions())) == {}


@each_row(
    "wrong",
    [
        {"title": ""},
        {"title": "a" * 256},
        {"title": "a\x00b"},
        {"countries": []},
        {"countries": ["de"]},
        {"countries": ["DEU"]},
        {"countries": ["DE"] * 26},
        {"link": "https://x.example"},
        {"placement": "reel"},
        {"placement": "story", "title": "From the press"},
        {"placement": "story", "countries": ["DE"]},
    ],
)
def test_wrong_shapes_are_refused(wrong: dict[str, JsonValue]) -> None:
    """Unknown names, other types and forms that Facebook does not accept are refused when they are sent."""
    with pytest.raises(ValidationError):
        FacebookPostSettings.model_validate(wrong)


def test_a_title_is_for_videos() -> None:
    """On pictures it is refused, with the path; an approval of texts covers it."""
    (option,) = [option for option in OPTIONS if option.name == "facebookPostSettings"]
    assert option.unsuitable(ALL, MediaType.VIDEO) == []
    for media_type in (MediaType.IMAGE, MediaType.MULTI):
        (problem,) = option.unsuitable(ALL, media_type)
        assert (problem.path, problem.reason.value) == (".title", "non_video_container")
        assert option.unsuitable({"countries": ["DE"]}, media_type) == []
    assert option.own_words(ALL) == {"facebookPostSettings.title": "From the press"}


def test_a_story_is_one_picture_or_video_without_a_text() -> None:
    """Other content is refused with the path, and so is a text of the content or the target."""
    (option,) = [option for option in OPTIONS if option.name == "facebookPostSettings"]
    story: dict[str, JsonValue] = {"placement": "story"}
    refused = {kind: [one.reason.value for one in option.unsuitable(story, kind)] for kind in MediaType}
    assert {kind for kind, reasons in refused.items() if reasons == []} == {MediaType.IMAGE, MediaType.VIDEO}
    assert refused[MediaType.MULTI] == ["story_media"]
    forbidden = option.forbids_text(story)
    assert forbidden is not None
    assert forbidden.reason.value == "story_text"
    assert option.forbids_text({"placement": "feed"}) is None
