"""Posts of Pages: making them, finding them, and when lists begin to name them.

Source: Meta, "Page Feed" and "Page Post" reference, read 2026-11.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY, HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import DUPLICATE_MESSAGE, EMPTY_POST, INVALID_LINK, OWN_LINK, parameter
from presswork_sandbox.facebook.facts import FACTS
from presswork_sandbox.facebook.photos import Photo, Photos
from presswork_sandbox.faults import Fault
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of

MAX_MESSAGE: Final = 63_206  # characters; clients agree, the API's pages don't say
MAX_ATTACHED: Final = 10  # the practical cap; not documented
POST_IDS: Final = 122_200_000_000_000
STORY_IDS: Final = 122_000_000_000_000_001
COMMENT_IDS: Final = 1_220_000_000_000_000
LIST_DELAY_SECONDS: Final = 2.0  # how long published_posts and page_story_id lag; not documented
DRAFT_LIFETIME: Final = 30 * DAY  # of an unpublished post; "about 30 days" was seen by one client, read 2026-11
DUPLICATE_SECONDS: Final = HOUR / 6  # "too soon" of error 506; general knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """One post to be made."""

    kind: str
    caption: str
    params: Mapping[str, JSONValue]
    asset_ids: Sequence[int]
    client_id: str
    post_id: str | None = None  # of a story, whose id is known before
    path: str | None = None  # of its permalink, where that does not come from the post's own number
    is_published: bool = True


class PagePosts:
    """Make and find posts of Pages."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def new_id(self, account: Account) -> str:
        """Return the id of one more post of a Page."""
        return f"{account.user_id}_{POST_IDS + self._sandbox.store.next_number('page post') * 10_009}"

    def new_story_id(self) -> str:
        """Return the id of one more story, which is a number that JavaScript can't hold exactly."""
        return str(STORY_IDS + self._sandbox.store.next_number("page story") * 10_009)

    def new_comment_number(self) -> int:
        """Return the number of one more comment."""
        return COMMENT_IDS + self._sandbox.store.next_number("comment") * 10_061

    def make(self, account: Account, new: NewPost, fault: Fault | None, now: float) -> str:
        """Make a post and return its id. Belongs in the transaction with its photos or its video."""
        post_id = new.post_id or self.new_id(account)
        draft = {
            "kind": new.kind,
            "caption": new.caption,
            "params": new.params,
            "asset_ids": list(new.asset_ids),
            "created_at": now,
        }
        self._sandbox.store.insert(
            "page_posts",
            post_id=post_id,
            account_id=account.id,
            client_id=new.client_id,
            listed_at=now,
            draft=json.dumps(draft),
        )
        if new.is_published:
            self.publish(account, _draft_post(account, post_id, draft), fault, now, path=new.path)
        return post_id

    def publish(
        self, account: Account, draft: Post, fault: Fault | None, now: float, *, path: str | None = None
    ) -> None:
        """Make an unpublished post live. Belongs in a transaction.

        A stuck_processing fault keeps the post out of lists, a media_error takes it down at once. The time of the post is
        that of this call: general knowledge.
        """
        post_id, delay = draft.external_id, account.settings.get("listDelaySeconds")
        self._sandbox.store.run(
            "UPDATE page_posts SET draft = NULL, listed_at = ?, fault_id = ? WHERE post_id = ?",
            now + (float(delay) if isinstance(delay, int) else LIST_DELAY_SECONDS),
            fault.id if fault is not None and fault.kind == "stuck_processing" else None,
            post_id,
        )
        self._sandbox.posts.add(
            FACTS.name,
            account.id,
            kind=draft.kind,
            external_id=post_id,
            url=post_url(post_id, path),
            caption=draft.caption,
            params=draft.params,
            asset_ids=draft.asset_ids,
            now=now,
            shortcode=post_id.partition("_")[2] or None,
        )
        post = self.find(post_id)
        if post is not None and fault is not None and fault.kind == "media_error":
            self._sandbox.posts.remove(post, now)

    def find(self, post_id: str) -> Post | None:
        """Find a live post by its id."""
        return self._sandbox.posts.by_external_id(FACTS.name, post_id)

    def draft(self, post_id: str) -> Post | None:
        """Find an unpublished post by its id; its number is 0, since it is on no list. It is gone after 30 days."""
        row = self._sandbox.store.first(
            "SELECT account_id, draft FROM page_posts"
            " WHERE post_id = ? AND draft IS NOT NULL AND draft ->> 'created_at' > ?",
            post_id,
            self._sandbox.clock.now() - DRAFT_LIFETIME,
        )
        account = None if row is None else self._sandbox.accounts.by_id(row["account_id"])
        if row is None or account is None:
            return None
        return _draft_post(account, post_id, json.loads(row["draft"]))

    def is_listed(self, post_id: str) -> bool:
        """Return whether lists, photos and videos name a post yet."""
        row = self._sandbox.store.first("SELECT listed_at, fault_id FROM page_posts WHERE post_id = ?", post_id)
        if row is None:  # a managed provider published it
            return True
        return bool(self._sandbox.clock.now() >= row["listed_at"]) and not self._sandbox.faults.holds(row["fault_id"])

    def client_of(self, post_id: str) -> str | None:
        """Return the id of the app that made a post, or None."""
        row = self._sandbox.store.first("SELECT client_id FROM page_posts WHERE post_id = ?", post_id)
        return None if row is None else str(row["client_id"])

    def edit(self, post: Post, message: str) -> None:
        """Change the text of a post, live or not. Belongs in a transaction."""
        params = {**post.params, "message": message}
        live = self.find(post.external_id)
        if live is not None:
            now = self._sandbox.clock.now()
            self._sandbox.posts.change(live, caption=message, params=params, edited_at=now)
        self._sandbox.store.run(
            "UPDATE page_posts SET draft = json_set(draft, '$.caption', ?, '$.params', json(?))"
            " WHERE post_id = ? AND draft IS NOT NULL",
            message,
            json.dumps(params),
            post.external_id,
        )

    def delete(self, post_id: str) -> None:
        """Delete a post, live or not."""
        post = self.find(post_id)
        if post is not None:
            self._sandbox.posts.remove(post, self._sandbox.clock.now())
        self._sandbox.store.run("DELETE FROM page_posts WHERE post_id = ? AND draft IS NOT NULL", post_id)

    def check_duplicate(self, account: Account, new: NewPost | Post, now: float) -> None:
        """Raise GraphRefusal for a post without media whose text and link a live one has, too soon after it."""
        lately = self._sandbox.posts.of_account(account.id, since=now - DUPLICATE_SECONDS)
        same = (post for post in lately if post.caption == new.caption and post.kind == new.kind)
        if not new.asset_ids and any(post.params.get("link") == new.params.get("link") for post in same):
            raise GraphRefusal(DUPLICATE_MESSAGE)


def _draft_post(account: Account, post_id: str, draft: Mapping[str, Any]) -> Post:
    """Return an unpublished post from what is stored of it. `Any`: it was written from the fields of a Post."""
    return Post(
        id=0,
        platform=FACTS.name,
        account_id=account.id,
        handle=account.handle,
        external_id=post_id,
        shortcode=None,
        url=post_url(post_id, None),
        privacy="",
        comments_on=False,
        **{**draft, "asset_ids": tuple(draft["asset_ids"])},
    )


def post_url(post_id: str, path: str | None) -> str:
    """Return the permalink of a post or story; `path` is that of a reel or video."""
    page, _, number = post_id.partition("_")
    if not number:
        return f"https://facebook.com/stories/{post_id}"
    return f"https://www.facebook.com{path or f'/{page}/posts/{number}'}"


def check_message(params: Mapping[str, JSONValue], name: str = "message") -> str:
    """Return a text. Raises GraphRefusal on one that is too long."""
    message = text_of(params.get(name))
    if len(message) > MAX_MESSAGE:
        raise GraphRefusal(parameter(f"Param {name} has more than {MAX_MESSAGE} characters"))
    return message


def check_link(params: Mapping[str, JSONValue]) -> str:
    """Return the link of a post, or "". Raises GraphRefusal on one that is no URL, or of facebook.com."""
    link = text_of(params.get("link"))
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError as wrong:
        raise GraphRefusal(INVALID_LINK) from wrong
    if link and (parts.scheme.lower() not in {"http", "https"} or not host or re.search(r"\s", link)):
        raise GraphRefusal(INVALID_LINK)
    if host == "facebook.com" or host.endswith(".facebook.com"):
        raise GraphRefusal(OWN_LINK)
    return link


def check_schedule(params: Mapping[str, JSONValue]) -> None:
    """Raise GraphRefusal for what Facebook would publish later: the sandbox publishes at once, or never."""
    if params.get("scheduled_publish_time"):
        raise GraphRefusal(parameter("Param scheduled_publish_time: the sandbox does not schedule posts"))


def instant_of(params: Mapping[str, JSONValue], name: str) -> float | None:
    """Read since or until: seconds since 1970, or ISO 8601. Raises GraphRefusal."""
    text = text_of(params.get(name)).strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        given = datetime.fromisoformat(text)
        return (given if given.tzinfo is not None else given.replace(tzinfo=UTC)).timestamp()
    except ValueError as wrong:
        raise GraphRefusal(parameter(f"Param {name} must be a time")) from wrong


def feed_post(
    account: Account, client_id: str, params: Mapping[str, JSONValue], attached: Sequence[str], photos: Photos
) -> tuple[NewPost, Sequence[Photo]]:
    """Return the post that POST /{page}/feed asks for, and its staged photos. Raises GraphRefusal."""
    message = check_message(params)
    check_schedule(params)
    link = check_link(params)
    if not message.strip() and not link and not attached:
        raise GraphRefusal(EMPTY_POST)
    if link and attached:
        raise GraphRefusal(parameter("Param link can't be used with attached_media"))
    if len(attached) > MAX_ATTACHED:
        raise GraphRefusal(parameter(f"Param attached_media can have {MAX_ATTACHED} photos at most"))
    staged = photos.check(account, attached)
    new = NewPost(
        kind="facebook_photo" if staged else "link" if link else "text",
        caption=message,
        params=params,
        asset_ids=[photo.asset_id for photo in staged],
        client_id=client_id,
        is_published=text_of(params.get("published")).lower() not in {"false", "0"},
    )
    return new, staged
