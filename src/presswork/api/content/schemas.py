"""Request and response bodies of the content routes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import AccountRef, AssetRef, ContainerRef, PostRef, ProjectRef, ReviewerRef, UserRef
from presswork.api.http.labels import MAX_LABELS, Label
from presswork.content import model, search, upload
from presswork.content.edit import PartsChange, StoredMedia, TextChanges
from presswork.content.model import (
    MAX_ALT_TEXT_CHARACTERS,
    MAX_CAPTION_CHARACTERS,
    MAX_COMMENT_CHARACTERS,
    MAX_MEDIA,
    ApprovalStatus,
    ContainerStatus,
)
from presswork.content.steps import Step, StepStatus
from presswork.content.upload import NewContent
from presswork.core.enums import MediaType
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.media.link_card import MAX_DESCRIPTION_CHARACTERS, MAX_TITLE_CHARACTERS, LinkCard
from presswork.media.links import MediaLinks
from presswork.platforms.names import PlatformName
from presswork.platforms.parts import MAX_PARTS, MIN_PARTS, StoredPart, join_texts
from presswork.posts.model import LiveStatus, Status
from presswork.projects.model import Covers

_MAX_URL_CHARACTERS: Final = 2048
CONTAINER_ID: Final = "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
ASSET_ID: Final = "ast_0191f3a2-7c1f-7d11-8a4e-5b6c7d8e9f01"
_CONTAINER_EXAMPLE: Final[JsonDict] = {
    "id": CONTAINER_ID,
    "projectId": "prj_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
    "status": "completed",
    "approvalStatus": "approved",
    "approvedAt": "2026-11-24T18:42:07.310Z",
    "approvedBy": "key_0191f3a2-7001-7c3d-a5b0-0d9c8b7a6f51",
    "rejectedAt": None,
    "rejectedBy": None,
    "reviewNote": "Lovely. Go ahead.",
    "reviewerName": None,
    "approvalCovers": "content",
    "currentStep": None,
    "steps": [],
    "revision": 1,
    "mediaType": "video",
    "caption": "Fresh from the oven",
    "text": "Fresh from the oven",
    "firstComment": "Open from six",
    "labels": ["spring"],
    "link": None,
    "media": [
        {
            "id": ASSET_ID,
            "contentType": "video/mp4",
            "sizeBytes": 1843200,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "width": 1080,
            "height": 1920,
            "durationSeconds": 14.5,
            "videoCodec": "h264",
            "audioCodec": "aac",
            "pages": None,
            "filename": "bread.mp4",
            "altText": None,
            "url": "https://presswork.example.com/media/…/video.mp4?expires=1795554000&signature=…",
            "urlExpiresAt": "2026-11-25T00:00:00.000Z",
            "thumbnailUrl": "https://presswork.example.com/media/previews/…/image.jpg?expires=1795651200&signature=…",
            "posterUrl": "https://presswork.example.com/media/previews/…/image.jpg?expires=1795651200&signature=…",
        }
    ],
    "parts": None,
    "warnings": [],
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
    "deletedAt": None,
    "erasedAt": None,
    "mediaRemovedAt": None,
}


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not url.isprintable() or " " in url:
        raise FieldError(
            "is not a URL with a host name. Send one like https://example.com/bread.jpg.", IssueCode.INVALID_FORMAT
        )
    return url


MediaURL = Annotated[
    Text,
    AfterValidator(_check_url),
    Field(max_length=_MAX_URL_CHARACTERS, json_schema_extra={"format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://"}),
]
Caption = Annotated[Text, Field(max_length=MAX_CAPTION_CHARACTERS, description="May be empty.")]
Comment = Annotated[Text, Field(max_length=MAX_COMMENT_CHARACTERS)]
LABELS_TEXT: Final = "Free words by which people sort content; posts have those of their content."


def _drop_repeated(labels: list[str]) -> list[str]:
    """Return each label once, in the order of the call."""
    return list(dict.fromkeys(labels))


Labels = Annotated[list[Label], Field(max_length=MAX_LABELS), AfterValidator(_drop_repeated)]
AltText = Annotated[
    Text,
    Field(
        max_length=MAX_ALT_TEXT_CHARACTERS,
        description="Describes the media for people who can't see it; sent to platforms that have alternative texts.",
    ),
]


class MediaSource(In):
    """The URL of one media file."""

    url: MediaURL = Field(description="Public http or https URL of the file.")
    alt_text: AltText | None = None


class LinkRequest(In):
    """A link that the post shows as a card. What is omitted is read from its page."""

    url: MediaURL = Field(description="Public http or https URL of the page.")
    title: Annotated[Text, Field(max_length=MAX_TITLE_CHARACTERS)] | None = None
    description: Annotated[Text, Field(max_length=MAX_DESCRIPTION_CHARACTERS)] | None = None
    image_url: MediaURL | None = Field(default=None, description="URL of the picture: JPEG, PNG or WebP up to 30 MB.")

    def card(self) -> LinkCard:
        """Return the domain object, before the page is read."""
        return LinkCard(
            url=self.url,
            title=(self.title or "").strip() or None,
            description=(self.description or "").strip() or None,
            image_url=self.image_url,
        )


def _require_part(text: str, info: ValidationInfo) -> str:
    if not text.strip() and not info.data.get("media"):
        raise FieldError(
            "is empty, and the part has no media. Write a text, add media, or take the part out.", IssueCode.BLANK
        )
    return text


_PART_TEXT: Final = "May be empty where the part has media."
_PART_MEDIA: Final = "In display order: one video, one image, or several images."


class PartRequest(In):
    """One part of a thread of posts: a text, media, or both."""

    media: list[MediaSource] = Field(default_factory=list, max_length=MAX_MEDIA, description=_PART_MEDIA)
    text: Annotated[Caption, AfterValidator(_require_part), Field(description=_PART_TEXT)]


class PartMediaPatch(In):
    """A media file of a part: a stored one, or one to fetch."""

    asset_id: AssetRef | None = Field(
        default=None, description="A media file of this content, which stays. Instead of `url`."
    )
    url: MediaURL | None = Field(default=None, description="Public http or https URL of a new file.")
    alt_text: AltText | None = None

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if (self.asset_id is None) == (self.url is None):
            raise FieldError(
                "needs an assetId or a url, and not both. Send one of them.", IssueCode.CONFLICTING_OPTIONS
            )
        return self


class PartPatch(In):
    """A part as it is to be."""

    media: list[PartMediaPatch] = Field(default_factory=list, max_length=MAX_MEDIA, description=_PART_MEDIA)
    text: Annotated[Caption, AfterValidator(_require_part), Field(description=_PART_TEXT)]


PartOfAny = TypeVar("PartOfAny", PartRequest, PartPatch)


def _check_media_of_all(parts: list[PartOfAny]) -> list[PartOfAny]:
    if (count := sum(len(part.media) for part in parts)) > MAX_MEDIA:
        raise FieldError(
            f"have {count} media together, but content has at most {MAX_MEDIA}. Take some out.", IssueCode.MEDIA_COUNT
        )
    return parts


class ContentRequest(In):
    """A text, a link, media, or a combination of them; or the parts of a thread of posts. A link goes without media."""

    model_config = with_examples(
        {"text": "Spring menu: six new loaves", "link": {"url": "https://example.com/menu"}},
        {"text": "Fresh from the oven", "media": [{"url": "https://example.com/bread.jpg", "altText": "A loaf"}]},
        {"parts": [{"text": "Six new loaves"}, {"text": "Rye", "media": [{"url": "https://example.com/rye.jpg"}]}]},
    )

    text: Caption = ""
    media: list[MediaSource] = Field(
        default_factory=list,
        max_length=MAX_MEDIA,
        description="In display order: one video, one image, one PDF, 2–35 images, or 2–20 images and videos.",
    )
    link: LinkRequest | None = Field(default=None, description="Only without media.")
    parts: (
        Annotated[
            list[PartRequest], Field(min_length=MIN_PARTS, max_length=MAX_PARTS), AfterValidator(_check_media_of_all)
        ]
        | None
    ) = Field(default=None, description="The parts of a thread of posts, in order, instead of text, media and link.")
    first_comment: Comment | None = Field(
        default=None, description="Posted as the first comment of each post after it is live."
    )
    labels: Labels = Field(default_factory=list, description=LABELS_TEXT)

    @field_validator("link")
    @classmethod
    def _check_link(cls, value: LinkRequest | None, info: ValidationInfo) -> LinkRequest | None:
        if value is not None and info.data.get("media"):
            raise FieldError(
                "goes with a text alone, and there are media. Omit one of them.", IssueCode.CONFLICTING_OPTIONS
            )
        return value

    @field_validator("parts")
    @classmethod
    def _check_alone(cls, value: list[PartRequest] | None, info: ValidationInfo) -> list[PartRequest] | None:
        if value is not None and any(info.data.get(field) for field in ("text", "media", "link")):
            raise FieldError(
                "are instead of text, media and link: each part has its own. Omit one or the other.",
                IssueCode.CONFLICTING_OPTIONS,
            )
        return value

    def content(self) -> NewContent:
        """Return the domain object."""
        parts = self.parts or ()
        sources: list[tuple[str | None, MediaSource]] = [
            (f"parts[{index}].media[{place}]", source)
            for index, part in enumerate(parts)
            for place, source in enumerate(part.media)
        ]
        return NewContent(
            media=[
                upload.MediaSource(url=source.url, alt_text=source.alt_text or None, path=path)
                for path, source in sources or [(None, source) for source in self.media]
            ],
            caption=join_texts([part.text for part in parts]) if parts else self.text,
            first_comment=self.first_comment or None,
            link=None if self.link is None else self.link.card(),
            parts=[StoredPart(text=part.text, media=len(part.media)) for part in parts],
            labels=self.labels,
        )


class MediaPatch(In):
    """The new texts of one media file."""

    asset_id: AssetRef
    alt_text: AltText | None = Field(description="null removes it.")


class ContentPatch(In):
    """The fields to change. Omitted fields do not change. `text` is the same as `caption`."""

    model_config = with_examples({"caption": "Fresh from the oven"})

    caption: Caption = Field(default_factory=str)
    text: Caption = Field(default_factory=str)
    first_comment: Comment | None = Field(default=None, description="null removes it.")
    labels: Labels = Field(default_factory=list, description="All labels, in place of the former ones.")
    media: list[MediaPatch] = Field(
        default_factory=list, max_length=MAX_MEDIA, description="Media whose alternative text changes."
    )
    link: LinkRequest | None = Field(default=None, description="The link of content without media. null removes it.")
    parts: Annotated[
        list[PartPatch], Field(min_length=MIN_PARTS, max_length=MAX_PARTS), AfterValidator(_check_media_of_all)
    ] = Field(
        default_factory=list,
        description="All parts of the thread, in order. Media that no part names are deleted.",
    )

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if {"caption", "text"} <= self.model_fields_set:
            raise FieldError(
                "has a caption and a text, which are the same. Omit one of them.", IssueCode.CONFLICTING_OPTIONS
            )
        return self

    def changes(self) -> TextChanges:
        """Return the fields that were sent; an empty comment is none."""
        sent = self.sent()
        if "text" in sent:
            sent["caption"] = sent.pop("text")
        changes: TextChanges = sent
        if "link" in changes:
            changes["link"] = None if self.link is None else self.link.card()
        if "first_comment" in changes:
            changes["first_comment"] = self.first_comment or None
        if "media" in changes:
            changes["media"] = {item.asset_id: item.alt_text or None for item in self.media}
        if "parts" in changes:
            changes["parts"] = self._parts_change()
        return changes

    def _parts_change(self) -> PartsChange:
        media: list[StoredMedia | upload.MediaSource] = []
        for index, part in enumerate(self.parts):
            for place, item in enumerate(part.media):
                path, alt_text = f"parts[{index}].media[{place}]", item.alt_text or None
                if item.asset_id is not None:
                    media.append(StoredMedia(asset_id=item.asset_id, alt_text=alt_text, path=path))
                elif item.url is not None:
                    media.append(upload.MediaSource(url=item.url, alt_text=alt_text, path=path))
        parts = [StoredPart(text=part.text, media=len(part.media)) for part in self.parts]
        return PartsChange(parts=parts, media=media)


class MediaItem(Out):
    """One media file of a container. Until the file is checked, type and size are the declared values."""

    id: AssetRef
    content_type: str | None
    size_bytes: int | None
    sha256: str | None
    width: int | None = Field(description="Pixels, as displayed; of a PDF, points of its first page.")
    height: int | None = Field(description="As `width`.")
    duration_seconds: float | None = Field(description="Duration of a video; null for other files.")
    video_codec: str | None = Field(
        description="Codec of a video's pictures, for example `h264`; null for other files."
    )
    audio_codec: str | None = Field(description="Codec of a video's sound, for example `aac`; null without sound.")
    pages: int | None = Field(description="Pages of a PDF; null for other files.")
    filename: str | None
    alt_text: str | None
    url: str | None = Field(description="Signed URL of the stored file, valid until `urlExpiresAt`.")
    url_expires_at: Instant | None
    thumbnail_url: str | None = Field(
        description="Signed URL of a JPEG of at most 400 × 400 pixels, upright, on white where the file is transparent, and "
        "never larger than the file. It works for longer than `url` and stays the same for a day. null while the file is not "
        "checked or has no thumbnail yet, and where none can be made."
    )
    poster_url: str | None = Field(
        description="Signed URL of a still of a video, a JPEG of at most 1,280 × 1,280 pixels: the first frame, or a later one "
        "where that is blank. Of a PDF, its first four pages, one below the other, of at most 900 × 900 pixels each. null as "
        "`thumbnailUrl`, and for images."
    )

    @classmethod
    def of(cls, asset: model.Asset, links: MediaLinks, *, now: datetime) -> Self:
        """Build it from the domain object, with a signed URL if the file has been checked and is still stored."""
        content_type = asset.content_type
        expires_at = None if content_type is None or asset.removed_at is not None else links.expires_at(now)
        return cls(
            id=asset.id,
            content_type=content_type or asset.declared_content_type,
            size_bytes=asset.declared_size_bytes if asset.uploaded_bytes is None else asset.uploaded_bytes,
            sha256=asset.sha256,
            width=asset.width,
            height=asset.height,
            duration_seconds=None if asset.duration is None else asset.duration.total_seconds(),
            video_codec=asset.video_codec,
            audio_codec=asset.audio_codec,
            pages=asset.pages,
            filename=asset.filename,
            alt_text=asset.alt_text,
            url=(
                None
                if content_type is None or expires_at is None
                else links.url_for(asset.object_key, content_type, expires_at=expires_at)
            ),
            url_expires_at=expires_at,
            thumbnail_url=_preview_url(asset.thumbnail_key, links, now=now),
            poster_url=_preview_url(asset.poster_key, links, now=now),
        )


def _preview_url(object_key: str | None, links: MediaLinks, *, now: datetime) -> str | None:
    return None if object_key is None else links.preview_url(object_key, now=now)


class ShownLink(Out):
    """A link with its card."""

    url: str
    title: str | None
    description: str | None
    image_url: str | None = Field(description="The URL of the picture, as it was given or as the page names it.")
    thumbnail_url: str | None = Field(
        description="Signed URL of the stored picture, a JPEG of at most 1,280 × 1,280 pixels; null without one."
    )

    @classmethod
    def of(cls, card: LinkCard, links: MediaLinks, *, now: datetime) -> Self:
        """Build it from the domain object."""
        picture = card.picture
        return cls(
            url=card.url,
            title=card.title,
            description=card.description,
            image_url=card.image_url,
            thumbnail_url=_preview_url(None if picture is None else picture.object_key, links, now=now),
        )


class ShownPart(Out):
    """One part of a thread of posts."""

    text: str
    media: list[MediaItem]


class ContentWarning(Out):
    """What could not be done as wished when the content was created or edited."""

    code: Literal["LINK_UNREADABLE"]
    message: str


class StepApproval(Out):
    """One approval that counts."""

    by: ReviewerRef = Field(description="The API key, the user or the review link.")
    name: str | None = Field(
        description="The name of the user, or the name that the person at the review link gave; null for an API key."
    )
    at: Instant


class StepProgress(Out):
    """How far one step of approval is."""

    name: str
    status: StepStatus
    quorum: int = Field(description="How many have to approve.")
    approvals: list[StepApproval] = Field(description="Each person, key and link counts once.")

    @classmethod
    def of(cls, step: Step, status: StepStatus) -> Self:
        """Build it from the domain object."""
        approvals = [StepApproval(by=one.by, name=one.name, at=one.at) for one in step.approvals]
        return cls(name=step.name, status=status, quorum=step.quorum, approvals=approvals)


class ContentStep(StepProgress):
    """How far one step of approval is, and who decides it: exactly one of `roles`, `userIds` and `reviewLink` says that."""

    roles: list[Literal["approver", "admin"]] | None = Field(description="Null: not by role.")
    user_ids: list[UserRef] | None = Field(description="Null: the step names no users.")
    review_link: bool = Field(description="Whether people at the page of a review link decide.")

    @classmethod
    def of(cls, step: Step, status: StepStatus) -> Self:
        """Build it from the domain object."""
        progress = StepProgress.of(step, status)
        return cls.model_validate(
            {
                "name": progress.name,
                "status": progress.status,
                "quorum": progress.quorum,
                "approvals": progress.approvals,
                "roles": list(step.roles) or None,
                "user_ids": list(step.user_ids) or None,
                "review_link": step.review_link,
            }
        )


class Content(Out):
    """A container: a video, an image, a slideshow or a PDF with its caption, a text with or without a link, or a thread of posts."""

    model_config = with_examples(_CONTAINER_EXAMPLE)

    id: ContainerRef
    project_id: ProjectRef
    status: ContainerStatus
    approval_status: ApprovalStatus
    approved_at: Instant | None = Field(description="When it was approved; null if it needed no decision.")
    approved_by: ReviewerRef | None = Field(description="The API key, the user or the review link that approved it.")
    rejected_at: Instant | None = Field(description="When it was rejected.")
    rejected_by: ReviewerRef | None = Field(description="The API key, the user or the review link that rejected it.")
    review_note: str | None = Field(
        description="The note of the approval, the reason for the rejection, or the changes that were requested."
    )
    reviewer_name: str | None = Field(
        description="The name that the person at a review link gave with that note or decision; null if it was no such person."
    )
    approval_covers: Covers = Field(
        description="`content_and_text`: editing approved content makes it pending again. Set by the policy at its creation."
    )
    current_step: str | None = Field(
        description="The name of the step that waits for a decision; null without steps, and where no decision is awaited."
    )
    steps: list[ContentStep] = Field(description="The steps of approval, in order; empty where one decision is enough.")
    revision: int = Field(description="1 at first, and one more after each edit.")
    media_type: MediaType
    caption: str = Field(
        description="The text of the post; `text` is the same. Of content in parts, their texts with blank lines between them."
    )
    text: str
    first_comment: str | None
    labels: list[str] = Field(description="Free words by which people sort content.")
    link: ShownLink | None
    media: list[MediaItem] = Field(description="In display order; of content in parts, those of all parts.")
    parts: list[ShownPart] | None = Field(description="The parts of a thread of posts; null for other content.")
    warnings: list[ContentWarning]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = Field(
        description="When it was deleted: its media have no URLs, and it can't be published or edited."
    )
    erased_at: Instant | None = Field(description="When its texts were erased as well.")
    media_removed_at: Instant | None = Field(
        description="When its media left the store: with the content, or some time after its last post, as the server is configured. "
        "Then its media have no `url`, and it can't be published."
    )

    @classmethod
    def of(cls, container: model.Container, links: MediaLinks, *, now: datetime) -> Self:
        """Build it from the domain object."""
        decision = container.decision
        approval = decision if container.approval_status is ApprovalStatus.APPROVED else None
        rejection = decision if container.approval_status is ApprovalStatus.REJECTED else None
        return cls(
            id=container.id,
            project_id=container.project_id,
            status=container.status,
            approval_status=container.approval_status,
            approved_at=approval and approval.at,
            approved_by=approval and approval.by,
            rejected_at=rejection and rejection.at,
            rejected_by=rejection and rejection.by,
            review_note=container.decision_note,
            reviewer_name=container.reviewer_name,
            approval_covers=Covers.CONTENT_AND_TEXT if container.is_covered else Covers.CONTENT,
            current_step=container.current_step and container.current_step.name,
            steps=[ContentStep.of(step, status) for step, status in container.step_statuses],
            revision=container.revision,
            media_type=container.media_type,
            caption=container.caption,
            text=container.caption,
            first_comment=container.first_comment,
            labels=list(container.labels),
            link=container.link
            and ShownLink.of(
                container.link if container.deleted_at is None else replace(container.link, picture=None),
                links,
                now=now,
            ),
            warnings=list(_warnings_of(container)),
            media=[MediaItem.of(asset, links, now=now) for asset in container.media],
            parts=[
                ShownPart(text=part.text, media=[MediaItem.of(asset, links, now=now) for asset in media])
                for part, media in zip(container.parts, container.media_of_parts, strict=True)
            ]
            or None,
            created_at=container.created_at,
            updated_at=container.updated_at,
            deleted_at=container.deleted_at,
            erased_at=container.erased_at,
            media_removed_at=container.media_removed_at,
        )


def _warnings_of(container: model.Container) -> Iterator[ContentWarning]:
    if container.link is not None and container.link.unreadable is not None:
        advice = (
            "The post has the link with what is shown here; edit the link to read its page again or to say it yourself."
        )
        yield ContentWarning(code="LINK_UNREADABLE", message=f"{container.link.unreadable} {advice}")


_POST_EXAMPLE: Final[JsonDict] = {
    "id": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "platform": "instagram",
    "status": "queued",
    "liveStatus": None,
    "scheduledFor": "2026-11-24T09:00:00.000Z",
}


class PostOfContent(Out):
    """A post of a container to one account, as a list of containers shows it."""

    model_config = with_examples(_POST_EXAMPLE)

    id: PostRef
    social_account_id: AccountRef
    platform: PlatformName
    status: Status
    live_status: LiveStatus | None = Field(description="As that of the post.")
    scheduled_for: Instant

    @classmethod
    def of(cls, post: search.ShownPost) -> Self:
        """Build it from the domain object."""
        return cls(
            id=post.id,
            social_account_id=post.social_account_id,
            platform=post.platform,
            status=post.status,
            live_status=post.live_status,
            scheduled_for=post.scheduled_for,
        )


class FoundContent(Content):
    """A container with what a list of several projects shows besides: what makes its review urgent, and its posts."""

    model_config = with_examples(
        {**_CONTAINER_EXAMPLE, "approvalDueAt": None, "changesRequested": False, "posts": [_POST_EXAMPLE]}
    )

    approval_due_at: Instant | None = Field(
        description="When the first schedule call or post that waits for the approval is due; null if none waits."
    )
    changes_requested: bool = Field(
        description="Whether changes were requested while it is pending, and no text was edited since."
    )
    posts: list[PostOfContent] = Field(
        description="For each of its accounts, the next post that is queued, or else the latest one, by `scheduledFor`. Of more "
        "than 20 accounts, some are left out."
    )

    @classmethod
    def found(
        cls,
        container: model.Container,
        wait: search.ApprovalWait | None,
        posts: Sequence[search.ShownPost],
        links: MediaLinks,
        *,
        now: datetime,
    ) -> Self:
        """Build it from the domain object, what its approval is about, and its posts."""
        return cls(
            **dict(Content.of(container, links, now=now)),
            approval_due_at=wait and wait.due_at,
            changes_requested=wait is not None and wait.changes_requested,
            posts=[PostOfContent.of(post) for post in posts],
        )
