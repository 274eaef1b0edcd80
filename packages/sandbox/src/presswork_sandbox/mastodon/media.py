"""Media attachments: pictures that are ready at once, videos that are processed, each for one post.

Source: mastodon/documentation, methods/media (2026-07); mastodon/mastodon, app/models/media_attachment.rb and the controllers of
/api/v1/media and /api/v2/media for the words of errors. How long processing takes is not documented: here two status calls or two
seconds. That the id of an attached file is 404, and that files without a post go after a day, is general knowledge.
"""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from starlette.datastructures import FormData, UploadFile

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.mastodon.errors import NOT_FOUND, THUMBNAIL, MastodonError, invalid
from presswork_sandbox.mastodon.rules import MIME_TYPES, ServerRules
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import BadBody, BodyTooLarge, JSONValue, receive_form, text_of

MEDIA_IDS: Final = 115_200_000_000_000_000
UNATTACHED_LIFETIME: Final = DAY
POLLS: Final = 2
SECONDS: Final = 2.0
OVERHEAD_BYTES: Final = 64 * 1024  # of a multipart body, beside its files
UNVERIFIED: Final = "File type of uploaded media could not be verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file at a server."""

    id: int
    host: str
    account_id: int
    asset_id: int
    is_video: bool
    description: str
    focus: str
    thumbnail_id: int | None
    failure: str | None
    is_held: bool
    polls: int
    status_id: int | None
    created_at: float
    fault_id: int | None


class Media:
    """Receive, process and find files."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    # Finding

    def find(self, host: str, account: Account, media_id: str) -> Attachment | None:
        """Find a file of an account that no post has, by its id as a client writes it."""
        found = self.listed(host, account, [media_id])
        return found[0] if found and found[0].status_id is None else None

    def listed(self, host: str, account: Account, media_ids: Sequence[str]) -> list[Attachment]:
        """Return those of the files that an account has at a server, in the order of their ids in `media_ids`."""
        self._expire()
        found = []
        for media_id in media_ids:
            if not (media_id.isascii() and media_id.isdigit() and len(media_id) < 19):
                continue
            sql = "SELECT * FROM mastodon_media WHERE id = ? AND host = ? AND account_id = ?"
            row = self._sandbox.store.first(sql, int(media_id), host, account.id)
            if row is not None:
                found.append(_attachment(row))
        return found

    def of_ids(self, ids: Sequence[int]) -> list[Attachment]:
        """Return files by their numbers, in this order."""
        sql = "SELECT * FROM mastodon_media WHERE id IN (SELECT value FROM json_each(?))"
        rows = {row["id"]: _attachment(row) for row in self._sandbox.store.all(sql, json.dumps(list(ids)))}
        return [rows[number] for number in ids if number in rows]

    def is_processing(self, attachment: Attachment) -> bool:
        """Return whether a file is not ready yet."""
        if self._sandbox.faults.holds(attachment.fault_id):
            return True
        if not attachment.is_video and not attachment.is_held:
            return False
        return attachment.polls < POLLS and self._sandbox.clock.now() < attachment.created_at + SECONDS

    # Changing

    async def receive(self, call: Call, rules: ServerRules, host: str, account: Account) -> Attachment:
        """Receive a file with its description, focus and thumbnail. Raises MastodonError.

        /api/v1/media answers when the file is ready.
        """
        max_bytes = max(rules.count("videoSizeLimit"), rules.count("imageSizeLimit")) * 2 + OVERHEAD_BYTES
        try:
            async with receive_form(call.request, max_bytes, max_files=2) as form:
                description, focus = (_read_text(form, name) for name in ("description", "focus"))
                _check_description(rules, description)
                asset, cover = await self._keep(form.get("file")), await self._keep(form.get("thumbnail"))
        except BodyTooLarge as big:
            raise MastodonError(413, "Request entity too large") from big
        except BadBody as bad:
            raise invalid("File can't be blank") from bad
        if asset is None:
            raise invalid("File can't be blank")
        _check_asset(rules, asset)
        if cover is not None and cover.is_video:
            raise invalid("Thumbnail content type is invalid")
        store, fault = self._sandbox.store, call.job_fault
        number = store.insert(
            "mastodon_media",
            id=MEDIA_IDS + store.next_number("mastodon media") * 6_011,
            host=host,
            account_id=account.id,
            asset_id=asset.id,
            is_video=asset.is_video,
            description=description,
            focus=_read_focus(focus),
            thumbnail_id=None if cover is None else cover.id,
            polls=POLLS if call.path.startswith("/api/v1/") else 0,
            created_at=self._sandbox.clock.now(),
        )
        if fault is not None:
            self._apply_fault(call, number)
        [attachment] = self.of_ids([number])
        return attachment

    def poll(self, call: Call, attachment: Attachment) -> Attachment:
        """Count one status call, and return the file after it. Raises MastodonError for one that could not be processed."""
        if call.job_fault is not None:
            self._apply_fault(call, attachment.id)
        self._sandbox.store.run("UPDATE mastodon_media SET polls = polls + 1 WHERE id = ?", attachment.id)
        [found] = self.of_ids([attachment.id])
        if found.failure is not None and not self.is_processing(found):
            raise MastodonError(422, found.failure)
        return found

    def update(self, rules: ServerRules, attachment: Attachment, params: Mapping[str, JSONValue]) -> Attachment:
        """Change the description and the focus of a file. Raises MastodonError."""
        description = text_of(params.get("description", attachment.description))
        focus = _read_focus(text_of(params["focus"])) if params.get("focus") else attachment.focus
        _check_description(rules, description)
        sql = "UPDATE mastodon_media SET description = ?, focus = ? WHERE id = ?"
        self._sandbox.store.run(sql, description, focus, attachment.id)
        [found] = self.of_ids([attachment.id])
        return found

    def attach(self, attachments: Sequence[Attachment], status_id: int | None) -> None:
        """Give files to a post, or take them from theirs. Belongs in a transaction."""
        for one in attachments:
            self._sandbox.store.run("UPDATE mastodon_media SET status_id = ? WHERE id = ?", status_id, one.id)

    def _apply_fault(self, call: Call, number: int) -> None:
        """Let a stuck_processing or media_error fault that hit this call act on its file."""
        fault = call.job_fault
        if fault is None:
            return
        sql = "UPDATE mastodon_media SET is_held = 1, fault_id = ? WHERE id = ?"
        if fault.kind == "media_error":
            sql = "UPDATE mastodon_media SET is_held = 1, failure = ? WHERE id = ?"
        value = text_of(fault.value.get("message")) or THUMBNAIL
        self._sandbox.store.run(sql, fault.id if fault.kind == "stuck_processing" else value, number)

    async def _keep(self, file: UploadFile | str | None) -> Asset | None:
        """Store a file of a form; None for a field that has none. Raises MastodonError."""
        if not isinstance(file, UploadFile):
            return None
        store = self._sandbox.store
        path = store.folder / f"fetch-mastodon-{store.next_number('mastodon upload')}"
        try:
            await asyncio.to_thread(_copy_file, file.file, path)
            return await self._sandbox.media_store.keep(path)
        except NotMedia as bad:
            raise MastodonError(422, UNVERIFIED) from bad
        finally:
            path.unlink(missing_ok=True)

    def _expire(self) -> None:
        oldest = self._sandbox.clock.now() - UNATTACHED_LIFETIME
        sql = "DELETE FROM mastodon_media WHERE status_id IS NULL AND created_at <= ?"
        self._sandbox.store.run(sql, oldest)


def _read_text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _copy_file(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(source, out)


def _check_description(rules: ServerRules, description: str) -> None:
    max_length = rules.count("descriptionLimit")
    if len(description) > max_length:
        raise invalid(f"Description is too long (maximum is {max_length} characters)")


def _check_asset(rules: ServerRules, asset: Asset) -> None:
    """Raise MastodonError for a file that a server does not accept."""
    if asset.content_type not in MIME_TYPES:
        raise invalid("File content type is invalid")
    kind = "video" if asset.is_video else "image"
    max_bytes = rules.count(f"{kind}SizeLimit")
    if asset.size_bytes > max_bytes:
        raise invalid(f"File file size must be less than {max_bytes // 1024 // 1024} MB")
    if asset.width * asset.height > rules.count(f"{kind}MatrixLimit"):
        raise MastodonError(422, f"{asset.width}x{asset.height} {kind}s are not supported")
    if asset.fps is not None and asset.fps > rules.count("videoFrameRateLimit"):
        raise MastodonError(422, f"{asset.fps:g}fps videos are not supported")


def _read_focus(text: str) -> str:
    """Return a focal point as `x,y`, each from -1 to 1; "" where none was sent. Raises MastodonError."""
    if not text:
        return ""
    x, comma, y = text.partition(",")
    try:
        point = float(x), float(y)
    except ValueError as bad:
        raise invalid("Focus is invalid") from bad
    if not comma or not all(-1 <= one <= 1 for one in point):
        raise invalid("Focus is invalid")
    return f"{point[0]:g},{point[1]:g}"


def require_media(attachment: Attachment | None) -> Attachment:
    """Return a file that is there. Raises MastodonError."""
    if attachment is None:
        raise MastodonError(404, NOT_FOUND)
    return attachment


def describe(attachment: Attachment, asset: Asset, base: str, *, is_processing: bool) -> dict[str, JSONValue]:
    """Return a file as the API shows it; `base` is the URL of the sandbox's pictures."""
    poster = f"{base}/{attachment.thumbnail_id or asset.id}.jpg"
    meta: dict[str, JSONValue] = {
        "original": {
            "width": asset.width,
            "height": asset.height,
            "size": f"{asset.width}x{asset.height}",
            "aspect": round(asset.width / asset.height, 4),
        }
    }
    if attachment.focus:
        x, _, y = attachment.focus.partition(",")
        meta["focus"] = {"x": float(x), "y": float(y)}
    return {
        "id": str(attachment.id),
        "type": "video" if asset.is_video else "image",
        "url": None if is_processing else poster,
        "preview_url": None if is_processing else poster,
        "remote_url": None,
        "meta": meta,
        "description": attachment.description or None,
        "blurhash": None,
    }


def _attachment(row: sqlite3.Row) -> Attachment:
    values = dict(row)
    return Attachment(**{**values, "is_video": bool(values["is_video"]), "is_held": bool(values["is_held"])})
