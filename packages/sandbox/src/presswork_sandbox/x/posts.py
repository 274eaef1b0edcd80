"""Posts and replies: made, found, read and deleted. A reply is shown as a comment of the conversation's first post.

Source: xdevplatform/docs (2026-08), "Create Post", "User posts timeline", "Post lookup" and "Data dictionary", read 2026-11. The links
in a text become t.co links, and media adds one behind it. `conversation_id` as an operator of a search is general knowledge.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import iso
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue
from presswork_sandbox.x.facts import FACTS
from presswork_sandbox.x.metrics import NON_PUBLIC_METRICS, PUBLIC_METRICS
from presswork_sandbox.x.text import links_in
from presswork_sandbox.x.uploads import Media

POST_IDS: Final = 1_990_000_000_000_000_000
PUBLIC: Final = "PUBLIC_TO_EVERYONE"
_SELECT: Final = "SELECT x_posts.*, accounts.handle FROM x_posts JOIN accounts ON accounts.id = x_posts.account_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class XPost:
    """A post or a reply. `root` is the first post of the conversation, `replied_to` the one before it."""

    number: int
    account_id: int
    handle: str
    root: int
    replied_to: int | None
    text: str
    sent: Mapping[str, JSONValue]
    media: Sequence[str]
    """Keys of its media."""
    asset_ids: Sequence[int]
    created_at: float
    removed_at: float | None

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.number)

    @property
    def url(self) -> str:
        """Its permalink."""
        return url_of(self.handle, self.id)

    def as_post(self) -> Post:
        """Return it as the control surface and the pages show posts."""
        return Post(
            id=self.number,
            platform=FACTS.name,
            account_id=self.account_id,
            handle=self.handle,
            kind=kind_of(self.sent, self.asset_ids),
            external_id=self.id,
            shortcode=None,
            url=self.url,
            caption=self.text,
            params=self.sent,
            privacy=PUBLIC,
            asset_ids=tuple(self.asset_ids),
            comments_on=True,
            created_at=self.created_at,
            removed_at=self.removed_at,
        )


def url_of(handle: str, post_id: str) -> str:
    """Return the permalink of a post."""
    return f"https://x.com/{handle}/status/{post_id}"


def kind_of(sent: Mapping[str, JSONValue], asset_ids: Sequence[int]) -> str:
    """Return the kind of a post, by its content."""
    if asset_ids:
        return "x_post"
    return "poll" if sent.get("poll") else "text"


def new_id(sandbox: Sandbox) -> int:
    """Return the number of one more post."""
    return POST_IDS + sandbox.store.next_number("x post") * 1_000_003


def _post(row: sqlite3.Row) -> XPost:
    values = dict(row)
    for name in ("sent", "media", "asset_ids"):
        values[name] = json.loads(values[name])
    return XPost(**values)


class XPosts:
    """All posts of X in a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    # Finding

    def find(self, post_id: str) -> XPost | None:
        """Find a live post or reply by its id."""
        found = self.at(int(post_id)) if post_id.isascii() and post_id.isdigit() and len(post_id) <= 19 else None
        return None if found is None or found.removed_at is not None else found

    def at(self, number: int) -> XPost | None:
        """Find a post by its number, live or not."""
        row = self._sandbox.store.first(f"{_SELECT} WHERE x_posts.number = ?", number)
        return None if row is None else _post(row)

    def timeline(self, account: Account, until: float) -> Sequence[XPost]:
        """Return the live posts and replies of an account that were made by an instant, newest first."""
        sql = f"{_SELECT} WHERE account_id = ? AND removed_at IS NULL AND x_posts.created_at <= ? ORDER BY number DESC"
        return [_post(row) for row in self._sandbox.store.all(sql, account.id, until)]

    def conversation(self, root: int) -> Sequence[XPost]:
        """Return the live replies of a conversation, newest first."""
        sql = f"{_SELECT} WHERE root = ?1 AND number <> ?1 AND removed_at IS NULL ORDER BY number DESC"
        return [_post(row) for row in self._sandbox.store.all(sql, root)]

    def find_duplicate(
        self, account: Account, text: str, asset_ids: Sequence[int], since: float, *, ignores_media: bool
    ) -> bool:
        """Return whether a live post of an account since an instant says the same."""
        sql = (
            "SELECT asset_ids FROM x_posts WHERE account_id = ? AND text = ? AND created_at > ? AND removed_at IS NULL"
        )
        rows = self._sandbox.store.all(sql, account.id, text, since)
        return any(ignores_media or json.loads(row["asset_ids"]) == list(asset_ids) for row in rows)

    def own_replies(self, post: Post) -> Sequence[Post]:
        """Return what the author of a post replied below it, oldest first: the parts of a thread."""
        found = reversed(self.conversation(int(post.external_id)))
        return [reply.as_post() for reply in found if reply.account_id == post.account_id]

    def other_replies(self, handle: str | None, *, are_removed: bool) -> Iterator[Post]:
        """Return own replies below posts that are gone, which stay; or the own replies that were removed themselves."""
        state = (
            "x_posts.removed_at IS NOT NULL"
            if are_removed
            else "x_posts.removed_at IS NULL AND root.removed_at IS NOT NULL"
        )
        sql = (
            f"{_SELECT} JOIN x_posts AS root ON root.number = x_posts.root AND root.account_id = x_posts.account_id"
            f" WHERE x_posts.replied_to IS NOT NULL AND {state} AND (?1 IS NULL OR handle = ?1)"
        )
        return (_post(row).as_post() for row in self._sandbox.store.pages(sql, "number", handle))

    # Changing

    def add(
        self, account: Account, text: str, sent: Mapping[str, JSONValue], media: Sequence[Media], target: XPost | None
    ) -> XPost:
        """Make a post or a reply live. Belongs in a transaction."""
        sandbox, number, now = self._sandbox, new_id(self._sandbox), self._sandbox.clock.now()
        asset_ids = [one.asset_id for one in media if one.asset_id is not None]
        sandbox.store.insert(
            "x_posts",
            number=number,
            account_id=account.id,
            root=number if target is None else target.root,
            replied_to=None if target is None else target.number,
            text=text,
            sent=json.dumps(sent),
            media=json.dumps([one.key for one in media]),
            asset_ids=json.dumps(asset_ids),
            created_at=now,
        )
        if target is None:
            sandbox.posts.add(
                FACTS.name,
                account.id,
                kind=kind_of(sent, asset_ids),
                external_id=str(number),
                url=url_of(account.handle, str(number)),
                caption=text,
                params=sent,
                asset_ids=asset_ids,
                now=now,
            )
        else:
            parent = sandbox.comments.find(FACTS.name, target.id)
            sandbox.comments.add(str(target.root), account.id, text, number, now, parent=parent)
            made = sandbox.comments.by_number(number)
            if made is not None:
                sandbox.note_comment(made, "add")
        added = self.at(number)
        if added is None:
            raise LookupError(number)
        return added

    def remove(self, post: XPost) -> None:
        """Delete a post or reply; what is below it stays. Belongs in a transaction."""
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        sandbox.store.run("UPDATE x_posts SET removed_at = ? WHERE number = ?", now, post.number)
        shown = sandbox.posts.by_external_id(FACTS.name, post.id)
        if shown is not None:
            sandbox.posts.remove(shown, now)
        comment = sandbox.comments.find(FACTS.name, post.id)
        if comment is not None:
            sandbox.comments.remove(comment, now, with_replies=False)
            sandbox.note_comment(comment, "remove")

    # Showing

    def shown_text(self, post: XPost) -> str:
        """Return the text as the API writes it: with t.co links, and one more for the media."""
        parts, place = [], 0
        text = unicodedata.normalize("NFC", post.text)
        for number, (start, end) in enumerate(links_in(text)):
            parts += [text[place:start], self._short_link(post, number)]
            place = end
        parts.append(text[place:])
        if post.media:
            parts.append(f"{' ' if post.text else ''}{self._short_link(post, 99)}")
        return "".join(parts)

    def _short_link(self, post: XPost, place: int) -> str:
        return f"https://t.co/{self._sandbox.store.secret(f'x link {place}', post.number, 10)}"

    def describe(self, post: XPost, fields: frozenset[str], *, is_own: bool) -> dict[str, JSONValue]:
        """Return a post as the API writes it. `fields`: those beside the default ones; `is_own`: the reader wrote it."""
        found: dict[str, JSONValue] = {
            "id": post.id,
            "text": self.shown_text(post),
            "edit_history_tweet_ids": [post.id],
        }
        more: dict[str, JSONValue] = {
            "author_id": self._author_id(post.account_id),
            "created_at": iso(post.created_at),
            "conversation_id": str(post.root),
            "reply_settings": post.sent.get("reply_settings") or "everyone",
            "lang": "en",
            "possibly_sensitive": False,
            "public_metrics": self._count(post, PUBLIC_METRICS),
        }
        if post.media:
            more["attachments"] = {"media_keys": list(post.media)}
        target = None if post.replied_to is None else self.at(post.replied_to)
        if target is not None:
            more["in_reply_to_user_id"] = self._author_id(target.account_id)
            more["referenced_tweets"] = [{"type": "replied_to", "id": target.id}]
        if is_own:
            more["non_public_metrics"] = self._count(post, NON_PUBLIC_METRICS)
        return found | {name: value for name, value in more.items() if name in fields}

    def _author_id(self, account_id: int) -> str:
        account = self._sandbox.accounts.by_id(account_id)
        return "" if account is None else account.user_id

    def _count(self, post: XPost, names: Mapping[str, Quantity]) -> dict[str, JSONValue]:
        numbers = self._sandbox.numbers
        shown = self._sandbox.posts.by_external_id(FACTS.name, post.id)
        replies = sum(1 for reply in self.conversation(post.root) if reply.replied_to == post.number)
        counts = {} if shown is None else numbers.counts(shown)
        counts = {**counts, Quantity.COMMENTS: max(replies, counts.get(Quantity.COMMENTS, 0))}
        removed = numbers.removed(FACTS.name)
        return {name: counts.get(quantity, 0) for name, quantity in names.items() if name not in removed}


class XThread:
    """Replies of other people, apart from the API."""

    def __init__(self, sandbox: Sandbox, posts: XPosts) -> None:
        self._sandbox = sandbox
        self._posts = posts

    def root_of(self, post: Post) -> str:
        """Return the id of the post."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Reply to the post, or to a reply below it. Belongs in a transaction."""
        target = self._posts.find(post.external_id if parent is None else parent.id)
        if target is None:  # a post of the managed provider, which has none here
            number = new_id(self._sandbox)
            self._sandbox.comments.add(post.external_id, author.id, text, number, self._sandbox.clock.now())
        else:
            number = self._posts.add(
                author, text, {"text": text, "reply": {"in_reply_to_tweet_id": target.id}}, (), target
            ).number
        made = self._sandbox.comments.by_number(number)
        if made is None:
            raise LookupError(number)
        return made

    def remove(self, comment: Comment) -> None:
        """Delete a reply. Belongs in a transaction."""
        found = self._posts.find(comment.id)
        if found is None:
            self._sandbox.comments.remove(comment, self._sandbox.clock.now())
        else:
            self._posts.remove(found)
