"""Graph reads: people, media and comments, each with the requested fields only.

Source: Meta, "IG User", "IG Media" and "IG Comment" references, read 2026-11.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import graph_time
from presswork_sandbox.comments import Comment
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import INVALID_PARAMETER, GraphRefusal
from presswork_sandbox.instagram.fields import BadFields, Fields, parse_fields
from presswork_sandbox.instagram.insights import Insights, product_type
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.instagram.published import cover_of, items_of
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

ACCOUNT_TYPES: Final = {"business": "BUSINESS", "creator": "MEDIA_CREATOR", "personal": "PERSONAL"}
LIST_DEFAULT: Final = 25
LIST_LIMIT: Final = 100
COMMENTS_LIMIT: Final = 50
BEFORE_ALL: Final = 900_000_000_000_000_000
"""A number greater than that of any row."""

# Known to the platform, and without a value here: left out of the response, as the platform leaves out what is empty.
EMPTY_MEDIA_FIELDS: Final = (
    "boost_ads_list",
    "boost_eligibility_info",
    "copyright_check_information",
    "insights",
)
EMPTY_USER_FIELDS: Final = (
    "has_profile_pic",
    "ig_id",
    "insights",
    "is_published",
    "legacy_instagram_user_id",
    "live_media",
    "shopping_product_tag_eligibility",
    "stories",
    "tags",
)

Row = TypeVar("Row")
Reader = Callable[[Fields], JSONValue]


def _read_nothing(_: Fields) -> JSONValue:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a list begins and how long it may be, from limit, after and before."""

    limit: int
    after: int | None
    before: int | None


def read_fields(params: Mapping[str, JSONValue], default: str) -> Fields:
    """Read the `fields` parameter. Raises GraphRefusal on one that can't be read."""
    given = params.get("fields")
    text = ",".join(text_of(part) for part in given) if isinstance(given, list) else text_of(given)
    try:
        return parse_fields(text) or parse_fields(default)
    except BadFields as bad:
        raise GraphRefusal(INVALID_PARAMETER.about(f"(#2500) {bad}")) from bad


def pick(fields: Fields, readers: Mapping[str, Reader], node: str) -> dict[str, JSONValue]:
    """Return the requested fields that have a value, and always the id. Raises GraphRefusal on an unknown field."""
    document: dict[str, JSONValue] = {}
    for name, inner in fields.items():
        if name not in readers:
            message = f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})"
            raise GraphRefusal(INVALID_PARAMETER.about(message))
        value = readers[name](inner)
        if value is not None:
            document[name] = value
    if "id" not in document:
        document["id"] = readers["id"]({})
    return document


def cursor_of(number: int) -> str:
    """Return the opaque cursor of a row."""
    return base64.urlsafe_b64encode(f"row{number}".encode()).decode().rstrip("=")


def _position(value: JSONValue) -> int | None:
    text = text_of(value)
    if not text:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        if plain.startswith("row"):
            return int(plain[3:21])
    except ValueError as wrong:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) Invalid cursor")) from wrong
    raise GraphRefusal(INVALID_PARAMETER.about("(#100) Invalid cursor"))


def read_page(params: Mapping[str, JSONValue], default: int, max_count: int) -> Page:
    """Read limit, after and before. Raises GraphRefusal on values that can't be read."""
    limit = text_of(params.get("limit")) or str(default)
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10) or int(limit) < 1:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) Param limit must be a number of 1 or more"))
    after, before = _position(params.get("after")), _position(params.get("before"))
    return Page(limit=min(int(limit), max_count), after=after, before=before)


def paged(
    rows: Sequence[Row],
    number_of: Callable[[Row], int],
    shown: Callable[[Row], JSONValue],
    page: Page,
    url: str | None,
    params: Mapping[str, JSONValue],
) -> Reply:
    """Return one page of rows that are newest first, with cursors and an absolute URL of the next page.

    Without a URL there are cursors only.
    """
    # Going back, the row too many is the newest; there is always an older one then, the row the cursor names.
    back = page.before is not None
    chosen = rows[-page.limit :] if back else rows[: page.limit]
    body: dict[str, JSONValue] = {"data": [shown(row) for row in chosen]}
    if chosen:
        after = cursor_of(number_of(chosen[-1]))
        paging: dict[str, JSONValue] = {"cursors": {"before": cursor_of(number_of(chosen[0])), "after": after}}
        if url is not None and (back or chosen[-1] is not rows[-1]):
            query = {name: text_of(value) for name, value in params.items() if name not in {"before", "after"}}
            paging["next"] = f"{url}?{urlencode(query | {'after': after})}"
        body["paging"] = paging
    return json_reply(body)


def has_empty_page(account: Account, page: Page) -> bool:
    """Return whether a list of comments begins with a page that has nothing but a cursor, by the account's setting."""
    return account.settings.get("emptyCommentPage") is True and page.after is None and page.before is None


def empty_page(url: str | None, params: Mapping[str, JSONValue], number: int = BEFORE_ALL) -> Reply:
    """Return a page without rows whose cursor leads to all of them: to those after a number."""
    after = cursor_of(number)
    paging: dict[str, JSONValue] = {"cursors": {"before": after, "after": after}}
    if url is not None:
        query = {name: text_of(value) for name, value in params.items() if name not in {"before", "after"}}
        paging["next"] = f"{url}?{urlencode(query | {'after': after})}"
    return json_reply({"data": [], "paging": paging})


class Reads:
    """Answer reads. `request` gives the URL at which the caller reaches the sandbox."""

    def __init__(self, sandbox: Sandbox, login: Login) -> None:
        self._sandbox = sandbox
        self._login = login
        self._insights = Insights(sandbox, login)

    def person(self, request: Request, account: Account, fields: Fields, login: Login) -> dict[str, JSONValue]:
        """Return an account's fields: GET /me, GET /{ig-id}."""
        picture = f"{base_url(request, 'media')}/avatar/{quote(account.handle)}.svg"
        posts = self._sandbox.posts
        readers: dict[str, Reader] = {
            "id": lambda _: account.app_scoped_id if login.is_app_scoped else account.user_id,
            "user_id": lambda _: account.user_id,
            "username": lambda _: account.handle,
            "name": lambda _: account.display_name,
            "account_type": lambda _: ACCOUNT_TYPES[account.tier],
            "profile_picture_url": lambda _: picture,
            "followers_count": lambda _: self._sandbox.numbers.followers(account),
            "follows_count": lambda _: 80,
            "media_count": lambda _: posts.count(account.id),
            "biography": lambda _: "",
            "website": lambda _: "",
            **dict.fromkeys(EMPTY_USER_FIELDS, _read_nothing),
            "media": lambda inner: {
                "data": [
                    self.media(request, post, inner) for post in posts.of_account(account.id, max_count=LIST_DEFAULT)
                ]
            },
        }
        return pick(fields, readers, "IGUser")

    def media(self, request: Request, post: Post, fields: Fields) -> dict[str, JSONValue]:
        """Return a post's fields: GET /{media-id}."""
        assets = self._sandbox.media_store.assets(post.asset_ids)
        cover = assets[0] if assets else None
        comments, account = self._sandbox.comments, self._sandbox.accounts.by_id(post.account_id)
        numbers = self._sandbox.numbers
        readers: dict[str, Reader] = {
            "id": lambda _: post.external_id,
            "ig_id": lambda _: post.external_id,
            "legacy_instagram_media_id": lambda _: post.external_id,
            "caption": lambda _: post.caption or None,
            "permalink": lambda _: post.url,
            "shortcode": lambda _: post.shortcode,
            "media_type": lambda _: "CAROUSEL_ALBUM" if post.kind == "carousel" else _media_type(cover),
            "media_product_type": lambda _: product_type(post),
            "timestamp": lambda _: graph_time(post.created_at),
            "username": lambda _: post.handle,
            "media_url": lambda _: None if cover is None else _media_url(request, cover),
            "thumbnail_url": lambda _: self._thumbnail(request, post, cover),
            "is_comment_enabled": lambda _: post.comments_on,
            "is_shared_to_feed": lambda _: flag_of(post.params.get("share_to_feed")) if post.kind == "reel" else None,
            "alt_text": lambda _: text_of(post.params.get("alt_text")) or None,
            "collaborators": lambda _: self._collaborators(post),
            "like_count": lambda _: self._insights.like_count(post),
            "view_count": lambda _: numbers.count(post, Quantity.VIEWS),
            **(
                {
                    "saved_count": lambda _: numbers.count(post, Quantity.SAVES),
                    "shares_count": lambda _: numbers.count(post, Quantity.SHARES),
                    "reposts_count": lambda _: numbers.count(post, Quantity.REPOSTS),
                    "total_like_count": lambda _: numbers.count(post, Quantity.LIKES),
                    "total_comments_count": lambda _: numbers.count(post, Quantity.COMMENTS),
                    "total_views_count": lambda _: numbers.count(post, Quantity.VIEWS),
                }
                if self._login.has_totals
                else {}
            ),
            **dict.fromkeys(EMPTY_MEDIA_FIELDS, _read_nothing),
            "comments_count": lambda _: numbers.count(post, Quantity.COMMENTS),
            "owner": lambda _: {"id": self._owner(post)},
            "children": lambda inner: self._children(request, post, assets, inner),
            "comments": lambda inner: {
                "data": [self.comment(one, inner, account) for one in comments.at_top(post.external_id)[::-1]]
            },
        }
        return pick(fields, readers, "IGMedia")

    def _thumbnail(self, request: Request, post: Post, asset: Asset | None) -> str | None:
        if asset is None or not asset.is_video:
            return None
        number = cover_of(self._sandbox.store, post.external_id)
        cover = None if number is None else self._sandbox.media_store.asset(number)
        return _poster_url(request, cover or asset)

    def _collaborators(self, post: Post) -> JSONValue:
        """Return who was asked to be a collaborator; the people here never answer."""
        names = list_of(post.params.get("collaborators"))
        return {"data": [{"username": name, "invite_status": "Pending"} for name in names]} if names else None

    def _owner(self, post: Post) -> str:
        account = self._sandbox.accounts.by_id(post.account_id)
        return "" if account is None else account.user_id

    def _children(self, request: Request, post: Post, assets: Sequence[Asset], fields: Fields) -> JSONValue:
        if post.kind != "carousel":
            return None

        items = items_of(self._sandbox.store, post.external_id)

        def child(number: int, asset: Asset) -> JSONValue:
            readers: dict[str, Reader] = {
                "id": lambda _: str(int(post.external_id) + number),
                "media_type": lambda _: _media_type(asset),
                "media_url": lambda _: _media_url(request, asset),
                "thumbnail_url": lambda _: _poster_url(request, asset) if asset.is_video else None,
                "alt_text": lambda _: text_of(items[number - 1].params.get("alt_text")) or None if items else None,
                "permalink": lambda _: post.url,
                "shortcode": lambda _: post.shortcode,
                "timestamp": lambda _: graph_time(post.created_at),
                "username": lambda _: post.handle,
                "owner": lambda _: {"id": self._owner(post)},
            }
            return pick(fields, readers, "IGMedia")

        return {"data": [child(number, asset) for number, asset in enumerate(assets, 1)]}

    def comment(
        self, comment: Comment, fields: Fields, account: Account | None, max_replies: int = LIST_DEFAULT
    ) -> dict[str, JSONValue]:
        """Return a comment's fields as the account of the post sees them; what went in as `message` comes out as `text`.

        `max_replies`: how many replies are nested in it; the others are on its own edge.
        """
        comments, author = self._sandbox.comments, self._sandbox.accounts.by_id(comment.account_id)
        is_own = account is not None and comment.account_id == account.id
        is_withheld = not is_own and any(
            one is not None and one.settings.get("withheldAuthors") is True for one in (account, author)
        )
        user_id = "" if author is None else author.user_id
        denied = (
            set(list_of(account.settings.get("deniedCommentFields"))) & set(fields) if account is not None else set()
        )
        if denied:
            raise GraphRefusal(INVALID_PARAMETER.about(f"(#100) The field {min(denied)} needs a permission"))
        parent = comments.parent_of(comment)
        readers: dict[str, Reader] = {
            "id": lambda _: comment.id,
            "legacy_instagram_comment_id": lambda _: comment.id,
            "text": lambda _: comment.text,
            "timestamp": lambda _: graph_time(comment.created_at),
            "username": lambda _: comment.handle,
            "from": lambda _: None if is_withheld else {"id": user_id, "username": comment.handle},
            "like_count": lambda _: comments.like_count(comment),
            "hidden": lambda _: comment.is_hidden,
            "parent_id": lambda _: None if parent is None else parent.id,
            "replies": lambda inner: self._replies(comment, inner, account, max_replies),
            "media": lambda _: {"id": comment.media_id},
            "user": lambda _: {"id": user_id} if is_own else None,
        }
        return pick(fields, readers, "IGComment")

    def _replies(self, comment: Comment, fields: Fields, account: Account | None, max_count: int) -> JSONValue:
        """Return the newest replies, with cursors that work on the comment's own edge."""
        replies = self._sandbox.comments.replies(comment)[::-1]
        if not replies:
            return None
        inner = fields or parse_fields("id,text,timestamp")
        shown = replies[:max_count]
        body: dict[str, JSONValue] = {"data": [self.comment(one, inner, account) for one in shown]}
        if len(replies) > max_count:
            ends = {"before": cursor_of(int(shown[0].id)), "after": cursor_of(int(shown[-1].id))}
            body["paging"] = {"cursors": ends}
        return body


def _media_type(asset: Asset | None) -> str:
    return "VIDEO" if asset is not None and asset.is_video else "IMAGE"


def _media_url(request: Request, asset: Asset) -> str:
    base = base_url(request, "media")
    return f"{base}/{asset.copy}" if asset.copy else _poster_url(request, asset)


def _poster_url(request: Request, asset: Asset) -> str:
    return f"{base_url(request, 'media')}/poster/{asset.id}.jpg"
