"""The schema of one target in publishing bodies: an account with its options."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, ValidationInfo, field_validator

from presswork.api.body import In, Text
from presswork.api.ids import AccountRef, PostRef
from presswork.core.enums import Mode
from presswork.core.errors import FieldError, IssueCode
from presswork.platforms.port import TikTokSettings
from presswork.posts import targets

MAX_OVERRIDE_CHARACTERS = 4000

Override = Annotated[Text, Field(max_length=MAX_OVERRIDE_CHARACTERS)]


class TikTokPostSettings(In):
    """How a direct post appears on TikTok. Omitted settings follow the account's settings on TikTok."""

    privacy_level: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None = (
        Field(
            default=None,
            description="Who can see the post. Default: everyone, or the most public choice that the account offers.",
        )
    )
    disable_comment: StrictBool | None = Field(default=None, description="Turn off comments.")
    disable_duet: StrictBool | None = Field(default=None, description="Turn off Duet (videos).")
    disable_stitch: StrictBool | None = Field(default=None, description="Turn off Stitch (videos).")
    is_brand_organic: StrictBool | None = Field(
        default=None, description="Label it as promoting the creator's own brand."
    )
    is_branded_content: StrictBool | None = Field(
        default=None, description="Label it as a paid partnership, as the law requires for one."
    )

    def settings(self) -> TikTokSettings:
        """Return the domain object."""
        return TikTokSettings(**self.model_dump())


class TikTokMusic(In):
    """Background music of a TikTok image or slideshow."""

    mode: Literal["none", "auto", "manual"] = Field(
        description="`none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, if the delivery channel supports it."
    )
    track_id: UUID | None = Field(
        default=None,
        validate_default=True,
        description="A track from `GET /v1/tiktok-music`; required with `manual`, ignored otherwise.",
    )

    @field_validator("track_id", mode="after")
    @classmethod
    def _require_with_manual(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        if value is None and info.data.get("mode") == "manual":
            raise FieldError(
                "is required in mode manual. Send the id of a track of GET /v1/tiktok-music.",
                IssueCode.TRACK_ID_REQUIRED,
            )
        return value

    def music(self) -> targets.TikTokMusic:
        """Return the domain object."""
        return targets.TikTokMusic(self.mode, self.track_id)


class Target(In):
    """One account that the content goes to, with the options for this account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}]
        }
    )

    social_account_id: AccountRef = Field(description="A connected account of the container's project.")
    mode: Mode = Field(
        description="`publish`: straight to the feed. `draft`: to the creator's phone. `managed`: through a provider."
    )
    scheduled_post_id: PostRef | None = Field(
        default=None, description="Your own id for the post: `sp_` and a new UUID. Default: an id is generated."
    )
    caption_override: Override | None = Field(
        default=None, description="Replaces the container's caption for this target."
    )
    first_comment_override: Override | None = Field(
        default=None, description="Replaces the container's first comment for this target. Empty: no comment."
    )
    tiktok_post_settings: TikTokPostSettings | None = Field(
        default=None,
        description="Used for TikTok targets in mode `publish`; validated, then ignored for others.",
    )
    tiktok_music: TikTokMusic | None = Field(
        default=None,
        description="Used for TikTok images and slideshows; refused in mode `draft`, ignored on Instagram.",
    )
    share_reel_to_feed: StrictBool | None = Field(
        default=None,
        description="Instagram video in mode `publish` only: false keeps the Reel out of the profile's main grid.",
    )

    @field_validator("tiktok_music", mode="after")
    @classmethod
    def _no_music_on_drafts(cls, value: TikTokMusic | None, info: ValidationInfo) -> TikTokMusic | None:
        if value is not None and info.data.get("mode") is Mode.DRAFT:
            raise FieldError(
                "is not supported in mode draft: the creator chooses the music in the app. Omit it.",
                IssueCode.MUSIC_ON_DRAFT,
            )
        return value

    @field_validator("share_reel_to_feed", mode="after")
    @classmethod
    def _only_on_publish(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        mode = info.data.get("mode")
        if value is not None and mode is not None and mode is not Mode.PUBLISH:
            raise FieldError(
                "is supported in mode publish only. Omit it, or change the mode.", IssueCode.NON_PUBLISH_MODE
            )
        return value

    def target(self) -> targets.Target:
        """Return the domain object."""
        settings, music = self.tiktok_post_settings, self.tiktok_music
        return targets.Target(
            social_account_id=self.social_account_id,
            mode=self.mode,
            scheduled_post_id=self.scheduled_post_id,
            caption_override=self.caption_override,
            first_comment_override=self.first_comment_override,
            tiktok_post_settings=None if settings is None else settings.settings(),
            tiktok_music=None if music is None else music.music(),
            share_reel_to_feed=self.share_reel_to_feed,
        )
