"""The bodies of the publishing routes."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, StrictBool, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from presswork.api.body import In, Out, Text
from presswork.api.ids import AccountRef, ContainerRef, PostRef, ProjectRef
from presswork.core.enums import Mode, PlatformName
from presswork.core.errors import Invalid, Issue
from presswork.core.timestamps import Instant, read_instant
from presswork.platforms.errors import FailureCode
from presswork.platforms.port import TikTokSettings
from presswork.posts import model
from presswork.posts import targets as _targets
from presswork.posts.create_posts import CreatedPosts
from presswork.posts.model import (
    Event,
    FirstCommentStatus,
    PostError,
    PostState,
    Status,
    TimelineLine,
    require_schedulable,
)
from presswork.posts.targets import MAX_TARGETS

MAX_OVERRIDE_CHARACTERS = 4000
MAX_REASON_CHARACTERS = 1024

_POST_EXAMPLE: Final[JsonDict] = {
    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "platform": "instagram",
    "mode": "publish",
    "status": "published",
    "externalId": "17918920912340654",
    "externalUrl": "https://www.instagram.com/p/CuMzZq1sX9k/",
    "scheduledFor": "2026-11-24T18:30:00.000Z",
    "attemptedAt": "2026-11-24T18:30:00.041Z",
    "publishedAt": "2026-11-24T18:30:04.512Z",
    "canceledAt": None,
    "lastError": None,
    "captionOverride": None,
    "firstCommentOverride": None,
    "tiktokPostSettings": None,
    "tiktokMusic": None,
    "shareReelToFeed": None,
    "firstCommentStatus": None,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:04.512Z",
}
_TIMELINE_EXAMPLE: Final[list[JsonValue]] = [
    {
        "at": "2026-11-24T18:30:00.000Z",
        "event": "queued",
        "message": "Accepted; due now.",
        "detail": {"mode": "publish"},
    },
    {
        "at": "2026-11-24T18:30:04.512Z",
        "event": "published",
        "message": "The post is live.",
        "detail": {"externalId": "17918920912340654"},
    },
]

Override = Annotated[Text, Field(max_length=MAX_OVERRIDE_CHARACTERS)]


class TikTokPostSettings(In):
    """How a direct post appears on TikTok. What is left out follows the account's own settings."""

    privacy_level: Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None = (
        Field(
            default=None,
            description="Who can see the post. Left out: everyone, or the most open choice that the account offers.",
        )
    )
    disable_comment: StrictBool | None = Field(default=None, description="Nobody can comment.")
    disable_duet: StrictBool | None = Field(default=None, description="Nobody can make a Duet (videos).")
    disable_stitch: StrictBool | None = Field(default=None, description="Nobody can Stitch (videos).")
    is_brand_organic: StrictBool | None = Field(
        default=None, description="Label it as promoting the creator's own brand."
    )
    is_branded_content: StrictBool | None = Field(
        default=None, description="Label it as a paid partnership; the law wants it where it is one."
    )

    def settings(self) -> TikTokSettings:
        """Return what was asked for."""
        return TikTokSettings(
            privacy_level=self.privacy_level,
            disable_comment=self.disable_comment,
            disable_duet=self.disable_duet,
            disable_stitch=self.disable_stitch,
            is_brand_organic=self.is_brand_organic,
            is_branded_content=self.is_branded_content,
        )

    @classmethod
    def of(cls, settings: TikTokSettings) -> Self:
        """Shape stored settings."""
        return cls.model_validate(
            {
                "privacyLevel": settings.privacy_level,
                "disableComment": settings.disable_comment,
                "disableDuet": settings.disable_duet,
                "disableStitch": settings.disable_stitch,
                "isBrandOrganic": settings.is_brand_organic,
                "isBrandedContent": settings.is_branded_content,
            }
        )


class TikTokMusic(In):
    """Background music of a TikTok picture or slideshow."""

    mode: Literal["none", "auto", "manual"] = Field(
        description="`none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, where the delivery can honour it."
    )
    track_id: UUID | None = Field(
        default=None,
        validate_default=True,
        description="Track of `GET /v1/tiktok-music`; needed with `manual`, ignored otherwise.",
    )

    @field_validator("track_id", mode="after")
    @classmethod
    def _needed_with_manual(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        if value is None and info.data.get("mode") == "manual":
            raise PydanticCustomError(
                "track_id_required", "A manual track needs its trackId; list them with GET /v1/tiktok-music."
            )
        return value

    def music(self) -> _targets.TikTokMusic:
        """Return what was asked for."""
        return _targets.TikTokMusic(self.mode, self.track_id)

    @classmethod
    def of(cls, music: _targets.TikTokMusic) -> Self:
        """Shape stored music."""
        return cls.model_validate({"mode": music.mode, "trackId": music.track_id})


class Target(In):
    """One account that the content goes to, and how."""

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
        default=None, description="Your own id for the post, `sp_` and a fresh UUID. Left out: one is made."
    )
    caption_override: Override | None = Field(
        default=None, description="Instead of the container's caption, for this target."
    )
    first_comment_override: Override | None = Field(
        default=None, description="Instead of the container's first comment, for this target. Empty: no comment."
    )
    tiktok_post_settings: TikTokPostSettings | None = Field(
        default=None,
        description="Read for TikTok targets in mode `publish`; checked for shape, then ignored elsewhere.",
    )
    tiktok_music: TikTokMusic | None = Field(
        default=None, description="Read for TikTok pictures and slideshows; refused on `draft`, ignored on Instagram."
    )
    share_reel_to_feed: StrictBool | None = Field(
        default=None,
        description="Instagram video in mode `publish` only: false keeps the Reel out of the profile's main grid.",
    )

    @field_validator("tiktok_music", mode="after")
    @classmethod
    def _no_music_on_drafts(cls, value: TikTokMusic | None, info: ValidationInfo) -> TikTokMusic | None:
        if value is not None and info.data.get("mode") is Mode.DRAFT:
            raise PydanticCustomError(
                "music_on_draft", "A draft has no music: its creator picks it on the phone. Leave tiktokMusic out."
            )
        return value

    @field_validator("share_reel_to_feed", mode="after")
    @classmethod
    def _only_on_publish(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        mode = info.data.get("mode")
        if value is not None and mode is not None and mode is not Mode.PUBLISH:
            raise PydanticCustomError(
                "non_publish_mode", "shareReelToFeed goes with mode publish only. Leave it out, or change the mode."
            )
        return value

    def target(self) -> _targets.Target:
        """Return what was asked for."""
        settings, music = self.tiktok_post_settings, self.tiktok_music
        return _targets.Target(
            social_account_id=self.social_account_id,
            mode=self.mode,
            scheduled_post_id=self.scheduled_post_id,
            caption_override=self.caption_override,
            first_comment_override=self.first_comment_override,
            tiktok_post_settings=None if settings is None else settings.settings(),
            tiktok_music=None if music is None else music.music(),
            share_reel_to_feed=self.share_reel_to_feed,
        )


class PublishRequest(In):
    """Where the content goes. All targets are accepted, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "targets": [
                        {"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"},
                        {
                            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
                            "mode": "publish",
                            "captionOverride": "Fresh from the oven #bakery",
                            "tiktokPostSettings": {"privacyLevel": "PUBLIC_TO_EVERYONE", "disableDuet": True},
                        },
                    ]
                }
            ]
        }
    )

    targets: list[Target] = Field(min_length=1, max_length=MAX_TARGETS, description="1–50 targets, all or nothing.")

    def asked(self) -> Sequence[_targets.Target]:
        """Return the targets as the use cases take them."""
        return [target.target() for target in self.targets]

    @model_validator(mode="after")
    def _ids_stand_once(self) -> Self:
        if len(ids := [target.scheduled_post_id for target in self.targets if target.scheduled_post_id]) != len(
            set(ids)
        ):
            raise PydanticCustomError(
                "duplicate_id", "A scheduledPostId stands twice in this call; give each target its own."
            )
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  the form of all models
        """Return the issues with each repeated scheduledPostId at its own place, whatever else is wrong."""
        kept = [issue for issue in issues if issue.code != "duplicate_id"]
        targets = body.get("targets") if isinstance(body, dict) else None
        seen: set[str] = set()
        for index, target in enumerate(targets if isinstance(targets, list) else []):
            post_id = target.get("scheduledPostId") if isinstance(target, dict) else None
            if not isinstance(post_id, str):
                continue
            if post_id.lower() in seen:
                sentence = "This id stands twice in the call; give each target its own."
                kept.append(Issue(f"targets[{index}].scheduledPostId", sentence, "duplicate_id"))
            seen.add(post_id.lower())
        return kept


class RepeatedTarget(Out):
    """A hint that two targets are the same account and mode."""

    code: Literal["REPEATED_TARGET"] = "REPEATED_TARGET"
    message: str
    social_account_id: AccountRef
    mode: Mode

    @classmethod
    def of(cls, hint: _targets.RepeatedTarget) -> Self:
        """Shape one."""
        return cls(message=hint.message, social_account_id=hint.social_account_id, mode=hint.mode)


def _warnings_of(created: CreatedPosts) -> list[RepeatedTarget] | None:
    return [RepeatedTarget.of(hint) for hint in created.warnings] or None


class PublishAnswer(Out):
    """The posts, in the order of the targets. `warnings` is there only when something is odd."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False,
        json_schema_extra={"examples": [{"scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"]}]},
    )

    scheduled_post_ids: list[PostRef]
    warnings: list[RepeatedTarget] | None = None

    @classmethod
    def of(cls, created: CreatedPosts) -> Self:
        """Shape what was created."""
        return cls(scheduled_post_ids=list(created.post_ids), warnings=_warnings_of(created))


class GateStatus(StrEnum):
    """Whether scheduled posts are made, or wait until the content is approved."""

    QUEUED = "queued"
    BLOCKED_ON_APPROVAL = "blocked_on_approval"


class ScheduleRequest(PublishRequest):
    """When and where the content goes. All targets are accepted, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scheduledFor": "2026-11-25T08:00:00Z",
                    "targets": [{"socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55", "mode": "publish"}],
                }
            ]
        }
    )

    scheduled_for: Instant = Field(description="At most 30 seconds ago (then it goes at once) and 365 days ahead.")

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:
        """Return the issues with that of an instant out of bounds, whatever else is wrong."""
        found = super().further_issues(body, issues, now=now)
        try:
            require_schedulable(read_instant(body.get("scheduledFor") if isinstance(body, dict) else None), now=now)
        except Invalid as refusal:
            return [*found, *refusal.issues]
        except ValueError:
            pass  # no instant at all: that is an issue already
        return found


class ScheduleAnswer(Out):
    """The posts, in the order of the targets; none yet where the content waits for approval."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=False,
        json_schema_extra={
            "examples": [
                {
                    "scheduledPostIds": ["sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"],
                    "gateStatus": "queued",
                    "scheduledFor": "2026-11-25T08:00:00.000Z",
                }
            ]
        },
    )

    scheduled_post_ids: list[PostRef]
    gate_status: GateStatus
    scheduled_for: Instant
    warnings: list[RepeatedTarget] | None = None

    @classmethod
    def of(cls, created: CreatedPosts) -> Self:
        """Shape what was created or kept."""
        return cls(
            scheduled_post_ids=list(created.post_ids),
            gate_status=GateStatus.BLOCKED_ON_APPROVAL if created.is_waiting else GateStatus.QUEUED,
            scheduled_for=created.scheduled_for,
            warnings=_warnings_of(created),
        )


class LastError(Out):
    """Why a post failed, in words that say what to do."""

    code: FailureCode
    message: str
    platform_code: str | None
    platform_message: str | None
    at: Instant
    step: str

    @classmethod
    def of(cls, error: PostError) -> Self:
        """Shape one."""
        return cls(
            code=error.code,
            message=error.message,
            platform_code=error.platform_code,
            platform_message=error.platform_message,
            at=error.at,
            step=error.step,
        )


class ScheduledPost(Out):
    """One container going to one social account. What does not apply (yet) is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [_POST_EXAMPLE]})

    id: PostRef
    project_id: ProjectRef
    container_id: ContainerRef
    social_account_id: AccountRef
    platform: PlatformName
    mode: Mode
    status: Status
    external_id: str | None = Field(description="The platform's own id of the live post.")
    external_url: str | None = Field(
        description="The public address of the live post, as far as the platform tells it."
    )
    scheduled_for: Instant
    attempted_at: Instant | None
    published_at: Instant | None
    canceled_at: Instant | None
    last_error: LastError | None
    caption_override: str | None
    first_comment_override: str | None
    tiktok_post_settings: TikTokPostSettings | None
    tiktok_music: TikTokMusic | None
    share_reel_to_feed: bool | None
    first_comment_status: FirstCommentStatus | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, post: model.ScheduledPost) -> Self:
        """Shape one."""
        settings, music, error = post.tiktok_post_settings, post.tiktok_music, post.last_error
        return cls(
            id=post.id,
            project_id=post.project_id,
            container_id=post.container_id,
            social_account_id=post.social_account_id,
            platform=post.platform,
            mode=post.mode,
            status=post.status,
            external_id=post.external_id,
            external_url=post.external_url,
            scheduled_for=post.scheduled_for,
            attempted_at=post.attempted_at,
            published_at=post.published_at,
            canceled_at=post.canceled_at,
            last_error=None if error is None else LastError.of(error),
            caption_override=post.caption_override,
            first_comment_override=post.first_comment_override,
            tiktok_post_settings=None if settings is None else TikTokPostSettings.of(settings),
            tiktok_music=None if music is None else TikTokMusic.of(music),
            share_reel_to_feed=post.share_reel_to_feed,
            first_comment_status=post.first_comment_status,
            created_at=post.created_at,
            updated_at=post.updated_at,
        )


class TimelineItem(Out):
    """One thing that happened to a post."""

    at: Instant
    event: Event
    message: str
    detail: dict[str, JsonValue]


class Timeline(Out):
    """Everything that happened to a post, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": _TIMELINE_EXAMPLE}]})

    items: list[TimelineItem]

    @classmethod
    def of(cls, lines: Sequence[TimelineLine]) -> Self:
        """Shape the lines, oldest first."""
        items = [
            TimelineItem(at=line.at, event=line.event, message=line.message, detail=dict(line.detail)) for line in lines
        ]
        return cls(items=items)


class RescheduleRequest(In):
    """When a queued post shall go out instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scheduledFor": "2026-11-25T08:00:00Z"}]})

    scheduled_for: Instant = Field(description="At most 30 seconds ago (then it goes at once) and 365 days ahead.")


class RescheduledPost(Out):
    """A post with its new time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                    "status": "queued",
                    "scheduledFor": "2026-11-25T08:00:00.000Z",
                    "updatedAt": "2026-11-24T18:31:12.480Z",
                }
            ]
        }
    )

    id: PostRef
    status: Status
    scheduled_for: Instant
    updated_at: Instant

    @classmethod
    def of(cls, state: PostState) -> Self:
        """Shape one."""
        return cls(id=state.id, status=state.status, scheduled_for=state.scheduled_for, updated_at=state.updated_at)


class CancelRequest(In):
    """Why a post is canceled, for its timeline. The whole body may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The offer has ended."}]})

    reason: Text | None = Field(default=None, max_length=MAX_REASON_CHARACTERS)


class CanceledPost(Out):
    """A post that will not go live."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                    "status": "canceled",
                    "canceledAt": "2026-11-24T18:31:12.480Z",
                }
            ]
        }
    )

    id: PostRef
    status: Literal[Status.CANCELED]
    canceled_at: Instant

    @classmethod
    def of(cls, state: PostState) -> Self:
        """Shape one. Raises ValueError for a post that is not canceled."""
        if state.status is not Status.CANCELED or state.canceled_at is None:
            raise ValueError("the post is not canceled")
        return cls(id=state.id, status=state.status, canceled_at=state.canceled_at)
