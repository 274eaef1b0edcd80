"""The two things that TikTok does with a post: publish it, or put it as a draft into its creator's inbox.

Sources: TikTok, "Content Posting API: Direct Post", "Upload" and "Photo Post" (`post_mode`), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

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
from presswork.platforms.tiktok.endpoints import INBOX_INIT, VIDEO_INIT
from presswork.platforms.tiktok.login import PUBLISH
from presswork.platforms.tiktok.quota import INBOX_INITS, VIDEO_INITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What goes out beside the media. `username` None: not asked; `post_info` None: nothing of it is sent."""

    username: str | None
    post_info: Mapping[str, JsonValue] | None


class Delivery(Protocol):
    """What differs between the two; the media takes the same way in both."""

    @property
    def video_init(self) -> str:
        """The path that opens an upload."""
        ...

    @property
    def video_turns(self) -> Limit:
        """How many uploads may be opened."""
        ...

    @property
    def video_step(self) -> str:
        """What timelines and errors call that step."""
        ...

    @property
    def photo_mode(self) -> str:
        """`post_mode` of a photo post."""
        ...

    @property
    def then(self) -> str:
        """What a timeline says of what TikTok does next, without a call of ours."""
        ...

    async def judge(self, account: Credentials) -> Validator:
        """Ask what the account may post now. Raises Rejected, CredentialInvalid, TryLater (a daily cap, say)."""
        ...

    async def terms(self, job: Job) -> Terms:
        """Choose what goes out with a post. Raises what `judge` raises, and Rejected where TikTok would refuse it."""
        ...

    async def username(self, job: Job) -> str | None:
        """Return the name that links to a post are made of, where `terms` did not ask for it; None: not told."""
        ...


class DirectPost:
    """Published at once, with the settings of the target as far as TikTok allows them to the account."""

    video_init: Final = VIDEO_INIT
    video_turns: Final = VIDEO_INITS
    video_step: Final = "video_init"
    photo_mode: Final = "DIRECT_POST"
    then: Final = "it goes live automatically"

    def __init__(self, api: Api) -> None:
        """Take where to ask."""
        self._api = api

    async def judge(self, account: Credentials) -> Validator:
        """Ask TikTok what the account may post now."""
        return (await creator_info(self._api, account)).judge

    async def terms(self, job: Job) -> Terms:
        """Ask TikTok what the account may post now, and choose the settings by it."""
        creator, draft, settings = await creator_info(self._api, job), draft_of(job), job.options.tiktok
        creator.judge(draft).require_none(step=STEP)
        if job.media[0].is_video:
            return Terms(
                username=creator.username, post_info={"title": job.caption, **video_settings(creator, settings)}
            )
        music = music_settings(job.options.music_mode)
        info = {"description": job.caption, **photo_settings(creator, settings), **music}
        return Terms(username=creator.username, post_info=info)

    async def username(self, job: Job) -> str | None:  # noqa: ARG002  the port's form
        """Return None: `terms` has asked."""
        return None


class InboxDraft:
    """Put into the inbox of the TikTok app, where the creator chooses privacy, music and, for a video, the caption.

    Nothing is asked beforehand: `creator_info` is about direct posts, and takes a permission that drafts do without.
    """

    video_init: Final = INBOX_INIT
    video_turns: Final = INBOX_INITS
    video_step: Final = "inbox_init"
    photo_mode: Final = "MEDIA_UPLOAD"
    then: Final = "it puts the draft into the creator's inbox automatically"

    def __init__(self, api: Api) -> None:
        """Take where to ask for a name, once there is a post to link to."""
        self._api = api

    async def judge(self, account: Credentials) -> Validator:  # noqa: ARG002  the port's form
        """Return what lets every post pass: TikTok tells its cap on drafts only when it refuses one."""
        return lambda _draft: Findings()

    async def terms(self, job: Job) -> Terms:
        """Return the text of pictures; TikTok accepts nothing with the video of a draft."""
        return Terms(username=None, post_info=None if job.media[0].is_video else {"description": job.caption})

    async def username(self, job: Job) -> str | None:
        """Ask for the creator's name, where the account has granted what that takes."""
        if PUBLISH not in job.account.scopes:
            return None
        try:
            return (await creator_info(self._api, job)).username
        except PlatformError:
            return None  # a link is not worth more than one question
