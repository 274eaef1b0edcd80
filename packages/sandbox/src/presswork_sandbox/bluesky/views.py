"""What the AppView makes of records: posts with their counts, threads as trees, and notifications.

Source: bluesky-social/atproto, lexicons/app/bsky/feed/defs.json and packages/bsky, read 2026-08.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.identifiers import AT_URI
from presswork_sandbox.bluesky.identity import find_account, full_handle, status_of
from presswork_sandbox.bluesky.insights import Counters
from presswork_sandbox.bluesky.lexicons import POST, THREADGATE
from presswork_sandbox.bluesky.repo import Record, Repo
from presswork_sandbox.bluesky.shown import object_of
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, text_of

LAG_SECONDS: Final = 2.0
DEFS: Final = "app.bsky.feed.defs"
Found = tuple[Account, Record]


def author_of(account: Account) -> Mapping[str, JSONValue]:
    """Return an account as views name it."""
    return {
        "did": account.user_id,
        "handle": full_handle(account),
        "displayName": account.display_name,
        "labels": [],
    }


class Views:
    """The records that the AppView knows, as it shows them. Accounts that were taken down are nowhere in it."""

    def __init__(self, sandbox: Sandbox, repo: Repo) -> None:
        self._sandbox = sandbox
        self._repo = repo
        self._counters = Counters(sandbox)

    def find(self, uri: str) -> Found | None:
        """Return a post that the AppView knows, and its author."""
        match = AT_URI.fullmatch(uri)
        account = None if match is None else find_account(self._sandbox, match[1])
        if match is None or account is None or match[2] != POST or status_of(account) is not None:
            return None
        # Of a post that was deleted and written again it knows the earlier one first.
        record = self._repo.deleted_post(account, match[3], LAG_SECONDS) or self._repo.find(account, POST, match[3])
        return None if record is None or not self._is_known(record) else (account, record)

    def show(self, account: Account, record: Record, viewer: Account | None) -> dict[str, JSONValue]:
        """Return a post as `viewer` sees it; None stands for a call without a login."""
        likes = [(liker, like) for liker, like in self._repo.likes_of(record.uri) if self._is_known(like)]
        view: dict[str, JSONValue] = {
            "uri": record.uri,
            "cid": record.cid,
            "author": author_of(account),
            "record": record.value,
            **self._counters.of(
                record.uri, replies=len(self._replies(record)), likes=len({liker.id for liker, _ in likes})
            ),
            "indexedAt": iso(record.indexed_at),
            "labels": [],
        }
        if viewer is not None:
            own = [like.uri for liker, like in likes if liker.id == viewer.id]
            view["viewer"] = {"threadMuted": False, "embeddingDisabled": False, **({"like": own[-1]} if own else {})}
        gate = self._repo.find(account, THREADGATE, record.rkey)
        if gate is not None:
            view["threadgate"] = {"uri": gate.uri, "cid": gate.cid, "record": gate.value, "lists": []}
        return view

    def thread(self, found: Found, viewer: Account | None, *, depth: int, height: int) -> Mapping[str, JSONValue]:
        """Return a post with `height` posts above it and `depth` levels of replies below it.

        Replies that the threadgate hides are among them: apps leave them out.
        """
        node = self._below(found, viewer, depth)
        parent = text_of(object_of(object_of(found[1].value.get("reply")).get("parent")).get("uri"))
        return {**node, "parent": self._above(parent, viewer, height)} if parent and height else node

    def _below(self, found: Found, viewer: Account | None, depth: int) -> dict[str, JSONValue]:
        node: dict[str, JSONValue] = {"$type": f"{DEFS}#threadViewPost", "post": self.show(*found, viewer)}
        if depth:
            node["replies"] = [self._below(reply, viewer, depth - 1) for reply in self._replies(found[1])]
        return node

    def _above(self, uri: str, viewer: Account | None, height: int) -> Mapping[str, JSONValue]:
        found = self.find(uri)
        if found is None:
            return {"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}
        return self.thread(found, viewer, depth=0, height=height - 1)

    def _replies(self, record: Record) -> Sequence[Found]:
        replies = self._repo.replies_to(record.uri)
        return [(author, one) for author, one in replies if self._is_known(one) and status_of(author) is None]

    def notifications(
        self, account: Account, before: int | None, max_count: int
    ) -> Sequence[tuple[int, Mapping[str, JSONValue]]]:
        """Return what others replied in an account's threads, newest first, with a number for the next page."""
        sql = (
            "SELECT comments.id, records.rkey, records.account_id FROM posts"
            " JOIN comments ON comments.media_id = posts.external_id"
            " JOIN bluesky_records AS records ON records.account_id = comments.account_id AND records.collection = ?1"
            " AND records.comment = comments.id"
            " WHERE posts.account_id = ?2 AND comments.account_id <> ?2 AND (?3 IS NULL OR comments.id < ?3)"
            " AND records.indexed_at <= ?4 ORDER BY comments.id DESC LIMIT ?5"
        )
        known_until = self._sandbox.clock.now() - LAG_SECONDS
        rows = self._sandbox.store.all(sql, POST, account.id, before, known_until, max_count)
        found = [(row["id"], self._sandbox.accounts.by_id(row["account_id"]), row["rkey"]) for row in rows]
        return [
            (number, _notification(author, record))
            for number, author, rkey in found
            if author is not None and (record := self._repo.find(author, POST, rkey)) is not None
        ]

    def _is_known(self, record: Record) -> bool:
        return self._sandbox.clock.now() >= record.indexed_at + LAG_SECONDS


def _notification(author: Account, record: Record) -> Mapping[str, JSONValue]:
    return {
        "uri": record.uri,
        "cid": record.cid,
        "author": author_of(author),
        "reason": "reply",
        "reasonSubject": text_of(object_of(object_of(record.value.get("reply")).get("parent")).get("uri")),
        "record": record.value,
        "isRead": False,
        "indexedAt": iso(record.indexed_at),
        "labels": [],
    }
