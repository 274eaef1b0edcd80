"""Comments under posts, of all platforms: trees of them, of the post's author and of others, hidden, liked and deleted ones."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.clock import iso
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment under a post."""

    id: str
    """Its number in this sandbox, which is its id on most platforms."""
    external_id: str
    """Its id on the platform."""
    platform: str
    media_id: str
    """The platform's id of the post that it is under, at whatever depth."""
    parent_id: str | None
    """The `id` of the comment that it answers; None at the top."""
    account_id: int
    handle: str
    text: str
    is_hidden: bool
    moderation: str | None
    """The platform's own word for whether others see it, where it has more than hidden ones."""
    created_at: float
    edited_at: float | None
    removed_at: float | None


MAX_NUMBER: Final = 2**63 - 1
_SELECT: Final = (
    "SELECT comments.*, accounts.handle, accounts.platform, states.external_id, states.parent_id, states.is_hidden,"
    " states.moderation, states.edited_at, states.removed_at FROM comments"
    " JOIN accounts ON accounts.id = comments.account_id"
    " LEFT JOIN comment_states AS states ON states.comment_id = comments.id"
)
_LIVE: Final = " AND states.removed_at IS NULL"


class Comments:
    """Create, find and change comments. Every write belongs in a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        media_id: str,
        account_id: int,
        text: str,
        number: int,
        now: float,
        *,
        parent: Comment | None = None,
        external_id: str | None = None,
        moderation: str | None = None,
    ) -> None:
        """Put a comment under a post, or under another comment. `external_id`: its id, where that is not its number."""
        self._store.insert("comments", id=number, media_id=media_id, account_id=account_id, text=text, created_at=now)
        if parent is not None or external_id is not None or moderation is not None:
            self._store.insert(
                "comment_states",
                comment_id=number,
                external_id=external_id,
                parent_id=None if parent is None else int(parent.id),
                moderation=moderation,
            )

    def of_post(self, media_id: str) -> list[Comment]:
        """Return all live comments under a post, at every depth, hidden ones too, oldest first."""
        rows = self._store.all(f"{_SELECT} WHERE media_id = ?{_LIVE} ORDER BY comments.id", media_id)
        return [_comment(row) for row in rows]

    def at_top(self, media_id: str) -> list[Comment]:
        """Return the live comments of a post that answer no other one, oldest first."""
        return [one for one in self.of_post(media_id) if one.parent_id is None]

    def replies(self, comment: Comment) -> list[Comment]:
        """Return the live comments that answer a comment, oldest first."""
        rows = self._store.all(f"{_SELECT} WHERE states.parent_id = ?{_LIVE} ORDER BY comments.id", int(comment.id))
        return [_comment(row) for row in rows]

    def count(self, media_id: str, until: float | None = None) -> int:
        """Return how many live comments a post has, at every depth: hidden ones too, but none that are held or rejected.

        `until`: only those that were written up to an instant.
        """
        sql = (
            "SELECT count(*) AS n FROM comments LEFT JOIN comment_states AS states ON states.comment_id = comments.id"
            " WHERE media_id = ?1 AND states.removed_at IS NULL AND (?2 IS NULL OR comments.created_at <= ?2)"
            " AND coalesce(states.moderation, '')"
            " NOT IN ('heldForReview', 'likelySpam', 'rejected', 'pending', 'ignored')"
        )
        return int(self._store.one(sql, media_id, until)["n"])

    def find(self, platform: str, comment_id: str, *, with_deleted: bool = False) -> Comment | None:
        """Return the live comment that has an id on a platform; `with_deleted`: or a deleted one."""
        live = "" if with_deleted else _LIVE
        row = self._store.first(f"{_SELECT} WHERE states.external_id = ? AND platform = ?{live}", comment_id, platform)
        is_number = comment_id.isascii() and comment_id.isdigit() and len(comment_id) < 20
        if row is None and is_number and int(comment_id) <= MAX_NUMBER:
            row = self._store.first(
                f"{_SELECT} WHERE comments.id = ? AND platform = ? AND states.external_id IS NULL{live}",
                int(comment_id),
                platform,
            )
        return None if row is None else _comment(row)

    def by_number(self, number: int) -> Comment | None:
        """Return the comment with a number, live or deleted."""
        row = self._store.first(f"{_SELECT} WHERE comments.id = ?", number)
        return None if row is None else _comment(row)

    def parent_of(self, comment: Comment) -> Comment | None:
        """Return the comment that a comment answers, live or deleted."""
        return None if comment.parent_id is None else self.by_number(int(comment.parent_id))

    def listed(self, platform: str | None, handle: str | None, media_id: str | None) -> Iterator[Comment]:
        """Return the comments under the posts of an account, deleted ones too, in the order they were made."""
        sql = (
            f"{_SELECT} WHERE (?1 IS NULL OR platform = ?1) AND (?3 IS NULL OR media_id = ?3) AND (?2 IS NULL OR EXISTS"  # noqa: S608 - our own SQL
            " (SELECT 1 FROM posts JOIN accounts AS owners ON owners.id = posts.account_id"
            " WHERE posts.external_id = comments.media_id AND owners.handle = ?2))"
        )
        return (_comment(row) for row in self._store.pages(sql, "id", platform, handle, media_id))

    def edit(self, comment: Comment, text: str, now: float) -> None:
        """Replace the text of a comment."""
        if self._store.run("UPDATE comments SET text = ? WHERE id = ? AND text <> ?", text, int(comment.id), text):
            self._set(comment, "edited_at", now)

    def hide(self, comment: Comment) -> None:
        """Hide a comment from others."""
        self._set(comment, "is_hidden", True)

    def unhide(self, comment: Comment) -> None:
        """Show a hidden comment again."""
        self._set(comment, "is_hidden", False)

    def moderate(self, comment: Comment, moderation: str) -> None:
        """Set the platform's own word for whether others see a comment."""
        self._set(comment, "moderation", moderation)

    def remove(self, comment: Comment, now: float, *, with_replies: bool = True) -> None:
        """Delete a comment, and what answers it unless the platform keeps that."""
        self._set(comment, "removed_at", now)
        for reply in self.replies(comment) if with_replies else ():
            self.remove(reply, now)

    def _set(self, comment: Comment, column: str, value: object) -> None:
        sql = (
            f"INSERT INTO comment_states (comment_id, {column}) VALUES (?, ?)"  # noqa: S608 - the column is a literal in our code
            f" ON CONFLICT (comment_id) DO UPDATE SET {column} = excluded.{column}"
        )
        self._store.run(sql, int(comment.id), value)

    def like(self, comment: Comment, account_id: int, now: float) -> None:
        """Like a comment for an account; once more changes nothing."""
        self._store.run(
            "INSERT INTO comment_likes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", comment.id, account_id, now
        )

    def unlike(self, comment: Comment, account_id: int) -> bool:
        """Take an account's like of a comment back; return whether there was one."""
        sql = "DELETE FROM comment_likes WHERE comment_id = ? AND account_id = ?"
        return self._store.run(sql, int(comment.id), account_id) > 0

    def like_count(self, comment: Comment) -> int:
        """Return how many accounts like a comment."""
        sql = "SELECT count(*) AS n FROM comment_likes WHERE comment_id = ?"
        return int(self._store.one(sql, int(comment.id))["n"])

    def is_liked_by(self, comment: Comment, account_id: int) -> bool:
        """Return whether an account likes a comment."""
        sql = "SELECT 1 FROM comment_likes WHERE comment_id = ? AND account_id = ?"
        return self._store.first(sql, int(comment.id), account_id) is not None

    def to_json(self, comment: Comment) -> dict[str, JSONValue]:
        """Return a comment as the control surface shows it."""
        sql = "SELECT account_id FROM posts WHERE external_id = ?"
        owner, parent = self._store.first(sql, comment.media_id), self.parent_of(comment)
        owner_id = -1 if owner is None else int(owner["account_id"])
        return {
            "id": comment.external_id,
            "platform": comment.platform,
            "externalId": comment.media_id,
            "parentId": None if parent is None else parent.external_id,
            "author": comment.handle,
            "text": comment.text,
            "own": comment.account_id == owner_id,
            "hidden": comment.is_hidden,
            "moderation": comment.moderation,
            "liked": self.is_liked_by(comment, owner_id),
            "likes": self.like_count(comment),
            "deleted": comment.removed_at is not None,
            "createdAt": iso(comment.created_at),
            "editedAt": None if comment.edited_at is None else iso(comment.edited_at),
            "deletedAt": None if comment.removed_at is None else iso(comment.removed_at),
        }


def _comment(row: sqlite3.Row) -> Comment:
    return Comment(
        id=str(row["id"]),
        external_id=row["external_id"] or str(row["id"]),
        platform=row["platform"],
        media_id=row["media_id"],
        parent_id=None if row["parent_id"] is None else str(row["parent_id"]),
        account_id=row["account_id"],
        handle=row["handle"],
        text=row["text"],
        is_hidden=bool(row["is_hidden"]),
        moderation=row["moderation"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        removed_at=row["removed_at"],
    )
