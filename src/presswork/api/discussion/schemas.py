"""Request and response bodies of the discussion of content."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import AssetRef, ContainerRef, ContentCommentRef, ReviewerRef, UserRef
from presswork.content import discussion
from presswork.content.discussion import MAX_CHARACTERS, MAX_MENTIONS, Visibility
from presswork.core.errors import FieldError, IssueCode
from presswork.core.ids import KEY, PORTAL_LINK, REVIEW_LINK, USER
from presswork.core.timestamps import Instant

_ASSET_ID: Final = "ast_0191f3a2-7c1f-7d11-8a4e-5b6c7d8e9f01"
_USER_ID: Final = "usr_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5b"
_ANCHOR: Final[JsonDict] = {"assetId": _ASSET_ID, "x": 0.25, "y": 0.6, "ms": None}
COMMENT_EXAMPLE: Final[JsonDict] = {
    "id": "cmn_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5c",
    "containerId": "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "text": "The logo is too close to the edge.",
    "visibility": "external",
    "anchor": _ANCHOR,
    "mentions": [_USER_ID],
    "author": {"kind": "user", "id": _USER_ID, "name": "Marta"},
    "createdAt": "2026-11-24T18:42:07.310Z",
    "resolvedAt": None,
}
AuthorKind = Literal["api_key", "user", "review_link", "portal_link"]
_KINDS: Final[dict[str, AuthorKind]] = {
    KEY: "api_key",
    USER: "user",
    REVIEW_LINK: "review_link",
    PORTAL_LINK: "portal_link",
}
_VISIBILITY: Final = (
    "`internal`: keys and users of the organization see it. `external`: people at review links see it too."
)


def _require_words(text: str) -> str:
    if not text.strip():
        raise FieldError("has no visible character. Write something.", IssueCode.BLANK)
    return text


class CommentAnchorRequest(In):
    """A place in a picture (`x`, `y`), a time of a video (`ms`), or both for a place in a frame."""

    asset_id: AssetRef = Field(description="A picture or a video of the content.")
    x: float | None = Field(default=None, ge=0, le=1, description="From the left edge (0) to the right one (1).")
    y: float | None = Field(default=None, ge=0, le=1, description="From the upper edge (0) to the lower one (1).")
    ms: int | None = Field(
        default=None, strict=True, ge=0, le=2**31 - 1, description="Milliseconds from the beginning of a video."
    )

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise FieldError("has only one of x and y. Send both, or none.", IssueCode.CONFLICTING_OPTIONS)
        return self

    def anchor(self) -> discussion.Anchor:
        """Return the domain object."""
        return discussion.Anchor(asset_id=self.asset_id, x=self.x, y=self.y, ms=self.ms)


class NewContentComment(In):
    """A comment on content."""

    model_config = with_examples(
        {"text": "The logo is too close to the edge.", "visibility": "external"},
        {
            "text": "Is this the new price?",
            "visibility": "internal",
            "anchor": {"assetId": _ASSET_ID, "ms": 4200},
            "mentions": [_USER_ID],
        },
    )

    text: Annotated[Text, AfterValidator(_require_words)] = Field(min_length=1, max_length=MAX_CHARACTERS)
    visibility: Visibility = Field(description=_VISIBILITY)
    anchor: CommentAnchorRequest | None = None
    mentions: list[UserRef] = Field(
        default_factory=list, max_length=MAX_MENTIONS, description="Users who see the project and are to read it."
    )


class ContentCommentPatch(In):
    """Whether the comment is done with."""

    model_config = with_examples({"resolved": True})

    resolved: bool = Field(strict=True)


class CommentAnchor(Out):
    """What a comment points at. Its media file may be gone since."""

    asset_id: AssetRef
    x: float | None
    y: float | None
    ms: int | None


class CommentAuthor(Out):
    """Who wrote it."""

    kind: AuthorKind
    id: ReviewerRef
    name: str | None = Field(
        description="The name of the user, or the name that the person at the review link gave; null for an API key."
    )


class ContentComment(Out):
    """A comment on content."""

    model_config = with_examples(COMMENT_EXAMPLE)

    id: ContentCommentRef
    container_id: ContainerRef
    text: str
    visibility: Visibility = Field(description=_VISIBILITY)
    anchor: CommentAnchor | None
    mentions: list[UserRef]
    author: CommentAuthor
    created_at: Instant
    resolved_at: Instant | None

    @classmethod
    def of(cls, comment: discussion.ContentComment) -> Self:
        """Build it from the domain object."""
        anchor = comment.anchor
        return cls(
            id=comment.id,
            container_id=comment.container_id,
            text=comment.text,
            visibility=comment.visibility,
            anchor=anchor and CommentAnchor(asset_id=anchor.asset_id, x=anchor.x, y=anchor.y, ms=anchor.ms),
            mentions=list(comment.mentions),
            author=CommentAuthor(
                kind=_KINDS[comment.author.partition("_")[0]], id=comment.author, name=comment.author_name
            ),
            created_at=comment.created_at,
            resolved_at=comment.resolved_at,
        )
