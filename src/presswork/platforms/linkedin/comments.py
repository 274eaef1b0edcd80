"""Reads, answers and moderates the comments of posts of pages; below a member's post it only writes.

LinkedIn lets no app read the comments of a member's post. Of a page's post, a role that may write and not read gets an empty list, with
a successful answer: so an empty list never shows that something is missing. The names of people who comment are not reported. A comment
is named by a URN with the activity of its post, which differs from the post's own URN. There is no call that hides a comment.
Source: LinkedIn, "Comments API" (2026-04, 2026-07), "Reactions API", "Organization Access Control by Role" and "Data Storage"
(2026-02), read 2026-12.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.comments import (
    KNOWN,
    Replies,
    comment_gone,
    describe_cut,
    find_reply,
    no_such_call,
    note_equals,
    require_scopes,
    settle_refusal,
    sort_by_thread,
    thread_of,
)
from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.json_values import number_of, part_of, text_of
from presswork.platforms.linkedin.api import REACTIONS, Api, comments, elements_of, reaction, read_instant
from presswork.platforms.linkedin.description import MEMBER_COMMENT, PAGE_COMMENT, PAGE_COMMENT_READ
from presswork.platforms.linkedin.error_mapping import LINKEDIN, NOT_FOUND
from presswork.platforms.linkedin.notation import encoded, is_organization
from presswork.platforms.linkedin.rules import RULES
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present

LIST: Final = "comments_list"
REPLY: Final = "comments"
LIKE: Final = "reactions"
UNLIKE: Final = "reactions_delete"
DELETE: Final = "comment_delete"
_A_PAGE: Final = 100
MAX_LOOK_PAGES: Final = 5
_URN: Final = re.compile(r"urn:li:comment:\((?P<object>urn:li:\w+:\d{1,25}),(?P<id>\d{1,25})\)", re.ASCII)
_ACTIONS: Final = frozenset({CommentAction.REPLY, CommentAction.LIKE, CommentAction.DELETE})
_unknown: Final = partial(LINKEDIN.comment_unknown, step=REPLY)
_UNREADABLE: Final = "LinkedIn lets no app read the comments of a member's post."
_NO_ROLE: Final = "LinkedIn lists no comment, which it also does where the person's role on the page may write comments and not read them."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Some comments of one list."""

    comments: Sequence[SeenComment]
    with_answers: Sequence[str]
    """Those that have, or may have, answers of their own."""
    calls: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class SocialComments:
    """The port's `SupportsComments` for LinkedIn."""

    api: Api

    def check_reply(self, text: str) -> str | None:
        """Return why LinkedIn would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self,
        access: AccountAccess,
        post: LivePost,
        *,
        since: datetime | None,  # noqa: ARG002  the order of the list is not documented
        max_pages: int,
    ) -> CommentsRead:
        """Read the comments of a page's post and their answers. Raises TryLater, Rejected, CredentialInvalid.

        An empty list is never complete: the role may be one that reads nothing.
        """
        if not is_organization(access.account.external_id):
            raise Rejected(_UNREADABLE, step=LIST, failure=FailureCode.ACCOUNT_NOT_ELIGIBLE)
        require_scopes(access.account, {PAGE_COMMENT_READ}, verb="read comments", step=LIST)
        with LINKEDIN.changing_live(None):
            read = await self._read_list(access, post.external_id, None, max_pages=max_pages)
            found, calls = list(read.comments), read.calls
            is_complete = read.is_complete and bool(found)
            for urn in read.with_answers:
                if calls >= max_pages:
                    is_complete = False
                    break
                below = await self._read_list(access, urn, urn, max_pages=max_pages - calls)
                found += below.comments
                calls, is_complete = calls + below.calls, is_complete and below.is_complete
        return CommentsRead(comments=sort_by_thread(found), is_complete=is_complete, calls=calls)

    async def _read_list(self, access: AccountAccess, urn: str, parent: str | None, *, max_pages: int) -> _Read:
        """Read the comments of a post, or the answers to a comment. Raises Rejected where that is gone."""
        found: list[SeenComment] = []
        with_answers: list[str] = []
        for page in range(max_pages):
            params = {"start": str(page * _A_PAGE), "count": str(_A_PAGE)}
            with LINKEDIN.lost(step=LIST):
                _, response = await self.api.send(access, "GET", comments(urn), params, step=LIST)
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND and parent is not None:
                raise comment_gone(LINKEDIN, step=LIST, **response.reported)
            listed = elements_of(LINKEDIN.object_of(response, step=LIST, now=access.now()), step=LIST)
            for item in listed:
                comment = _read_comment(item, access, parent)
                if comment is None:
                    continue
                found.append(comment)
                if parent is None and _count_answers(item) != 0:
                    with_answers.append(comment.external_id)
            if len(listed) < _A_PAGE:
                return _Read(comments=found, with_answers=with_answers, calls=page + 1, is_complete=True)
        return _Read(comments=found, with_answers=with_answers, calls=max_pages, is_complete=False)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Note which answers with this text the page has written already; a member's can't be read.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        self._require_writing(access, verb="answer comments", step=REPLY)
        _require_urn(thread_of(reply.comment), step=REPLY)
        if not _can_read(access):
            return {}
        with LINKEDIN.changing_live(None):
            read = await self._read_list(
                access, thread_of(reply.comment), thread_of(reply.comment), max_pages=MAX_LOOK_PAGES
            )
        if reply.comment.parent_external_id is not None and read.comments and read.is_complete:
            urns = {one.external_id for one in read.comments}
            if reply.comment.external_id not in urns:
                raise comment_gone(LINKEDIN, step=LIST)
        return {KNOWN: note_equals(Replies(comments=read.comments), reply)}

    async def write_reply(self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]) -> Present:
        """Write the answer below the comment, or below its parent. Raises as the port says.

        A limit of comments a minute does not prove that nothing was written.
        """
        parent = thread_of(reply.comment)
        body: JsonValue = {
            "actor": access.account.external_id,
            "object": reply.post.external_id,
            "message": {"text": reply.text},
            "parentComment": parent,
        }
        with LINKEDIN.changing_live(None):
            with LINKEDIN.lost(step=REPLY, unknown=_unknown):
                answer, response = await self.api.send(
                    access,
                    "POST",
                    comments(reply.post.external_id),
                    step=REPLY,
                    body=body,
                    is_fresh=not _can_read(access),
                )
            if isinstance(response, ApiError):
                if not response.proves_nothing_changed:
                    raise _unknown(f"it answered HTTP {response.status}", response)
                refused = refusal(response, step=REPLY, now=access.now())
                if not _can_read(access):
                    raise refused
                return await settle_refusal(refused, partial(self.look_up_reply, access, reply, prepared), _unknown)
            made = answer.header("x-restli-id")
            if isinstance(response, UnreadableResponse):
                if made is None:
                    raise _unknown("its response was unreadable")
                return Present(external_id=_urn_beside(parent, made))
            urn = text_of(response.get("commentUrn"))
            return Present(external_id=urn or _urn_beside(parent, made or str(response.get("id") or "")))

    async def look_up_reply(
        self, access: AccountAccess, reply: Reply, prepared: Mapping[str, JsonValue]
    ) -> Present | Absent | Ambiguous:
        """Look among the answers to the comment. Where none is listed, the list of the post shows whether the role may read.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        if not is_organization(access.account.external_id):
            return Ambiguous(message=_UNREADABLE, is_final=True)
        if not _can_read(access):
            return Ambiguous(message="The account did not allow Presswork to read comments.")
        target = thread_of(reply.comment)
        with LINKEDIN.changing_live(None):
            read = await self._read_list(access, target, target, max_pages=MAX_LOOK_PAGES)
            doubt = None if read.is_complete else describe_cut(len(read.comments))
            if not read.comments:
                above = await self._read_list(access, reply.post.external_id, None, max_pages=1)
                doubt = None if above.comments else _NO_ROLE
        return find_reply(Replies(comments=read.comments, doubt=doubt), reply, prepared, LINKEDIN)

    async def set_hidden(
        self,
        access: AccountAccess,  # noqa: ARG002  the port's own parameter
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,  # noqa: ARG002  the port's own parameter
        *,
        is_hidden: bool,  # noqa: ARG002  the port's own parameter
    ) -> None:
        """Raise Rejected: LinkedIn has no call for it."""
        raise no_such_call("LinkedIn has no call that hides a comment.", step="comment_hide")

    async def set_liked(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_liked: bool,
    ) -> Mapping[str, JsonValue]:
        """Add the reaction LIKE, or take it back. Raises TryLater, Rejected, CredentialInvalid."""
        self._require_writing(access, verb="like comments", step=LIKE)
        actor, urn = access.account.external_id, comment.external_id
        if is_liked:
            body: JsonValue = {"root": urn, "reactionType": "LIKE"}
            refused = await self._change(access, "POST", REACTIONS, {"actor": actor}, step=LIKE, body=body)
            if refused is not None and refused.status == _CONFLICT:  # it is there already
                return {}
        else:
            refused = await self._change(access, "DELETE", reaction(actor, urn), {}, step=UNLIKE)
            if refused is not None and refused.meaning is NOT_FOUND:
                return {}
        if refused is not None:
            with LINKEDIN.changing_live(None):
                raise self._explain(refused, access, step=LIKE)
        return {}

    async def delete_comment(self, access: AccountAccess, post: LivePost, comment: StoredComment) -> None:
        """Delete the comment. Raises TryLater, Rejected, CredentialInvalid."""
        self._require_writing(access, verb="delete comments", step=DELETE)
        number = _require_urn(comment.external_id, step=DELETE)
        params = {"actor": access.account.external_id}
        path = f"{comments(post.external_id)}/{encoded(number)}"
        refused = await self._change(access, "DELETE", path, params, step=DELETE)
        if refused is not None and refused.meaning is not NOT_FOUND:
            with LINKEDIN.changing_live(None):
                raise self._explain(refused, access, step=DELETE)

    async def _change(
        self,
        access: AccountAccess,
        method: str,
        path: str,
        params: Mapping[str, str],
        *,
        step: str,
        body: JsonValue = None,
    ) -> ApiError | None:
        """Make a call that is safe to repeat; return its refusal. Raises TryLater, CredentialInvalid."""
        with LINKEDIN.changing_live(None):
            headers = {"X-RestLi-Method": "DELETE"} if method == "DELETE" else {}
            with LINKEDIN.lost(step=step):
                _, response = await self.api.send(access, method, path, params, step=step, body=body, headers=headers)
            if isinstance(response, ApiError):
                return response
            LINKEDIN.object_of(response, step=step)
            return None

    def _explain(self, refused: ApiError, access: AccountAccess, *, step: str) -> PlatformError:
        if refused.meaning is NOT_FOUND:
            return comment_gone(LINKEDIN, step=step, **refused.reported)
        return refusal(refused, step=step, now=access.now())

    def _require_writing(self, access: AccountAccess, *, verb: str, step: str) -> None:
        scope = PAGE_COMMENT if is_organization(access.account.external_id) else MEMBER_COMMENT
        require_scopes(access.account, {scope}, verb=verb, step=step)


_CONFLICT: Final = 409


def _can_read(access: AccountAccess) -> bool:
    """Whether the account's access may read comments, roles apart."""
    return is_organization(access.account.external_id) and PAGE_COMMENT_READ in access.account.scopes


def _require_urn(urn: str, *, step: str) -> str:
    """Return the number in a comment's URN. Raises Rejected."""
    found = _URN.fullmatch(urn)
    if found is None:
        raise Rejected("The id of the comment is none of LinkedIn's.", advice="Do it on LinkedIn.", step=step)
    return found["id"]


def _urn_beside(urn: str, number: str) -> str | None:
    """Return the URN of a comment with this number below the same post as another one."""
    found, named = _URN.fullmatch(urn), _URN.fullmatch(number)
    if named is not None:
        return number
    return f"urn:li:comment:({found['object']},{number})" if found and number.isascii() and number.isdigit() else None


def _count_answers(item: JsonObject) -> int | None:
    """Return how many answers a comment has, or None where the list does not say."""
    summary = part_of(item, "commentsSummary")
    counts = [number_of(summary.get(name)) for name in ("aggregatedTotalComments", "totalFirstLevelComments")]
    known = [count for count in counts if count is not None]
    return max(known) if known else None


def _read_comment(item: JsonObject, access: AccountAccess, parent: str | None) -> SeenComment | None:
    """Return a listed comment; None of one without a URN or a time."""
    number = text_of(item.get("id")) or str(number_of(item.get("id")) or "")
    urn = text_of(item.get("commentUrn")) or text_of(item.get("$URN"))
    urn = urn or f"urn:li:comment:({text_of(item.get('object')) or ''},{number})"
    created_at = read_instant(part_of(item, "created").get("time"))
    if _URN.fullmatch(urn) is None or created_at is None:
        return None
    actor = text_of(item.get("actor")) or text_of(part_of(item, "created").get("actor"))
    is_own = actor == access.account.external_id
    likes = part_of(item, "likesSummary")
    shows_like = isinstance(likes.get("likedByCurrentUser"), bool)
    return SeenComment(
        external_id=urn,
        parent_external_id=text_of(item.get("parentComment")) or parent,
        author=access.account.handle if is_own else None,
        author_external_id=actor,
        text=text_of(part_of(item, "message").get("text")) or "",
        created_at=created_at,
        is_own=is_own,
        is_liked=likes.get("likedByCurrentUser") is True,
        actions=_ACTIONS,
        unshown=frozenset({CommentAction.HIDE} | (set() if shows_like else {CommentAction.LIKE})),
    )
