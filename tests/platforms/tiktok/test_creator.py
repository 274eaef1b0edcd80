"""Which settings a post gets from what was requested and what the account allows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.platforms.drafts import tiktok, tiktok_settings
from tests.platforms.rows import each_row

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.port import Draft, Media, MediaType, Mode
from presswork.platforms.tiktok.delivery import (
    Creator,
    choose_privacy,
    duration_problem,
    music_settings,
    photo_settings,
    video_settings,
)
from presswork.platforms.tiktok.rules import TikTokPostSettings

PUBLIC = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
PRIVATE = ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR"]


def creator(*levels: str, disabled: str = "", longest: int | None = 300) -> Creator:
    """Return an account that offers these levels and has disabled the interactions named."""
    return Creator(
        username="brand",
        nickname="Brand",
        avatar_url=None,
        privacy_levels=levels,
        is_comment_disabled="comment" in disabled,
        is_duet_disabled="duet" in disabled,
        is_stitch_disabled="stitch" in disabled,
        max_video_duration=timedelta(seconds=longest) if longest else None,
    )


@each_row(
    ("offered", "asked", "level"),
    [
        (PUBLIC, None, "PUBLIC_TO_EVERYONE"),
        (PRIVATE, None, "FOLLOWER_OF_CREATOR"),
        (["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"], None, "MUTUAL_FOLLOW_FRIENDS"),
        (["SELF_ONLY"], None, "SELF_ONLY"),
        (PUBLIC, "SELF_ONLY", "SELF_ONLY"),
        (PUBLIC, "MUTUAL_FOLLOW_FRIENDS", "MUTUAL_FOLLOW_FRIENDS"),
        ([*PUBLIC, "OF_TOMORROW"], None, "PUBLIC_TO_EVERYONE"),
    ],
)
def test_privacy(offered: list[str], asked: str | None, level: str) -> None:
    """The requested level wins; else public where offered, else the widest audience on offer."""
    assert choose_privacy(offered, tiktok_settings(privacy_level=asked)) == level


def refused(offered: list[str], settings: TikTokPostSettings) -> Rejected:
    """Return the error that preparing a post with these settings raises."""
    with pytest.raises(Rejected) as raised:
        creator(*offered).privacy_for(settings)
    return raised.value


def test_privacy_not_offered() -> None:
    """A level that is not on offer is refused, and the message names those that are."""
    error = refused(PRIVATE, tiktok_settings(privacy_level="PUBLIC_TO_EVERYONE"))
    assert "PUBLIC_TO_EVERYONE" in error.message
    assert "FOLLOWER_OF_CREATOR" in error.message
    assert error.platform_code == "privacy_level_option_mismatch"


@pytest.mark.parametrize("offered", [[], ["OF_TOMORROW"]])
def test_no_known_privacy(offered: list[str]) -> None:
    """Without a level that Presswork knows, it does not choose one."""
    assert refused(offered, tiktok_settings()).failure is FailureCode.ACCOUNT_NOT_ELIGIBLE


@pytest.mark.parametrize(("offered", "asked"), [(PUBLIC, "SELF_ONLY"), (["SELF_ONLY"], None)])
def test_paid_partnership_is_never_private(offered: list[str], asked: str | None) -> None:
    """A paid partnership that only its author could see is refused."""
    error = refused(offered, tiktok_settings(privacy_level=asked, is_branded_content=True))
    assert "paid partnership" in error.message


def test_disabled_interactions_stay_disabled() -> None:
    """What the account disables is sent as disabled even where the post enables it."""
    wish = tiktok_settings(disable_comment=False, disable_duet=False, disable_stitch=False)
    assert video_settings(creator(*PUBLIC, disabled="comment duet stitch"), wish) == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "disable_duet": True,
        "disable_stitch": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }


def test_settings_are_sent_under_the_platforms_names() -> None:
    """Each setting is sent under TikTok's name for it, and nothing else changes."""
    everything = tiktok_settings(
        privacy_level="MUTUAL_FOLLOW_FRIENDS", disable_stitch=True, is_brand_organic=True, is_branded_content=False
    )
    assert video_settings(creator(*PUBLIC), everything) == {
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "disable_comment": False,
        "disable_duet": False,
        "disable_stitch": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": True,
    }
    assert photo_settings(creator(*PUBLIC), tiktok_settings(disable_comment=True, is_branded_content=True)) == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "brand_content_toggle": True,
        "brand_organic_toggle": False,
    }


@each_row(
    ("mode", "sent"),
    [
        (None, {}),
        ("none", {"auto_add_music": False}),
        ("auto", {"auto_add_music": True}),
        ("manual", {"auto_add_music": True}),
    ],
)
def test_music(mode: str | None, sent: dict[str, bool]) -> None:
    """Auto and manual request a track, none requests no music, and an unset mode sends nothing."""
    assert music_settings(mode) == sent


def clip(seconds: float) -> Media:
    """Return a video of this length."""
    return Media(
        asset_id=uuid4(),
        position=0,
        content_type="video/mp4",
        size_bytes=1,
        sha256="",
        width=720,
        height=1280,
        duration=timedelta(seconds=seconds),
        video_codec="h264",
        frame_rate=30,
    )


def test_a_video_too_long_for_the_account() -> None:
    """The error contains both durations formatted and as numbers."""
    problem = duration_problem(clip(843), creator(*PUBLIC, longest=600))
    assert problem is not None
    assert "The video is 14 min 3 s; this account may post up to 10 min" in problem.message
    assert (problem.code, problem.details["value"], problem.details["limit"]) == (FailureCode.MEDIA_REJECTED, 843, 600)


@each_row(("seconds", "longest"), [(300, 300), (300.04, 300), (1, 300), (9999, None)])
def test_a_video_that_fits(seconds: float, longest: int | None) -> None:
    """The limit itself is allowed, to a tenth of a second, and an account without one has none."""
    assert duration_problem(clip(seconds), creator(*PUBLIC, longest=longest)) is None


def test_every_restriction_of_the_account_is_reported_at_once() -> None:
    """A video that is too long and a privacy level that is not on offer are reported together."""
    draft = Draft(
        mode=Mode.PUBLISH,
        media_type=MediaType.VIDEO,
        caption="",
        media=[clip(301)],
        options=tiktok(privacy_level="FOLLOWER_OF_CREATOR"),
    )
    reasons = [error.details["reason"] for error in creator(*PUBLIC).validate(draft).errors]
    assert reasons == ["privacy_level", "duration"]
