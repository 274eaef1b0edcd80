"""Media on its way to X: announced, sent in segments, finalized, and processed where it is a video or a GIF.

Source: xdevplatform/docs (2026-08), "Media upload" and "Media best practices", read 2026-11. How long processing takes is not
documented: here two seconds of the sandbox's time, or two status calls.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, text_of
from presswork_sandbox.x.errors import invalid

MEDIA_IDS: Final = 1_880_000_000_000_000_000
SEGMENT_BYTES: Final = 5 * 1024 * 1024
MAX_SEGMENT: Final = 999
LIFETIME: Final = DAY
SECONDS: Final = 2.0
POLLS: Final = 2
IMAGE: Final = "tweet_image"
GIF: Final = "tweet_gif"
VIDEOS: Final = frozenset({"tweet_video", "amplify_video"})
PREFIXES: Final = {IMAGE: "3", GIF: "16", "tweet_video": "7", "amplify_video": "13"}
"""What the media key begins with."""
MAX_BYTES: Final = {IMAGE: 5 * 1024 * 1024, GIF: 15 * 1024 * 1024}
MAX_VIDEO_BYTES: Final = 512 * 1024 * 1024
IMAGE_FORMATS: Final = frozenset({"JPEG", "PNG", "WEBP", "GIF"})
MAX_GIF: Final = (1280, 1080)  # width and height
SIDES: Final = (32, 1920)  # of a video; the page says 1280 by 1024, subscribers send more
MAX_RATIO: Final = 3.0
MAX_FPS: Final = 60.0
VIDEO_SECONDS: Final = (0.5, 125 * 60.0)  # how long one may be is decided at the post, by its author's subscription
MAX_ALT_TEXT: Final = 1000
ROUNDING: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file, from its announcement on."""

    number: int
    account_id: int
    category: str
    total_bytes: int
    state: str  # open, checking, ready, failed
    segments: tuple[int, ...]
    size_bytes: int
    asset_id: int | None
    failure: str | None
    alt_text: str | None
    polls: int
    created_at: float
    finalized_at: float | None
    fault_id: int | None

    @property
    def id(self) -> str:
        """The media id."""
        return str(self.number)

    @property
    def key(self) -> str:
        """The media key."""
        return f"{PREFIXES[self.category]}_{self.number}"

    @property
    def is_processed(self) -> bool:
        """Whether it is of a kind that X processes after the last call."""
        return self.category != IMAGE


def _media(row: sqlite3.Row) -> Media:
    values = dict(row)
    values["segments"] = tuple(json.loads(values["segments"]))
    return Media(**values)


class Uploads:
    """Announce, receive and check files. Whatever is refused raises XRefusal."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        sandbox.on_first_request.append(self._resume)

    def find(self, media_id: str) -> Media | None:
        """Find a file by its id, of any account, until it is over."""
        if not (media_id.isascii() and media_id.isdigit() and len(media_id) <= 19):
            return None
        row = self._sandbox.store.first("SELECT * FROM x_media WHERE number = ?", int(media_id))
        found = None if row is None else _media(row)
        return None if found is None or self._sandbox.clock.now() >= found.created_at + LIFETIME else found

    def own(self, media_id: str, account: Account) -> Media:
        """Return a file of an account."""
        found = self.find(media_id)
        if found is None or found.account_id != account.id:
            raise invalid("Your media IDs are invalid.", media_id=media_id)
        return found

    def state_of(self, media: Media) -> str:
        """Return pending, in_progress, succeeded or failed; "" of a file that is not finalized."""
        if media.state in {"open", "failed"}:
            return "" if media.state == "open" else "failed"
        is_held = media.state == "checking" or self._sandbox.faults.holds(media.fault_id)
        if not media.is_processed:
            return "in_progress" if is_held else "succeeded"
        is_over = media.polls >= POLLS or self._sandbox.clock.now() >= (media.finalized_at or 0.0) + SECONDS
        if is_over and not is_held:
            return "succeeded"
        return "in_progress" if media.polls else "pending"

    def describe(self, media: Media) -> JSONValue:
        """Return a file as the API writes it."""
        left = int(media.created_at + LIFETIME - self._sandbox.clock.now())
        data: dict[str, JSONValue] = {"id": media.id, "media_key": media.key, "expires_after_secs": left}
        if media.state != "open":
            data["size"] = media.size_bytes
        state = self.state_of(media)
        if state and (media.is_processed or state != "succeeded"):
            info: dict[str, JSONValue] = {"state": state}
            if state in {"pending", "in_progress"}:
                info["check_after_secs"] = 1
            if state != "pending":
                info["progress_percent"] = {"in_progress": 50, "succeeded": 100}.get(state, 0)
            if state == "failed":
                info["error"] = {"code": 1, "name": "InvalidMedia", "message": media.failure or "Invalid media"}
            data["processing_info"] = info
        return {"data": data}

    # Changing

    def announce(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Media:
        """Make a file that waits for its segments."""
        category = text_of(params.get("media_category")) or _category_of(text_of(params.get("media_type")))
        total = text_of(params.get("total_bytes"))
        if category not in PREFIXES:
            raise invalid("The media category is not one that posts can have.", media_category=category)
        if not text_of(params.get("media_type")):
            raise invalid("media_type is required.", media_type="")
        max_bytes = MAX_BYTES.get(category, MAX_VIDEO_BYTES)
        if not (total.isascii() and total.isdigit() and 0 < int(total[:18]) <= max_bytes):
            raise invalid(f"File size exceeds {max_bytes} bytes, or is not given.", total_bytes=total)
        return self._add(call, account, category, int(total))

    def _add(self, call: Call, account: Account, category: str, total_bytes: int) -> Media:
        store = self._sandbox.store
        with store.transaction():
            number = MEDIA_IDS + store.next_number("x media") * 1_000_003
            store.insert(
                "x_media",
                number=number,
                account_id=account.id,
                category=category,
                total_bytes=total_bytes,
                state="open",
                segments="[]",
                created_at=self._sandbox.clock.now(),
            )
            self.apply_fault(call, number)
        return self._get(number)

    def _get(self, number: int) -> Media:
        return _media(self._sandbox.store.one("SELECT * FROM x_media WHERE number = ?", number))

    def apply_fault(self, call: Call, number: int) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its file."""
        fault = call.job_fault
        if fault is None:
            return
        if fault.kind == "stuck_processing":
            self._sandbox.store.run("UPDATE x_media SET fault_id = ? WHERE number = ?", fault.id, number)
        else:
            self._fail(number, text_of(fault.value.get("message") or fault.value.get("code")) or "Invalid media")

    def append(self, call: Call, media: Media, segment: str, source: Path) -> JSONValue:
        """Store a segment; one that is sent again replaces the earlier one."""
        if not (segment.isascii() and segment.isdigit() and int(segment[:5]) <= MAX_SEGMENT):
            raise invalid(f"segment_index must be between 0 and {MAX_SEGMENT}.", segment_index=segment)
        if source.stat().st_size > SEGMENT_BYTES:
            raise invalid("A segment must have at most 5 MB.", media="")
        if media.state not in {"open", "failed"}:
            raise invalid("The media was finalized.", media_id=media.id)
        shutil.copyfile(source, self._path(media, int(segment)))
        # Read again: another segment may have come at the same time.
        segments = sorted({*self._get(media.number).segments, int(segment)})
        self._sandbox.store.run("UPDATE x_media SET segments = ? WHERE number = ?", json.dumps(segments), media.number)
        self.apply_fault(call, media.number)
        return {"data": {"expires_at": int(media.created_at + LIFETIME)}}

    async def finalize(self, call: Call, media: Media) -> Media:
        """Put the segments together and look at the file: at once at an image, in the background at others."""
        if media.state != "open":
            self.apply_fault(call, media.number)
            return self._get(media.number)  # it was asked for before
        paths = [self._path(media, segment) for segment in media.segments]
        size = sum(path.stat().st_size for path in paths if path.exists())
        if size != media.total_bytes:
            message = f"Segments do not add up to provided total file size: {size} of {media.total_bytes} bytes."
            raise invalid(message, media_id=media.id)
        self._sandbox.store.run(
            "UPDATE x_media SET state = 'checking', size_bytes = ?, finalized_at = ? WHERE number = ?",
            size,
            self._sandbox.clock.now(),
            media.number,
        )
        fresh = self._get(media.number)
        if fresh.is_processed:
            self._start(fresh)
        else:
            await self._check(fresh)
        self.apply_fault(call, media.number)
        done = self._get(media.number)
        if done.state == "failed" and not done.is_processed:
            raise invalid(done.failure or "Invalid media", media_id=media.id)
        return done

    async def take_whole(self, call: Call, account: Account, source: Path) -> Media:
        """Take an image that came in one call."""
        size = _size_of(source)
        if not 0 < size <= MAX_BYTES[IMAGE]:
            raise invalid(f"File size exceeds {MAX_BYTES[IMAGE]} bytes.", media="")
        media = self._add(call, account, IMAGE, size)
        shutil.copyfile(source, self._path(media, 0))
        self._sandbox.store.run("UPDATE x_media SET segments = '[0]' WHERE number = ?", media.number)
        return await self.finalize(call, self._get(media.number))

    def poll(self, call: Call, media: Media) -> Media:
        """Count one status call, and return the file after it."""
        with self._sandbox.store.transaction():
            self.apply_fault(call, media.number)
            sql = "UPDATE x_media SET polls = polls + 1 WHERE number = ? AND state = 'ready'"
            self._sandbox.store.run(sql, media.number)
        return self._get(media.number)

    def describe_alt(self, media: Media, text: str) -> None:
        """Set the alternative text of a file."""
        self._sandbox.store.run("UPDATE x_media SET alt_text = ? WHERE number = ?", text, media.number)

    def _path(self, media: Media, segment: int) -> Path:
        return self._sandbox.store.folder / f"x-{media.number}-{segment}"

    def _resume(self) -> None:
        for row in self._sandbox.store.all("SELECT * FROM x_media WHERE state = 'checking' ORDER BY number"):
            self._start(_media(row))

    def _start(self, media: Media) -> None:
        self._sandbox.start_task(f"check x media {media.number}", self._check(media))

    async def _check(self, media: Media) -> None:
        paths = [self._path(media, segment) for segment in media.segments]
        whole = self._sandbox.store.folder / f"x-{media.number}"
        asset: Asset | None = None
        try:
            await asyncio.to_thread(_join, paths, whole)
            asset = await self._sandbox.media_store.keep(whole)
            failure = _failure_of(media.category, asset)
        except (NotMedia, FileNotFoundError):
            failure = "media type unrecognized."
        for path in (*paths, whole):
            path.unlink(missing_ok=True)
        if failure is not None or asset is None:
            self._fail(media.number, failure or "")
            return
        sql = "UPDATE x_media SET state = 'ready', asset_id = ? WHERE number = ? AND state = 'checking'"
        self._sandbox.store.run(sql, asset.id, media.number)

    def _fail(self, number: int, failure: str) -> None:
        self._sandbox.store.run("UPDATE x_media SET state = 'failed', failure = ? WHERE number = ?", failure, number)


def _size_of(path: Path) -> int:
    return path.stat().st_size


def read_alt_text(params: Mapping[str, JSONValue]) -> str:
    """Return the alternative text of a metadata call. Raises XRefusal."""
    metadata = params.get("metadata")
    alt = metadata.get("alt_text") if isinstance(metadata, Mapping) else None
    text = alt.get("text") if isinstance(alt, Mapping) else None
    if not isinstance(text, str) or len(text) > MAX_ALT_TEXT:
        raise invalid(f"alt_text must be a text of at most {MAX_ALT_TEXT} characters.", metadata__alt_text__text="")
    return text


def _category_of(media_type: str) -> str:
    if media_type.startswith("video/"):
        return "tweet_video"
    return GIF if media_type == "image/gif" else IMAGE


def _failure_of(category: str, asset: Asset) -> str | None:
    if category == IMAGE:
        return None if asset.format in IMAGE_FORMATS and not asset.is_video else "media type unrecognized."
    if category == GIF:
        fits = asset.format == "GIF" and asset.width <= MAX_GIF[0] and asset.height <= MAX_GIF[1]
        return None if fits else "The GIF is of another format, or larger than 1280 by 1080."
    return _video_failure(asset)


def _video_failure(asset: Asset) -> str | None:
    if not asset.is_video or asset.format not in {"MP4", "MOV"} or asset.codec != "h264":
        return "InvalidMedia: not a video in H.264 that X can read."
    low, high = VIDEO_SECONDS
    if not low - ROUNDING <= (asset.duration_seconds or 0.0) <= high + ROUNDING:
        return f"Duration too short or too long: {asset.duration_seconds:.1f} seconds."
    sides: Sequence[int] = sorted((asset.width, asset.height))
    if sides[0] < SIDES[0] or sides[1] > SIDES[1] or sides[1] > MAX_RATIO * sides[0]:
        return f"Unsupported dimensions: {asset.width} by {asset.height}."
    return f"Unsupported frame rate: {asset.fps:.0f}." if (asset.fps or 0.0) > MAX_FPS + 1 else None


def _join(parts: Sequence[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out)
