"""What is live: the posts that a viewer of a fake account would see."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.clock import iso
from presswork_sandbox.comments import Comments
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue

SHORTCODE_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One live post."""

    id: int
    platform: str
    account_id: int
    handle: str
    kind: str
    external_id: str
    shortcode: str | None
    url: str
    caption: str
    params: Mapping[str, JSONValue]
    privacy: str
    asset_ids: tuple[int, ...]
    comments_on: bool
    created_at: float
    edited_at: float | None = None
    removed_at: float | None = None

    def is_of(self, handle: str | None) -> bool:
        """Return whether it is of the account with a handle; None stands for any."""
        return handle is None or handle.lower() == self.handle.lower()


def shortcode_of(number: int) -> str:
    """Return eleven characters for the nth post, as Instagram's permalinks carry them."""
    value = 3_700_000_000_000_000_000 + number * 1_000_003
    letters: list[str] = []
    while value:
        value, digit = divmod(value, 64)
        letters.append(SHORTCODE_ALPHABET[digit])
    return "".join(reversed(letters))


def _post(row: sqlite3.Row) -> Post:
    return Post(
        id=row["id"],
        platform=row["platform"],
        account_id=row["account_id"],
        handle=row["handle"],
        kind=row["kind"],
        external_id=row["external_id"],
        shortcode=row["shortcode"],
        url=row["url"],
        caption=row["caption"],
        params=json.loads(row["params"]),
        privacy=row["privacy"],
        asset_ids=tuple(json.loads(row["asset_ids"])),
        comments_on=bool(row["comments_on"]),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        removed_at=row["removed_at"],
    )


_COLUMNS: Final = "SELECT posts.*, accounts.handle, times.edited_at, times.removed_at"
_JOINS: Final = (
    " JOIN accounts ON accounts.id = posts.account_id LEFT JOIN post_times AS times ON times.post_id = posts.id"
)
SELECT: Final = f"{_COLUMNS} FROM live_posts AS posts{_JOINS}"
SELECT_REMOVED: Final = f"{_COLUMNS} FROM removed_posts JOIN posts ON posts.id = removed_posts.post_id{_JOINS}"


class Posts:
    """Create and list live posts."""

    def __init__(self, store: Store, comments: Comments) -> None:
        self._store = store
        self._comments = comments

    def add(
        self,
        platform: str,
        account_id: int,
        *,
        kind: str,
        external_id: str,
        url: str,
        caption: str,
        params: Mapping[str, JSONValue],
        asset_ids: Sequence[int],
        now: float,
        privacy: str = "PUBLIC_TO_EVERYONE",
        shortcode: str | None = None,
    ) -> None:
        """Make a post live. Belongs in the transaction that ends its container or publish job."""
        self._store.insert(
            "posts",
            platform=platform,
            account_id=account_id,
            kind=kind,
            external_id=external_id,
            shortcode=shortcode,
            url=url,
            caption=caption,
            params=json.dumps(params),
            privacy=privacy,
            asset_ids=json.dumps(list(asset_ids)),
            created_at=now,
        )

    def change(
        self,
        post: Post,
        *,
        caption: str,
        params: Mapping[str, JSONValue],
        privacy: str | None = None,
        edited_at: float | None,
    ) -> None:
        """Change what a live post says. `edited_at`: when its author did that; None where the platform did it.

        An edit that changes nothing is none. Belongs in a transaction.
        """
        privacy = post.privacy if privacy is None else privacy
        if (caption, params, privacy) == (post.caption, post.params, post.privacy):
            return
        sql = "UPDATE posts SET caption = ?, params = ?, privacy = ? WHERE id = ?"
        self._store.run(sql, caption, json.dumps(params), privacy, post.id)
        if edited_at is not None:
            self._set_time(post, "edited_at", edited_at)

    def _set_time(self, post: Post, column: str, at: float) -> None:
        sql = (
            f"INSERT INTO post_times (post_id, {column}) VALUES (?, ?)"  # noqa: S608 - the column is a literal in our code
            f" ON CONFLICT (post_id) DO UPDATE SET {column} = excluded.{column}"
        )
        self._store.run(sql, post.id, at)

    def replace(
        self,
        external_id: str,
        *,
        kind: str,
        caption: str,
        params: Mapping[str, JSONValue],
        asset_ids: Sequence[int],
        now: float,
    ) -> bool:
        """Show other content under an id that a post has or had, as a new post; return False where none has it."""
        sql = "UPDATE posts SET kind = ?, caption = ?, params = ?, asset_ids = ?, created_at = ? WHERE external_id = ?"
        values = (kind, caption, json.dumps(params), json.dumps(list(asset_ids)), now, external_id)
        if not self._store.run(sql, *values):
            return False
        for table in ("removed_posts", "post_times"):
            again = f"DELETE FROM {table} WHERE post_id = (SELECT id FROM posts WHERE external_id = ?)"  # noqa: S608  two names of our own
            self._store.run(again, external_id)
        return True

    def listed(self, platform: str | None = None, handle: str | None = None) -> Iterator[Post]:
        """Return live posts, oldest first."""
        where = " WHERE (?1 IS NULL OR posts.platform = ?1) AND (?2 IS NULL OR accounts.handle = ?2)"
        return (_post(row) for row in self._store.pages(SELECT + where, "id", platform, handle))

    def removed(self, platform: str | None = None, handle: str | None = None) -> Iterator[Post]:
        """Return the posts that were taken down, in the order in which they went live."""
        where = " WHERE (?1 IS NULL OR posts.platform = ?1) AND (?2 IS NULL OR accounts.handle = ?2)"
        return (_post(row) for row in self._store.pages(SELECT_REMOVED + where, "id", platform, handle))

    def newest(self, platform: str | None, handle: str | None, max_count: int) -> list[Post]:
        """Return the posts that went live last, newest first."""
        where = " WHERE (?1 IS NULL OR posts.platform = ?1) AND (?2 IS NULL OR accounts.handle = ?2)"
        rows = self._store.all(SELECT + where + " ORDER BY posts.id DESC LIMIT ?3", platform, handle, max_count)
        return [_post(row) for row in rows]

    def of_account(
        self,
        account_id: int,
        *,
        stories: bool = False,
        before: int | None = None,
        after: int | None = None,
        since: float | None = None,
        until: float | None = None,
        max_count: int = 10_000,
    ) -> list[Post]:
        """Return an account's newest posts, newest first: its feed, or its stories instead.

        `before` and `after` are numbers of posts, exclusive; `since` and `until` instants, inclusive. With `after`
        the `max_count` posts next to that one are meant, not the newest of all.
        """
        where = (
            " WHERE account_id = ?1 AND (kind = 'story') = ?2 AND (?3 IS NULL OR posts.id < ?3)"
            " AND (?4 IS NULL OR posts.id > ?4) AND (?5 IS NULL OR posts.created_at >= ?5)"
            " AND (?6 IS NULL OR posts.created_at <= ?6)"
        )
        order = " ORDER BY posts.id LIMIT ?7" if after is not None else " ORDER BY posts.id DESC LIMIT ?7"
        rows = self._store.all(SELECT + where + order, account_id, stories, before, after, since, until, max_count)
        posts = [_post(row) for row in rows]
        return posts[::-1] if after is not None else posts

    def count(self, account_id: int) -> int:
        """Return how many posts an account has."""
        return int(self._store.one("SELECT count(*) AS n FROM live_posts WHERE account_id = ?", account_id)["n"])

    def by_external_id(self, platform: str, external_id: str) -> Post | None:
        """Find a post by the platform's id."""
        where = " WHERE posts.platform = ? AND external_id = ?"
        row = self._store.first(SELECT + where, platform, external_id)
        return None if row is None else _post(row)

    def by_shortcode(self, platform: str, shortcode: str) -> Post | None:
        """Find a post by the end of its permalink."""
        row = self._store.first(SELECT + " WHERE shortcode = ? AND posts.platform = ?", shortcode, platform)
        return None if row is None else _post(row)

    def count_since(self, account_id: int, since: float) -> int:
        """Return how many posts of an account went live after an instant."""
        sql = "SELECT count(*) AS n FROM posts WHERE account_id = ? AND created_at > ?"
        return int(self._store.one(sql, account_id, since)["n"])

    def remove(self, post: Post, now: float) -> None:
        """Take a post down, for its author or for the platform. It still counts for quotas. Belongs in a transaction."""
        if self._store.run("INSERT INTO removed_posts VALUES (?) ON CONFLICT DO NOTHING", post.id):
            self._set_time(post, "removed_at", now)

    def take_down(self, platform: str, external_id: str, handle: str | None, now: float) -> Post | None:
        """Take the live post with an id down, if the account with a handle has it, and return it; None if there is none."""
        post = self.by_external_id(platform, external_id)
        if post is None or not post.is_of(handle):
            return None
        self.remove(post, now)
        return post

    def owner_of(self, platform: str, external_id: str) -> int | None:
        """Return the account of a post, live or taken down."""
        sql = "SELECT account_id FROM posts WHERE platform = ? AND external_id = ?"
        row = self._store.first(sql, platform, external_id)
        return None if row is None else int(row["account_id"])

    def counts(self) -> dict[int, int]:
        """Return the number of posts of every account that has any."""
        rows = self._store.all(
            "SELECT account_id, count(*) AS n FROM live_posts GROUP BY account_id ORDER BY account_id"
        )
        return {row["account_id"]: row["n"] for row in rows}

    def like(self, post: Post, account_id: int, now: float) -> None:
        """Like a post for an account; once more changes nothing."""
        self._store.run("INSERT INTO post_likes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", post.id, account_id, now)

    def unlike(self, post: Post, account_id: int) -> None:
        """Take an account's like of a post back."""
        self._store.run("DELETE FROM post_likes WHERE post_id = ? AND account_id = ?", post.id, account_id)

    def like_count(self, post: Post, until: float | None = None) -> int:
        """Return how many accounts liked a post by the API, or did up to an instant."""
        sql = "SELECT count(*) AS n FROM post_likes WHERE post_id = ?1 AND (?2 IS NULL OR liked_at <= ?2)"
        return int(self._store.one(sql, post.id, until)["n"])

    def to_json(self, post: Post, media: Sequence[JSONValue], children: Sequence[JSONValue]) -> dict[str, JSONValue]:
        """Return a post as the control surface shows it, with what was sent for each item of a carousel."""
        return {
            "platform": post.platform,
            "handle": post.handle,
            "kind": post.kind,
            "externalId": post.external_id,
            "url": post.url,
            "caption": post.caption,
            "privacy": post.privacy,
            "params": post.params,
            "children": children,
            "media": media,
            "comments": [comment.text for comment in self._comments.of_post(post.external_id)],
            "createdAt": iso(post.created_at),
            "editedAt": None if post.edited_at is None else iso(post.edited_at),
            "deletedAt": None if post.removed_at is None else iso(post.removed_at),
        }
