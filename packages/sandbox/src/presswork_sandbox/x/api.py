"""The operations of api.x.com, once the token is known to be valid.

Source: xdevplatform/docs (2026-08) and its changelog (2026-02-23: replies of apps only where they are summoned), read 2026-11.
"""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY, iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.forms import Sent
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, flag_of, json_reply, text_of
from presswork_sandbox.x import limits as prices
from presswork_sandbox.x.bodies import PostBody, read_body
from presswork_sandbox.x.errors import (
    DUPLICATE,
    GONE_TARGET,
    NOT_OWN,
    NOT_PERMITTED,
    NOT_SUMMONED,
    SUSPENDED,
    TOO_LONG_VIDEO,
    XRefusal,
    bad_media,
    invalid,
    not_found,
)
from presswork_sandbox.x.facts import FACTS
from presswork_sandbox.x.limits import FREE, Limits, subscription_of
from presswork_sandbox.x.oauth import MEDIA, MODERATE, READ, USERS, WRITE
from presswork_sandbox.x.posts import XPost, XPosts
from presswork_sandbox.x.rules import Rules
from presswork_sandbox.x.text import links_in, mentions_in
from presswork_sandbox.x.uploads import GIF, IMAGE, Media, Uploads, read_alt_text

NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "me": frozenset({USERS, READ}),
    **{
        f"media_{name}": frozenset({MEDIA})
        for name in ("initialize", "append", "finalize", "status", "upload", "metadata")
    },
    "tweets": frozenset({WRITE, READ, USERS}),
    "tweet": frozenset({READ, USERS}),
    "tweets_lookup": frozenset({READ, USERS}),
    "user_tweets": frozenset({READ, USERS}),
    "search_recent": frozenset({READ, USERS}),
    "hide_reply": frozenset({MODERATE, READ, USERS}),
    "delete": frozenset({WRITE, READ, USERS}),
}
"""The scopes that each operation needs."""
VIDEO_SECONDS: Final = 140
SUBSCRIBER_VIDEO_SECONDS: Final = 125 * 60
VIDEO_ROUNDING: Final = 0.5
SEARCH_AGE: Final = 7 * DAY
PAGE: Final = {"user_tweets": (5, 10, 100), "search_recent": (10, 10, 100)}
"""The least, the usual and the most items of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class APICall:
    """One call with a valid token: the thing that its path names, and what was sent."""

    call: Call
    token: Token
    account: Account
    key: str
    sent: Sent
    headers: Mapping[str, str]

    @property
    def params(self) -> Mapping[str, JSONValue]:
        """Its query and its body."""
        return self.sent.params

    def text(self, name: str) -> str:
        """Return a parameter as text."""
        return text_of(self.sent.params.get(name))

    def names(self, name: str) -> frozenset[str]:
        """Return a parameter that lists names."""
        return frozenset(filter(None, self.text(name).split(",")))


class API:
    """Answers calls. Whatever is refused raises XRefusal."""

    def __init__(self, sandbox: Sandbox, rules: Rules, limits: Limits, uploads: Uploads, posts: XPosts) -> None:
        self._sandbox = sandbox
        self._rules = rules
        self._limits = limits
        self._uploads = uploads
        self._posts = posts
        self.operations: Final[Mapping[str, Callable[[APICall], Awaitable[Reply]]]] = {
            "me": self._me,
            "media_initialize": self._initialize,
            "media_append": self._append,
            "media_finalize": self._finalize,
            "media_status": self._status,
            "media_upload": self._upload,
            "media_metadata": self._metadata,
            "tweets": self._create,
            "tweet": self._read,
            "tweets_lookup": self._read_several,
            "user_tweets": self._timeline,
            "search_recent": self._search,
            "hide_reply": self._hide,
            "delete": self._delete,
        }

    # People

    async def _me(self, api_call: APICall) -> Reply:
        """GET /2/users/me."""
        self._limits.check_credits()
        account = api_call.account
        self._limits.charge_reads(api_call.token, account, "user_read", [(account.user_id, prices.USER_READ)])
        return json_reply({"data": self._describe_user(account, api_call.names("user.fields"))})

    def _describe_user(self, account: Account, fields: frozenset[str]) -> JSONValue:
        subscription = subscription_of(account)
        verified = "business" if account.tier == "business" and subscription != FREE else "blue"
        more: dict[str, JSONValue] = {
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{account.user_id}/a_normal.jpg",
            "verified": subscription != FREE,
            "verified_type": verified if subscription != FREE else "none",
            "subscription_type": subscription,
            "protected": False,
            "created_at": iso(account.created_at),
            "public_metrics": {
                "followers_count": self._sandbox.numbers.followers(account),
                "following_count": 80,
                "tweet_count": len(self._posts.timeline(account, self._sandbox.clock.now())),
                "listed_count": 0,
            },
        }
        found: dict[str, JSONValue] = {"id": account.user_id, "name": account.display_name, "username": account.handle}
        return found | {name: value for name, value in more.items() if name in fields}

    # Media

    async def _initialize(self, api_call: APICall) -> Reply:
        media = self._uploads.announce(api_call.call, api_call.account, api_call.params)
        return json_reply(self._uploads.describe(media))

    async def _append(self, api_call: APICall) -> Reply:
        media = self._uploads.own(api_call.key, api_call.account)
        source = api_call.sent.files.get("media")
        if source is None:
            raise invalid("media is required.", media="")
        return json_reply(self._uploads.append(api_call.call, media, api_call.text("segment_index"), source))

    async def _finalize(self, api_call: APICall) -> Reply:
        media = await self._uploads.finalize(api_call.call, self._uploads.own(api_call.key, api_call.account))
        return json_reply(self._uploads.describe(media))

    async def _status(self, api_call: APICall) -> Reply:
        media = self._uploads.poll(api_call.call, self._uploads.own(api_call.key, api_call.account))
        return json_reply(self._uploads.describe(media))

    async def _upload(self, api_call: APICall) -> Reply:
        """POST /2/media/upload: an image at once, as a file or in base64."""
        category, source = api_call.text("media_category"), api_call.sent.files.get("media")
        if category != IMAGE:
            raise invalid("Only tweet_image can be uploaded in one call.", media_category=category)
        if source is not None:
            return json_reply(
                self._uploads.describe(await self._uploads.take_whole(api_call.call, api_call.account, source))
            )
        try:
            data = base64.b64decode(api_call.text("media"), validate=True)
        except (binascii.Error, ValueError) as wrong:
            raise invalid("media is neither a file nor base64.", media="") from wrong
        number = self._sandbox.store.next_number("x upload")
        path = self._sandbox.store.folder / f"x-whole-{number}"
        path.write_bytes(data)
        try:
            media = await self._uploads.take_whole(api_call.call, api_call.account, path)
        finally:
            path.unlink(missing_ok=True)
        return json_reply(self._uploads.describe(media))

    async def _metadata(self, api_call: APICall) -> Reply:
        """POST /2/media/metadata: the alternative text of a file."""
        media, text = self._uploads.own(api_call.text("id"), api_call.account), read_alt_text(api_call.params)
        self._limits.check_credits()
        with self._sandbox.store.transaction():
            self._uploads.describe_alt(media, text)
            self._limits.charge(api_call.token, api_call.account, "alt_text", prices.ALT_TEXT, media.id)
        metadata: JSONValue = {"alt_text": {"text": text}}
        return json_reply({"data": {"id": media.id, "associated_metadata": metadata}})

    # Posts

    async def _create(self, api_call: APICall) -> Reply:
        """POST /2/tweets."""
        account = api_call.account
        if flag_of(account.settings.get("suspended")):
            raise XRefusal(SUSPENDED)
        self._limits.check_credits()
        body = read_body(api_call.params, is_subscriber=subscription_of(account) != FREE)
        target = None if body.reply_to is None else self._require_target(body.reply_to, account)
        self._check_mentions(body, account)
        media = self._require_media(body, account)
        self._limits.check_daily(account, api_call.headers, is_reply=target is not None)
        self._check_duplicate(body, account, media)
        with self._sandbox.store.transaction():
            sent = body.sent if not any(one.alt_text for one in media) else {**body.sent, "alt_texts": _alts(media)}
            post = self._posts.add(account, body.text, sent, media, target)
            item, price = _price_of(body, target, account)
            self._limits.charge(api_call.token, account, item, price, post.id)
        return json_reply({"data": self._posts.describe(post, frozenset(), is_own=True)}, 201)

    def _require_target(self, post_id: str, account: Account) -> XPost:
        """Return the post that a reply answers: an own one, or one that summons the account. Raises XRefusal."""
        target = self._posts.find(post_id)
        if target is None:
            raise XRefusal(GONE_TARGET)
        is_summoned = account.handle.lower() in mentions_in(target.text)
        if target.account_id != account.id and self._rules.is_on("summonedReplies") and not is_summoned:
            raise XRefusal(NOT_SUMMONED)
        return target

    def _check_mentions(self, body: PostBody, account: Account) -> None:
        others = mentions_in(body.text) - {account.handle.lower()}
        if others and body.reply_to is None and self._rules.is_on("refuseMentions"):
            raise XRefusal(NOT_PERMITTED)

    def _require_media(self, body: PostBody, account: Account) -> Sequence[Media]:
        found = [self._uploads.find(media_id) for media_id in body.media_ids]
        media = [one for one in found if one is not None and one.account_id == account.id]
        if len(media) < len(found) or any(self._uploads.state_of(one) != "succeeded" for one in media):
            raise bad_media(body.media_ids)
        if len(media) > 1 and any(one.category != IMAGE for one in media):
            raise invalid(
                "A post has up to 4 images, or one GIF, or one video.", media__media_ids=",".join(body.media_ids)
            )
        own = account.settings.get("maxVideoSeconds")
        usual = VIDEO_SECONDS if subscription_of(account) == FREE else SUBSCRIBER_VIDEO_SECONDS
        max_seconds = own if isinstance(own, int) else usual
        for asset in self._sandbox.media_store.assets([one.asset_id or 0 for one in media if one.category != GIF]):
            if (asset.duration_seconds or 0.0) > max_seconds + VIDEO_ROUNDING:
                raise XRefusal(TOO_LONG_VIDEO)
        return media

    def _check_duplicate(self, body: PostBody, account: Account, media: Sequence[Media]) -> None:
        is_same = self._posts.find_duplicate(
            account,
            body.text,
            [one.asset_id for one in media if one.asset_id is not None],
            self._sandbox.clock.now() - self._rules.count("duplicateWindowSeconds"),
            ignores_media=self._rules.is_on("duplicateIgnoresMedia"),
        )
        if is_same:
            raise XRefusal(DUPLICATE)

    async def _delete(self, api_call: APICall) -> Reply:
        """DELETE /2/tweets/{id}."""
        post = self._posts.find(api_call.key)
        self._limits.check_credits()
        if post is None:
            return json_reply({"errors": [not_found(api_call.key)]})
        if post.account_id != api_call.account.id:
            raise XRefusal(NOT_OWN)
        with self._sandbox.store.transaction():
            self._posts.remove(post)
            self._limits.charge(api_call.token, api_call.account, "deletion", prices.DELETION, post.id)
        return json_reply({"data": {"deleted": True}})

    async def _hide(self, api_call: APICall) -> Reply:
        """PUT /2/tweets/{id}/hidden: a reply in a conversation of the account."""
        post, is_hidden = self._posts.find(api_call.key), api_call.params.get("hidden")
        if not isinstance(is_hidden, bool):
            raise invalid("hidden is true or false.", hidden=str(is_hidden))
        root = None if post is None else self._posts.at(post.root)
        comment = self._sandbox.comments.find(FACTS.name, api_call.key)
        if root is None or comment is None or root.account_id != api_call.account.id:
            raise XRefusal(NOT_PERMITTED)
        with self._sandbox.store.transaction():
            (self._sandbox.comments.hide if is_hidden else self._sandbox.comments.unhide)(comment)
        return json_reply({"data": {"hidden": is_hidden}})

    # Reading

    async def _read(self, api_call: APICall) -> Reply:
        """GET /2/tweets/{id}."""
        self._limits.check_credits()
        post = self._posts.find(api_call.key)
        if post is None:
            return json_reply({"errors": [not_found(api_call.key)]})
        return json_reply({"data": self._show(api_call, [post])[0], **self._includes(api_call, [post])})

    async def _read_several(self, api_call: APICall) -> Reply:
        """GET /2/tweets?ids=: at most 100."""
        ids = [one for one in api_call.text("ids").split(",") if one]
        if not 1 <= len(ids) <= 100:
            raise invalid(
                "The number of values in the `ids` query parameter list is not between 1 and 100",
                ids=api_call.text("ids")[:200],
            )
        self._limits.check_credits()
        found = {one: self._posts.find(one) for one in ids}
        posts = [post for post in found.values() if post is not None]
        body: dict[str, JSONValue] = {"data": self._show(api_call, posts)} if posts else {}
        body |= self._includes(api_call, posts)
        missing = [not_found(one, "ids") for one, post in found.items() if post is None]
        return json_reply(body | ({"errors": missing} if missing else {}))

    async def _timeline(self, api_call: APICall) -> Reply:
        """GET /2/users/{id}/tweets: newest first, later by a delay."""
        self._limits.check_credits()
        account = self._sandbox.accounts.by_user_id(FACTS.name, api_call.key)
        until = self._sandbox.clock.now() - self._rules.count("timelineDelaySeconds")
        posts = [] if account is None else self._posts.timeline(account, until)
        if "replies" in api_call.names("exclude"):
            posts = [post for post in posts if post.replied_to is None]
        return self._page(api_call, posts)

    async def _search(self, api_call: APICall) -> Reply:
        """GET /2/tweets/search/recent: by conversation_id, from: and to:, each also with a minus in front; seven days."""
        self._limits.check_credits()
        wanted = api_call.text("query").split()
        conversation = [word.partition(":")[2] for word in wanted if word.startswith("conversation_id:")]
        if len(conversation) != 1 or re.fullmatch(r"[0-9]{1,19}", conversation[0]) is None:
            raise invalid(
                "The sandbox searches conversations: query=conversation_id:<id>.", query=api_call.text("query")
            )
        now, delay = self._sandbox.clock.now(), self._rules.count("timelineDelaySeconds")
        posts = [
            post
            for post in self._posts.conversation(int(conversation[0]))
            if now - SEARCH_AGE < post.created_at <= now - delay
        ]
        for word in wanted:
            name, _, value = word.removeprefix("-").partition(":")
            if name in {"from", "to"}:
                posts = [post for post in posts if self._fits(post, name, value) is not word.startswith("-")]
        return self._page(api_call, posts)

    def _fits(self, post: XPost, name: str, value: str) -> bool:
        target = post if name == "from" else self._posts.at(post.replied_to or 0)
        account = None if target is None else self._sandbox.accounts.by_id(target.account_id)
        return account is not None and value.lower().removeprefix("@") in {account.handle.lower(), account.user_id}

    def _page(self, api_call: APICall, posts: Sequence[XPost]) -> Reply:
        min_results, usual, max_results = PAGE[api_call.call.operation]
        text = api_call.text("max_results") or str(usual)
        if not (text.isascii() and text.isdigit() and min_results <= int(text[:9]) <= max_results):
            message = f"The `max_results` query parameter value [{text}] is not between {min_results} and {max_results}"
            raise invalid(message, max_results=text)
        since, until = _read_time(api_call, "start_time"), _read_time(api_call, "end_time")
        after, before = api_call.text("since_id"), api_call.text("until_id")
        before = api_call.text("pagination_token") or api_call.text("next_token") or before
        kept = [
            post
            for post in posts
            if (since is None or int(post.created_at) >= int(since))
            and (until is None or post.created_at < until)
            and (not after.isdigit() or post.number > int(after))
            and (not before.isdigit() or post.number < int(before))
        ]
        page = kept[: int(text)]
        meta: dict[str, JSONValue] = {"result_count": len(page)}
        if not page:
            return json_reply({"meta": meta})
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(kept) > len(page):
            meta["next_token"] = page[-1].id
        return json_reply({"data": self._show(api_call, page), **self._includes(api_call, page), "meta": meta})

    def _show(self, api_call: APICall, posts: Sequence[XPost]) -> list[JSONValue]:
        """Return posts as the reader sees them, and charge the reads."""
        own_id, fields = api_call.account.id, api_call.names("tweet.fields")
        expansions = api_call.names("expansions")
        if "attachments.media_keys" in expansions:
            fields |= {"attachments"}
        if "author_id" in expansions:
            fields |= {"author_id"}
        reads = [(post.id, prices.OWN_READ if post.account_id == own_id else prices.READ) for post in posts]
        self._limits.charge_reads(api_call.token, api_call.account, "post_read", reads)
        return [self._posts.describe(post, fields, is_own=post.account_id == own_id) for post in posts]

    def _includes(self, api_call: APICall, posts: Sequence[XPost]) -> dict[str, JSONValue]:
        expansions, includes = api_call.names("expansions"), dict[str, JSONValue]()
        keys = [key for post in posts for key in post.media]
        if "attachments.media_keys" in expansions and keys:
            kinds = {"3": "photo", "16": "animated_gif"}
            includes["media"] = [
                {"media_key": key, "type": kinds.get(key.partition("_")[0], "video")} for key in dict.fromkeys(keys)
            ]
        if "author_id" in expansions and posts:
            authors = [
                self._sandbox.accounts.by_id(number) for number in dict.fromkeys(one.account_id for one in posts)
            ]
            fields = api_call.names("user.fields")
            includes["users"] = [self._describe_user(one, fields) for one in authors if one is not None]
        return {"includes": includes} if includes else {}


def _alts(media: Sequence[Media]) -> JSONValue:
    return [one.alt_text or "" for one in media]


def _price_of(body: PostBody, target: XPost | None, account: Account) -> tuple[str, int]:
    """Return what a post is charged as, and its price in millionths of a dollar."""
    if links_in(body.text):
        return "post_with_link", prices.LINK_POST
    is_summoned = target is not None and target.account_id != account.id
    return ("summoned_reply", prices.SUMMONED_REPLY) if is_summoned else ("post", prices.POST)


def _read_time(api_call: APICall, name: str) -> float | None:
    text = api_call.text(name)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise invalid(
            f"The `{name}` query parameter value [{text}] is not a valid RFC3339 date", **{name: text}
        ) from wrong
    if instant.tzinfo is None:
        raise invalid(f"The `{name}` query parameter value [{text}] is not a valid RFC3339 date", **{name: text})
    return instant.timestamp()
