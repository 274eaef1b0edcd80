"""Content containers and their media: states, what goes together, and whether a person must approve. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from presswork.core.enums import MediaType
from presswork.core.errors import Conflict, Invalid, Issue, NotFound
from presswork.core.ids import CONTAINER, public_id
from presswork.media.model import MAX_IMAGE_BYTES, MAX_VIDEO_BYTES, ContentType, Kind

MAX_MEDIA: Final = 10
"""Pieces of media in one container; TikTok would take 35, Instagram takes 10."""
MAX_CAPTION_CHARACTERS: Final = 2200
MAX_COMMENT_CHARACTERS: Final = 2200
UPLOAD_WINDOW: Final = timedelta(hours=24)
"""How long a container may wait for its files before it is canceled."""


class ContainerStatus(StrEnum):
    """Where a container is in its life."""

    QUEUED = "queued"  # waits for its files
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


MOVES: Final[Mapping[ContainerStatus, Set[ContainerStatus]]] = {  # the only place that says what is legal
    ContainerStatus.QUEUED: {ContainerStatus.PROCESSING, ContainerStatus.COMPLETED, ContainerStatus.CANCELED},
    ContainerStatus.PROCESSING: {ContainerStatus.COMPLETED, ContainerStatus.FAILED, ContainerStatus.CANCELED},
    ContainerStatus.COMPLETED: set(),
    ContainerStatus.FAILED: set(),
    ContainerStatus.CANCELED: set(),
}


class ApprovalStatus(StrEnum):
    """Whether a person has to agree, or has decided."""

    NOT_REQUIRED = "not_required"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


APPROVAL_MOVES: Final[Mapping[ApprovalStatus, Set[ApprovalStatus]]] = {  # the only place that says what is legal
    ApprovalStatus.NOT_REQUIRED: set(),
    ApprovalStatus.PENDING: {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED},
    ApprovalStatus.APPROVED: set(),
    ApprovalStatus.REJECTED: set(),
}


class ReviewPolicy(StrEnum):
    """Which new content of a project waits for a person's approval."""

    AUTO_APPROVE = "auto_approve"
    REVIEW_FIRST_N = "review_first_n"
    REVIEW_ALL = "review_all"


class Grouping(StrEnum):
    """How uploaded files become containers."""

    PER_FILE = "per-file"
    SLIDESHOW = "slideshow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One piece of a container's media.

    What was declared is a claim of the uploader; `content_type` and all after it come from the bytes and are None until
    they were looked at. `uploaded_bytes` is None until the file is there. Pixels are as displayed.
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
    probe_json: str | None = None  # all that the bytes say, for the worker; only there on its way into the database

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.filename or f"file {self.position + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided on a container, by which key, when (UTC), and in which words."""

    approval_status: ApprovalStatus
    at: datetime
    by_key: UUID
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A finished or expected video, picture or slideshow with its caption; instants in UTC."""

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
    decision: Decision | None = None  # one that was born approved has none

    def require_open(self) -> None:
        """Raise ContainerClosed unless the container still waits for its files."""
        if ContainerStatus.COMPLETED not in MOVES[self.status]:
            raise ContainerClosed(self.id, self.status)

    def decide(self, decision: Decision) -> Self:
        """Return the container as a person decided. Raises ApprovalNotPending, and ContentUnfinished without its files."""
        if decision.approval_status not in APPROVAL_MOVES[self.approval_status]:
            raise ApprovalNotPending(self.id, self.approval_status)
        if self.status is not ContainerStatus.COMPLETED:
            raise ContentUnfinished(self.id, self.status, self.approval_status)
        return replace(self, approval_status=decision.approval_status, decision=decision, updated_at=decision.at)

    def require_editable(self) -> None:
        """Raise ContainerClosed if the container was canceled."""
        if self.status is ContainerStatus.CANCELED:
            raise ContainerClosed(self.id, self.status)


class ContainerNotFound(NotFound):
    """There is no such container, or another organization or environment has it."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__("There is no such content container here. List a project's under its /content.")


class ContainerClosed(Conflict):
    """The container's status does not allow this."""

    def __init__(self, container_id: UUID, status: ContainerStatus) -> None:
        """Name the container and its status."""
        super().__init__(
            f"This content is {status} and can't be changed like this. Make a new container.",
            containerId=public_id(CONTAINER, container_id),
            status=status.value,
        )


class ApprovalNotPending(Conflict):
    """Nobody waits for a decision on this container."""

    def __init__(self, container_id: UUID, approval_status: ApprovalStatus) -> None:
        """Name the container and how it stands."""
        why = {
            ApprovalStatus.NOT_REQUIRED: "needs no approval",
            ApprovalStatus.APPROVED: "is approved already",
            ApprovalStatus.REJECTED: "was rejected, which is final; make a new container",
        }.get(approval_status, f"is {approval_status}")
        super().__init__(
            f"There is nothing to decide: this content {why}.",
            containerId=public_id(CONTAINER, container_id),
            approvalStatus=approval_status.value,
        )


class ContentUnfinished(Conflict):
    """A person can only decide on content that is there."""

    def __init__(self, container_id: UUID, status: ContainerStatus, approval_status: ApprovalStatus) -> None:
        """Name the container and its states."""
        remedy = "Finalize its upload first." if status is ContainerStatus.QUEUED else "Make a new container."
        super().__init__(
            f"This content is {status}, so there is nothing to look at. {remedy}",
            containerId=public_id(CONTAINER, container_id),
            status=status.value,
            approvalStatus=approval_status.value,
        )


class FilesMissing(Conflict):
    """Some files of the container were not uploaded yet."""

    def __init__(self, container_id: UUID, missing: Sequence[Asset]) -> None:
        """Name the files."""
        names = [asset.label for asset in missing]
        super().__init__(
            f"Not uploaded yet: {', '.join(names)}. PUT each to its uploadUrl, then finalize again.",
            containerId=public_id(CONTAINER, container_id),
            missing=names,
        )


def media_type_of(kinds: Sequence[Kind], *, path: str) -> MediaType:
    """Return what a container of these pieces is: one video, one image, or 2–10 images.

    Raises Invalid, with its issue at `path`, for every other combination.
    """
    videos = sum(kind is Kind.VIDEO for kind in kinds)
    if videos and videos < len(kinds):
        raise _combination(path, "Pictures and videos can't be mixed. Send one video, or 1–10 pictures.", "mixed_media")
    if videos > 1:
        raise _combination(path, f"Send one video at a time; here are {videos}.", "too_many_videos")
    if not 1 <= len(kinds) <= MAX_MEDIA:
        raise _combination(path, f"Send 1–{MAX_MEDIA} pictures, or one video.", "media_count")
    if videos:
        return MediaType.VIDEO
    return MediaType.IMAGE if len(kinds) == 1 else MediaType.MULTI


def kind_of(content_type: ContentType) -> Kind:
    """Return whether a content type is a picture's or a video's."""
    return Kind.VIDEO if content_type.startswith("video/") else Kind.IMAGE


def limit_bytes(content_type: ContentType) -> int:
    """Return the largest size that is taken for a content type."""
    return MAX_VIDEO_BYTES if kind_of(content_type) is Kind.VIDEO else MAX_IMAGE_BYTES


def approval_at_birth(policy: ReviewPolicy, *, first_n: int | None, decisions: int) -> ApprovalStatus:
    """Return how a new container starts, given how many of the project's were approved or rejected so far."""
    match policy:
        case ReviewPolicy.AUTO_APPROVE:
            return ApprovalStatus.NOT_REQUIRED
        case ReviewPolicy.REVIEW_ALL:
            return ApprovalStatus.PENDING
        case ReviewPolicy.REVIEW_FIRST_N:
            return ApprovalStatus.APPROVED if decisions >= (first_n or 0) else ApprovalStatus.PENDING


def _combination(path: str, sentence: str, code: str) -> Invalid:
    return Invalid([Issue(path, sentence, code)])
