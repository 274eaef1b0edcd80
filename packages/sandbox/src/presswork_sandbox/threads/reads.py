"""Reads: profiles, posts, replies and quotas, each with the requested fields only.

Source: Meta, "Threads API: Threads Media", "Profiles", "Reply Management" (reference of 2026-02-13) and "Retrieve Posts", read
2026-11. Lists have cursors and no URL of the next page.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY, graph_time
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.fields import Fields
from presswork_sandbox.instagram.published import items_of
from presswork_sandbox.instagram.reads import (
    BEFORE_ALL,
    LIST_DEFAULT,
    LIST_LIMIT,
    Reader,
    empty_page,
    has_empty_page,
    paged,
    pick,
    read_fields,
    read_page,
)
from presswork_sandbox.media import Asset
from presswork_sandbox.threads.containers import GEO_GATING
from presswork_sandbox.threads.errors import PARAMETER
from presswork_sandbox.threads.options import POLL_OPTIONS, card_of, topic_of
from presswork_sandbox.threads.published import Media, Published, media_of
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, text_of

LIST_DELAY: Final = "listDelaySeconds"
"""The setting of an account: how long after it went live a post is missing in the account's own list."""
POLL_SECONDS: Final = DAY
"""How long a poll is open: that of Meta's example; the page names no duration."""
FLAGGED: Final = "copyrightFlagged"
"""The setting of an account: true means that its posts have no permalink, as those that are flagged for copyright."""
# Known to the platform, and without a value here: left out of the response, as the platform leaves out what is empty.
EMPTY_FIELDS: Final = (
    "ghost_post_expiration_timestamp",
    "location",
    "reposted_post",
)


def _read_nothing(_: Fields) -> JSONValue:
    return None


class Reads:
    """Answer reads. `request` gives the URL at which the caller reaches the sandbox. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, published: Published) -> None:
        self._sandbox = sandbox
        self._published = published

    def profile(self, request: Request, account: Account, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """GET /me, GET /{user-id}."""
        readers: dict[str, Reader] = {
            "id": lambda _: account.user_id,
            "username": lambda _: account.handle,
            "name": lambda _: account.display_name,
            "threads_profile_picture_url": lambda _: _avatar(request, account.handle),
            "threads_biography": lambda _: "",
            "is_verified": lambda _: False,
            "is_eligible_for_geo_gating": lambda _: account.settings.get(GEO_GATING) is not False,
            "recently_searched_keywords": _read_nothing,
        }
        return pick(read_fields(params, "id"), readers, "THUser")

    def media(self, request: Request, viewer: Account, media: Media, fields: Fields) -> dict[str, JSONValue]:
        """Return the fields of a post or reply. `viewer` is whose token reads it."""
        assets = self._sandbox.media_store.assets(media.asset_ids)
        params = media.params
        cover = assets[0] if assets else None
        single = cover if len(assets) == 1 else None
        owner = self._sandbox.accounts.by_id(media.account_id)
        flagged = owner is not None and owner.settings.get(FLAGGED) is True
        readers: dict[str, Reader] = {
            "id": lambda _: media.id,
            "media_product_type": lambda _: "THREADS",
            "media_type": lambda _: _media_type(assets),
            "media_url": lambda _: None if single is None else _media_url(request, single),
            "thumbnail_url": lambda _: _poster_url(request, single) if single and single.is_video else None,
            "permalink": lambda _: None if flagged else media.url,
            "shortcode": lambda _: media.shortcode,
            "owner": lambda _: None if owner is None else {"id": owner.user_id},
            "username": lambda _: media.handle,
            "text": lambda _: media.text or None,
            "timestamp": lambda _: graph_time(media.created_at),
            "children": lambda inner: self._children(request, media, assets, inner),
            "alt_text": lambda _: text_of(params.get("alt_text")) or None,
            "topic_tag": lambda _: topic_of(params) or None,
            "is_spoiler_media": lambda _: flag_of(params.get("is_spoiler_media")),
            "is_quote_post": lambda _: bool(params.get("quote_post_id")),
            "quoted_post": lambda _: _reference(text_of(params.get("quote_post_id"))),
            "has_replies": lambda _: bool(self._published.replies_to(media.id)),
            "is_reply": lambda _: media.root_id is not None,
            "is_reply_owned_by_me": lambda _: media.root_id is not None and media.account_id == viewer.id,
            "root_post": lambda _: _reference(media.root_id),
            "replied_to": lambda _: _reference(media.replied_to_id),
            "hide_status": lambda _: None if media.root_id is None else self._published.hide_status(media),
            "reply_approval_status": lambda _: self._published.approval_status(media),
            "reply_audience": lambda _: (text_of(params.get("reply_control")) or "everyone").upper(),
            "link_attachment_url": lambda _: card_of(params) or None,
            "poll_attachment": lambda inner: _describe_poll(media, inner),
            "ghost_post_status": lambda _: "active" if flag_of(params.get("is_ghost_post")) else None,
            "gif_url": _read_nothing,
            "is_verified": lambda _: False,
            "profile_picture_url": lambda _: _avatar(request, media.handle),
            **{
                name: lambda _, name=name: params.get(name)  # type: ignore[misc]  # mypy can't infer a default's type
                for name in (
                    "allowlisted_country_codes",
                    "location_id",
                    "text_attachment",
                    "text_entities",
                )
            },
            **dict.fromkeys(EMPTY_FIELDS, _read_nothing),
        }
        return pick(fields, readers, "THMedia")

    def _children(self, request: Request, media: Media, assets: Sequence[Asset], fields: Fields) -> JSONValue:
        if len(assets) < 2:
            return None
        items = items_of(self._sandbox.store, media.id)

        def child(place: int, asset: Asset) -> JSONValue:
            alt = text_of(items[place].params.get("alt_text")) if place < len(items) else ""
            readers: dict[str, Reader] = {
                "id": lambda _: str(int(media.id) + place + 1),
                "media_type": lambda _: "VIDEO" if asset.is_video else "IMAGE",
                "media_url": lambda _: _media_url(request, asset),
                "thumbnail_url": lambda _: _poster_url(request, asset) if asset.is_video else None,
                "alt_text": lambda _: alt or None,
                "owner": _read_nothing,
                "username": lambda _: media.handle,
                "timestamp": lambda _: graph_time(media.created_at),
                "permalink": lambda _: media.url,
                "shortcode": lambda _: media.shortcode,
            }
            return pick(fields, readers, "THMedia")

        return {"data": [child(place, asset) for place, asset in enumerate(assets)]}

    def posts(self, request: Request, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """GET /{user-id}/threads: the account's own posts, newest first, without replies.

        Those younger than the account's listDelaySeconds are missing.
        """
        fields = read_fields(params, "id")
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        delay = account.settings.get(LIST_DELAY)
        newest = self._sandbox.clock.now() - (delay if isinstance(delay, int) else 0)
        until = _instant(params, "until")
        rows = self._sandbox.posts.of_account(
            account.id,
            before=page.after,
            after=page.before,
            since=_instant(params, "since"),
            until=newest if until is None else min(until, newest),
            max_count=page.limit + 1,
        )
        return paged(
            rows,
            lambda post: post.id,
            lambda post: self.media(request, account, media_of(post), fields),
            page,
            None,
            params,
        )

    def replies(
        self, request: Request, account: Account, found: Sequence[Media], params: Mapping[str, JSONValue]
    ) -> Reply:
        """Return a list of replies, newest first; `reverse=false` is oldest first."""
        fields = read_fields(params, "id")
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        since, until = _instant(params, "since"), _instant(params, "until")
        is_oldest_first = "reverse" in params and not flag_of(params["reverse"])
        if has_empty_page(account, page):
            return empty_page(None, params, 0 if is_oldest_first else BEFORE_ALL)
        sign = -1 if is_oldest_first else 1
        rows = [
            media
            for media in (found[::-1] if is_oldest_first else found)
            if (since is None or media.created_at >= since)
            and (until is None or media.created_at <= until)
            and (page.after is None or (page.after - media.number) * sign > 0)
            and (page.before is None or (media.number - page.before) * sign > 0)
        ]
        return paged(
            rows,
            lambda media: media.number,
            lambda media: self.media(request, account, media, fields),
            page,
            None,
            params,
        )


def _instant(params: Mapping[str, JSONValue], name: str) -> float | None:
    """Read since or until: seconds since 1970, or a date."""
    text = text_of(params.get(name))
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        read = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise GraphRefusal(PARAMETER.about(f"(#100) Param {name} must be a valid timestamp")) from wrong
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _describe_poll(media: Media, fields: Fields) -> JSONValue:
    """Return the options of a poll, or the fields that are asked for. No account votes."""
    poll = media.params.get("poll_attachment")
    if not isinstance(poll, Mapping):
        return None
    known: dict[str, JSONValue] = {
        **dict.fromkeys(POLL_OPTIONS),
        **poll,
        **{f"{name}_votes_percentage": 0.0 if name in poll else None for name in POLL_OPTIONS},
        "total_votes": 0,
        "expiration_timestamp": graph_time(media.created_at + POLL_SECONDS),
    }
    for name in fields:
        if name not in known:
            raise GraphRefusal(PARAMETER.about(f"(#100) Tried accessing nonexisting field ({name})"))
    return {name: known[name] for name in fields or poll if known[name] is not None}


def _reference(media_id: str | None) -> JSONValue:
    return {"id": media_id} if media_id else None


def _media_type(assets: Sequence[Asset]) -> str:
    if not assets:
        return "TEXT_POST"
    if len(assets) > 1:
        return "CAROUSEL_ALBUM"
    return "VIDEO" if assets[0].is_video else "IMAGE"


def _avatar(request: Request, handle: str) -> str:
    return f"{base_url(request, 'media')}/avatar/{quote(handle)}.svg"


def _media_url(request: Request, asset: Asset) -> str:
    base = base_url(request, "media")
    return f"{base}/{asset.copy}" if asset.copy else _poster_url(request, asset)


def _poster_url(request: Request, asset: Asset) -> str:
    return f"{base_url(request, 'media')}/poster/{asset.id}.jpg"
