"""Bring videos, pictures and slideshows in.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from presswork_client import choices, models, params
from presswork_client._absent import NOT_GIVEN, NotGiven
from presswork_client._calls import Options
from presswork_client._generated import calls
from presswork_client._pages import AsyncPages, Page

if TYPE_CHECKING:
    from presswork_client._client import AsyncPresswork, Presswork


class ContentCalls:
    """Bring videos, pictures and slideshows in."""

    def __init__(self, client: Presswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    def upload(
        self,
        *,
        project_id: str,
        media: Sequence[params.MediaSourceParam],
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Bring content in by URL.

        Fetch, check and store the media, and make a completed container of it.

        One video, one picture, or 2–10 pictures; MP4 and MOV up to 100 MB, JPEG, PNG and WebP up to 30 MB. The
        bytes decide what a file is. `details.path` of a refusal names the URL it is about.

        Scope: `content:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            media: In the order of display.
            caption: May be empty.
            first_comment: Written under each post once it is live.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        MediaUnreachableError, MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError,
        UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPLOAD_CONTENT,
            path={"projectId": project_id},
            query={},
            body={"media": media, "caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def open_uploads(
        self,
        *,
        project_id: str,
        files: Sequence[params.FileToUploadParam],
        grouping: choices.Grouping,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.UploadsAnswer:
        """Begin presigned uploads.

        Announce files and get a link for each. PUT every file to its link, then finalize its container.

        A container whose files do not come within 24 hours is canceled.

        Scope: `content:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            grouping: `per-file`: a container each. `slideshow`: one container of 2–10 pictures.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.OPEN_CONTENT_UPLOADS,
            path={"projectId": project_id},
            query={},
            body={"files": files, "grouping": grouping},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def finalize_upload(
        self,
        *,
        container_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Complete presigned uploads.

        Check the uploaded bytes and complete the container. A container that is complete is answered unchanged.

        After a refusal the container still waits: upload the file named by `details.path` again, then repeat
        this.

        Scope: `content:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            caption: May be empty.
            first_comment: Written under each post once it is live.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.FINALIZE_UPLOAD,
            path={"containerId": container_id},
            query={},
            body={"caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def get(
        self,
        *,
        container_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Read a container.

        Read a container with its media; each piece of completed media comes with a signed address.

        Scope: `content:read`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return self._client.call(
            calls.GET_CONTENT,
            path={"containerId": container_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def update(
        self,
        *,
        container_id: str,
        caption: str | NotGiven = NOT_GIVEN,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Change a container's texts.

        Change the caption or the first comment. Posts that are queued already use the texts of when they start.

        Scope: `content:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            caption: May be empty.
            first_comment: null removes it.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return self._client.call(
            calls.UPDATE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        project_id: str,
        status: Sequence[choices.ContainerStatus] | NotGiven = NOT_GIVEN,
        approval_status: Sequence[choices.ApprovalStatus] | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        order: Literal["desc", "asc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Page[models.Content, models.ContentPage]:
        """List a project's content.

        List the containers of a project, newest first.

        Scope: `content:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            status: Only these states; repeat it for several.
            approval_status: Only these; repeat it for several.
            since: Made at that instant or later.
            until: Made at that instant or earlier.
            order: By age: newest or oldest first.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_CONTENT,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={
                "status": status,
                "approvalStatus": approval_status,
                "since": since,
                "until": until,
                "order": order,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )


class AsyncContentCalls:
    """Bring videos, pictures and slideshows in."""

    def __init__(self, client: AsyncPresswork) -> None:
        """Take the client that makes the calls."""
        self._client = client

    async def upload(
        self,
        *,
        project_id: str,
        media: Sequence[params.MediaSourceParam],
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Bring content in by URL.

        Fetch, check and store the media, and make a completed container of it.

        One video, one picture, or 2–10 pictures; MP4 and MOV up to 100 MB, JPEG, PNG and WebP up to 30 MB. The
        bytes decide what a file is. `details.path` of a refusal names the URL it is about.

        Scope: `content:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            media: In the order of display.
            caption: May be empty.
            first_comment: Written under each post once it is live.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        MediaUnreachableError, MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError,
        UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPLOAD_CONTENT,
            path={"projectId": project_id},
            query={},
            body={"media": media, "caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def open_uploads(
        self,
        *,
        project_id: str,
        files: Sequence[params.FileToUploadParam],
        grouping: choices.Grouping,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.UploadsAnswer:
        """Begin presigned uploads.

        Announce files and get a link for each. PUT every file to its link, then finalize its container.

        A container whose files do not come within 24 hours is canceled.

        Scope: `content:write`.

        Args:
            project_id: Id of the project, with or without its prefix.
            grouping: `per-file`: a container each. `slideshow`: one container of 2–10 pictures.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.OPEN_CONTENT_UPLOADS,
            path={"projectId": project_id},
            query={},
            body={"files": files, "grouping": grouping},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def finalize_upload(
        self,
        *,
        container_id: str,
        caption: str,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Complete presigned uploads.

        Check the uploaded bytes and complete the container. A container that is complete is answered unchanged.

        After a refusal the container still waits: upload the file named by `details.path` again, then repeat
        this.

        Scope: `content:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            caption: May be empty.
            first_comment: Written under each post once it is live.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        MediaUnsupportedError, NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError,
        UnavailableError, UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.FINALIZE_UPLOAD,
            path={"containerId": container_id},
            query={},
            body={"caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def get(
        self,
        *,
        container_id: str,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Read a container.

        Read a container with its media; each piece of completed media comes with a signed address.

        Scope: `content:read`.

        Args:
            container_id: Id of the content container, with or without its prefix.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError.
        """
        return await self._client.call(
            calls.GET_CONTENT,
            path={"containerId": container_id},
            query={},
            body=None,
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    async def update(
        self,
        *,
        container_id: str,
        caption: str | NotGiven = NOT_GIVEN,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        idempotency_key: str | None = None,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> models.Content:
        """Change a container's texts.

        Change the caption or the first comment. Posts that are queued already use the texts of when they start.

        Scope: `content:write`.

        Args:
            container_id: Id of the content container, with or without its prefix.
            caption: May be empty.
            first_comment: null removes it.

        Raises: ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
        NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
        UnsupportedMediaTypeError, ValidationError.
        """
        return await self._client.call(
            calls.UPDATE_CONTENT,
            path={"containerId": container_id},
            query={},
            body={"caption": caption, "firstComment": first_comment},
            options=Options(
                idempotency_key=idempotency_key,
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )

    def list(
        self,
        *,
        project_id: str,
        status: Sequence[choices.ContainerStatus] | NotGiven = NOT_GIVEN,
        approval_status: Sequence[choices.ApprovalStatus] | NotGiven = NOT_GIVEN,
        since: datetime | str | NotGiven = NOT_GIVEN,
        until: datetime | str | NotGiven = NOT_GIVEN,
        order: Literal["desc", "asc"] | NotGiven = NOT_GIVEN,
        limit: int | NotGiven = NOT_GIVEN,
        timeout_seconds: float | NotGiven | None = NOT_GIVEN,
        max_retries: int | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncPages[models.Content, models.ContentPage]:
        """List a project's content.

        List the containers of a project, newest first.

        Scope: `content:read`.

        Args:
            project_id: Id of the project, with or without its prefix.
            status: Only these states; repeat it for several.
            approval_status: Only these; repeat it for several.
            since: Made at that instant or later.
            until: Made at that instant or earlier.
            order: By age: newest or oldest first.
            limit: Rows on a page.

        Raises: ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
        UnauthenticatedError, UnavailableError, ValidationError.
        """
        return self._client.page(
            calls.LIST_CONTENT,
            lambda answer: answer.items,
            path={"projectId": project_id},
            query={
                "status": status,
                "approvalStatus": approval_status,
                "since": since,
                "until": until,
                "order": order,
                "limit": limit,
            },
            options=Options(
                timeout_seconds=timeout_seconds,
                max_retries=max_retries,
                extra_headers=extra_headers or {},
            ),
        )
