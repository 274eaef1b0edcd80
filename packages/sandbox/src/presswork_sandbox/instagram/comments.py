"""Comments on media: lists, replies, hiding, deleting, and likes, the same behind both logins but for likes.

Source: Meta, "IG Media Comments", "IG Comment" and "IG Comment Replies" (2026-04 to 2026-06), "User Likes" (2026-04-22), read
2026-11. A reply to a reply is below the top comment; `refuseNestedReplies` of an account refuses it, as one client saw.
"""

import re
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import HOUR
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import INVALID_PARAMETER, LIKES_LOCKED, GraphRefusal, missing
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.instagram.publish import new_comment_id
from presswork_sandbox.instagram.reads import (
    COMMENTS_LIMIT,
    LIST_DEFAULT,
    Reads,
    empty_page,
    has_empty_page,
    paged,
    read_fields,
    read_page,
)
from presswork_sandbox.plain_thread import PlainThread
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

PLATFORM: Final = "instagram"
OPERATIONS: Final = frozenset(
    {
        "comments",
        "comments_list",
        "comment",
        "comment_replies",
        "comment_replies_list",
        "comment_update",
        "comment_delete",
    }
)
ON_COMMENTS: Final[Mapping[str, str]] = {
    "permalink": "comment",
    "media_update": "comment_update",
    "media_delete": "comment_delete",
}
"""What an operation on a post is called where the id is that of a comment."""
LIKE_HITS: Final = "instagram likes"  # in the table of hits
LIKE_LOCK: Final = "instagram likes locked"
MAX_LIKE_CALLS: Final = 50
LIKE_WINDOW_SECONDS: Final = 5.0
LIKE_LOCK_SECONDS: Final = HOUR
_NESTED_LIMIT: Final = re.compile(r"replies\.limit\((\d{1,4})\)")


def find_comment(sandbox: Sandbox, comment_id: str) -> Comment | None:
    """Return the comment that has an id, live or deleted."""
    is_number = comment_id.isascii() and comment_id.isdigit() and len(comment_id) < 19
    found = sandbox.comments.by_number(int(comment_id)) if is_number else None
    return found if found is not None and found.platform == PLATFORM else None


class MediaComments:
    """Answers calls about comments. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, reads: Reads, login: Login) -> None:
        self._sandbox = sandbox
        self._reads = reads
        self._login = login
        self._thread = PlainThread(sandbox, lambda: new_comment_id(sandbox))

    def answer(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """Answer a call about the comments of a post, or about one comment."""
        if call.operation in {"comments", "comments_list"}:
            post = self._sandbox.posts.by_external_id(PLATFORM, subject)
            if post is None or post.account_id != account.id:
                raise GraphRefusal(missing(call, subject))
            return self._of_post(call, account, post, params)
        comment, post = self._find(call, subject, account)
        match call.operation:
            case "comment":
                fields = read_fields(params, "id,text,timestamp")
                return json_reply(self._reads.comment(comment, fields, account, _nested_limit(params)))
            case "comment_replies_list":
                return self._list(call, account, comment, params)
            case "comment_replies":
                return self._reply(account, post, comment, params)
            case "comment_delete":
                with self._sandbox.store.transaction():
                    self._thread.remove(comment)
            case _:
                self._hide(comment, params)
        return json_reply({"success": True})

    def _find(self, call: Call, subject: str, account: Account) -> tuple[Comment, Post]:
        comment = self._sandbox.comments.find(PLATFORM, subject)
        post = None if comment is None else self._sandbox.posts.by_external_id(PLATFORM, comment.media_id)
        if comment is None or post is None or post.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        return comment, post

    def _of_post(self, call: Call, account: Account, post: Post, params: Mapping[str, JSONValue]) -> Reply:
        if call.operation == "comments_list":
            return self._list(call, account, post, params)
        if post.kind == "story":
            raise GraphRefusal(missing(call, post.external_id))  # stories have no comments
        message = _read_message(params)
        if not post.comments_on:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Comments are turned off for this media"))
        with self._sandbox.store.transaction():
            made = self._thread.add(post, account, message, None)
        return json_reply({"id": made.id})

    def _reply(self, account: Account, post: Post, comment: Comment, params: Mapping[str, JSONValue]) -> Reply:
        message = _read_message(params)
        if comment.is_hidden:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) A hidden comment can't be replied to"))
        if comment.parent_id is not None and account.settings.get("refuseNestedReplies") is True:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) A reply can't be replied to"))
        with self._sandbox.store.transaction():
            made = self._thread.add(post, account, message, comment)
        return json_reply({"id": made.id})

    def _list(self, call: Call, account: Account, above: Post | Comment, params: Mapping[str, JSONValue]) -> Reply:
        """Newest first: the top level of a post, or the replies to a comment."""
        fields, page = read_fields(params, "id,text,timestamp"), read_page(params, COMMENTS_LIMIT, COMMENTS_LIMIT)
        url = base_url(call.request, self._login.host) + call.path
        if has_empty_page(account, page):
            return empty_page(url, params)
        comments, max_replies = self._sandbox.comments, _nested_limit(params)
        listed = comments.replies(above) if isinstance(above, Comment) else comments.at_top(above.external_id)
        rows = [
            one
            for one in listed[::-1]
            if (page.after is None or int(one.id) < page.after) and (page.before is None or int(one.id) > page.before)
        ]
        return paged(
            rows,
            lambda one: int(one.id),
            lambda one: self._reads.comment(one, fields, account, max_replies),
            page,
            url,
            params,
        )

    def _hide(self, comment: Comment, params: Mapping[str, JSONValue]) -> None:
        if "hide" not in params:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter hide is required"))
        is_hidden, comments = flag_of(params["hide"]), self._sandbox.comments
        with self._sandbox.store.transaction():
            (comments.hide if is_hidden else comments.unhide)(comment)

    def like(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """POST or DELETE /{ig-user}/likes: a comment, a reply or a post of the account, no story; a repeat changes nothing."""
        self._limit_likes(account)
        media_id, comment_id = (text_of(params.get(name)) for name in ("media_id", "comment_id"))
        if bool(media_id) == bool(comment_id):
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) Exactly one of media_id and comment_id is required"))
        is_like, now = call.request.method == "POST", self._sandbox.clock.now()
        with self._sandbox.store.transaction():
            if comment_id:
                comment, _ = self._find(call, comment_id, account)
                if is_like:
                    self._sandbox.comments.like(comment, account.id, now)
                else:
                    self._sandbox.comments.unlike(comment, account.id)
            else:
                post = self._sandbox.posts.by_external_id(PLATFORM, media_id)
                if post is None or post.account_id != account.id or post.kind == "story":
                    raise GraphRefusal(missing(call, media_id))
                if is_like:
                    self._sandbox.posts.like(post, account.id, now)
                else:
                    self._sandbox.posts.unlike(post, account.id)
        return json_reply({"success": True})

    def _limit_likes(self, account: Account) -> None:
        """More than 50 calls in five seconds lock the endpoint for an hour. The code of that error is not documented."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        sql = "SELECT count(*) AS n FROM hits WHERE account_id = ? AND operation = ? AND at > ?"
        is_locked = int(store.one(sql, account.id, LIKE_LOCK, now - LIKE_LOCK_SECONDS)["n"]) > 0
        if not is_locked:
            store.insert("hits", account_id=account.id, operation=LIKE_HITS, at=now)
            if int(store.one(sql, account.id, LIKE_HITS, now - LIKE_WINDOW_SECONDS)["n"]) <= MAX_LIKE_CALLS:
                return
            store.insert("hits", account_id=account.id, operation=LIKE_LOCK, at=now)
        raise GraphRefusal(LIKES_LOCKED)


def _read_message(params: Mapping[str, JSONValue]) -> str:
    message = text_of(params.get("message"))
    if not message.strip():
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter message is required"))
    return message


def _nested_limit(params: Mapping[str, JSONValue]) -> int:
    """Return how many replies are nested in each comment, from `replies.limit(n)` in the fields."""
    found = _NESTED_LIMIT.search(re.sub(r"\s", "", text_of(params.get("fields"))))
    return LIST_DEFAULT if found is None else max(1, min(int(found[1]), COMMENTS_LIMIT))
