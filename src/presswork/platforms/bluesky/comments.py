"""Reads, answers and moderates the replies to live posts.

A reply is a record of the account's own, whose key is chosen before it is written, so repeating the call never writes a second one,
and reading it at the account's server says for certain whether it is there. Others' replies are read at the AppView, through that
server, and some seconds after they were written. Only its author can delete one; the author of the post can hide it, by the
threadgate of the post. A like is a record, too: its key follows from what is liked.
Source: bluesky-social/atproto (lexicons app.bsky.feed.getPostThread, getPosts, threadgate and like; packages/pds), read 2026-12.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import Action, JsonObject
from presswork.platforms.bluesky.api import Api, Response, outcome_unknown, refusal
from presswork.platforms.bluesky.error_mapping import BLUESKY
from presswork.platforms.bluesky.prepare import resolve_mentions
from presswork.platforms.bluesky.record import (
    ENTROPY,
    POST,
    Place,
    Record,
    instant,
    parts_of,
    post_record,
    refer,
    tid,
    uri_of,
)
from presswork.platforms.bluesky.repository import (
    delete_record,
    get_record,
    put_record,
    read_identity,
    swap_record,
)
from presswork.platforms.bluesky.rules import RULES
from presswork.platforms.comment_port import CommentsRead, Reply, SeenComment, StoredComment
from presswork.platforms.comments import comment_gone, sort_by_thread
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.json_values import instant_of, items_of, number_of, part_of, text_of
from presswork.platforms.live_support import CommentAction
from presswork.platforms.port import Absent, Ambiguous, Present

THREAD: Final = "get_post_thread"
POSTS: Final = "get_posts"
REPLY: Final = "comment_reply"
HIDE: Final = "threadgate"
LIKE_STEP: Final = "like"
DELETE: Final = "comment_delete"
LIKE: Final = "app.bsky.feed.like"
GATE: Final = "app.bsky.feed.threadgate"
_DEPTH: Final = 100
"""Levels of replies that one read requests; the lexicon allows 1,000."""
_NOT_FOUND: Final = "NotFound"
_RKEY, _RECORD, _DID, _LIKE_KEY = "rkey", "record", "did", "like"
_OPEN: Final = frozenset({CommentAction.REPLY, CommentAction.HIDE, CommentAction.LIKE})
_OWN: Final = frozenset({CommentAction.REPLY, CommentAction.LIKE, CommentAction.DELETE})


class BlueskyComments:
    """The port's `SupportsComments` for Bluesky."""

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api: Final = api

    def check_reply(self, text: str) -> str | None:
        """Return why Bluesky would refuse the text, or None."""
        return RULES.check_reply(text)

    async def list_comments(
        self,
        access: AccountAccess,
        post: LivePost,
        *,
        since: datetime | None,  # noqa: ARG002  one call has all
        max_pages: int,  # noqa: ARG002  one call has all
    ) -> CommentsRead:
        """Read all replies by one call. Raises TryLater, Rejected, CredentialInvalid."""
        with BLUESKY.changing_live(None):
            params = {"uri": post.external_id, "depth": str(_DEPTH), "parentHeight": "0"}
            body = await self._read(access, "app.bsky.feed.getPostThread", params, step=THREAD)
        root = part_of(body, "thread")
        own_parts = {post.external_id, *post.part_ids}
        gate = part_of(body, "threadgate") or part_of(root, "post", "threadgate")
        reader = _ThreadReader(own_parts, access.account.external_id, _hidden_in(part_of(gate, "record")))
        comments = list(reader.read(root))
        return CommentsRead(comments=sort_by_thread(comments), is_complete=not reader.is_cut)

    async def prepare_reply(self, access: AccountAccess, reply: Reply) -> Mapping[str, JsonValue]:
        """Choose the key of the reply's record, and read what it refers to. Raises TryLater, Rejected, CredentialInvalid."""
        with BLUESKY.changing_live(None):
            shown = await self._find(access, reply.comment.external_id, step=POSTS)
            parent: Record = {"uri": reply.comment.external_id, "cid": shown.get("cid")}
            root = part_of(shown, "record", "reply", "root")
            if text_of(root.get("uri")) is None or text_of(root.get("cid")) is None:
                raise Rejected("Bluesky does not show which post the comment belongs to.", step=POSTS)
            dids = await resolve_mentions(self._api, reply.text)
        place = Place.choose(reply.requested_at, entropy=reply.id.int % ENTROPY)  # the same each time
        record = post_record(reply.text, created_at=place.created_at, dids=dids, embed=None, fields={})
        root_ref: Record = {"uri": root["uri"], "cid": root["cid"]}
        return {
            _DID: access.account.external_id,
            _RKEY: place.rkey,
            _RECORD: refer(record, root=root_ref, parent=parent),
        }

    async def write_reply(
        self,
        access: AccountAccess,
        reply: Reply,  # noqa: ARG002  its record is prepared
        prepared: Mapping[str, JsonValue],
    ) -> Present:
        """Write the record; repeating it never writes a second one. Raises as the port says."""
        did, rkey = _require_text(prepared, _DID), _require_text(prepared, _RKEY)
        unknown = partial(outcome_unknown, step=REPLY)
        with BLUESKY.changing_live(None):
            with BLUESKY.lost(step=REPLY, unknown=unknown):
                response = await put_record(
                    self._api, access, did=did, collection=POST, rkey=rkey, record=prepared[_RECORD], step=REPLY
                )
            if response.is_ok or response.meaning.action is Action.LOOK:  # an earlier call wrote it
                return self._report(access, did, rkey)
            if not response.proves_nothing_written:
                raise outcome_unknown(f"HTTP {response.status}", step=REPLY, response=response)
            raise refusal(response, step=REPLY)

    def _report(self, access: AccountAccess, did: str, rkey: str) -> Present:
        url = self._api.endpoints.post_of(access.account.handle, did, rkey)
        return Present(external_id=uri_of(did, rkey), external_url=url)

    async def look_up_reply(
        self,
        access: AccountAccess,
        reply: Reply,  # noqa: ARG002  its record is prepared
        prepared: Mapping[str, JsonValue],
    ) -> Present | Absent | Ambiguous:
        """Read the record at the account's server, which is certain. Raises TryLater, Rejected."""
        did, rkey = _require_text(prepared, _DID), _require_text(prepared, _RKEY)
        with BLUESKY.changing_live(None):
            pds = (await read_identity(self._api, did)).pds
            stored = await get_record(self._api, did=did, pds=pds, rkey=rkey)
        if stored is None:
            return Absent(message="The account's server has no such reply.", advice="Answer in the Bluesky app.")
        return self._report(access, did, rkey)

    async def set_hidden(
        self, access: AccountAccess, post: LivePost, comment: StoredComment, *, is_hidden: bool
    ) -> None:
        """Add the reply to those that the post's threadgate hides, or take it out. Raises TryLater, Rejected, CredentialInvalid."""
        with BLUESKY.changing_live(None):
            root = parts_of(post.external_id)
            if root is None or root[0] != access.account.external_id:
                raise Rejected("Only the author of the post that begins the thread can hide replies to it.", step=HIDE)
            did, rkey = root
            pds = (await read_identity(self._api, did)).pds
            stored = await get_record(self._api, did=did, pds=pds, rkey=rkey, collection=GATE)
            value: Record = {"$type": GATE, "post": post.external_id, "createdAt": instant(access.now())}
            if stored is not None:
                value = dict(stored.value)
            hidden = _hidden_in(value)
            if (comment.external_id in hidden) == is_hidden:
                return
            changed = [uri for uri in hidden if uri != comment.external_id] + [comment.external_id] * is_hidden
            value["hiddenReplies"] = list[JsonValue](changed)
            with BLUESKY.lost(step=HIDE):
                response = await swap_record(
                    self._api,
                    access,
                    did=did,
                    collection=GATE,
                    rkey=rkey,
                    record=value,
                    swap=None if stored is None else stored.cid,
                    step=HIDE,
                )
            if response.meaning.action is Action.LOOK and not response.is_ok:
                raise TryLater("The limits of replies to this post were changed meanwhile.", step=HIDE)
            _require_ok(response, step=HIDE)

    async def set_liked(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
        *,
        is_liked: bool,
    ) -> Mapping[str, JsonValue]:
        """Write the like's record, or delete it: also one that the person made in the app. Returns the record's key.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        did, rkey = access.account.external_id, _like_key(comment.external_id)
        with BLUESKY.changing_live(None):
            shown = await self._find(access, comment.external_id, step=LIKE_STEP)
            made = (text_of(part_of(shown, "viewer").get("like")) or "").rpartition("/")[2]
            if not is_liked:
                kept = comment.raw.get(_LIKE_KEY)
                for key in {rkey, made, kept if isinstance(kept, str) else ""} - {""}:
                    await delete_record(self._api, access, did=did, collection=LIKE, rkey=key)
                return {}
            if made:
                return {_LIKE_KEY: made}
            subject: JsonValue = {"uri": comment.external_id, "cid": shown.get("cid")}
            record: Record = {"$type": LIKE, "subject": subject, "createdAt": instant(access.now())}
            with BLUESKY.lost(step=LIKE_STEP):
                response = await put_record(
                    self._api, access, did=did, collection=LIKE, rkey=rkey, record=record, step=LIKE_STEP
                )
            if response.is_ok or response.meaning.action is not Action.LOOK:  # else an earlier call wrote it
                _require_ok(response, step=LIKE_STEP)
        return {_LIKE_KEY: rkey}

    async def delete_comment(
        self,
        access: AccountAccess,
        post: LivePost,  # noqa: ARG002  the port's own parameter
        comment: StoredComment,
    ) -> None:
        """Delete a reply of the account's own. Raises TryLater, Rejected (others can't be deleted), CredentialInvalid."""
        with BLUESKY.changing_live(None):
            place = parts_of(comment.external_id)
            if place is None or place[0] != access.account.external_id:
                raise Rejected(
                    "On Bluesky, only its author can delete a reply.", advice="Hide it instead.", step=DELETE
                )
            await delete_record(self._api, access, did=place[0], collection=POST, rkey=place[1])

    async def _find(self, access: AccountAccess, uri: str, *, step: str) -> JsonObject:
        """Return a post as the AppView shows it to the account. Raises Rejected where it is gone, TryLater, CredentialInvalid."""
        body = await self._read(access, "app.bsky.feed.getPosts", {"uris": uri}, step=step)
        for shown in items_of(body, "posts"):
            if shown.get("uri") == uri and text_of(shown.get("cid")) is not None:
                return shown
        raise comment_gone(BLUESKY, step=step)

    async def _read(self, access: AccountAccess, name: str, params: Mapping[str, str], *, step: str) -> JsonObject:
        with BLUESKY.lost(step=step):
            response, _ = await self._api.send(access, "GET", name, step=step, params=params)
        if response.error == _NOT_FOUND:
            raise Rejected("Bluesky does not have the post any more.", step=step, **response.reported)
        _require_ok(response, step=step)
        return response.body or {}


def _require_ok(response: Response, *, step: str) -> None:
    if not response.is_ok:
        raise refusal(response, step=step)


def _require_text(prepared: Mapping[str, JsonValue], name: str) -> str:
    value = prepared[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} of a prepared reply is a text")
    return value


def _like_key(uri: str) -> str:
    """Return the key of the account's like of a post: always the same, so that there is one."""
    digest = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8])
    return tid(digest >> 10, digest)


def _hidden_in(gate: JsonObject) -> list[str]:
    hidden = gate.get("hiddenReplies")
    return [uri for uri in hidden if isinstance(uri, str)] if isinstance(hidden, list) else []


class _ThreadReader:
    """Reads the replies in a thread as the AppView nests them."""

    def __init__(self, own_parts: set[str], did: str, hidden: Sequence[str]) -> None:
        """Store the post and the parts of its thread, which are no comments, the account, and the hidden replies."""
        self._own_parts: Final = own_parts
        self._did: Final = did
        self._hidden: Final = frozenset(hidden)
        self.is_cut = False
        """Whether some reply that exists is not among those that were read."""

    def read(self, root: JsonObject) -> Iterator[SeenComment]:
        """Yield all replies below a post of the thread."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            replies = items_of(node, "replies")
            if (number_of(part_of(node, "post").get("replyCount")) or 0) > len(replies):
                self.is_cut = True
            for reply in replies:
                comment = self._read_one(reply)
                if comment is not None:
                    yield comment
                if "post" in reply:
                    waiting.append(reply)

    def _read_one(self, node: JsonObject) -> SeenComment | None:
        """Return one reply, or None of a part of the thread, and of what the AppView does not show: blocked or deleted."""
        post = part_of(node, "post")
        uri, record, author = text_of(post.get("uri")), part_of(post, "record"), part_of(post, "author")
        created_at = instant_of(record.get("createdAt")) or instant_of(post.get("indexedAt"))
        if uri is None or created_at is None or uri in self._own_parts:
            return None
        parent = text_of(part_of(record, "reply", "parent").get("uri"))
        is_own = author.get("did") == self._did
        return SeenComment(
            external_id=uri,
            parent_external_id=None if parent in self._own_parts else parent,
            author=text_of(author.get("handle")),
            author_external_id=text_of(author.get("did")),
            text=text_of(record.get("text")) or "",
            created_at=created_at,
            is_own=is_own,
            is_hidden=uri in self._hidden,
            is_liked=text_of(part_of(post, "viewer").get("like")) is not None,
            actions=_OWN if is_own else _OPEN,
        )
