"""Bodies of the routes of comments."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict

from presswork.api.http.body import In, Name, Out, Text, with_examples
from presswork.api.http.ids import AccountRef, CommentRef, PostRef, ProjectRef, SavedReplyRef, UserRef
from presswork.api.http.paging import NoNextPage
from presswork.comments import decide, model, saved_replies
from presswork.comments.actions import actions_of
from presswork.comments.ask import AskedReply
from presswork.comments.find import MAX_COUNTED
from presswork.comments.model import MAX_NOTE, MAX_TEXT, CommentStatus, ReplyStatus
from presswork.core.enums import MediaType
from presswork.core.errors import FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.platforms.live_support import CommentAction
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import Platform

_COMMENT: Final = "cmt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_POST: Final = "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_PROJECT: Final = "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_USER: Final = "usr_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"
_POST_EXAMPLE: Final[JsonDict] = {
    "id": _POST,
    "caption": "Fresh from the oven",
    "mediaType": "image",
    "externalUrl": "https://social.example.com/posts/122200",
    "thumbnailUrl": None,
    "publishedAt": "2026-11-24T18:30:00.000Z",
}
_EXAMPLE: Final[JsonDict] = {
    "id": _COMMENT,
    "projectId": _PROJECT,
    "scheduledPostId": _POST,
    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "handle": "corner.bakery",
    "platform": "facebook",
    "externalId": "122300",
    "parentId": None,
    "author": "Ada Dias",
    "text": "Do you have rye bread on Sundays?",
    "own": False,
    "hidden": False,
    "liked": False,
    "status": "new",
    "assigneeId": None,
    "note": None,
    "replyStatus": None,
    "error": None,
    "actions": ["reply", "hide", "like", "delete"],
    "createdAt": "2026-11-24T19:02:11.000Z",
    "seenAt": "2026-11-24T19:03:00.000Z",
    "deletedAt": None,
    "post": _POST_EXAMPLE,
}
_SAVED: Final[JsonDict] = {
    "id": "srp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "projectId": _PROJECT,
    "name": "Opening hours",
    "text": "We are open from 7 to 13, also on Sundays.",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}


def _require_text(text: str) -> str:
    if not text.strip():
        raise FieldError("has no visible character. Send at least one.", IssueCode.BLANK)
    return text


ReplyText = Annotated[Text, AfterValidator(_require_text), Field(min_length=1, max_length=MAX_TEXT)]


class CommentedPost(Out):
    """The post that a comment is on."""

    id: PostRef
    caption: str = Field(description="The first 300 characters of its text on the account.")
    media_type: MediaType
    external_url: str | None = Field(description="Its public URL; null while it is not known.")
    thumbnail_url: str | None = Field(
        description="Signed URL of a small picture of its first media, valid for an hour; null without media."
    )
    published_at: Instant | None


class Comment(Out):
    """A comment on a live post, or a reply of Presswork that is on its way."""

    model_config = with_examples(_EXAMPLE)

    id: CommentRef
    project_id: ProjectRef
    scheduled_post_id: PostRef
    social_account_id: AccountRef
    handle: str = Field(description="The handle of the account.")
    platform: PlatformName
    external_id: str | None = Field(description="The platform's id; null for a reply that is not written yet.")
    parent_id: CommentRef | None = Field(
        description="The comment that it answers; null if it answers the post, or a comment that Presswork does not have."
    )
    author: str | None = Field(description="The name or handle of who wrote it; null where the platform withholds it.")
    text: str | None = Field(
        description="null once it was erased, since some platforms do not let texts of others be stored for long."
    )
    own: bool = Field(description="Whether the account itself wrote it. Such comments are `done`.")
    hidden: bool
    liked: bool = Field(description="By the account.")
    status: CommentStatus
    assignee_id: UserRef | None = Field(description="Who is to answer it.")
    note: str | None = Field(description="Only the people of the organization see it.")
    reply_status: ReplyStatus | None = Field(
        description="What became of a reply that was sent with Presswork; null for all other comments. `outcome_unknown`: look at the post before you answer again."
    )
    error: str | None = Field(
        description="Why the last call about it (a reply, to hide, to like, to delete) has failed, and what to do; null if none has."
    )
    actions: list[CommentAction] = Field(
        description="What can be done with it now. `hide` and `like` include taking it back. Empty while a permission is missing: the account's `readiness.comments` says which."
    )
    created_at: Instant
    seen_at: Instant = Field(description="When Presswork read it for the first time.")
    deleted_at: Instant | None = Field(
        description="When it was deleted, as far as Presswork knows; null if it was not."
    )
    post: CommentedPost

    @classmethod
    def of(
        cls,
        comment: model.Comment,
        *,
        platforms: Mapping[LoginName, Platform],
        thumbnail_url: Callable[[str], str],
    ) -> Self:
        """Convert a comment of the domain."""
        post = comment.post
        return cls(
            id=comment.id,
            project_id=comment.project_id,
            scheduled_post_id=post.id,
            social_account_id=comment.account_id,
            handle=comment.handle,
            platform=comment.platform,
            external_id=comment.external_id,
            parent_id=comment.parent_id,
            author=comment.author,
            text=comment.text,
            own=comment.is_own,
            hidden=comment.is_hidden,
            liked=comment.is_liked,
            status=comment.status,
            assignee_id=comment.assignee_id,
            note=comment.note,
            reply_status=comment.reply_status,
            error=comment.error,
            actions=list(actions_of(platforms[comment.login], comment)),
            created_at=comment.created_at,
            seen_at=comment.seen_at,
            deleted_at=comment.deleted_at,
            post=CommentedPost(
                id=post.id,
                caption=post.caption,
                media_type=post.media_type,
                external_url=post.external_url,
                thumbnail_url=None if post.thumbnail_key is None else thumbnail_url(post.thumbnail_key),
                published_at=post.published_at,
            ),
        )


class CommentPatch(In):
    """What people decide about a comment. Omit what stays as it is."""

    model_config = with_examples({"status": "open", "assigneeId": _USER, "note": "Ask the baker"})

    status: CommentStatus = Field(default=CommentStatus.NEW, description="`new`, `open` or `done`.")
    assignee_id: UserRef | None = Field(default=None, description="Who is to answer it; null: no one.")
    note: Text | None = Field(default=None, max_length=MAX_NOTE, description="null or an empty text removes it.")

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if not self.model_fields_set:
            raise FieldError("changes nothing. Send status, assigneeId or note.", IssueCode.REQUIRED)
        return self


class ReplyRequest(In):
    """An answer."""

    model_config = with_examples({"text": "Yes, from eight o'clock."})

    text: ReplyText = Field(
        description="As the account writes it. The limit of the platform is `capabilities.maxReplyText` of GET /v1/platforms."
    )


class ReplyResult(Out):
    """A reply that is on its way."""

    model_config = with_examples({"id": "cmt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56", "replyStatus": "queued"})

    id: CommentRef
    reply_status: ReplyStatus

    @classmethod
    def of(cls, reply: AskedReply) -> Self:
        """Convert the result of the use case."""
        return cls(id=reply.id, reply_status=reply.reply_status)


class DeletedComment(Out):
    """A comment that is being deleted, or was."""

    model_config = with_examples({"id": _COMMENT, "deletedAt": "2026-11-24T19:10:00.000Z"})

    id: CommentRef
    deleted_at: Instant


class CommentSummary(Out):
    """How many comments of others have each status."""

    model_config = with_examples({"new": 12, "open": 3, "done": 480})

    new: int = Field(description=f"Each number stops at {MAX_COUNTED:,}.")
    open: int
    done: int

    @classmethod
    def of(cls, counts: Mapping[CommentStatus, int]) -> Self:
        """Convert the counts of the domain."""
        return cls(**{status.value: count for status, count in counts.items()})


class Assignee(Out):
    """A person to whom comments can be assigned."""

    model_config = with_examples({"id": _USER, "name": "Marta"})

    id: UserRef
    name: str = Field(description="The name, or the e-mail address of a person without one.")


class Assignees(Out):
    """The people who see a project."""

    model_config = with_examples({"items": [{"id": _USER, "name": "Marta"}], "nextCursor": None})

    items: list[Assignee]
    next_cursor: NoNextPage = None

    @classmethod
    def of(cls, people: Sequence[decide.Assignee]) -> Self:
        """Convert people of the domain."""
        return cls(items=[Assignee(id=person.id, name=person.name) for person in people])


class NewSavedReply(In):
    """A text for replies."""

    model_config = with_examples({"name": "Opening hours", "text": "We are open from 7 to 13, also on Sundays."})

    name: Name = Field(description="Under which people find it.")
    text: ReplyText


class SavedReplyPatch(In):
    """What is changed in a saved reply. Omit what stays as it is."""

    model_config = with_examples({"text": "We are open from 7 to 14, also on Sundays."})

    name: Name | None = None
    text: ReplyText | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if self.name is None and self.text is None:
            raise FieldError("changes nothing. Send name or text.", IssueCode.REQUIRED)
        return self


class SavedReply(Out):
    """A text for replies, shared with everyone who sees the project."""

    model_config = with_examples(_SAVED)

    id: SavedReplyRef
    project_id: ProjectRef
    name: str
    text: str
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, reply: saved_replies.SavedReply) -> Self:
        """Convert a saved reply of the domain."""
        return cls(
            id=reply.id,
            project_id=reply.project_id,
            name=reply.name,
            text=reply.text,
            created_at=reply.created_at,
            updated_at=reply.updated_at,
        )
