"""Comments on a Page's posts: lists, replies, edits, hiding, deleting and likes, by the Page and of others.

Source: Meta, "Pages API: Comments", the reference of "Comment" and clients of it, read 2026-11. There are two levels: what
answers a reply is below the comment that the reply answers. `POST /{comment}` with a message edits, although a guide of Meta
shows it as the reply. An id may be `98765` or `{post}_98765`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import COMMENTS_NOT_ALLOWED, NOT_OWN_COMMENT, NOT_TO_BE_HIDDEN, parameter
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.page_posts import check_message
from presswork_sandbox.facebook.page_reads import PageReads
from presswork_sandbox.instagram.errors import GraphRefusal, missing
from presswork_sandbox.instagram.reads import (
    LIST_DEFAULT,
    LIST_LIMIT,
    empty_page,
    has_empty_page,
    paged,
    read_fields,
    read_page,
)
from presswork_sandbox.plain_thread import PlainThread
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

OPERATIONS: Final = frozenset(
    {"comments", "comments_list", "comment", "comment_replies", "comment_update", "comment_delete", "comment_likes"}
)
WRITES: Final = frozenset({"comments", "comment_replies", "comment_update", "comment_likes"})
DEFAULT_FIELDS: Final = "created_time,from,message,id"


def find_comment(sandbox: Sandbox, subject: str) -> Comment | None:
    """Return the comment that an id of a path names in either spelling, live or deleted."""
    number = subject.rpartition("_")[2]
    found = (
        sandbox.comments.by_number(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    )
    return found if found is not None and found.platform == FACTS.name else None


class PageComments:
    """Answers calls about comments. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, reads: PageReads, thread: PlainThread) -> None:
        self._sandbox = sandbox
        self._reads = reads
        self._thread = thread

    def answer(
        self, call: Call, subject: str, account: Account, post: Post | None, params: Mapping[str, JSONValue]
    ) -> Reply:
        """Answer a call about the comments of a Page's post, or about one of them; `post` is the one that `subject` names."""
        comment = None
        if post is None:
            comment = find_comment(self._sandbox, subject)
            live = comment is not None and comment.removed_at is None
            post = (
                self._sandbox.posts.by_external_id(FACTS.name, comment.media_id)
                if comment is not None and live
                else None
            )
        if post is None or post.account_id != account.id or post.kind == "story":
            raise GraphRefusal(missing(call, subject))
        if call.operation == "comments_list":
            return self._list(call, account, post, comment, params)
        if call.operation in {"comments", "comment_replies"}:
            return self._add(account, post, comment, params)
        if comment is None:
            raise GraphRefusal(missing(call, subject))
        with self._sandbox.store.transaction():
            match call.operation:
                case "comment_update":
                    self._update(account, comment, params)
                case "comment_delete":
                    self._thread.remove(comment)
                case "comment_likes":
                    self._like(call, account, comment)
                case _:
                    fields = read_fields(params, DEFAULT_FIELDS)
                    return json_reply(self._reads.comment(account, post, comment, fields))
        return json_reply({"success": True})

    def _list(
        self, call: Call, account: Account, post: Post, comment: Comment | None, params: Mapping[str, JSONValue]
    ) -> Reply:
        """`filter` is `toplevel` or, for all levels in one list, `stream`; of a comment both are its replies."""
        fields = read_fields(params, DEFAULT_FIELDS)
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        url = base_url(call.request, call.host) + call.path
        if has_empty_page(account, page):
            return empty_page(url, params)
        sign = 1 if text_of(params.get("order")) == "reverse_chronological" else -1
        rows = [
            one
            for one in self._chosen(post, comment, params)[::-sign]
            if (page.after is None or sign * int(one.id) < page.after)
            and (page.before is None or sign * int(one.id) > page.before)
        ]
        return paged(
            rows,
            lambda one: sign * int(one.id),
            lambda one: self._reads.comment(account, post, one, fields),
            page,
            url,
            params,
        )

    def _chosen(self, post: Post, comment: Comment | None, params: Mapping[str, JSONValue]) -> Sequence[Comment]:
        if comment is not None:
            return self._sandbox.comments.replies(comment)
        match text_of(params.get("filter")):
            case "stream":
                return self._sandbox.comments.of_post(post.external_id)
            case "" | "toplevel":
                return self._sandbox.comments.at_top(post.external_id)
            case _:
                raise GraphRefusal(parameter("Param filter must be one of {toplevel, stream}"))

    def _add(self, account: Account, post: Post, above: Comment | None, params: Mapping[str, JSONValue]) -> Reply:
        """The answer to a reply has the bare number, that to a comment the number behind that of the post."""
        message = check_message(params)
        if not message.strip() and not params.get("attachment_url"):
            raise GraphRefusal(parameter("The parameter message is required"))
        with self._sandbox.store.transaction():
            made = self._thread.add(post, account, message, above)
        return json_reply({"id": f"{post.shortcode}_{made.id}" if above is None else made.id})

    def _update(self, account: Account, comment: Comment, params: Mapping[str, JSONValue]) -> None:
        if "message" not in params and "is_hidden" not in params:
            raise GraphRefusal(parameter("The parameter message is required"))
        is_own = comment.account_id == account.id
        if "message" in params and not is_own:
            raise GraphRefusal(NOT_OWN_COMMENT)
        if "is_hidden" in params and is_own:
            raise GraphRefusal(NOT_TO_BE_HIDDEN)
        comments = self._sandbox.comments
        if "message" in params:
            message = check_message(params)
            if not message.strip():
                raise GraphRefusal(parameter("The parameter message is required"))
            comments.edit(comment, message, self._sandbox.clock.now())
            self._sandbox.note_comment(comment, "edited")
        elif flag_of(params["is_hidden"]) != comment.is_hidden:
            (comments.unhide if comment.is_hidden else comments.hide)(comment)
            self._sandbox.note_comment(comment, "unhide" if comment.is_hidden else "hide")

    def _like(self, call: Call, account: Account, comment: Comment) -> None:
        if call.request.method == "DELETE":
            self._sandbox.comments.unlike(comment, account.id)
        else:
            self._sandbox.comments.like(comment, account.id, self._sandbox.clock.now())

    def check_delete(self, subject: str, account: Account, granted: Sequence[str], own: str, others: str) -> None:
        """Raise GraphRefusal unless the permission for a comment of this author is granted: `own` or `others`."""
        comment = find_comment(self._sandbox, subject)
        is_own = comment is None or comment.account_id == account.id
        if (own if is_own else others) not in granted:
            raise GraphRefusal(COMMENTS_NOT_ALLOWED)
