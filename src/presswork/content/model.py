"""Content containers and their media: states, allowed combinations of media, and approval. Pure."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import accumulate
from typing import Final, Self
from uuid import UUID

from presswork.content.steps import Step, StepApproval, StepStatus
from presswork.core.enums import MediaType
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound, PayloadTooLarge
from presswork.core.ids import ASSET, CONTAINER, public_id
from presswork.core.json_text import JSONText
from presswork.media.link_card import LinkCard
from presswork.media.model import STREAMED_OVER_BYTES, ContentType, Kind, kind_of, limit_bytes
from presswork.platforms.parts import StoredPart
from presswork.projects.model import ReviewPolicy

MAX_MEDIA: Final = 35
"""The most media files of one container: TikTok's limit. Other platforms have lower ones, which preflight counts."""
MAX_MIXED: Final = 20
"""The most images and videos together: Threads' limit."""
MAX_CAPTION_CHARACTERS: Final = 63_206
"""Facebook's limit. Other platforms have lower ones, which preflight counts."""
MAX_COMMENT_CHARACTERS: Final = 8_000
"""Facebook's limit."""
MAX_ALT_TEXT_CHARACTERS: Final = 1000
"""Instagram's limit."""
UPLOAD_WINDOW: Final = timedelta(hours=24)
"""The time after which a container without its files is canceled."""
PART_BYTES: Final = 16 * 1024 * 1024
"""The length of a part of a new upload: 640 parts for the largest video, and little to send again."""


class ContainerStatus(StrEnum):
    """The state of a container."""

    QUEUED = "queued"  # waits for its files
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    DELETED = "deleted"  # the row stays, without media


MOVES: Final[Mapping[ContainerStatus, Set[ContainerStatus]]] = {  # the only place that says what is legal
    ContainerStatus.QUEUED: {
        ContainerStatus.PROCESSING,
        ContainerStatus.COMPLETED,
        ContainerStatus.CANCELED,
        ContainerStatus.DELETED,
    },
    ContainerStatus.PROCESSING: {
        ContainerStatus.COMPLETED,
        ContainerStatus.FAILED,
        ContainerStatus.CANCELED,
        ContainerStatus.DELETED,
    },
    ContainerStatus.COMPLETED: {ContainerStatus.DELETED},
    ContainerStatus.FAILED: {ContainerStatus.DELETED},
    ContainerStatus.CANCELED: {ContainerStatus.DELETED},
    ContainerStatus.DELETED: set(),
}


class ApprovalStatus(StrEnum):
    """Whether a container needs approval, and the decision."""

    NOT_REQUIRED = "not_required"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


APPROVAL_MOVES: Final[Mapping[ApprovalStatus, Set[ApprovalStatus]]] = {  # the only place that says what is legal
    ApprovalStatus.NOT_REQUIRED: set(),
    ApprovalStatus.PENDING: {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED},
    ApprovalStatus.APPROVED: {ApprovalStatus.PENDING},  # an edit of content whose texts are covered
    ApprovalStatus.REJECTED: set(),
}


class Grouping(StrEnum):
    """How uploaded files become containers."""

    PER_FILE = "per-file"
    SLIDESHOW = "slideshow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previews:
    """The keys of a media file's previews in the media store, or None if they are not made; a picture has no poster."""

    thumbnail_key: str | None = None
    poster_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One media file of a container.

    The declared values are the uploader's claims; `content_type` and all after it come from the bytes and are None until
    the file has been probed. `uploaded_bytes` is None until the file is uploaded. Pixels are as displayed.
    """

    id: UUID
    position: int
    object_key: str
    filename: str | None
    declared_content_type: str | None
    declared_size_bytes: int | None
    uploaded_bytes: int | None
    content_type: str | None = None
    sha256: str | None = None  # hex
    width: int | None = None
    height: int | None = None
    duration: timedelta | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    frame_rate: float | None = None  # frames per second, on average
    pages: int | None = None  # of a document, whose width and height are those of its first page, in points
    alt_text: str | None = None  # for people who can't see it
    thumbnail_key: str | None = None  # of the picture for lists, in the media store; None: not made
    poster_key: str | None = None  # of the still of a video or the first pages of a document; None: not made
    removed_at: datetime | None = None  # when its object left the store, UTC
    part_size_bytes: int | None = None  # of each part but the last, of a file that is uploaded in parts
    assembled_sha256: str | None = None  # hex; of the object that was made of the parts, None until then
    probe_json: str | None = None  # the complete probe, for the worker; set only when the asset is inserted

    @property
    def label(self) -> str:
        """The name for messages."""
        return self.filename or f"file {self.position + 1}"

    @property
    def part_count(self) -> int:
        """The number of parts in which the file is uploaded; 0 if it is sent in one request."""
        return -(-(self.declared_size_bytes or 0) // self.part_size_bytes) if self.part_size_bytes else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPart:
    """A part of a file that has arrived, when (UTC), and where it is."""

    number: int
    object_key: str
    received_at: datetime


def part_length(number: int, *, size_bytes: int, part_size_bytes: int) -> int:
    """Return the length of a part, from 1 on, or 0 if there is no such part."""
    return max(0, min(part_size_bytes, size_bytes - (number - 1) * part_size_bytes)) if number > 0 else 0


def part_size(size_bytes: int) -> int | None:
    """Return the length of the parts in which a file of this size is uploaded, or None if it is sent in one request."""
    return PART_BYTES if size_bytes > STREAMED_OVER_BYTES else None


class ReviewOutcome(StrEnum):
    """A reviewer's decision in the history of a container."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One decision in the history of a container: when (UTC), on which revision, by which key, user or link (public id)."""

    at: datetime
    by: str
    by_name: str | None  # of the user, or what the person at the link gave
    decision: ReviewOutcome
    note: str | None
    revision: int
    step: str | None = None  # the name of the step that was decided on


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """A text that was edited: since the last decision, since the creation, or since a person saw it."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on a container: by which key, user or review link (its public id), when (UTC), and with which note."""

    approval_status: ApprovalStatus
    at: datetime
    by: str
    note: str | None
    name: str | None = None  # that the person at the link gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A video, image, slideshow or document with its caption, complete or still waiting for its files; or a text. Instants are UTC."""

    id: UUID
    project_id: UUID
    status: ContainerStatus
    approval_status: ApprovalStatus
    media_type: MediaType
    caption: str
    first_comment: str | None
    created_at: datetime
    updated_at: datetime
    media: Sequence[Asset]
    link: LinkCard | None = None  # only without media
    parts: Sequence[
        StoredPart
    ] = ()  # of a thread of posts; then the caption has their texts, and `media` are those of all
    labels: Sequence[str] = ()  # free words by which people sort content
    decision: Decision | None = None  # None if it was approved at creation
    decision_note: str | None = None  # of the last decision, or the changes that were requested
    reviewer_name: str | None = None  # that the person at a review link gave with that decision or request
    revision: int = 1  # +1 on every edit
    is_covered: bool = False  # only texts that were approved go out
    steps: Sequence[Step] = ()  # none: one decision is enough
    deleted_at: datetime | None = None
    erased_at: datetime | None = None  # when its texts were removed, after its deletion
    media_removed_at: datetime | None = None  # when its media left the store, with the content or after its last post
    reviewed_texts: JSONText | None = None  # `texts` at the last decision or before the first edit; None: unchanged

    @property
    def current_step(self) -> Step | None:
        """The step that waits for a decision; None without one."""
        if self.approval_status is not ApprovalStatus.PENDING:
            return None
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def done_steps(self) -> int:
        """How many steps are done; each is, once the content is approved."""
        if self.approval_status is ApprovalStatus.APPROVED:
            return len(self.steps)
        return sum(step.is_done for step in self.steps)

    @property
    def step_statuses(self) -> Sequence[tuple[Step, StepStatus]]:
        """The steps in their order, with how far each is."""
        current, done = self.current_step, self.done_steps
        return [
            (
                step,
                StepStatus.DONE if place < done else StepStatus.CURRENT if step is current else StepStatus.WAITING,
            )
            for place, step in enumerate(self.steps)
        ]

    def approve_step(self, approval: StepApproval) -> Self:
        """Return the container with one more approval of its current step. Raises AlreadyCounted."""
        current = self.current_step
        steps = [step.approve(approval, container_id=self.id) if step is current else step for step in self.steps]
        return replace(self, steps=tuple(steps), updated_at=approval.at)

    def require_open(self) -> None:
        """Raise ContainerClosed unless the container still waits for its files."""
        if ContainerStatus.COMPLETED not in MOVES[self.status]:
            raise ContainerClosed(self.id, self.status)

    @property
    def media_of_parts(self) -> Sequence[Sequence[Asset]]:
        """The media of each part, in order."""
        ends = accumulate(part.media for part in self.parts)
        return [self.media[end - part.media : end] for part, end in zip(self.parts, ends, strict=True)]

    @property
    def texts(self) -> Mapping[str, str | None]:
        """The texts by the path of their field in responses; of a part, also which media it has."""
        parts = {
            field: text
            for place, (part, media) in enumerate(zip(self.parts, self.media_of_parts, strict=True))
            for field, text in {
                f"parts[{place}].text": part.text,
                f"parts[{place}].media": ", ".join(public_id(ASSET, asset.id) for asset in media) or None,
            }.items()
        }
        return {
            **(parts or {"caption": self.caption}),
            "firstComment": self.first_comment,
            **{f"media[{asset.position}].altText": asset.alt_text for asset in self.media},
            **({} if self.link is None else self.link.texts),
        }

    def fingerprint(self, overrides: Sequence[Mapping[str, object]]) -> str:
        """Return the SHA-256 of what goes out, as hex: the media, the texts, and those of single accounts."""
        media = [asset.sha256 for asset in self.media]
        if self.link is not None:
            media.append(self.link.picture_sha256)
        approved = [media, dict(self.texts), [dict(one) for one in overrides]]
        return sha256(json.dumps(approved, ensure_ascii=False).encode()).hexdigest()

    def require_reviewable(self, *, revision: int | None) -> None:
        """Check that a decision on this revision is possible; without `revision`, on the current one.

        Raises ApprovalNotPending, ContentUnfinished if it is incomplete, StaleRevision.
        """
        if self.approval_status is not ApprovalStatus.PENDING:
            raise ApprovalNotPending(self.id, self.approval_status)
        if self.status is not ContainerStatus.COMPLETED:
            raise ContentUnfinished(self.id, self.status, self.approval_status)
        if revision is not None and revision != self.revision:
            raise StaleRevision(self.id, revision, current=self.revision)

    def decide(self, decision: Decision) -> Self:
        """Return the container with a decision. Raises what `require_reviewable` raises."""
        self.require_reviewable(revision=None)
        return replace(
            self,
            approval_status=decision.approval_status,
            decision=decision,
            decision_note=decision.note,
            reviewer_name=decision.name,
            updated_at=decision.at,
        )

    def require_editable(self) -> None:
        """Raise ContainerClosed if the container was canceled or deleted."""
        if self.status in (ContainerStatus.CANCELED, ContainerStatus.DELETED):
            raise ContainerClosed(self.id, self.status)


def media_type_of_parts(parts: Sequence[StoredPart], kinds: Sequence[Kind]) -> MediaType:
    """Return the media type of content in parts with these files: that of all files together.

    Raises Invalid, with its issue at the part, where the files of one can't be combined, or at `parts` where all can't.
    """
    first = 0
    for place, part in enumerate(parts):
        if part.media:
            media_type_of(kinds[first : first + part.media], path=f"parts[{place}].media")
        first += part.media
    return media_type_of(kinds, path="parts") if kinds else MediaType.TEXT


def require_words(caption: str, link: LinkCard | None, *, path: str) -> None:
    """Check that a post without media has a text or a link. Raises Invalid, with its issue at `path`."""
    if link is None and not caption.strip():
        problem = "is empty, and the content has neither media nor a link. Write a text, or add one of them."
        raise Invalid([Issue.at(path, problem, IssueCode.BLANK)])


class ContainerNotFound(NotFound):
    """The container does not exist, or belongs to another organization or environment."""

    sentence = "There is no such content container. List a project's with GET /v1/projects/{projectId}/content."


class ContainerClosed(Conflict):
    """The container's status does not allow this."""

    def __init__(self, container_id: UUID, status: ContainerStatus) -> None:
        super().__init__(
            f"This content is {status}, which does not allow this change. Create a new container.",
            containerId=public_id(CONTAINER, container_id),
            status=status.value,
        )


class ApprovalNotPending(Conflict):
    """The container does not wait for a decision."""

    def __init__(self, container_id: UUID, approval_status: ApprovalStatus) -> None:
        why = {
            ApprovalStatus.NOT_REQUIRED: "needs no approval",
            ApprovalStatus.APPROVED: "is already approved",
            ApprovalStatus.REJECTED: "was rejected, which is final; create a new container",
        }.get(approval_status, f"is {approval_status}")
        super().__init__(
            f"This content does not wait for a decision: it {why}.",
            containerId=public_id(CONTAINER, container_id),
            approvalStatus=approval_status.value,
        )


class StaleRevision(Conflict):
    """The content was edited since the caller read it."""

    def __init__(self, container_id: UUID, revision: int, *, current: int) -> None:
        super().__init__(
            f"This content was edited: revision {revision} is not the current one, {current}. Read it again, then decide.",
            reason="stale_revision",
            containerId=public_id(CONTAINER, container_id),
            revision=current,
        )


class ContentUnfinished(Conflict):
    """Only completed content can be approved or rejected."""

    def __init__(self, container_id: UUID, status: ContainerStatus, approval_status: ApprovalStatus) -> None:
        remedy = "Finalize its upload first." if status is ContainerStatus.QUEUED else "Create a new container."
        super().__init__(
            f"This content is {status}, so it can't be reviewed. {remedy}",
            containerId=public_id(CONTAINER, container_id),
            status=status.value,
            approvalStatus=approval_status.value,
        )


class FilesMissing(Conflict):
    """Some files of the container were not uploaded yet."""

    def __init__(self, container_id: UUID, missing: Sequence[Asset]) -> None:
        names = [asset.label for asset in missing]
        super().__init__(
            f"Not uploaded yet: {', '.join(names)}. PUT each to its uploadUrl, then finalize again.",
            containerId=public_id(CONTAINER, container_id),
            missing=names,
        )


class PartsMissing(Conflict):
    """Some parts of a file were not uploaded yet."""

    def __init__(self, container_id: UUID, asset: Asset, missing: Sequence[int]) -> None:
        name = public_id(CONTAINER, container_id)
        super().__init__(
            f"{len(missing)} of the {asset.part_count} parts of {asset.label} were not uploaded yet. Get their URLs from "
            f"GET /v1/content/{name}/uploads, PUT each, then finalize again.",
            containerId=name,
            filename=asset.label,
            missingParts=list(missing),
        )


class MediaQuotaExceeded(PayloadTooLarge):
    """The organization's stored media and promised uploads leave no room for these files."""

    def __init__(self, quota_bytes: int, *, remaining_bytes: int, requested_bytes: int | None = None) -> None:
        """`requested_bytes` is None if the sizes are not known yet."""
        needed = "" if requested_bytes is None else f", and this call needs {requested_bytes}"
        super().__init__(
            f"This organization has {remaining_bytes} of its {quota_bytes} bytes for media left{needed}. Nothing was stored. "
            "Delete content that is not needed (DELETE /v1/content/{containerId}, or presswork content delete), send smaller files, "
            "wait until unfinished uploads are canceled after 24 hours, or ask for a larger quota.",
            remainingBytes=remaining_bytes,
            requestedBytes=requested_bytes,
            quotaBytes=quota_bytes,
        )


def media_type_of(kinds: Sequence[Kind], *, path: str) -> MediaType:
    """Return the media type of a container with these files: one image, video or PDF, 2–35 images, or 2–20 images and videos.

    Raises Invalid, with its issue at `path`, for every other combination.
    """
    has_video = Kind.VIDEO in kinds
    if Kind.DOCUMENT in kinds and len(kinds) > 1:
        problem = "has a PDF and other files, but a document is one PDF alone. Send one call per PDF."
        raise _combination(path, problem, IssueCode.MIXED_MEDIA)
    max_media = MAX_MIXED if has_video else MAX_MEDIA
    if not 1 <= len(kinds) <= max_media:
        what = "images and videos" if has_video else "images"
        problem = f"has {len(kinds)} files, but a container has at most {max_media} {what}. Change the number of files."
        raise _combination(path, problem, IssueCode.MEDIA_COUNT)
    if len(kinds) > 1:
        return MediaType.MIXED if has_video else MediaType.MULTI
    return {Kind.VIDEO: MediaType.VIDEO, Kind.IMAGE: MediaType.IMAGE, Kind.DOCUMENT: MediaType.DOCUMENT}[kinds[0]]


def require_sizes(files: Sequence[tuple[ContentType, int]], *, max_video_bytes: int) -> None:
    """Check the declared sizes of files. Raises Invalid with an issue for each that is too large."""
    issues = [
        Issue.at(
            f"files[{index}].sizeBytes", describe_excess(content_type, size_bytes, limit), IssueCode.FILE_TOO_LARGE
        )
        for index, (content_type, size_bytes) in enumerate(files)
        if size_bytes > (limit := limit_bytes(kind_of(content_type), max_video_bytes=max_video_bytes))
    ]
    if issues:
        raise Invalid(issues)


def describe_excess(content_type: ContentType, size_bytes: int, limit: int) -> str:
    """Return the sentence about a file that is larger than its limit, without its field."""
    return f"is {size_bytes:,}, but a file of type {content_type.value} may have at most {limit:,} bytes. Send a smaller one."


def initial_approval(policy: ReviewPolicy, *, first_n: int | None, decisions: int) -> ApprovalStatus:
    """Return the approval status of a new container, given the number of decisions in its project so far."""
    match policy:
        case ReviewPolicy.AUTO_APPROVE:
            return ApprovalStatus.NOT_REQUIRED
        case ReviewPolicy.REVIEW_ALL:
            return ApprovalStatus.PENDING
        case ReviewPolicy.REVIEW_FIRST_N:
            return ApprovalStatus.APPROVED if decisions >= (first_n or 0) else ApprovalStatus.PENDING


def _combination(path: str, problem: str, code: IssueCode) -> Invalid:
    return Invalid([Issue.at(path, problem, code)])
