"""Posts and replies of all servers, which pages and the control surface show as posts, and as comments of the post above.

Source: mastodon/documentation, methods/statuses (2026-07); mastodon/mastodon, app/services/post_status_service.rb and
update_status_service.rb. A key is looked up before anything of the post is checked; after the post was deleted, it finds nothing.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import HOUR
from presswork_sandbox.comments import Comment
from presswork_sandbox.control_input import BadControl
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details
from presswork_sandbox.mastodon.errors import MastodonError, invalid
from presswork_sandbox.mastodon.facts import FACTS
from presswork_sandbox.mastodon.media import Attachment, Media
from presswork_sandbox.mastodon.rules import ServerRules
from presswork_sandbox.mastodon.text import count_characters
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, flag_of, text_of

STATUS_IDS: Final = 115_600_000_000_000_000
KEY_LIFETIME: Final = HOUR
VISIBILITIES: Final = ("public", "unlisted", "private", "direct")
PUBLIC: Final = frozenset({"public", "unlisted"})
QUOTE_POLICIES: Final = ("public", "followers", "nobody")
SENT: Final = (
    "status",
    "media_ids",
    "in_reply_to_id",
    "visibility",
    "sensitive",
    "spoiler_text",
    "language",
    "quote_approval_policy",
)
NOT_EMULATED: Final = ("poll", "scheduled_at", "quoted_status_id")
DEFAULT_LANGUAGE: Final = "en"
NO_PARENT: Final = "The post you are trying to reply to does not appear to exist."
_SELECT: Final = (
    "SELECT statuses.*, accounts.handle FROM mastodon_statuses AS statuses"
    " JOIN accounts ON accounts.id = statuses.account_id"
)
_LIVE: Final = f"{_SELECT} WHERE statuses.removed_at IS NULL"
# Replies of an account, or of all, below its own posts.
_OF_AUTHORS: Final = (
    " AND statuses.parent_id IS NOT NULL AND (?1 IS NULL OR accounts.handle = ?1) AND EXISTS (SELECT 1 FROM posts AS root"
    " WHERE root.external_id = CAST(statuses.root_id AS TEXT) AND root.account_id = statuses.account_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A post or a reply."""

    id: int
    host: str
    account_id: int
    handle: str
    client_id: str
    parent_id: int | None
    root_id: int
    params: Mapping[str, JSONValue]
    media_ids: tuple[int, ...]
    created_at: float
    edited_at: float | None
    removed_at: float | None

    @property
    def text(self) -> str:
        """What was written."""
        return text_of(self.params.get("status"))

    @property
    def warning(self) -> str:
        """The content warning."""
        return text_of(self.params.get("spoiler_text"))

    @property
    def visibility(self) -> str:
        """Who sees it."""
        return text_of(self.params.get("visibility")) or VISIBILITIES[0]

    @property
    def is_sensitive(self) -> bool:
        """Whether its media are hidden at first."""
        return flag_of(self.params.get("sensitive")) or (bool(self.warning) and bool(self.media_ids))

    @property
    def url(self) -> str:
        """The permalink."""
        return permalink(self.host, self.handle, self.id)

    def is_seen_by(self, viewer: Account | None) -> bool:
        """Return whether an account, or a caller without a token, sees it."""
        return self.visibility in PUBLIC or (viewer is not None and viewer.id == self.account_id)


def permalink(host: str, handle: str, status_id: int) -> str:
    """Return the URL of a post."""
    return f"https://{host}/@{handle}/{status_id}"


def read_id(text: str) -> int | None:
    """Return an id as a client writes it; None for what can't be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class Statuses:
    """Create, find and change posts."""

    def __init__(self, sandbox: Sandbox, media: Media) -> None:
        self._sandbox = sandbox
        self._media = media

    def new_id(self) -> int:
        """Return the id for one more post."""
        return STATUS_IDS + self._sandbox.store.next_number("mastodon status") * 7_013

    # Finding

    def find(self, host: str, status_id: str) -> Status | None:
        """Find a live post of a server by its id as a client writes it."""
        number = read_id(status_id)
        status = None if number is None else self.at(number)
        return status if status is not None and status.host == host else None

    def at(self, number: int) -> Status | None:
        """Return the live post with a number, at whichever server."""
        row = self._sandbox.store.first(f"{_LIVE} AND statuses.id = ?", number)
        return None if row is None else _status(row)

    def of_account(
        self, host: str, account: Account, *, max_id: int | None, since_id: int | None, with_replies: bool, limit: int
    ) -> list[Status]:
        """Return an account's newest posts at a server, newest first; `max_id` and `since_id` are exclusive."""
        sql = (
            f"{_LIVE} AND statuses.account_id = ?1 AND statuses.host = ?2 AND (?3 IS NULL OR statuses.id < ?3)"
            " AND (?4 IS NULL OR statuses.id > ?4) AND (?5 OR statuses.parent_id IS NULL)"
            " ORDER BY statuses.id DESC LIMIT ?6"
        )
        rows = self._sandbox.store.all(sql, account.id, host, max_id, since_id, with_replies, limit)
        return [_status(row) for row in rows]

    def count(self, host: str, account: Account) -> int:
        """Return how many posts an account has at a server."""
        sql = "SELECT count(*) AS n FROM mastodon_statuses WHERE account_id = ? AND host = ? AND removed_at IS NULL"
        return int(self._sandbox.store.one(sql, account.id, host)["n"])

    def replies(self, status: Status) -> list[Status]:
        """Return the direct replies to a post, oldest first."""
        sql = f"{_LIVE} AND statuses.parent_id = ? ORDER BY statuses.id"
        return [_status(row) for row in self._sandbox.store.all(sql, status.id)]

    def ancestors(self, status: Status) -> list[Status]:
        """Return the live posts above a post, the first one first."""
        found: list[Status] = []
        above = None if status.parent_id is None else self.at(status.parent_id)
        while above is not None:
            found.insert(0, above)
            above = None if above.parent_id is None else self.at(above.parent_id)
        return found

    def descendants(self, status: Status) -> list[Status]:
        """Return all replies below a post, each before those to it."""
        return [one for reply in self.replies(status) for one in (reply, *self.descendants(reply))]

    def mentions(self, host: str, account: Account, before: int | None, limit: int) -> list[Status]:
        """Return what others replied to posts of an account, newest first."""
        sql = (
            f"{_LIVE} AND statuses.host = ?1 AND statuses.account_id <> ?2 AND (?3 IS NULL OR statuses.id < ?3)"  # noqa: S608 - our own SQL
            " AND statuses.parent_id IN (SELECT id FROM mastodon_statuses WHERE account_id = ?2)"
            " ORDER BY statuses.id DESC LIMIT ?4"
        )
        return [_status(row) for row in self._sandbox.store.all(sql, host, account.id, before, limit)]

    # Pages and the control surface

    def as_post(self, status: Status) -> Post:
        """Return a reply as a post."""
        return Post(
            id=status.id,
            platform=FACTS.name,
            account_id=status.account_id,
            handle=status.handle,
            kind=_kind_of(status.media_ids),
            external_id=str(status.id),
            shortcode=None,
            url=status.url,
            caption=status.text,
            params=status.params,
            privacy=status.visibility,
            asset_ids=tuple(one.asset_id for one in self._media.of_ids(status.media_ids)),
            comments_on=True,
            created_at=status.created_at,
            edited_at=status.edited_at,
            removed_at=status.removed_at,
        )

    def own_replies(self, post: Post) -> list[Post]:
        """Return what the author of a post replied below it, oldest first: the parts of a thread."""
        root = read_id(post.external_id)
        sql = f"{_LIVE} AND statuses.root_id = ? AND statuses.id <> statuses.root_id ORDER BY statuses.id"
        rows = self._sandbox.store.all(sql, root)
        return [self.as_post(_status(row)) for row in rows if row["account_id"] == post.account_id]

    def other_replies(self, handle: str | None, *, are_removed: bool) -> Iterator[Post]:
        """Return the replies of authors below posts of theirs that were taken down, which stay; or the removed replies."""
        if are_removed:
            sql = f"{_SELECT} WHERE statuses.removed_at IS NOT NULL{_OF_AUTHORS})"
        else:
            sql = f"{_LIVE}{_OF_AUTHORS} AND root.id IN (SELECT post_id FROM removed_posts))"  # noqa: S608 - our own SQL
        return (self.as_post(_status(row)) for row in self._sandbox.store.pages(sql, "id", handle))

    def find_shown(self, path: Mapping[str, str]) -> Post | None:
        """Find the post of a permalink; that of a reply leads to its root post, or to itself where that one is gone."""
        number = read_id(path["status_id"])
        if number is None:
            return None
        status, posts = self.at(number), self._sandbox.posts
        if status is None:
            post = posts.by_external_id(FACTS.name, path["status_id"])  # a managed provider published it
        else:
            post = posts.by_external_id(FACTS.name, str(status.root_id)) or self.as_post(status)
        place = f"https://{path['host']}/@{path['handle']}/{number}".lower()
        return post if post is not None and place == (post.url if status is None else status.url).lower() else None

    def details_of(self, post: Post) -> Details:
        """Return what was sent with a post, in words for a page."""
        status = self.at(int(post.external_id))
        details = Details(title=text_of(post.params.get("spoiler_text")))
        if status is None:
            return details
        details.alts = [one.description for one in self._media.of_ids(status.media_ids)]
        for label, is_so in (("Reply", status.parent_id is not None), ("Sensitive", status.is_sensitive)):
            if is_so:
                details.labels.append(label)
        details.facts.append(("Server", status.host))
        for term, name in (("Language", "language"), ("Quotes", "quote_approval_policy")):
            if status.params.get(name):
                details.facts.append((term, text_of(status.params[name])))
        return details

    # Creating

    def find_by_key(self, rules: ServerRules, host: str, account: Account, key: str) -> Status | None:
        """Return the post that an idempotency key was sent with. Raises MastodonError if it was deleted since."""
        now = self._sandbox.clock.now()
        self._sandbox.store.run("DELETE FROM mastodon_keys WHERE stored_at <= ?", now - KEY_LIFETIME)
        sql = "SELECT status_id FROM mastodon_keys WHERE account_id = ? AND host = ? AND key = ? AND stored_at <= ?"
        row = self._sandbox.store.first(sql, account.id, host, key, now) if key and rules.keeps_keys else None
        if row is None:
            return None
        status = self.at(row["status_id"])
        if status is None:
            raise MastodonError(404)
        return status

    def create(
        self,
        rules: ServerRules,
        host: str,
        account: Account,
        params: Mapping[str, JSONValue],
        *,
        client_id: str,
        key: str = "",
    ) -> Status:
        """Make a post live, or return the one that the key was sent with before. Raises MastodonError."""
        parent = self._find_parent(host, account, params)
        former = self.find_by_key(rules, host, account, key)
        if former is not None:
            return former
        attachments = self._check_media(rules, host, account, params, of_status=None)
        check_text(rules, params, has_media=bool(attachments))
        check_options(params)
        with self._sandbox.store.transaction():
            status = self._add(host, account, params, attachments, parent, client_id=client_id)
            if key and rules.keeps_keys:
                self._sandbox.store.run(
                    "INSERT INTO mastodon_keys VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    account.id,
                    host,
                    key,
                    status.id,
                    status.created_at + rules.count("keyDelaySeconds"),
                )
        return status

    def _add(
        self,
        host: str,
        account: Account,
        params: Mapping[str, JSONValue],
        attachments: Sequence[Attachment],
        parent: Status | None,
        *,
        client_id: str,
    ) -> Status:
        """Make a checked post live. Belongs in a transaction."""
        sandbox, number = self._sandbox, self.new_id()
        sandbox.store.insert(
            "mastodon_statuses",
            id=number,
            host=host,
            account_id=account.id,
            client_id=client_id,
            parent_id=None if parent is None else parent.id,
            root_id=number if parent is None else parent.root_id,
            params=json.dumps(params),
            media_ids=json.dumps([one.id for one in attachments]),
            created_at=sandbox.clock.now(),
        )
        self._media.attach(attachments, number)
        status = _status(sandbox.store.one(f"{_SELECT} WHERE statuses.id = ?", number))
        if parent is None:
            sandbox.posts.add(
                FACTS.name,
                account.id,
                kind=_kind_of(status.media_ids),
                external_id=str(number),
                url=status.url,
                caption=status.text,
                params=params,
                asset_ids=[one.asset_id for one in attachments],
                now=status.created_at,
                privacy=status.visibility,
            )
            return status
        above = sandbox.comments.find(FACTS.name, str(parent.id))
        sandbox.comments.add(str(status.root_id), account.id, status.text, number, status.created_at, parent=above)
        made = sandbox.comments.by_number(number)
        if made is not None:
            sandbox.note_comment(made, "add")
        return status

    def reply_as(self, author: Account, parent: Status, text: str) -> None:
        """Reply for a person in the app. Belongs in a transaction."""
        params = {"status": text, "in_reply_to_id": str(parent.id), "visibility": parent.visibility}
        self._add(parent.host, author, params, (), parent, client_id="")

    # Changing

    def edit(self, rules: ServerRules, status: Status, account: Account, params: Mapping[str, JSONValue]) -> Status:
        """Replace text, content warning and media of a post; media that is left out is removed. Raises MastodonError."""
        attachments = self._check_media(rules, status.host, account, params, of_status=status)
        check_text(rules, params, has_media=bool(attachments))
        kept = {name: status.params[name] for name in ("visibility", "in_reply_to_id") if name in status.params}
        changed = {**params, **kept}
        check_options(changed)
        now, sandbox = self._sandbox.clock.now(), self._sandbox
        media_ids = tuple(one.id for one in attachments)
        if (changed, media_ids) == (status.params, status.media_ids):
            return status
        with sandbox.store.transaction():
            self._media.attach(self._media.of_ids(status.media_ids), None)
            self._media.attach(attachments, status.id)
            sql = "UPDATE mastodon_statuses SET params = ?, media_ids = ?, edited_at = ? WHERE id = ?"
            sandbox.store.run(sql, json.dumps(changed), json.dumps(media_ids), now, status.id)
            edited = _status(sandbox.store.one(f"{_SELECT} WHERE statuses.id = ?", status.id))
            post = sandbox.posts.by_external_id(FACTS.name, str(status.id))
            if post is not None:
                sandbox.posts.change(post, caption=edited.text, params=changed, edited_at=now)
                assets = json.dumps([one.asset_id for one in attachments])
                sql = "UPDATE posts SET asset_ids = ?, kind = ? WHERE id = ?"
                sandbox.store.run(sql, assets, _kind_of(media_ids), post.id)
            comment = sandbox.comments.find(FACTS.name, str(status.id))
            if comment is not None:
                sandbox.comments.edit(comment, edited.text, now)
        return edited

    def remove(self, status: Status) -> None:
        """Take a post down; what is below it stays, and its media can be attached again. Belongs in a transaction."""
        sandbox, now = self._sandbox, self._sandbox.clock.now()
        sandbox.store.run("UPDATE mastodon_statuses SET removed_at = ? WHERE id = ?", now, status.id)
        self._media.attach(self._media.of_ids(status.media_ids), None)
        sandbox.posts.take_down(FACTS.name, str(status.id), None, now)
        comment = sandbox.comments.find(FACTS.name, str(status.id))
        if comment is not None:
            sandbox.comments.remove(comment, now, with_replies=False)
            sandbox.note_comment(comment, "remove")

    # Checking

    def _find_parent(self, host: str, account: Account, params: Mapping[str, JSONValue]) -> Status | None:
        parent_id = text_of(params.get("in_reply_to_id"))
        if not parent_id:
            return None
        parent = self.find(host, parent_id)
        if parent is None or not parent.is_seen_by(account):
            raise MastodonError(404, NO_PARENT)
        return parent

    def _check_media(
        self,
        rules: ServerRules,
        host: str,
        account: Account,
        params: Mapping[str, JSONValue],
        *,
        of_status: Status | None,
    ) -> Sequence[Attachment]:
        """Return the files that a post names, none of which another post may have. Raises MastodonError."""
        given = params.get("media_ids")
        ids = list(dict.fromkeys(map(text_of, given))) if isinstance(given, list) else []
        max_count = rules.count("maxMediaAttachments")
        if len(ids) > max_count:
            raise MastodonError(422, f"Cannot attach more than {max_count} files")
        free = {None, None if of_status is None else of_status.id}
        found = [one for one in self._media.listed(host, account, ids) if one.status_id in free]
        missing = [media_id for media_id in ids if media_id not in {str(one.id) for one in found}]
        if missing:
            raise MastodonError(422, f"Media {', '.join(missing)} not found or already attached to another post")
        if len(found) > 1 and any(one.is_video for one in found):
            raise MastodonError(422, "Cannot attach a video to a post that already contains images")
        if any(self._media.is_processing(one) or one.failure is not None for one in found):
            raise MastodonError(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        return found


def check_text(rules: ServerRules, params: Mapping[str, JSONValue], *, has_media: bool) -> None:
    """Raise MastodonError for a text that is too long, or missing."""
    text, warning = text_of(params.get("status")), text_of(params.get("spoiler_text"))
    if not text.strip() and not warning.strip() and not has_media:
        raise invalid("Text can't be blank")
    max_length = rules.count("maxCharacters")
    if count_characters(text, warning, rules.count("charactersReservedPerUrl")) > max_length:
        raise invalid(f"Text character limit of {max_length} exceeded")


def check_options(params: Mapping[str, JSONValue]) -> None:
    """Raise MastodonError for a visibility or a policy that does not exist, and for what the sandbox does not have."""
    for name in NOT_EMULATED:
        if any(part == name or part.startswith(f"{name}[") for part in params):
            raise invalid(f"The sandbox has no {name}")
    for name, allowed in (("visibility", VISIBILITIES), ("quote_approval_policy", QUOTE_POLICIES)):
        value = text_of(params.get(name))
        if value and value not in allowed:
            raise invalid(f"{name.capitalize().replace('_', ' ')} is not included in the list")


def sent_with(params: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    """Return what a call says about a post, by Mastodon's names; a form's `media_ids[]` as `media_ids`."""
    plain = {name.removesuffix("[]"): value for name, value in params.items()}
    return {
        name: value
        for name, value in plain.items()
        if name in SENT or any(name == part or name.startswith(f"{part}[") for part in NOT_EMULATED)
    }


def _kind_of(media_ids: Sequence[int]) -> str:
    return "mastodon_post" if media_ids else "text"


def _status(row: sqlite3.Row) -> Status:
    values = dict(row)
    return Status(
        **{**values, "params": json.loads(values["params"]), "media_ids": tuple(json.loads(values["media_ids"]))}
    )


class MastodonThread:
    """What people reply below posts, apart from the API."""

    def __init__(self, sandbox: Sandbox, statuses: Statuses) -> None:
        self._sandbox = sandbox
        self._statuses = statuses

    def root_of(self, post: Post) -> str:
        """Return the id of the post: what answers it is no post of its own."""
        return post.external_id

    def add(self, post: Post, author: Account, text: str, parent: Comment | None) -> Comment:
        """Reply to the post, or to a reply below it. Raises BadControl."""
        above = self._statuses.at(int(post.external_id if parent is None else parent.id))
        if above is None:
            raise BadControl("A managed provider published this post: nothing can be replied to it.")
        self._statuses.reply_as(author, above, text)
        return self._sandbox.comments.of_post(str(above.root_id))[-1]

    def remove(self, comment: Comment) -> None:
        """Delete a reply; what is below it stays."""
        status = self._statuses.at(int(comment.id))
        if status is not None:
            self._statuses.remove(status)
