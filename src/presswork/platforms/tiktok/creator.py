"""Who posts and what TikTok allows them now, and the settings of a post that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, Rejected, TryLater
from presswork.platforms.port import Job, Media, TikTokSettings
from presswork.platforms.tiktok.answers import whole
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.endpoints import CREATOR_INFO
from presswork.platforms.tiktok.media_rules import text_units

STEP: Final = "creator_info"

MOST_OPEN_FIRST: Final = ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
"""TikTok's privacy levels, the widest audience first. Source: TikTok, "Query Creator Info", read 2026-11."""
PRIVATE: Final = "SELF_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """What `creator_info` says; asked anew at each attempt, for the account's owner can change all of it."""

    username: str | None
    privacy_levels: Sequence[str]
    is_comment_disabled: bool
    is_duet_disabled: bool
    is_stitch_disabled: bool
    max_video_duration: timedelta | None


async def creator_info(api: Api, job: Job) -> Creator:
    """Ask what the account may post now. Raises Rejected, CredentialInvalid, TryLater (a daily cap, say)."""
    data = (await api.ask(job, CREATOR_INFO, {}, step=STEP)).data
    levels, username = data.get("privacy_level_options"), data.get("creator_username")
    if not isinstance(levels, list):
        raise TryLater("TikTok did not say who may see the account's posts.", step=STEP)
    longest = whole(data.get("max_video_post_duration_sec"))
    return Creator(
        username=username if isinstance(username, str) and username else None,
        privacy_levels=[level for level in levels if isinstance(level, str)],
        is_comment_disabled=data.get("comment_disabled") is True,
        is_duet_disabled=data.get("duet_disabled") is True,
        is_stitch_disabled=data.get("stitch_disabled") is True,
        max_video_duration=timedelta(seconds=longest) if longest else None,
    )


def choose_privacy(offered: Sequence[str], settings: TikTokSettings) -> str:
    """Return who will see the post: the level asked for, else the most open one on offer.

    Raises Rejected when the level asked for is not on offer, and for paid partnerships that only their author could
    see, which TikTok does not allow (source: TikTok, "Content Sharing Guidelines", read 2026-11).
    """
    names = ", ".join(offered) or "none"
    asked = settings.privacy_level
    if asked is not None and asked not in offered:
        raise Rejected(
            f"TikTok does not offer the privacyLevel {asked} to this account now; it offers: {names}. "
            "Publish again with one of these, or change the account's privacy in the TikTok app.",
            step=STEP,
            platform_code="privacy_level_option_mismatch",
        )
    level = asked or next((one for one in MOST_OPEN_FIRST if one in offered), None)
    if level is None:
        raise Rejected(
            f"TikTok offers no privacy level that Presswork knows ({names}). Name one as privacyLevel.",
            step=STEP,
            failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        )
    if level == PRIVATE and settings.is_branded_content:
        raise Rejected(
            "A paid partnership (isBrandedContent) can't be posted for its author only (SELF_ONLY); TikTok does not "
            f"allow it. Choose another privacyLevel; the account is offered: {names}.",
            step=STEP,
        )
    return level


def video_settings(creator: Creator, settings: TikTokSettings) -> dict[str, JsonValue]:
    """Return the `post_info` of a video without its text. What the account itself has disabled stays disabled."""
    return photo_settings(creator, settings) | {
        "disable_duet": creator.is_duet_disabled or bool(settings.disable_duet),
        "disable_stitch": creator.is_stitch_disabled or bool(settings.disable_stitch),
    }


def photo_settings(creator: Creator, settings: TikTokSettings) -> dict[str, JsonValue]:
    """Return the `post_info` of a photo post without its text and music; pictures know no duet and no stitch."""
    return {
        "privacy_level": choose_privacy(creator.privacy_levels, settings),
        "disable_comment": creator.is_comment_disabled or bool(settings.disable_comment),
        # Documented as required, and omitted in TikTok's own sample; always sent, so nothing hangs on its default.
        "brand_content_toggle": bool(settings.is_branded_content),
        "brand_organic_toggle": bool(settings.is_brand_organic),
    }


def music_settings(mode: str | None) -> dict[str, JsonValue]:
    """Return what a photo post asks for as music: TikTok picks a track or not; which one can't be said.

    `auto` and `manual` are the same here; nothing is sent when nothing was asked for.
    """
    return {} if mode is None else {"auto_add_music": mode in ("auto", "manual")}


def check_duration(video: Media, creator: Creator) -> None:
    """Raises Rejected (MEDIA_REJECTED) when the video is longer than TikTok lets this account post."""
    longest = creator.max_video_duration
    if longest is not None and video.duration is not None and video.duration > longest:
        raise Rejected(
            f"The video is {video.duration.total_seconds():.1f} seconds long; TikTok lets this account post videos of "
            f"at most {longest.total_seconds():.0f} seconds. Publish a shorter one.",
            step=STEP,
            failure=FailureCode.MEDIA_REJECTED,
        )


def check_text(text: str, limit: int, *, step: str) -> None:
    """Raises Rejected when a caption is longer than `limit` UTF-16 units, which is how TikTok counts."""
    if (units := text_units(text)) > limit:
        raise Rejected(
            f"The caption has {units:,} characters as TikTok counts them; it takes {limit:,} here. Shorten it "
            "(captionOverride sets one for this target alone).",
            step=step,
        )
