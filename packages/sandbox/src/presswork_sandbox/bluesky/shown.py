"""How records become posts: what a viewer of an account would see of them, and the words on its cards."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Blobs, cid_in
from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.identifiers import AT_URI, uri_of
from presswork_sandbox.bluesky.identity import find_account, full_handle
from presswork_sandbox.bluesky.lexicons import (
    EXTERNAL,
    GALLERY,
    IMAGES,
    LIKE,
    POST,
    POSTGATE,
    QUOTE_WITH_MEDIA,
    THREADGATE,
    VIDEO_EMBED,
)
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details, LinkCard
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.store import Store
from presswork_sandbox.wire import JSONValue, text_of

COMMENT_NUMBERS: Final = 600_000_000_000_000_000
"""Added to the number of a reply: comments of all platforms share one list of numbers."""
LABEL_NAMES: Final = {
    "porn": "Adult content",
    "sexual": "Sexually suggestive",
    "nudity": "Non-sexual nudity",
    "graphic-media": "Graphic media",
}
REPLY_RULES: Final = {
    "mentionRule": "mentioned people",
    "followerRule": "followers",
    "followingRule": "people it follows",
}


def page_url(account: Account, rkey: str) -> str:
    """Return the permalink of a post."""
    return f"https://bsky.app/profile/{full_handle(account)}/post/{rkey}"


def object_of(value: JSONValue) -> Mapping[str, JSONValue]:
    """Return a value that should be an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: JSONValue) -> Sequence[JSONValue]:
    """Return a value that should be a list, or an empty one."""
    return value if isinstance(value, list) else ()


def root_of(record: Mapping[str, JSONValue]) -> str:
    """Return the URI of the post that began the thread of a reply, or ""."""
    return text_of(object_of(object_of(record.get("reply")).get("root")).get("uri"))


def _parent_of(record: Mapping[str, JSONValue]) -> str:
    return text_of(object_of(object_of(record.get("reply")).get("parent")).get("uri"))


def fields_of(post: Post) -> Mapping[str, JSONValue]:
    """Return what only a reply has on the control surface: the id of the post before it."""
    parent = _parent_of(post.params)
    return {"replyTo": parent} if parent else {}


def _embed(record: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    """Return the media or the link card of a post; of a quote with media these."""
    embed = object_of(record.get("embed"))
    return object_of(embed.get("media")) if embed.get("$type") == QUOTE_WITH_MEDIA else embed


def _kind_of(record: Mapping[str, JSONValue]) -> str:
    """Return the kind of a post, by its embed."""
    if record.get("embed") is None:
        return "text"
    return "link" if _embed(record).get("$type") == EXTERNAL else "bluesky_post"


def _media(record: Mapping[str, JSONValue]) -> Sequence[tuple[JSONValue, Mapping[str, JSONValue]]]:
    """Return the blob and the item of each picture or video of a post."""
    embed = _embed(record)
    kind = embed.get("$type")
    if kind == VIDEO_EMBED:
        return [(embed.get("video"), embed)]
    items = list_of(embed.get({IMAGES: "images", GALLERY: "items"}.get(text_of(kind), "")))
    return [(object_of(item).get("image"), object_of(item)) for item in items]


class Shown:
    """Keeps posts and comments in step with the records of app.bsky.feed.post."""

    def __init__(self, sandbox: Sandbox, blobs: Blobs) -> None:
        self._sandbox = sandbox
        self._blobs = blobs

    def show(self, account: Account, rkey: str, record: Mapping[str, JSONValue], *, is_part: bool) -> int | None:
        """Show a new or changed post, and return the number of its comment if it is a reply to a post that is here.

        `is_part`: it is part of a thread that was written at once, and so a post, not a comment.
        """
        uri, now = uri_of(account.user_id, POST, rkey), self._sandbox.clock.now()
        kind, caption = _kind_of(record), text_of(record.get("text"))
        root, posts, store = root_of(record), self._sandbox.posts, self._sandbox.store
        is_part = is_part or posts.by_external_id(FACTS.name, uri) is not None
        comments, comment = self._sandbox.comments, self._sandbox.comments.find(FACTS.name, uri)
        if comment is not None and comment.media_id == root:
            comments.edit(comment, caption, now)
            return int(comment.id)
        self.hide(account, rkey)
        if root and not is_part and posts.by_external_id(FACTS.name, root) is not None:
            number = COMMENT_NUMBERS + store.next_number("bluesky comment")
            parent = comments.find(FACTS.name, _parent_of(record), with_deleted=True)  # a record may name what is gone
            comments.add(root, account.id, caption, number, now, parent=parent, external_id=uri)
            return number
        assets = self._blobs.assets(account, [cid_in(blob) for blob, _ in _media(record)])
        if not posts.replace(uri, kind=kind, caption=caption, params=record, asset_ids=assets, now=now):
            posts.add(
                FACTS.name,
                account.id,
                kind=kind,
                external_id=uri,
                url=page_url(account, rkey),
                caption=caption,
                params=record,
                asset_ids=assets,
                now=now,
            )
        return None

    def hide(self, account: Account, rkey: str) -> None:
        """Take the post, or the comment, of a record away."""
        uri, now = uri_of(account.user_id, POST, rkey), self._sandbox.clock.now()
        post, comment = (
            self._sandbox.posts.by_external_id(FACTS.name, uri),
            self._sandbox.comments.find(FACTS.name, uri),
        )
        if post is not None:
            self._sandbox.posts.remove(post, now)
        if comment is not None:
            self._sandbox.comments.remove(comment, now, with_replies=False)

    def follow(
        self, account: Account, collection: str, before: Mapping[str, JSONValue], after: Mapping[str, JSONValue]
    ) -> None:
        """Hide and like comments as a record says that was written or, with nothing `after`, deleted."""
        comments = self._sandbox.comments
        if collection == THREADGATE:
            hidden, shown = _hidden_by(account, after), _hidden_by(account, before)
            for comment in [one for uri in hidden - shown if (one := comments.find(FACTS.name, uri)) is not None]:
                comments.hide(comment)
            for comment in [one for uri in shown - hidden if (one := comments.find(FACTS.name, uri)) is not None]:
                comments.unhide(comment)
        elif collection == LIKE:
            if (liked := comments.find(FACTS.name, _subject_of(after))) is not None:
                comments.like(liked, account.id, self._sandbox.clock.now())
            elif (unliked := comments.find(FACTS.name, _subject_of(before))) is not None and not self._has_like(
                account, _subject_of(before)
            ):
                comments.unlike(unliked, account.id)

    def _has_like(self, account: Account, uri: str) -> bool:
        sql = (
            f"SELECT 1 FROM bluesky_records WHERE collection = '{LIKE}' AND value ->> '$.subject.uri' = ?"  # noqa: S608  a word of our own
            " AND account_id = ?"
        )
        return self._sandbox.store.first(sql, uri, account.id) is not None


def _subject_of(like: Mapping[str, JSONValue]) -> str:
    return text_of(object_of(like.get("subject")).get("uri"))


def _hidden_by(account: Account, gate: Mapping[str, JSONValue]) -> Set[str]:
    """Return the URIs that a threadgate hides: only a gate of the post's own author counts."""
    if not text_of(gate.get("post")).startswith(f"at://{account.user_id}/"):
        return frozenset()
    return {text_of(uri) for uri in list_of(gate.get("hiddenReplies"))}


def other_replies(sandbox: Sandbox, handle: str | None, *, are_removed: bool) -> Iterator[Post]:
    """Return comments of authors below posts of theirs that were deleted, which stay; or the deleted comments."""
    table, deleted_at = ("bluesky_deleted", "deleted_at") if are_removed else ("bluesky_records", "NULL")
    is_root_gone = "" if are_removed else " AND root.id IN (SELECT post_id FROM removed_posts)"
    sql = (
        f"SELECT records.comment AS id, accounts.id AS account_id, rkey, value, indexed_at, {deleted_at} AS removed_at"  # noqa: S608  words of our own
        f" FROM {table} AS records JOIN accounts ON accounts.id = records.account_id"
        " WHERE comment IS NOT NULL AND (?1 IS NULL OR accounts.handle = ?1)"
        " AND EXISTS (SELECT 1 FROM posts AS root WHERE root.external_id = value ->> '$.reply.root.uri'"
        f" AND root.account_id = records.account_id{is_root_gone})"
    )
    for row in sandbox.store.pages(sql, "id", handle):
        account, record = sandbox.accounts.by_id(row["account_id"]), object_of(_decode_record(row["value"]))
        if account is not None:
            yield Post(
                id=row["id"],
                platform=FACTS.name,
                account_id=account.id,
                handle=account.handle,
                kind=_kind_of(record),
                external_id=uri_of(account.user_id, POST, row["rkey"]),
                shortcode=None,
                url=page_url(account, row["rkey"]),
                caption=text_of(record.get("text")),
                params=record,
                privacy="PUBLIC_TO_EVERYONE",
                asset_ids=(),
                comments_on=True,
                created_at=row["indexed_at"],
                removed_at=row["removed_at"],
            )


def find_post(sandbox: Sandbox, path: Mapping[str, str]) -> Post | None:
    """Return the post of a permalink's path, whose account is named by handle or DID."""
    account = find_account(sandbox, path["actor"])
    return (
        None
        if account is None
        else sandbox.posts.by_external_id(FACTS.name, uri_of(account.user_id, POST, path["rkey"]))
    )


def details_of(store: Store, post: Post, assets: Sequence[Asset]) -> Details:
    """Return what a post's record, and its gates, say about it."""
    _ = assets
    record = post.params
    details = Details(alts=[text_of(item.get("alt")) for _, item in _media(record)])
    for value in list_of(object_of(record.get("labels")).get("values")):
        label = text_of(object_of(value).get("val"))
        details.labels.append(LABEL_NAMES.get(label, label))
    if _embed(record).get("$type") == EXTERNAL:
        card = object_of(_embed(record).get("external"))
        details.link = LinkCard(
            url=text_of(card.get("uri")),
            title=text_of(card.get("title")),
            description=text_of(card.get("description")),
            picture=_thumb(store, post, card.get("thumb")),
        )
    parent = _parent_of(post.params)
    if parent:
        details.labels.append("Part of a thread")
        details.facts.append(("Reply to", parent))
    links = [_feature(feature) for facet in list_of(record.get("facets")) for feature in _features(facet)]
    langs, tags = ([text_of(part) for part in list_of(record.get(name))] for name in ("langs", "tags"))
    details.facts += [
        (term, ", ".join(words)) for term, words in (("Links", links), ("Languages", langs), ("Tags", tags)) if words
    ]
    replies, quotes = _replies(_gate(store, post, THREADGATE)), _gate(store, post, POSTGATE)
    if replies:
        details.labels.append(replies)
    if any(_kind(rule) == "disableRule" for rule in list_of(quotes.get("embeddingRules"))):
        details.labels.append("Quotes off")
    return details


def _thumb(store: Store, post: Post, ref: JSONValue) -> int | None:
    """Return the number of the picture on a link card."""
    sql = "SELECT asset_id FROM bluesky_blobs WHERE account_id = ? AND cid = ?"
    row = store.first(sql, post.account_id, cid_in(ref))
    return None if row is None else row["asset_id"]


def _features(facet: JSONValue) -> Sequence[JSONValue]:
    return list_of(object_of(facet).get("features"))


def _feature(feature: JSONValue) -> str:
    fields = object_of(feature)
    tag = text_of(fields.get("tag"))
    return f"#{tag}" if tag else text_of(fields.get("uri")) or text_of(fields.get("did"))


def _kind(rule: JSONValue) -> str:
    return text_of(object_of(rule).get("$type")).partition("#")[2]


def _gate(store: Store, post: Post, collection: str) -> Mapping[str, JSONValue]:
    """Return the gate of a post: the record with the post's key, if it is about the post."""
    match = AT_URI.fullmatch(post.external_id)
    sql = (
        "SELECT value FROM bluesky_records WHERE account_id = ? AND collection = ? AND rkey = ?"
        " AND value ->> 'post' = ?"
    )
    row = None if match is None else store.first(sql, post.account_id, collection, match[3], post.external_id)
    return {} if row is None else object_of(_decode_record(row["value"]))


def _decode_record(text: str) -> JSONValue:
    value: JSONValue = json.loads(text)
    return value


def _replies(gate: Mapping[str, JSONValue]) -> str:
    rules = gate.get("allow")
    if not isinstance(rules, list):
        return ""
    names = [REPLY_RULES.get(_kind(rule), _kind(rule)) for rule in rules]
    return f"Replies: {', '.join(names)}" if names else "Replies off"
