"""The two kinds of TikTok delivery: publish a post, or put it as a draft into its creator's inbox.

Sources: TikTok, "Content Posting API: Direct Post", "Upload" and "Photo Post" (`post_mode`), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import PlatformError
from presswork.platforms.findings import Findings
from presswork.platforms.port import Credentials, Job, Limit, Validator, draft_of
from presswork.platforms.tiktok.api import Api
from presswork.platforms.tiktok.creator import (
    STEP,
    creator_info,
    music_settings,
    photo_settings,
    video_settings,
)
from presswork.platforms.tiktok.description import PUBLISH
from presswork.platforms.tiktok.endpoints import INBOX_INIT, VIDEO_INIT
from presswork.platforms.tiktok.rules import (
    INBOX_INITS,
    VIDEO_INITS,
    PhotoParameters,
    music_mode_of,
    photo_parameters,
    settings_of,
    title_parameter,
)


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
    """The fields that are sent with the media. `username` None: not fetched; `post_info` None: none is sent."""

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
    creator.validate(draft_of(job)).require_none(step=STEP)
    if is_video:
        info = {"title": job.caption, **video_settings(creator, settings)}
    else:
        music, title = music_settings(music_mode_of(job.options)), title_parameter(settings)
        info = {**title, "description": job.caption, **photo_settings(creator, settings), **music}
    return PostFields(username=creator.username, post_info=info, photo=photo_parameters(settings))


async def username_of_draft(api: Api, job: Job) -> str | None:
    """Fetch the user name for a link to a posted draft, where the account has granted the permission for it; else None."""
    if PUBLISH not in job.account.scopes:
        return None
    try:
        return (await creator_info(api, job)).username
    except PlatformError:
        return None  # a link is not worth more than one call
