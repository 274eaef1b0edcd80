"""Photos of Pages: staged unpublished, then attached to one post, or published by themselves.

Source: Meta, "Page Photos" and "Photo" reference, read 2026-11. A staged photo can be in one post only, and is gone a day
after it was uploaded if it is in none.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import NO_IMAGE, PHOTO_GONE, PHOTO_REFUSED, PHOTOS_USED, parameter
from presswork_sandbox.forms import Sent
from presswork_sandbox.instagram.containers import CRAWLER
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.validation import check_url
from presswork_sandbox.media import Asset, FetchFailed, MediaTooLarge
from presswork_sandbox.media_info import NotMedia, TooManyPixels
from presswork_sandbox.wire import JSONValue, text_of

PHOTO_BYTES: Final = 4 * 1000 * 1000  # from the words of error 1366046; an older page said 10 MB
FETCHED_BYTES: Final = 32 * 1024 * 1024  # how much of a file that is too large is looked at, to say so
FORMATS: Final = frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"})
STAGED_LIFETIME: Final = DAY  # general knowledge; "about 24 hours"
PHOTO_IDS: Final = 122_101_000_000_000
MAX_ALT_TEXT: Final = 1000  # characters; not documented for Pages, Instagram's limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo as it is stored."""

    id: int
    account_id: int
    asset_id: int
    params: Mapping[str, JSONValue]
    created_at: float
    post_id: str | None
    place: int | None

    @property
    def alt_text(self) -> str:
        """The alternative text that was sent, or ""."""
        return text_of(self.params.get("alt_text_custom"))


def _photo(row: sqlite3.Row) -> Photo:
    return Photo(**{**dict(row), "params": json.loads(row["params"])})


class Photos:
    """Stage photos, find them, and put them into posts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def find(self, text: str) -> Photo | None:
        """Find a photo by its id as a client writes it; a staged one that has expired is not there."""
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            return None
        row = self._sandbox.store.first("SELECT * FROM page_photos WHERE id = ?", int(text))
        photo = None if row is None else _photo(row)
        if photo is None or photo.post_id is not None:
            return photo
        return photo if self._sandbox.clock.now() < photo.created_at + STAGED_LIFETIME else None

    def of_post(self, post_id: str) -> Sequence[Photo]:
        """Return the photos of a post, in their order."""
        rows = self._sandbox.store.all("SELECT * FROM page_photos WHERE post_id = ? ORDER BY place", post_id)
        return [_photo(row) for row in rows]

    async def stage(self, account: Account, sent: Sent) -> Photo:
        """Fetch or keep a picture under a new id. Raises GraphRefusal with the code of what is wrong with it."""
        if len(text_of(sent.params.get("alt_text_custom"))) > MAX_ALT_TEXT:
            raise GraphRefusal(parameter(f"Param alt_text_custom has more than {MAX_ALT_TEXT} characters"))
        url, file = text_of(sent.params.get("url")), sent.files.get("source")
        if bool(url) == (file is not None):
            raise GraphRefusal(NO_IMAGE.about("(#324) Requires upload file: send url or source, one of them"))
        asset = await self._asset(url, file)
        if asset.is_video or asset.format not in FORMATS or asset.size_bytes > PHOTO_BYTES:
            raise GraphRefusal(PHOTO_REFUSED)
        store = self._sandbox.store
        number = PHOTO_IDS + store.next_number("page photo") * 10_007
        store.insert(
            "page_photos",
            id=number,
            account_id=account.id,
            asset_id=asset.id,
            params=json.dumps(sent.shown),
            created_at=self._sandbox.clock.now(),
        )
        return _photo(store.one("SELECT * FROM page_photos WHERE id = ?", number))

    async def _asset(self, url: str, file: Path | None) -> Asset:
        media_store = self._sandbox.media_store
        try:
            if file is not None:
                return await media_store.keep(file)
            check_url(url)
            return await media_store.fetch(url, limit_bytes=FETCHED_BYTES, agent=CRAWLER)
        except (MediaTooLarge, TooManyPixels) as big:
            raise GraphRefusal(PHOTO_REFUSED) from big
        except (GraphRefusal, FetchFailed, NotMedia) as wrong:
            raise GraphRefusal(NO_IMAGE) from wrong

    def check(self, account: Account, ids: Sequence[str]) -> list[Photo]:
        """Return staged photos of an account that can be attached. Raises GraphRefusal."""
        if len(set(ids)) != len(ids):
            raise GraphRefusal(parameter("Param attached_media has a photo twice"))
        photos: list[Photo] = []
        for text in ids:
            photo = self.find(text)
            if photo is None or photo.account_id != account.id:
                raise GraphRefusal(PHOTO_GONE)
            photos.append(photo)
        if any(photo.post_id is not None for photo in photos):
            raise GraphRefusal(PHOTOS_USED)
        return photos

    def delete(self, photo: Photo) -> None:
        """Delete a photo, from its post too. Belongs in a transaction."""
        store = self._sandbox.store
        store.run("DELETE FROM page_photos WHERE id = ?", photo.id)
        rest = [one.asset_id for one in self.of_post(photo.post_id or "")]
        store.run("UPDATE posts SET asset_ids = ? WHERE external_id = ?", json.dumps(rest), photo.post_id)

    def attach(self, photos: Sequence[Photo], post_id: str) -> None:
        """Put staged photos into a post, in their order. Belongs in the transaction that makes the post."""
        for place, photo in enumerate(photos):
            self._sandbox.store.run(
                "UPDATE page_photos SET post_id = ?, place = ? WHERE id = ?", post_id, place, photo.id
            )
