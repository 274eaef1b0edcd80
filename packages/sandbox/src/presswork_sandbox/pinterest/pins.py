"""Pins: from a picture's URL or bytes, from two to five of them, or from a video that was uploaded before.

Source: pinterest/api-description 5.23.0 (2025-12), `pins`. The size of pictures is that of Pinterest's help pages. Pins in Pinterest's
own sandbox are seen by their owner alone. Whether a video can be in two Pins is not documented; here it can.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.details import Details, LinkCard, frame_at
from presswork_sandbox.media import Asset, FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.pinterest.boards import Boards, pinterest_time, read_text
from presswork_sandbox.pinterest.errors import NO_PIN, UNREACHABLE, invalid, refuse
from presswork_sandbox.pinterest.facts import FACTS, SANDBOX_API, WWW
from presswork_sandbox.pinterest.media import Media
from presswork_sandbox.pinterest.rules import Rules
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of

PIN_IDS: Final = 813_744_226_000_000_000
MAX_TITLE: Final = 100  # characters
MAX_DESCRIPTION: Final = 800
MAX_LINK: Final = 2048
MAX_ALT: Final = 500
MIN_ITEMS: Final = 2
MAX_ITEMS: Final = 5
MAX_IMAGE_BYTES: Final = 20 * 1024 * 1024
IMAGE_FORMATS: Final = frozenset({"JPEG", "PNG", "GIF", "WEBP"})
AGENT: Final = "Pinterest/0.2 (+https://www.pinterest.com/bot.html)"
TEXTS: Final[Mapping[str, int]] = {
    "title": MAX_TITLE,
    "description": MAX_DESCRIPTION,
    "link": MAX_LINK,
    "alt_text": MAX_ALT,
}
SOURCES: Final = ("image_url", "image_base64", "multiple_image_urls", "multiple_image_base64", "video_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One live Pin."""

    number: int
    host: str
    board_id: str
    cover_id: int | None
    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a Pin shows, and the cover of a video."""

    asset_ids: Sequence[int]
    cover_id: int | None = None


class Pins:
    """Create, find and change Pins."""

    def __init__(self, sandbox: Sandbox, rules: Rules, boards: Boards, media: Media) -> None:
        self._sandbox = sandbox
        self._rules = rules
        self._boards = boards
        self._media = media

    def new_id(self) -> str:
        """Return the id for one more Pin."""
        return str(PIN_IDS + self._sandbox.store.next_number("pinterest pin") * 5_009)

    # Finding

    def find_own(self, host: str, account: Account, pin_id: str) -> Pin:
        """Return a Pin of an account. Raises PinterestError."""
        sql = "SELECT * FROM pinterest_pins WHERE pin_id = ? AND host = ? AND account_id = ?"
        row = self._sandbox.store.first(sql, pin_id, host, account.id)
        post = None if row is None else self._sandbox.posts.by_external_id(FACTS.name, pin_id)
        if row is None or post is None:
            raise refuse(NO_PIN)
        return Pin(number=row["number"], host=host, board_id=row["board_id"], cover_id=row["cover_id"], post=post)

    def listed(self, host: str, account: Account, board_id: str | None, before: int | None, limit: int) -> list[Pin]:
        """Return an account's newest Pins, or those of a board, newest first, as late as lists are."""
        until = self._sandbox.clock.now() - self._rules.count("listLagSeconds")
        sql = (
            "SELECT pins.pin_id FROM pinterest_pins AS pins JOIN live_posts ON external_id = pins.pin_id"
            " WHERE pins.account_id = ?1 AND pins.host = ?2 AND (?3 IS NULL OR pins.board_id = ?3)"
            " AND (?4 IS NULL OR pins.number < ?4) AND pins.created_at <= ?5 ORDER BY pins.number DESC LIMIT ?6"
        )
        rows = self._sandbox.store.all(sql, account.id, host, board_id, before, until, limit)
        return [self.find_own(host, account, row["pin_id"]) for row in rows]

    # Changing

    async def create(self, host: str, account: Account, body: Mapping[str, JSONValue]) -> Pin:
        """Create a Pin as a call asks. Raises PinterestError; then there is none."""
        for name, max_length in TEXTS.items():
            read_text(body, name, max_length)
        board_id = self._check_place(host, account, body)
        source = body.get("media_source")
        if not isinstance(source, Mapping):
            raise invalid("'media_source' is a required property")
        found = await self._read_source(host, account, source)
        store, pin_id, now = self._sandbox.store, self.new_id(), self._sandbox.clock.now()
        board = self._boards.find_own(host, account, board_id)
        with store.transaction():
            store.insert(
                "pinterest_pins",
                pin_id=pin_id,
                account_id=account.id,
                host=host,
                board_id=board_id,
                cover_id=found.cover_id,
                created_at=now,
            )
            self._sandbox.posts.add(
                FACTS.name,
                account.id,
                kind="pinterest_pin",
                external_id=pin_id,
                url=pin_url(pin_id),
                caption=text_of(body.get("description")),
                params={name: without_bytes(value) for name, value in body.items()},
                asset_ids=found.asset_ids,
                now=now,
                privacy="SANDBOX" if host == SANDBOX_API else board.privacy,
            )
        return self.find_own(host, account, pin_id)

    def update(self, pin: Pin, account: Account, body: Mapping[str, JSONValue]) -> Pin:
        """Change texts, link, board and section of a Pin. Raises PinterestError."""
        unknown = sorted(set(body) - {*TEXTS, "board_id", "board_section_id", "note"})
        if unknown:
            raise invalid(f"Additional properties are not allowed ({', '.join(map(repr, unknown))} were unexpected)")
        for name, max_length in TEXTS.items():
            read_text(body, name, max_length)
        params = {**pin.post.params, **body}
        board_id = self._check_place(pin.host, account, params)
        with self._sandbox.store.transaction():
            sql = "UPDATE pinterest_pins SET board_id = ? WHERE number = ?"
            self._sandbox.store.run(sql, board_id, pin.number)
            caption, now = text_of(params.get("description")), self._sandbox.clock.now()
            self._sandbox.posts.change(pin.post, caption=caption, params=params, edited_at=now)
        return self.find_own(pin.host, account, pin.post.external_id)

    def _check_place(self, host: str, account: Account, body: Mapping[str, JSONValue]) -> str:
        """Return the board of a Pin after a look at its section. Raises PinterestError."""
        board_id, section_id = body.get("board_id"), text_of(body.get("board_section_id"))
        if not isinstance(board_id, str):
            raise invalid("'board_id' is a required property")
        board = self._boards.find_own(host, account, board_id)
        if section_id:
            self._boards.require_section(board, section_id)
        return board_id

    # Media

    async def _read_source(self, host: str, account: Account, source: Mapping[str, JSONValue]) -> _Source:
        kind = text_of(source.get("source_type"))
        match kind:
            case "image_url":
                return _Source(asset_ids=[(await self._fetch(source)).id])
            case "image_base64":
                return _Source(asset_ids=[(await self._decode(source, "data")).id])
            case "multiple_image_urls" | "multiple_image_base64":
                return await self._read_carousel(source, is_url=kind == "multiple_image_urls")
            case "video_id":
                return await self._read_video(host, account, source)
            case _:
                raise invalid(f"'{kind}' is not one of {list(SOURCES)}")

    async def _read_carousel(self, source: Mapping[str, JSONValue], *, is_url: bool) -> _Source:
        items = source.get("items")
        listed = [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []
        if len(listed) < MIN_ITEMS:
            raise invalid(f"items constraint: minItems={MIN_ITEMS}")
        if len(listed) > MAX_ITEMS:
            raise invalid(f"items constraint: maxItems={MAX_ITEMS}")
        index = source.get("index", 0)
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(listed):
            raise invalid("index is not that of an item")
        for one in listed:
            for name in ("title", "description", "link"):
                read_text(one, name, TEXTS[name])
        assets = [await (self._fetch(one) if is_url else self._decode(one, "data")) for one in listed]
        if self._rules.is_on("equalSizes") and len({(one.width, one.height) for one in assets}) > 1:
            raise invalid("All images of a carousel must have the same size.")
        return _Source(asset_ids=[one.id for one in assets])

    async def _read_video(self, host: str, account: Account, source: Mapping[str, JSONValue]) -> _Source:
        video = self._media.require_own(host, account, text_of(source.get("media_id")))
        if self._media.status(video) != "succeeded" or video.asset_id is None:
            raise invalid("The media upload is not complete.")
        if source.get("cover_image_url"):
            cover = await self._fetch(source, "cover_image_url")
            return _Source(asset_ids=[video.asset_id], cover_id=cover.id)
        if source.get("cover_image_data"):
            cover = await self._decode(source, "cover_image_data")
            return _Source(asset_ids=[video.asset_id], cover_id=cover.id)
        frame = source.get("cover_image_key_frame_time")
        if isinstance(frame, bool) or not isinstance(frame, int | float):
            raise invalid("cover_image_url, cover_image_data or cover_image_key_frame_time is required")
        return _Source(asset_ids=[video.asset_id])

    async def _fetch(self, item: Mapping[str, JSONValue], name: str = "url") -> Asset:
        url = text_of(item.get(name))
        if not url.lower().startswith(("http://", "https://")):
            raise invalid(f"'{url[:60]}' does not match '^https?://'")
        try:
            fetch = self._sandbox.media_store.fetch
            asset = await fetch(url, limit_bytes=MAX_IMAGE_BYTES, redirects=True, agent=AGENT)
        except MediaTooLarge as big:
            raise invalid("The image is larger than 20 MB.") from big
        except FetchFailed as gone:
            raise refuse(1, UNREACHABLE) from gone
        except NotMedia as bad:
            raise invalid("The image could not be read.") from bad
        return _require_image(asset)

    async def _decode(self, item: Mapping[str, JSONValue], name: str) -> Asset:
        try:
            data = base64.b64decode(text_of(item.get(name)), validate=True)
        except (binascii.Error, ValueError) as bad:
            raise invalid(f"{name} is not base64") from bad
        if not data or len(data) > MAX_IMAGE_BYTES:
            raise invalid("The image is empty, or larger than 20 MB.")
        store = self._sandbox.store
        path = store.folder / f"fetch-pinterest-image-{store.next_number('pinterest image')}"
        try:
            path.write_bytes(data)
            return _require_image(await self._sandbox.media_store.keep(path))
        except NotMedia as bad:
            raise invalid("The image could not be read.") from bad
        finally:
            path.unlink(missing_ok=True)

    # Showing

    def describe(self, pin: Pin, account: Account, pictures: str) -> dict[str, JSONValue]:
        """Return a Pin as the API shows it; `pictures` is the URL of the sandbox's pictures."""
        params, assets = pin.post.params, self._sandbox.media_store.assets(pin.post.asset_ids)
        return {
            "id": pin.post.external_id,
            "created_at": pinterest_time(pin.post.created_at),
            "link": params.get("link"),
            "title": params.get("title"),
            "description": params.get("description"),
            "alt_text": params.get("alt_text"),
            "dominant_color": params.get("dominant_color") or "#6E7874",
            "creative_type": _creative_type(assets),
            "board_id": pin.board_id,
            "board_section_id": params.get("board_section_id"),
            "board_owner": {"username": account.handle},
            "is_owner": True,
            "is_standard": True,
            "has_been_promoted": False,
            "parent_pin_id": None,
            "note": text_of(params.get("note")),
            "media": _describe_media(assets, pin.cover_id, pictures),
            "pin_metrics": None,
            "product_tags": [],
        }

    def details_of(self, post: Post) -> Details:
        """Return what was sent with a Pin, in words for a page."""
        params, details = post.params, Details(title=text_of(post.params.get("title")))
        row = self._sandbox.store.first("SELECT * FROM pinterest_pins WHERE pin_id = ?", post.external_id)
        if row is None:  # published by a managed provider
            return details
        board, source = self._boards.at(row["board_id"]), params.get("media_source")
        details.alts = [text_of(params.get("alt_text"))] * len(post.asset_ids)
        details.cover_asset = row["cover_id"]
        if board is not None:
            details.facts.append(("Board", board.name))
            names = {one.section_id: one.name for one in self._boards.sections(board)}
            section = names.get(text_of(params.get("board_section_id")))
            details.facts += [("Section", section)] if section else []
        frame = source.get("cover_image_key_frame_time") if isinstance(source, Mapping) else None
        if isinstance(frame, int | float):
            details.facts.append(("Cover", frame_at(int(frame * 1000))))
        if params.get("link"):
            details.link = LinkCard(url=text_of(params["link"]))
        return details

    def fields_of(self, post: Post) -> Mapping[str, JSONValue]:
        """Return the board of a Pin, for the control surface."""
        row = self._sandbox.store.first("SELECT * FROM pinterest_pins WHERE pin_id = ?", post.external_id)
        board = None if row is None else self._boards.at(row["board_id"])
        return {"board": None if board is None else {"id": board.board_id, "name": board.name, "host": board.host}}


def pin_url(pin_id: str) -> str:
    """Return the permalink of a Pin."""
    return f"https://{WWW}/pin/{pin_id}/"


def _require_image(asset: Asset) -> Asset:
    if asset.is_video or asset.format not in IMAGE_FORMATS:
        raise invalid("The image is no JPEG, PNG, GIF or WEBP.")
    return asset


def without_bytes(value: JSONValue) -> JSONValue:
    """Return a body, or a part of one, without the bytes of pictures, for the journal and the control surface."""
    if isinstance(value, Mapping):
        return {
            name: f"{len(part)} characters"
            if name in {"data", "cover_image_data"} and isinstance(part, str)
            else without_bytes(part)
            for name, part in value.items()
        }
    return [without_bytes(part) for part in value] if isinstance(value, list) else value


def _creative_type(assets: Sequence[Asset]) -> str:
    if any(asset.is_video for asset in assets):
        return "VIDEO"
    return "CAROUSEL" if len(assets) > 1 else "REGULAR"


def _describe_media(assets: Sequence[Asset], cover_id: int | None, pictures: str) -> Mapping[str, JSONValue]:
    items: list[JSONValue] = [
        {
            "1200x": {
                "width": asset.width,
                "height": asset.height,
                "url": f"{pictures}/{asset.id if cover_id is None else cover_id}.jpg",
            }
        }
        for asset in assets
    ]
    kind = _creative_type(assets)
    if kind == "VIDEO":
        [video] = assets
        cover = f"{pictures}/{video.id if cover_id is None else cover_id}.jpg"
        return {
            "media_type": "video",
            "images": items[0],
            "cover_image_url": cover,
            "video_url": None,
            "duration": int((video.duration_seconds or 0) * 1000),
            "width": video.width,
            "height": video.height,
        }
    if kind == "CAROUSEL":
        return {"media_type": "multiple_images", "items": [{"images": one} for one in items]}
    return {"media_type": "image", "images": items[0] if items else {}}
