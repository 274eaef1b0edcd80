"""Request and response bodies of uploads: files to fetch or to receive, and the content that they complete."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, ValidationInfo, field_validator, model_validator

from presswork.api.content.schemas import (
    ASSET_ID,
    CONTAINER_ID,
    LABELS_TEXT,
    AltText,
    Caption,
    Comment,
    Labels,
    MediaSource,
)
from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import ContainerRef
from presswork.api.http.paging import NoNextPage
from presswork.content import model, upload
from presswork.content.finalize import FinalTexts
from presswork.content.model import MAX_MEDIA, MAX_MIXED, PART_BYTES, Grouping, describe_excess
from presswork.content.upload import DeclaredFile, NewContent
from presswork.core.errors import FieldError, Issue, IssueCode
from presswork.core.timestamps import Instant
from presswork.media.links import UploadLinks
from presswork.media.model import ContentType, Kind, kind_of, limit_bytes

_SLIDESHOW: Final = "consists of 2–35 images, or of 2–20 images and videos"
_MAX_FILENAME_CHARACTERS: Final = 512


class UploadRequest(In):
    """Media to fetch: one video, one image, one PDF, 2–35 images, or 2–20 images and videos."""

    model_config = with_examples(
        {"media": [{"url": "https://example.com/bread.jpg"}], "caption": "Fresh from the oven"}
    )

    media: list[MediaSource] = Field(min_length=1, max_length=MAX_MEDIA, description="In display order.")
    caption: Caption = ""
    first_comment: Comment | None = Field(
        default=None, description="Posted as the first comment of each post after it is live."
    )
    labels: Labels = Field(default_factory=list, description=LABELS_TEXT)

    def content(self) -> NewContent:
        """Return the domain object."""
        return NewContent(
            media=[upload.MediaSource(url=source.url, alt_text=source.alt_text or None) for source in self.media],
            caption=self.caption,
            first_comment=self.first_comment or None,
            labels=self.labels,
        )


class FileToUpload(In):
    """A file to upload."""

    filename: Text = Field(min_length=1, max_length=_MAX_FILENAME_CHARACTERS)
    content_type: ContentType
    size_bytes: int = Field(
        strict=True,
        ge=1,
        description="Exact size. Videos: at most what the server accepts (PRESSWORK_MAX_VIDEO_BYTES, 1 GiB by default); images: at most 30 MB (31457280); PDFs: at most 100 MB (100000000). A file over 100 MB (100000000) is uploaded in parts.",
    )

    @field_validator("size_bytes")
    @classmethod
    def _check_limit(cls, value: int, info: ValidationInfo) -> int:
        content_type = info.data.get("content_type")
        if content_type is not None and value > (limit := limit_bytes(kind_of(content_type))):
            raise FieldError(describe_excess(content_type, value, limit), IssueCode.FILE_TOO_LARGE)
        return value


class UploadsRequest(In):
    """Files to upload, and how to group them into containers."""

    model_config = with_examples(
        {
            "files": [{"filename": "bread.jpg", "contentType": "image/jpeg", "sizeBytes": 184320}],
            "grouping": "per-file",
        }
    )

    files: list[FileToUpload] = Field(min_length=1, max_length=MAX_MEDIA)
    grouping: Grouping = Field(
        description="`per-file`: one container per file. `slideshow`: one container of 2–35 images, or of 2–20 images and videos."
    )
    labels: Labels = Field(default_factory=list, description=f"{LABELS_TEXT} Each container gets them.")

    @model_validator(mode="after")
    def _check_slideshow(self) -> Self:
        kinds = [kind_of(file.content_type) for file in self.files]
        max_files = MAX_MIXED if Kind.VIDEO in kinds else MAX_MEDIA
        if self.grouping is Grouping.SLIDESHOW and (Kind.DOCUMENT in kinds or not 2 <= len(kinds) <= max_files):
            raise FieldError(f"is a slideshow, which {_SLIDESHOW}.", IssueCode.SLIDESHOW)
        return self

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  the signature of all models
        """Replace the model's slideshow issue by one at each wrong file, whatever else is wrong with the body."""
        kept = [issue for issue in issues if issue.code != IssueCode.SLIDESHOW]
        files = body.get("files") if isinstance(body, dict) else None
        if not isinstance(body, dict) or body.get("grouping") != Grouping.SLIDESHOW or not isinstance(files, list):
            return kept
        if len(files) == 1:
            kept.append(
                Issue.at(
                    "files",
                    f"has one entry, but a slideshow {_SLIDESHOW}. Use the grouping per-file for a single file.",
                    IssueCode.SLIDESHOW,
                )
            )
        types = [file.get("contentType") if isinstance(file, dict) else None for file in files]
        if len(files) > MAX_MIXED and {ContentType.MP4, ContentType.QUICKTIME}.intersection(map(str, types)):
            problem = f"has {len(files)} entries with videos among them, but a slideshow {_SLIDESHOW}. Send fewer."
            kept.append(Issue.at("files", problem, IssueCode.SLIDESHOW))
        for index, content_type in enumerate(types):
            if content_type == ContentType.PDF:
                problem = f"is a PDF, but a slideshow {_SLIDESHOW}. Use the grouping per-file for a PDF."
                kept.append(Issue.at(f"files[{index}].contentType", problem, IssueCode.SLIDESHOW))
        return kept

    def declared(self) -> Sequence[DeclaredFile]:
        """Return the domain object."""
        return [
            DeclaredFile(filename=file.filename, content_type=file.content_type, size_bytes=file.size_bytes)
            for file in self.files
        ]


class FinalMedia(In):
    """The texts of one uploaded file."""

    alt_text: AltText | None = None


class FinalizeRequest(In):
    """The texts of the container to complete."""

    model_config = with_examples({"caption": "Fresh from the oven"})

    caption: Caption = ""
    first_comment: Comment | None = Field(
        default=None, description="Posted as the first comment of each post after it is live."
    )
    labels: Labels = Field(
        default_factory=list, description=f"{LABELS_TEXT} Without any, it has those with which it was opened."
    )

    media: list[FinalMedia] = Field(
        default_factory=list, max_length=MAX_MEDIA, description="One item for each file, in their order."
    )

    def texts(self) -> FinalTexts:
        """Return the domain object."""
        return FinalTexts(
            caption=self.caption,
            first_comment=self.first_comment or None,
            alt_texts=[item.alt_text or None for item in self.media],
            labels=self.labels,
        )


class UploadPart(Out):
    """One part of a file: send its bytes to `uploadUrl`."""

    part_number: int = Field(description="From 1. Part n begins at byte (n − 1) · `partSizeBytes`.")
    upload_url: str


class Multipart(Out):
    """How to upload a file in parts, in any order; each may be sent again."""

    part_size_bytes: int = Field(description="Length of each part; only the last one is shorter.")
    parts: list[UploadPart] = Field(description="The parts that are to be sent.")

    @classmethod
    def of(
        cls, asset: model.Asset, links: UploadLinks, *, received: Collection[int] = (), expires_at: datetime
    ) -> Self | None:
        """Build it for the parts that were not received, or return None for a file that is sent in one request."""
        if asset.part_size_bytes is None:
            return None
        return cls(
            part_size_bytes=asset.part_size_bytes,
            parts=[
                UploadPart(
                    part_number=number, upload_url=links.url_for(asset.id, expires_at=expires_at, part_number=number)
                )
                for number in range(1, asset.part_count + 1)
                if number not in received
            ],
        )


class UploadTarget(Out):
    """How to upload one file: send its bytes to `uploadUrl` with this method and these headers.

    A file over 100 MB has `multipart` instead of `uploadUrl`.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    filename: str
    upload_url: str | None = Field(default=None, description="Absent for a file that is uploaded in parts.")
    multipart: Multipart | None = Field(default=None, description="Only for a file that is uploaded in parts.")
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Instant = Field(
        description="Until when the URLs work. `GET /v1/content/{containerId}/uploads` returns new ones."
    )

    @classmethod
    def of(cls, asset: model.Asset, links: UploadLinks, *, now: datetime) -> Self:
        """Build it from the domain object."""
        expires_at = links.expires_at(now)
        multipart = Multipart.of(asset, links, expires_at=expires_at)
        return cls(
            filename=asset.label,
            upload_url=links.url_for(asset.id, expires_at=expires_at) if multipart is None else None,
            multipart=multipart,
            method="PUT",
            headers=_headers_of(asset),
            expires_at=expires_at,
        )


def _headers_of(asset: model.Asset) -> dict[str, str]:
    return {"Content-Type": asset.declared_content_type or "application/octet-stream"}


class ExpectedContent(Out):
    """A container that waits for its files. Finalize it after all of them are uploaded."""

    container_id: ContainerRef
    files: list[UploadTarget]

    @classmethod
    def of(cls, container: model.Container, links: UploadLinks, *, now: datetime) -> Self:
        """Build it from the domain object."""
        files = [UploadTarget.of(asset, links, now=now) for asset in container.media]
        return cls(container_id=container.id, files=files)


class UploadedPart(Out):
    """A part that has arrived."""

    part_number: int
    received_at: Instant


class FileUpload(UploadTarget):
    """A file of an unfinished upload: what has arrived, and new URLs for what has not."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    size_bytes: int
    is_complete: bool = Field(description="Whether all of its bytes have arrived.")
    parts: list[UploadedPart] = Field(
        description="The parts that have arrived; empty for a file that is sent in one request."
    )

    @classmethod
    def in_progress(
        cls, asset: model.Asset, received: Mapping[int, datetime], links: UploadLinks, *, now: datetime
    ) -> Self:
        """Build it from a file and the parts that have arrived, by their numbers."""
        expires_at = links.expires_at(now)
        multipart = Multipart.of(asset, links, received=received, expires_at=expires_at)
        return cls(
            filename=asset.label,
            upload_url=links.url_for(asset.id, expires_at=expires_at) if multipart is None else None,
            multipart=multipart,
            method="PUT",
            headers=_headers_of(asset),
            expires_at=expires_at,
            size_bytes=asset.declared_size_bytes or 0,
            is_complete=asset.uploaded_bytes is not None if multipart is None else not multipart.parts,
            parts=[UploadedPart(part_number=number, received_at=at) for number, at in sorted(received.items())],
        )


class UnfinishedUploads(Out):
    """The files that a container waits for, in their order; none once it is completed or canceled."""

    model_config = with_examples(
        {
            "items": [
                {
                    "filename": "film.mp4",
                    "sizeBytes": 120000000,
                    "isComplete": False,
                    "parts": [{"partNumber": 1, "receivedAt": "2026-11-24T18:30:04.500Z"}],
                    "uploadUrl": None,
                    "multipart": {
                        "partSizeBytes": PART_BYTES,
                        "parts": [
                            {
                                "partNumber": 2,
                                "uploadUrl": f"https://presswork.example.com/uploads/{ASSET_ID}/parts/2?expires=1795545000&signature=…",
                            }
                        ],
                    },
                    "method": "PUT",
                    "headers": {"Content-Type": "video/mp4"},
                    "expiresAt": "2026-11-25T18:30:00.000Z",
                }
            ],
            "nextCursor": None,
        }
    )

    items: list[FileUpload]
    next_cursor: NoNextPage = None


class OpenedUploads(Out):
    """The containers, in the order of the files."""

    model_config = with_examples(
        {
            "items": [
                {
                    "containerId": CONTAINER_ID,
                    "files": [
                        {
                            "filename": "bread.jpg",
                            "uploadUrl": f"https://presswork.example.com/uploads/{ASSET_ID}?expires=1795545000&signature=…",
                            "method": "PUT",
                            "headers": {"Content-Type": "image/jpeg"},
                            "expiresAt": "2026-11-24T19:30:00.000Z",
                        }
                    ],
                }
            ]
        }
    )

    items: list[ExpectedContent]
