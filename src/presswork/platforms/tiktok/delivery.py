"""The two kinds of TikTok delivery: publish a post, or put it as a draft into its creator's inbox.

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
class PostFields:
    """The fields that are sent with the media. `username` None: not fetched; `post_info` None: none is sent."""

    username: str | None
    post_info: Mapping[str, JsonValue] | None


class Delivery(Protocol):
    """What differs between the two kinds; the media upload is the same."""

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
        """The name of that step in timelines and errors."""
        ...

    @property
    def photo_mode(self) -> str:
        """`post_mode` of a photo post."""
        ...

    @property
    def then(self) -> str:
        """The timeline message while TikTok continues without a call from Presswork."""
        ...

    async def fetch_validator(self, account: Credentials) -> Validator:
        """Fetch what the account may post now. Raises Rejected, CredentialInvalid, TryLater (a daily cap, for example)."""
        ...

    async def post_fields(self, job: Job) -> PostFields:
        """Choose the fields of a post. Raises what `fetch_constraints` raises, and Rejected where TikTok would refuse it."""
        ...

    async def username(self, job: Job) -> str | None:
        """Fetch the user name for links to a post, where `post_fields` did not; None: unknown."""
        ...


class DirectPost:
    """Published at once, with the target's settings as far as TikTok allows them for the account."""

    video_init: Final = VIDEO_INIT
    video_turns: Final = VIDEO_INITS
    video_step: Final = "video_init"
    photo_mode: Final = "DIRECT_POST"
    then: Final = "it goes live automatically"

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api = api

    async def fetch_validator(self, account: Credentials) -> Validator:
        """Fetch what the account may post now."""
        return (await creator_info(self._api, account)).validate

    async def post_fields(self, job: Job) -> PostFields:
        """Fetch what the account may post now, and choose the settings accordingly."""
        creator, draft, settings = await creator_info(self._api, job), draft_of(job), job.options.tiktok
        creator.validate(draft).require_none(step=STEP)
        if job.media[0].is_video:
            return PostFields(
                username=creator.username, post_info={"title": job.caption, **video_settings(creator, settings)}
            )
        music = music_settings(job.options.music_mode)
        info = {"description": job.caption, **photo_settings(creator, settings), **music}
        return PostFields(username=creator.username, post_info=info)

    async def username(self, job: Job) -> str | None:  # noqa: ARG002  the port's form
        """Return None: `post_fields` has fetched the name."""
        return None


class InboxDraft:
    """Put into the inbox of the TikTok app, where the creator chooses privacy, music and, for a video, the caption.

    Nothing is fetched beforehand: `creator_info` is about direct posts, and needs a permission that drafts do not.
    """

    video_init: Final = INBOX_INIT
    video_turns: Final = INBOX_INITS
    video_step: Final = "inbox_init"
    photo_mode: Final = "MEDIA_UPLOAD"
    then: Final = "it puts the draft into the creator's inbox automatically"

    def __init__(self, api: Api) -> None:
        """Store the API client, used to fetch a name once there is a post to link to."""
        self._api = api

    async def fetch_validator(self, account: Credentials) -> Validator:  # noqa: ARG002  the port's form
        """Return a validator without findings: TikTok reports its cap on drafts only when it refuses one."""
        return lambda _draft: Findings()

    async def post_fields(self, job: Job) -> PostFields:
        """Return the text of pictures; TikTok accepts no text with the video of a draft."""
        return PostFields(username=None, post_info=None if job.media[0].is_video else {"description": job.caption})

    async def username(self, job: Job) -> str | None:
        """Fetch the creator's name, where the account has granted the permission for it."""
        if PUBLISH not in job.account.scopes:
            return None
        try:
            return (await creator_info(self._api, job)).username
        except PlatformError:
            return None  # a link is not worth more than one call
