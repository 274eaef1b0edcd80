"""What is live: posts, and replies to them, which pages and the control surface show as comments of their root post."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment, Comments
from presswork_sandbox.posts import Post, Posts
from presswork_sandbox.store import Store
from presswork_sandbox.threads.options import kind_of
from presswork_sandbox.wire import JSONValue, flag_of, text_of

_ROWS: Final = (
    "SELECT replies.*, accounts.handle FROM threads_replies AS replies"
    " JOIN accounts ON accounts.id = replies.account_id"
)
_REPLIES: Final = f"{_ROWS} WHERE replies.removed_at IS NULL"
WAITING: Final = ("pending", "ignored")
"""What replies are that the author of the root has not approved."""
APPROVED: Final = "approved"
UNHUSHED: Final = "unhushed"
"""What replies are that were hidden and are shown again."""
_SHOWN: Final = (
    f"{_REPLIES} AND replies.id NOT IN (SELECT comment_id FROM comment_states WHERE moderation IN {WAITING!r})"  # noqa: S608  words of our own
)
# Replies of an account, or of all, below its own posts.
_OF_AUTHORS: Final = (
    " AND (?1 IS NULL OR accounts.handle = ?1) AND EXISTS (SELECT 1 FROM posts AS root"
    " WHERE root.external_id = replies.root_id AND root.account_id = replies.account_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A live post or reply. `number` orders those of one list; `root_id` and `replied_to_id` are None of a post."""

    id: str
    number: int
    account_id: int
    handle: str
    shortcode: str
    text: str
    params: Mapping[str, JSONValue]
    asset_ids: Sequence[int]
    created_at: float
    root_id: str | None = None
    replied_to_id: str | None = None
    removed_at: float | None = None

    @property
    def url(self) -> str:
        """The permalink."""
        return permalink(self.handle, self.shortcode)


def permalink(handle: str, shortcode: str) -> str:
    """Return the URL of a post or reply."""
    return f"https://www.threads.com/@{handle}/post/{shortcode}"


def media_of(post: Post) -> Media:
    """Return a post as Threads sees it."""
    return Media(
        id=post.external_id,
        number=post.id,
        account_id=post.account_id,
        handle=post.handle,
        shortcode=post.shortcode or "",
        text=post.caption,
        params=post.params,
        asset_ids=post.asset_ids,
        created_at=post.created_at,
    )


def _reply(row: sqlite3.Row) -> Media:
    params = json.loads(row["params"])
    return Media(
        id=str(row["id"]),
        number=row["id"],
        account_id=row["account_id"],
        handle=row["handle"],
        shortcode=row["shortcode"],
        text=text_of(params.get("text")),
        params=params,
        asset_ids=json.loads(row["asset_ids"]),
        created_at=row["created_at"],
        root_id=row["root_id"],
        replied_to_id=row["replied_to_id"],
        removed_at=row["removed_at"],
    )


def as_post(reply: Media) -> Post:
    """Return a reply, or a post, as a post."""
    return Post(
        id=reply.number,
        platform="threads",
        account_id=reply.account_id,
        handle=reply.handle,
        kind=kind_of(reply.params),
        external_id=reply.id,
        shortcode=reply.shortcode,
        url=reply.url,
        caption=reply.text,
        params=reply.params,
        privacy="PUBLIC_TO_EVERYONE",
        asset_ids=tuple(reply.asset_ids),
        comments_on=True,
        created_at=reply.created_at,
        removed_at=reply.removed_at,
    )


class Published:
    """Find and count what is live, and add and remove replies."""

    def __init__(
        self, store: Store, posts: Posts, comments: Comments, note_comment: Callable[[Comment, str], None]
    ) -> None:
        """`note_comment` reports replies that appear or are deleted, in the transaction of the change."""
        self._store = store
        self._posts = posts
        self._comments = comments
        self._note_comment = note_comment

    def find(self, media_id: str) -> Media | None:
        """Find a live post or reply by its id as a client writes it."""
        if not (media_id.isascii() and media_id.isdigit() and len(media_id) < 19):
            return None
        post = self._posts.by_external_id("threads", media_id)
        if post is not None:
            return media_of(post)
        row = self._store.first(f"{_REPLIES} AND replies.id = ?", int(media_id))
        return None if row is None else _reply(row)

    def is_in_own_thread(self, account: Account, media: Media) -> bool:
        """Return whether a post or reply is the account's own, or a reply below a post of it."""
        root = None if media.root_id is None else self.find(media.root_id)
        return account.id in {media.account_id, None if root is None else root.account_id}

    def own_replies(self, post: Post) -> list[Post]:
        """Return what the author of a post replied below it, as posts, oldest first: the parts of a thread."""
        return [
            as_post(media)
            for media in reversed(self.conversation(post.external_id))
            if media.account_id == post.account_id
        ]

    def other_replies(self, handle: str | None, *, are_removed: bool) -> Iterator[Post]:
        """Return the replies of authors below posts of theirs that were taken down, which stay; or the removed replies."""
        if are_removed:
            sql = f"{_ROWS} WHERE replies.removed_at IS NOT NULL{_OF_AUTHORS})"
        else:
            sql = f"{_REPLIES}{_OF_AUTHORS} AND root.id IN (SELECT post_id FROM removed_posts))"  # noqa: S608 - our own SQL
        return (as_post(_reply(row)) for row in self._store.pages(sql, "id", handle))

    def post_at(self, handle: str, shortcode: str) -> Post | None:
        """Find the post of a permalink; that of a reply leads to its root post, or to itself where that one is gone."""
        reply = self._store.first(f"{_REPLIES} AND replies.shortcode = ? AND accounts.handle = ?", shortcode, handle)
        if reply is not None:
            return self._posts.by_external_id("threads", reply["root_id"]) or as_post(_reply(reply))
        post = self._posts.by_shortcode("threads", shortcode)
        return post if post is not None and post.handle.lower() == handle.lower() else None

    def replies_to(self, media_id: str) -> list[Media]:
        """Return the direct replies to a post or reply, newest first."""
        sql = f"{_SHOWN} AND replies.replied_to_id = ? ORDER BY replies.id DESC"
        return [_reply(row) for row in self._store.all(sql, media_id)]

    def conversation(self, media_id: str) -> list[Media]:
        """Return all replies below a root post, newest first."""
        sql = f"{_SHOWN} AND replies.root_id = ? ORDER BY replies.id DESC"
        return [_reply(row) for row in self._store.all(sql, media_id)]

    def waiting(self, root_id: str, status: str) -> list[Media]:
        """Return the replies below a root post that are pending or ignored, newest first."""
        sql = (
            f"{_REPLIES} AND replies.root_id = ? AND replies.id IN"  # noqa: S608 - our own SQL
            " (SELECT comment_id FROM comment_states WHERE moderation = ?) ORDER BY replies.id DESC"
        )
        return [_reply(row) for row in self._store.all(sql, root_id, status)]

    def hide(self, media: Media, *, is_hidden: bool) -> None:
        """Hide a reply with those below it, or show them again."""
        comment = self._comments.find("threads", media.id)
        if comment is None or comment.is_hidden == is_hidden:
            return
        with self._store.transaction():
            (self._comments.hide if is_hidden else self._comments.unhide)(comment)
            if not is_hidden and comment.moderation not in WAITING:
                self._comments.moderate(comment, UNHUSHED)
            for reply in self._comments.replies(comment):
                below = self.find(reply.id)
                if below is not None:
                    self.hide(below, is_hidden=is_hidden)

    def approve(self, media: Media, *, is_approved: bool) -> bool:
        """Show a reply that waits for approval, or ignore it; return whether it waited."""
        comment = self._comments.find("threads", media.id)
        if comment is None or comment.moderation not in WAITING:
            return False
        with self._store.transaction():
            self._comments.moderate(comment, APPROVED if is_approved else "ignored")
            if is_approved:
                self._note_comment(comment, "add")
        return True

    def hide_status(self, media: Media) -> str:
        """Return the platform's word for whether a reply is hidden."""
        comment = self._comments.find("threads", media.id)
        if comment is not None and comment.is_hidden:
            return "HIDDEN"
        return "UNHUSHED" if comment is not None and comment.moderation == UNHUSHED else "NOT_HUSHED"

    def approval_status(self, media: Media) -> str | None:
        """Return the platform's word for whether a reply waits for approval; None of a post."""
        comment = self._comments.find("threads", media.id)
        if comment is None:
            return None
        return comment.moderation if comment.moderation in WAITING else APPROVED

    def replies_of(self, account: Account) -> list[Media]:
        """Return what an account replied, newest first."""
        sql = f"{_REPLIES} AND replies.account_id = ? ORDER BY replies.id DESC"
        return [_reply(row) for row in self._store.all(sql, account.id)]

    def count_replies(self, account: Account, since: float) -> int:
        """Return how many replies an account published after an instant, removed ones included."""
        sql = "SELECT count(*) AS n FROM threads_replies WHERE account_id = ? AND created_at > ?"
        return int(self._store.one(sql, account.id, since)["n"])

    def add_reply(
        self,
        number: int,
        shortcode: str,
        account: Account,
        params: Mapping[str, JSONValue],
        asset_ids: Sequence[int],
        now: float,
    ) -> Comment:
        """Make a reply live, also below what was removed since its container was created.

        Belongs in the transaction that ends the container.
        """
        replied_to = text_of(params.get("reply_to_id"))
        row = self._store.first("SELECT root_id FROM threads_replies WHERE id = ?", int(replied_to))  # removed or not
        root_id = replied_to if row is None else row["root_id"]
        self._store.insert(
            "threads_replies",
            id=number,
            account_id=account.id,
            root_id=root_id,
            replied_to_id=replied_to,
            shortcode=shortcode,
            params=json.dumps(params),
            asset_ids=json.dumps(list(asset_ids)),
            created_at=now,
        )
        root = self.find(root_id)
        # Replies of others wait where the root was published with approvals.
        waits = (
            root is not None and root.account_id != account.id and flag_of(root.params.get("enable_reply_approvals"))
        )
        self._comments.add(
            root_id,
            account.id,
            text_of(params.get("text")),
            number,
            now,
            parent=self._comments.find("threads", replied_to, with_deleted=True),
            moderation=WAITING[0] if waits else None,
        )
        made = self._comments.by_number(number)
        if made is None:
            raise LookupError(number)
        if not waits:
            self._note_comment(made, "add")
        return made

    def remove(self, media: Media, now: float) -> None:
        """Take a post or reply down; what is below it stays. It still counts for quotas. Belongs in a transaction."""
        post = self._posts.by_external_id("threads", media.id)
        if post is not None:
            self._posts.remove(post, now)
            return
        self._store.run("UPDATE threads_replies SET removed_at = ? WHERE id = ?", now, int(media.id))
        comment = self._comments.find("threads", media.id)
        if comment is not None:
            self._comments.remove(comment, now, with_replies=False)
            self._note_comment(comment, "remove")
