"""The two kinds of TikTok delivery, publish a post or put it as a draft into its creator's inbox, and the fields that are sent with the
media: the target's settings as far as TikTok allows them for the creator now.

Sources: TikTok, "Content Posting API: Direct Post", "Upload" and "Photo Post" (`post_mode`), read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, PlatformError, TryLater
from presswork.platforms.findings import Findings, Problem, found, in_words, tenths
from presswork.platforms.json_values import text_of
from presswork.platforms.port import CreatorInfo, Credentials, Draft, Job, Limit, Media, Validator, draft_of
from presswork.platforms.tiktok.api import CREATOR_INFO, INBOX_INIT, VIDEO_INIT, Api, whole
from presswork.platforms.tiktok.description import PUBLISH
from presswork.platforms.tiktok.rules import (
    INBOX_INITS,
    PRIVATE,
    VIDEO_INITS,
    PhotoParameters,
    TikTokPostSettings,
    music_mode_of,
    photo_parameters,
    private_branded_content,
    reduced_privacy,
    settings_of,
    title_parameter,
    video_parameters,
    warn_reduced,
    widest,
)

STEP: Final = "creator_info"
PRIVACY_KEY: Final = "keep_privacy"
"""Where a post's state has the privacy level that was sent, for platforms/options.sql."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator(CreatorInfo):
    """The response of `creator_info`; fetched on each attempt, since the account's owner can change all of it."""

    def validate(self, draft: Draft) -> Findings:
        """Return the reasons for which TikTok would refuse a post from this account now."""
        too_long = [duration_problem(media, self) for media in draft.media if media.is_video]
        settings = settings_of(draft.options)
        level = choose_privacy(self.privacy_levels, settings)
        # The fixed rules report the request for a private partnership.
        is_known = settings.privacy_level == PRIVATE and bool(settings.is_branded_content)
        refused = None if isinstance(level, str) or is_known else level
        reduced = None if settings.privacy_level else reduced_privacy(self.privacy_levels)
        return found(refused, warn_reduced(reduced), *too_long)

    def privacy_for(self, settings: TikTokPostSettings) -> str:
        """Return the privacy level of the post. Raises Rejected when `validate` reports an error."""
        level = choose_privacy(self.privacy_levels, settings)
        if isinstance(level, str):
            return level
        raise level.rejection(step=STEP)


async def creator_info(api: Api, account: Credentials) -> Creator:
    """Fetch what the account may post now. Raises Rejected, CredentialInvalid, TryLater (a daily cap, for example)."""
    data = (await api.ask(account, CREATOR_INFO, {}, step=STEP)).data
    levels = data.get("privacy_level_options")
    if not isinstance(levels, list):
        raise TryLater("TikTok did not return the privacy levels of the account.", step=STEP)
    longest = whole(data.get("max_video_post_duration_sec"))
    return Creator(
        nickname=text_of(data.get("creator_nickname")),
        avatar_url=text_of(data.get("creator_avatar_url")),
        username=text_of(data.get("creator_username")),
        privacy_levels=[level for level in levels if isinstance(level, str)],
        is_comment_disabled=data.get("comment_disabled") is True,
        is_duet_disabled=data.get("duet_disabled") is True,
        is_stitch_disabled=data.get("stitch_disabled") is True,
        max_video_duration=timedelta(seconds=longest) if longest else None,
    )


def choose_privacy(offered: Sequence[str], settings: TikTokPostSettings) -> str | Problem:
    """Return the privacy level: the requested one, else the most public one on offer.

    A problem when the requested level is not on offer, and for paid partnerships that only their author could see,
    which TikTok does not allow (source: TikTok, "Content Sharing Guidelines", read 2026-11).
    """
    names = ", ".join(offered) or "none"
    asked = settings.privacy_level
    offer: dict[str, JsonValue] = {"offered": list(offered)}
    if asked is not None and asked not in offered:
        return Problem(
            FailureCode.PLATFORM_REJECTED,
            f"TikTok does not offer the privacyLevel {asked} to this account now; it offers: {names}. "
            "Publish with one of these, or change the account's privacy in the TikTok app.",
            {"reason": "privacy_level", "value": asked, **offer},
            platform_code="privacy_level_option_mismatch",
        )
    level = asked or widest(offered)
    if level is None:
        return Problem(
            FailureCode.ACCOUNT_NOT_ELIGIBLE,
            f"TikTok offers no privacy level that Presswork knows ({names}). Name one as privacyLevel.",
            {"reason": "no_privacy_level", **offer},
        )
    if level == PRIVATE and settings.is_branded_content:
        return private_branded_content(level)
    return level


def duration_problem(video: Media, creator: Creator) -> Problem | None:
    """Return the problem of a video that is longer than TikTok lets this account post."""
    longest = creator.max_video_duration
    if longest is None or video.duration is None or tenths(video.duration) <= tenths(longest):
        return None
    return Problem(
        FailureCode.MEDIA_REJECTED,
        f"The video is {in_words(video.duration)}; this account may post up to {in_words(longest)} on TikTok. "
        "Publish a shorter one.",
        {
            "reason": "duration",
            "value": tenths(video.duration),
            "limit": tenths(longest),
            "unit": "seconds",
            "item": video.position + 1,
        },
    )


def video_settings(creator: Creator, settings: TikTokPostSettings) -> dict[str, JsonValue]:
    """Return the `post_info` of a video without its text. What the account itself has disabled stays disabled."""
    return {
        **photo_settings(creator, settings),
        "disable_duet": creator.is_duet_disabled or bool(settings.disable_duet),
        "disable_stitch": creator.is_stitch_disabled or bool(settings.disable_stitch),
        **video_parameters(settings),
    }


def photo_settings(creator: Creator, settings: TikTokPostSettings) -> dict[str, JsonValue]:
    """Return the `post_info` of a photo post without its text and music; photo posts have no duet and no stitch."""
    return {
        "privacy_level": creator.privacy_for(settings),
        "disable_comment": creator.is_comment_disabled or bool(settings.disable_comment),
        # Documented as required, but missing in TikTok's own sample; always sent, so nothing depends on its default.
        "brand_content_toggle": bool(settings.is_branded_content),
        "brand_organic_toggle": bool(settings.is_brand_organic),
    }


def music_settings(mode: str | None) -> dict[str, JsonValue]:
    """Return the music setting of a photo post: whether TikTok chooses a track; a specific track can't be requested.

    `auto` and `manual` are the same here; nothing is sent when nothing was requested.
    """
    return {} if mode is None else {"auto_add_music": mode in ("auto", "manual")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What differs between the two kinds; the media upload is the same."""

    is_draft: bool
    video_init: str
    """The path that opens an upload."""
    video_limit: Limit
    """How many uploads may be opened."""
    video_step: str
    """The name of that step in timelines and errors."""
    photo_mode: str
    """`post_mode` of a photo post."""
    then: str
    """The timeline message while TikTok continues without a call from Presswork."""


DIRECT_POST: Final = Delivery(
    is_draft=False,
    video_init=VIDEO_INIT,
    video_limit=VIDEO_INITS,
    video_step="video_init",
    photo_mode="DIRECT_POST",
    then="it goes live automatically",
)
"""Published at once, with the target's settings as far as TikTok allows them for the account."""
INBOX_DRAFT: Final = Delivery(
    is_draft=True,
    video_init=INBOX_INIT,
    video_limit=INBOX_INITS,
    video_step="inbox_init",
    photo_mode="MEDIA_UPLOAD",
    then="it puts the draft into the creator's inbox automatically",
)
"""Put into the inbox of the TikTok app, where the creator chooses privacy, music and, for a video, the caption.

Nothing is fetched beforehand: `creator_info` is about direct posts, and needs a permission that drafts do not.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFields:
    """The fields that are sent with the media. `username` is None if it was not fetched, `post_info` if none is sent."""

    username: str | None
    post_info: Mapping[str, JsonValue] | None
    photo: PhotoParameters = field(default_factory=PhotoParameters)


async def fetch_validator(api: Api, delivery: Delivery, account: Credentials) -> Validator:
    """Fetch what the account may post now; TikTok reports its cap on drafts only when it refuses one.

    Raises Rejected, CredentialInvalid, TryLater (a daily cap, for example).
    """
    return (lambda _draft: Findings()) if delivery.is_draft else (await creator_info(api, account)).validate


async def post_fields(api: Api, delivery: Delivery, job: Job) -> PostFields:
    """Choose the fields of a post, by what the account may post now; TikTok accepts no text with the video of a draft.

    Raises what `fetch_validator` raises, and Rejected where TikTok would refuse the post.
    """
    is_video = job.media[0].is_video
    if delivery.is_draft:
        return PostFields(username=None, post_info=None if is_video else {"description": job.caption})
    creator, settings = await creator_info(api, job), settings_of(job.options)
    findings = creator.validate(draft_of(job))
    findings.require_none(step=STEP)
    await _report_privacy(job, creator, settings)
    if is_video:
        info = {"title": job.caption, **video_settings(creator, settings)}
    else:
        music, title = music_settings(music_mode_of(job.options)), title_parameter(settings)
        info = {**title, "description": job.caption, **photo_settings(creator, settings), **music}
    return PostFields(username=creator.username, post_info=info, photo=photo_parameters(settings))


async def _report_privacy(job: Job, creator: Creator, settings: TikTokPostSettings) -> None:
    """Store the privacy level that is sent, and say it where it is less public than a caller expects."""
    level, reduced = creator.privacy_for(settings), reduced_privacy(creator.privacy_levels)
    await job.report_privacy(reduced)
    if job.state.get(PRIVACY_KEY) == level:
        return
    job.save_later(**{PRIVACY_KEY: level})
    if reduced is not None and settings.privacy_level is None:
        job.note_later(
            "preparing", f"TikTok offers this account no public posts. It is published as {level}.", privacyLevel=level
        )


async def username_of_draft(api: Api, job: Job) -> str | None:
    """Fetch the user name for a link to a posted draft, where the account has granted the permission for it; else None."""
    if PUBLISH not in job.account.scopes:
        return None
    try:
        return (await creator_info(api, job)).username
    except PlatformError:
        return None  # a link is not worth more than one call
