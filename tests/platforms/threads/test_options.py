"""The options of a target on Threads: what is accepted, and which parameters they become."""

import pytest
from pydantic import JsonValue, ValidationError
from tests.platforms.rows import each_row

from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import PostOptions
from presswork.platforms.threads.options import ThreadsPostSettings, post_parameters, settings_of

ALL: dict[str, JsonValue] = {
    "replyControl": "followers_only",
    "topicTag": "Bread & Butter".replace(" & ", " and "),
    "isSpoilerMedia": True,
    "enableReplyApprovals": False,
    "allowlistedCountryCodes": ["DE", "FR"],
    "crossreshareToInstagram": True,
    "quotePostId": "18090000000000001",
    "poll": {"options": ["Rye", "Späth"]},
}


def test_every_option_becomes_its_parameter() -> None:
    """What is requested is sent under Threads' own names; what is not requested is not sent."""
    assert post_parameters(settings_of(PostOptions({"threadsPostSettings": ALL}))) == {
        "reply_control": "followers_only",
        "topic_tag": "Bread and Butter",
        "is_spoiler_media": "true",
        "enable_reply_approvals": "false",
        "allowlisted_country_codes": "DE,FR",
        "crossreshare_to_ig": "true",
        "quote_post_id": "18090000000000001",
        "poll_attachment": '{"option_a":"Rye","option_b":"Späth"}',
    }
    assert post_parameters(settings_of(PostOptions())) == {}


@each_row(
    "wrong",
    [
        {"replyControl": "nobody"},
        {"topicTag": ""},
        {"topicTag": "a" * 51},
        {"topicTag": "rock.roll"},
        {"topicTag": "rock&roll"},
        {"topicTag": "two\nlines"},
        {"isSpoilerMedia": "yes"},
        {"allowlistedCountryCodes": []},
        {"allowlistedCountryCodes": ["de"]},
        {"allowlistedCountryCodes": ["DEU"]},
        {"quotePostId": "abc"},
        {"autoPublishText": True},
        {"poll": {}},
        {"poll": {"options": ["Rye"]}},
        {"poll": {"options": ["Rye"] * 5}},
        {"poll": {"options": ["Rye", " "]}},
        {"poll": {"options": ["Rye", "a" * 26]}},
    ],
)
def test_wrong_shapes_are_refused(wrong: dict[str, JsonValue]) -> None:
    """Unknown names, other types and forms that Threads does not accept are refused when they are sent."""
    with pytest.raises(ValidationError):
        ThreadsPostSettings.model_validate(wrong)


def test_an_approval_covers_the_topic_and_the_quoted_post() -> None:
    """The members that add words to a post are reviewed with it."""
    (option,) = [option for option in OPTIONS if option.name == "threadsPostSettings"]
    assert option.own_words(ALL) == {
        "threadsPostSettings.topicTag": "Bread and Butter",
        "threadsPostSettings.quotePostId": "18090000000000001",
        "threadsPostSettings.poll.options[0]": "Rye",
        "threadsPostSettings.poll.options[1]": "Späth",
    }
