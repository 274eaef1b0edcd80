"""Routes about posts that are live: take them down, and change them."""

from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import Field, JsonValue, model_validator
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishWrite
from presswork.api.http.body import In, Out, Text, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, PostId, PostRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import NoNextPage
from presswork.api.posts.post_schemas import LastEdit
from presswork.api.posts.schemas import MAX_REASON_CHARACTERS
from presswork.core.errors import Code, FieldError, IssueCode
from presswork.platforms.port import LiveEdit
from presswork.posts.edit_live import AskedEdit, edit_live_post
from presswork.posts.model import LiveStatus
from presswork.posts.take_down import TakeDown, take_down_content, take_down_post

router: Final = APIRouter(tags=["Publishing"])
_POST: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_MAX_CAPTION: Final = 63_206
"""Characters of the longest text that any platform accepts. The platform's own limit is checked against the post."""
_MAX_TITLE: Final = 255


class TakeDownRequest(In):
    """Why posts are taken down; shown in their timelines. The body is optional."""

    model_config = with_examples({"reason": "The offer has ended."})

    reason: Text | None = Field(default=None, max_length=MAX_REASON_CHARACTERS)


class TakenDownPost(Out):
    """A post that is being taken down, or what became of it."""

    model_config = with_examples({"id": _POST, "liveStatus": "taking_down"})

    id: PostRef
    live_status: LiveStatus

    @classmethod
    def of(cls, result: TakeDown) -> Self:
        """Build it from the domain object. Raises ValueError for a refusal."""
        if result.live_status is None:
            raise ValueError("the post was not taken down")
        return cls(id=result.post_id, live_status=result.live_status)


class TakeDownError(Out):
    """Why a post is not taken down: what the call for that post would have returned."""

    code: Code
    message: str
    details: dict[str, JsonValue]


class TakeDownItem(Out):
    """One post of the content."""

    post_id: PostRef
    live_status: LiveStatus | None = Field(description="null if the request was refused for this post.")
    error: TakeDownError | None

    @classmethod
    def of(cls, result: TakeDown) -> Self:
        """Build it from the domain object."""
        error = result.error
        return cls(
            post_id=result.post_id,
            live_status=result.live_status,
            error=None
            if error is None
            else TakeDownError.model_validate(
                {"code": error.code, "message": error.message, "details": dict(error.details)}
            ),
        )


class TakenDownContent(Out):
    """What became of the request, for each post of the content."""

    model_config = with_examples(
        {"items": [{"postId": _POST, "liveStatus": "taking_down", "error": None}], "nextCursor": None}
    )

    items: list[TakeDownItem]
    next_cursor: NoNextPage = None


class LiveEditRequest(In):
    """What is changed in a live post. Omit what stays as it is; at least one member is needed."""

    model_config = with_examples({"caption": "Fresh from the oven, every day"})

    caption: Text | None = Field(
        default=None, max_length=_MAX_CAPTION, description="The text; of a video with a title, its description."
    )
    title: Text | None = Field(default=None, min_length=1, max_length=_MAX_TITLE, description="The title of a video.")
    privacy_level: Text | None = Field(
        default=None, min_length=1, max_length=100, description="Who can see the post, by the platform's own name."
    )

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if self.caption is None and self.title is None and self.privacy_level is None:
            raise FieldError("changes nothing. Send caption, title or privacyLevel.", IssueCode.REQUIRED)
        return self

    def edit(self) -> LiveEdit:
        """Return the domain object."""
        return LiveEdit(caption=self.caption, title=self.title, privacy_level=self.privacy_level)


class EditedLivePost(Out):
    """A live post that is being changed."""

    model_config = with_examples(
        {"id": _POST, "liveStatus": "live", "lastEdit": {"status": "pending", "message": None}}
    )

    id: PostRef
    live_status: LiveStatus
    last_edit: LastEdit

    @classmethod
    def of(cls, asked: AskedEdit) -> Self:
        """Build it from the domain object."""
        last_edit = LastEdit(status=asked.last_edit.status, message=asked.last_edit.message)
        return cls(id=asked.post_id, live_status=asked.live_status, last_edit=last_edit)


@router.post(
    "/v1/scheduled-posts/{postId}/take-down",
    response_model=TakenDownPost,
    status_code=202,
    response_description="A worker takes it down, or no call can: see `liveStatus`.",
    responses=refusals(Code.CONFLICT),
    summary="Take a live post down",
)
async def take_down_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[TakeDownRequest, body_of(TakeDownRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Delete a published post on its platform. A worker does it, tries for up to a day, and looks first whether it is still there.

    `status` stays `published`; `liveStatus` says how far it is, and `liveAdvice` what a person has to do where no call can delete
    the post (`not_supported`) or none has succeeded (`take_down_failed`). A repeated call has no effect, except after
    `take_down_failed`: then it is tried again. A post that is not published returns 409.
    """
    return await idempotent.run(
        lambda db: take_down_post(db, context.platforms, post_id, visible_to=caller, reason=body.reason, now=now),
        TakenDownPost.of,
        status=202,
    )


@router.post(
    "/v1/content/{containerId}/take-down",
    response_model=TakenDownContent,
    status_code=202,
    response_description="The answer for each post.",
    summary="Take down all posts of a container",
)
async def take_down_content_posts(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[TakeDownRequest, body_of(TakeDownRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Delete every published post of a container on its platform, each by the rules of the call for one post.

    The refusal of a post that is not published is the `error` of its item, and stops no other.
    """
    return await idempotent.run(
        lambda db: take_down_content(
            db, context.platforms, container_id, visible_to=caller, reason=body.reason, now=now
        ),
        lambda results: TakenDownContent(items=[TakeDownItem.of(result) for result in results]),
        status=202,
    )


@router.patch(
    "/v1/scheduled-posts/{postId}/live",
    response_model=EditedLivePost,
    status_code=202,
    response_description="A worker changes it: see `lastEdit` of the post.",
    responses=refusals(Code.APPROVAL_REQUIRED, Code.CONFLICT, Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY),
    summary="Change a live post",
)
async def edit_live_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[LiveEditRequest, body_of(LiveEditRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change the text, the title or the privacy level of a published post on its platform.

    What a platform can change is in `capabilities.editFields` of `GET /v1/platforms`; anything else returns 422 with
    `reason: edit_not_supported`. The limits are those of a new post, and an approval that covers texts holds. When a worker has
    changed the post, it shows what is live in `captionOverride` and its options, and `post.edited` is sent. A post that is not live
    returns 409.
    """
    return await idempotent.run(
        lambda db: edit_live_post(db, context.platforms, post_id, body.edit(), visible_to=caller, now=now),
        EditedLivePost.of,
        status=202,
    )
