"""The form of TikTok's posting page: what it offers, what it refuses, and what a filled-in form asks for."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from presswork.core.enums import MediaType
from presswork.platforms.port import CreatorInfo
from presswork.tiktok_posting.model import (
    Answers,
    Fault,
    FormFault,
    Label,
    PageContent,
    Part,
    Policy,
    Privacy,
    avatar_source,
    check,
    frame_ancestors,
    interactions,
    is_private_account,
    is_too_long,
    offered_privacy,
    options_of,
)

CREATOR: Final = CreatorInfo(
    nickname="Luna bakes",
    username="luna",
    avatar_url=None,
    privacy_levels=["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    is_comment_disabled=False,
    is_duet_disabled=False,
    is_stitch_disabled=False,
    max_video_duration=timedelta(seconds=60),
)
VIDEO: Final = PageContent(
    media_type=MediaType.VIDEO,
    duration=timedelta(seconds=59),
    caption="Bread",
    is_text_fixed=False,
    max_caption=2200,
    max_title=90,
)
PICTURES: Final = replace(VIDEO, media_type=MediaType.MULTI, duration=None, max_caption=4000)


def answers(**form: str) -> Answers:
    """Return the answers of a form that is complete but for what is changed; an empty value leaves a field out."""
    sent = {"caption": "Bread", "privacy": "PUBLIC_TO_EVERYONE", **form}
    return Answers.of({name: value for name, value in sent.items() if value})


def test_a_form_that_was_not_touched_chooses_nothing() -> None:
    """No privacy, no interaction and no disclosure is chosen before a person has chosen it."""
    blank = Answers.of({"caption": "Bread"})
    assert (blank.privacy, blank.chosen, blank.label) == ("", frozenset(), None)
    assert check(blank, CREATOR, VIDEO) == [FormFault(part=Part.PRIVACY, fault=Fault.PRIVACY_MISSING)]


def test_what_is_off_is_sent_as_off() -> None:
    """Nothing that the page asks is left to a default of TikTok or of Presswork."""
    assert options_of(answers(), VIDEO) == {
        "tiktokPostSettings": {
            "privacyLevel": "PUBLIC_TO_EVERYONE",
            "disableComment": True,
            "disableDuet": True,
            "disableStitch": True,
            "isBrandOrganic": False,
            "isBrandedContent": False,
            "isAiGenerated": False,
        }
    }


def test_pictures_have_a_title_and_neither_duet_nor_stitch() -> None:
    """The boxes are not offered, and what a form sends of them anyway is left out."""
    assert interactions(PICTURES) == (Part.COMMENT,)
    sent = answers(title=" Our \r\n bread ", allow_comment="on", allow_duet="on", allow_stitch="on")
    assert check(sent, CREATOR, PICTURES) == []
    assert options_of(sent, PICTURES)["tiktokPostSettings"] == {
        "privacyLevel": "PUBLIC_TO_EVERYONE",
        "disableComment": False,
        "isBrandOrganic": False,
        "isBrandedContent": False,
        "isAiGenerated": False,
        "title": "Our bread",
    }


@pytest.mark.parametrize("part", [Part.COMMENT, Part.DUET, Part.STITCH])
def test_what_the_creator_turned_off_can_not_be_allowed(part: Part) -> None:
    """A form that allows it anyway, since it was opened before, is refused beside that box."""
    creator = replace(
        CREATOR,
        is_comment_disabled=part is Part.COMMENT,
        is_duet_disabled=part is Part.DUET,
        is_stitch_disabled=part is Part.STITCH,
    )
    sent = answers(**{part.value: "on"})
    assert check(sent, creator, VIDEO) == [FormFault(part=part, fault=Fault.TURNED_OFF_BY_CREATOR)]
    assert check(sent, CREATOR, VIDEO) == []


@pytest.mark.parametrize(
    ("ticked", "label", "policies"),
    [
        (("your_brand",), Label.PROMOTIONAL_CONTENT, (Policy.MUSIC_USAGE,)),
        (("branded_content",), Label.PAID_PARTNERSHIP, (Policy.BRANDED_CONTENT, Policy.MUSIC_USAGE)),
        (("your_brand", "branded_content"), Label.PAID_PARTNERSHIP, (Policy.BRANDED_CONTENT, Policy.MUSIC_USAGE)),
    ],
)
def test_the_disclosure_decides_label_and_policies(
    ticked: tuple[str, ...], label: Label, policies: tuple[Policy, ...]
) -> None:
    """A third party's brand makes it a paid partnership, whatever else is promoted."""
    sent = answers(disclosure="on", **dict.fromkeys(ticked, "on"))
    assert (sent.label, sent.policies, check(sent, CREATOR, VIDEO)) == (label, policies, [])


def test_a_disclosure_that_is_off_counts_for_nothing() -> None:
    """Boxes below a switch that was turned off again label nothing."""
    sent = answers(your_brand="on", branded_content="on", privacy="SELF_ONLY")
    assert (sent.label, sent.policies, check(sent, CREATOR, VIDEO)) == (None, (Policy.MUSIC_USAGE,), [])


def test_a_disclosure_names_what_it_discloses() -> None:
    """The switch alone is refused, and so is branded content that only its author would see."""
    assert check(answers(disclosure="on"), CREATOR, VIDEO) == [
        FormFault(part=Part.DISCLOSURE, fault=Fault.NOTHING_DISCLOSED)
    ]
    private = answers(disclosure="on", branded_content="on", privacy="SELF_ONLY")
    assert check(private, CREATOR, VIDEO) == [FormFault(part=Part.BRANDED_CONTENT, fault=Fault.BRANDED_IS_PRIVATE)]
    assert check(answers(disclosure="on", your_brand="on", privacy="SELF_ONLY"), CREATOR, VIDEO) == []


def test_privacy_is_what_tiktok_offers_now() -> None:
    """In TikTok's order; levels that are unknown or not on offer any more are refused."""
    creator = replace(CREATOR, privacy_levels=["FOLLOWER_OF_CREATOR", "NEW_LEVEL", "SELF_ONLY", "FOLLOWER_OF_CREATOR"])
    assert offered_privacy(creator) == [Privacy.FOLLOWERS, Privacy.ONLY_ME]
    for level in ("PUBLIC_TO_EVERYONE", "NEW_LEVEL", "nonsense"):
        assert check(answers(privacy=level), creator, VIDEO) == [
            FormFault(part=Part.PRIVACY, fault=Fault.PRIVACY_NOT_OFFERED)
        ]
    assert (is_private_account(creator), is_private_account(CREATOR)) == (True, False)


def test_the_length_of_a_video_is_compared_with_that_of_the_account() -> None:
    """To a tenth of a second, as everywhere; pictures and accounts without a limit have none."""
    longest = CREATOR.max_video_duration
    assert longest is not None
    video = replace(VIDEO, duration=longest + timedelta(milliseconds=40))
    assert not is_too_long(video, CREATOR)
    assert is_too_long(replace(video, duration=longest + timedelta(milliseconds=60)), CREATOR)
    assert not is_too_long(replace(video, duration=timedelta(hours=1)), replace(CREATOR, max_video_duration=None))
    assert not is_too_long(PICTURES, CREATOR)


def test_texts_are_measured_as_tiktok_and_the_api_do() -> None:
    """An emoji counts twice in a video's caption and in a title; line breaks are those that a person typed."""
    emoji = "\N{BREAD}" * (VIDEO.max_caption // 2 + 1)
    too_long = FormFault(
        part=Part.CAPTION, fault=Fault.CAPTION_TOO_LONG, value=VIDEO.max_caption + 2, limit=VIDEO.max_caption
    )
    assert check(answers(caption=emoji), CREATOR, VIDEO) == [too_long]
    assert check(answers(caption=emoji), CREATOR, PICTURES) == []
    assert check(answers(caption="\N{BREAD}" * 2001), CREATOR, PICTURES) == [replace(too_long, value=4002, limit=4000)]
    assert check(answers(caption="b" * 4000), CREATOR, PICTURES) == []
    assert check(answers(title="\N{BREAD}" * 46), CREATOR, PICTURES) == [
        FormFault(part=Part.TITLE, fault=Fault.TITLE_TOO_LONG, value=92, limit=90)
    ]
    assert answers(caption="one\r\ntwo\rthree\x00").caption == "one\ntwo\nthree"


def test_texts_that_an_approval_covers_are_fixed() -> None:
    """Another caption is refused beside its field; a title, which has no approval, is left out."""
    fixed = replace(PICTURES, is_text_fixed=True)
    assert check(answers(caption="Rolls", title="New"), CREATOR, fixed) == [
        FormFault(part=Part.CAPTION, fault=Fault.CAPTION_IS_FIXED)
    ]
    assert check(answers(title="New"), CREATOR, fixed) == []
    assert "title" not in str(options_of(answers(title="New"), fixed))


@pytest.mark.parametrize(
    ("domains", "sources"),
    [
        ((), ()),
        (("App.example.com", "app.example.com"), ("https://app.example.com:*",)),
        (("*.example.com", "localhost"), ("https://*.example.com:*", "http://localhost:*")),
        (("127.0.0.1", "dev.localhost"), ("http://127.0.0.1:*", "http://dev.localhost:*")),
        (("[::1]", "x; script-src *", "a b", ""), ()),
    ],
)
def test_who_may_frame_the_page(domains: tuple[str, ...], sources: tuple[str, ...]) -> None:
    """The hosts of return URLs: by https, this machine also by http; nothing else gets into the policy."""
    assert frame_ancestors(domains) == sources


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://p16.TikTokCDN.com/a.webp?x=1", "https://p16.tiktokcdn.com"),
        ("https://cdn.example:8443/a", "https://cdn.example:8443"),
        ("http://cdn.example/a", None),
        ("https://cdn.example; script-src */a", None),
        ("https://user@cdn.example/a", None),
        (None, None),
    ],
)
def test_where_the_picture_of_the_account_is(url: str | None, source: str | None) -> None:
    """The page loads it from there only; what TikTok sends can't widen the policy."""
    assert avatar_source(url) == source
