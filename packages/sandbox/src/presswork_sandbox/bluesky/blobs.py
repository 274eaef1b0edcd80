"""Blobs: files that an account uploaded, until a record refers to them or their time is over.

Source: bluesky-social/atproto, packages/pds/src/actor-store/blob/transactor.ts, read 2026-11. The type of a blob is what its
bytes say; the Content-Type counts only where they say nothing. Deleting the last record that refers to a blob deletes it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.errors import XRPCError, invalid
from presswork_sandbox.bluesky.identifiers import blob_cid
from presswork_sandbox.clock import HOUR
from presswork_sandbox.core import Sandbox
from presswork_sandbox.media import Asset
from presswork_sandbox.media_info import NotMedia
from presswork_sandbox.wire import JSONValue, text_of

UPLOAD_BYTES: Final = 50 * 1024 * 1024
"""Of one blob on Bluesky's own servers; a self-hosted server accepts 5 MiB by default."""
TEMPORARY_SECONDS: Final = 6 * HOUR
"""How long a blob lives to which no record refers. The documentation says hours, without a number."""
UNKNOWN_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was received: its digest, its size, and what it is; no asset if it is neither picture nor video."""

    cid: str
    size_bytes: int
    asset: Asset | None


def blob_ref(cid: str, media_type: str, size_bytes: int) -> Mapping[str, JSONValue]:
    """Return the reference that a record carries."""
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": media_type, "size": size_bytes}


def refs_in(value: JSONValue) -> Iterator[Mapping[str, JSONValue]]:
    """Return every reference to a blob in a record, at any depth."""
    if isinstance(value, Mapping):
        if value.get("$type") == "blob":
            yield value
        else:
            for part in value.values():
                yield from refs_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from refs_in(part)


def cid_in(ref: JSONValue) -> str:
    """Return the CID of a reference to a blob, or ""."""
    link = ref.get("ref") if isinstance(ref, Mapping) else None
    return text_of(link.get("$link")) if isinstance(link, Mapping) else ""


async def receive(sandbox: Sandbox, request: Request, max_size_bytes: int) -> Upload:
    """Receive a body as a file, and look at it. Raises XRPCError for one that is empty, too big or broken off."""
    path = sandbox.store.folder / f"upload-bluesky-{sandbox.store.next_number('bluesky upload')}"
    try:
        digest, size = await _write(request, path, max_size_bytes)
        try:
            asset = await sandbox.media_store.keep(path, digest)
        except NotMedia:
            asset = None
    finally:
        path.unlink(missing_ok=True)
    return Upload(cid=blob_cid(digest), size_bytes=size, asset=asset)


async def _write(request: Request, path: Path, max_size_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as file:
            async for part in request.stream():
                size += len(part)
                if size > max_size_bytes:
                    raise XRPCError("PayloadTooLarge", "request entity too large")
                digest.update(part)
                file.write(part)
    except ClientDisconnect as gone:
        raise invalid("The caller hung up before the body was complete.") from gone
    if not size:
        raise invalid("A request body is expected but none was provided")
    return digest.hexdigest(), size


class Blobs:
    """The blobs of all accounts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add(self, account: Account, upload: Upload, content_type: str) -> Mapping[str, JSONValue]:
        """Store an upload as a temporary blob of an account, and return the reference to it."""
        media_type = content_type if upload.asset is None else upload.asset.content_type
        store, now = self._sandbox.store, self._sandbox.clock.now()
        self._expire(account)
        store.run(
            "INSERT INTO bluesky_blobs VALUES (?, ?, ?, ?, ?, 0, ?)"
            " ON CONFLICT (account_id, cid) DO UPDATE SET created_at = excluded.created_at",
            account.id,
            upload.cid,
            media_type or UNKNOWN_TYPE,
            upload.size_bytes,
            None if upload.asset is None else upload.asset.id,
            now,
        )
        row = store.one("SELECT * FROM bluesky_blobs WHERE account_id = ? AND cid = ?", account.id, upload.cid)
        return blob_ref(row["cid"], row["media_type"], row["size_bytes"])

    def has(self, account: Account, cid: str) -> bool:
        """Return whether an account has a blob."""
        self._expire(account)
        sql = "SELECT 1 FROM bluesky_blobs WHERE account_id = ? AND cid = ?"
        return self._sandbox.store.first(sql, account.id, cid) is not None

    def attach(self, account: Account, record: Mapping[str, JSONValue]) -> Sequence[str]:
        """Make the blobs of a record permanent, and return their CIDs. Raises XRPCError for one that is not there."""
        self._expire(account)
        store, cids = self._sandbox.store, []
        for ref in refs_in(record):
            cid = cid_in(ref)
            row = store.first("SELECT * FROM bluesky_blobs WHERE account_id = ? AND cid = ?", account.id, cid)
            if row is None:
                raise XRPCError("BlobNotFound", f"Could not find blob: {cid}")
            if not row["is_permanent"]:
                _compare("Mimetype", "InvalidMimeType", row["media_type"], ref.get("mimeType"))
                _compare("Size", "InvalidSize", row["size_bytes"], ref.get("size"))
                sql = "UPDATE bluesky_blobs SET is_permanent = 1 WHERE account_id = ? AND cid = ?"
                store.run(sql, account.id, cid)
            cids.append(cid)
        return list(dict.fromkeys(cids))

    def drop(self, account: Account, cids: Sequence[str]) -> None:
        """Delete blobs to which no record of the account refers any more."""
        for cid in cids:
            self._sandbox.store.run(
                "DELETE FROM bluesky_blobs WHERE account_id = ?1 AND cid = ?2 AND NOT EXISTS (SELECT 1 FROM"
                " bluesky_records, json_each(blobs) WHERE account_id = ?1 AND json_each.value = ?2)",
                account.id,
                cid,
            )

    def assets(self, account: Account, cids: Sequence[str]) -> list[int]:
        """Return the numbers of the pictures and videos among blobs, in their order."""
        sql = "SELECT asset_id FROM bluesky_blobs WHERE account_id = ? AND cid = ?"
        rows = [self._sandbox.store.first(sql, account.id, cid) for cid in cids]
        return [row["asset_id"] for row in rows if row is not None and row["asset_id"] is not None]

    def _expire(self, account: Account) -> None:
        oldest = self._sandbox.clock.now() - TEMPORARY_SECONDS
        sql = "DELETE FROM bluesky_blobs WHERE account_id = ? AND NOT is_permanent AND created_at <= ?"
        self._sandbox.store.run(sql, account.id, oldest)


def _compare(what: str, error: str, stored: JSONValue, sent: JSONValue) -> None:
    if stored != sent:
        raise XRPCError(
            error, f"Referenced {what} does not match stored blob. Expected: {text_of(stored)}, Got: {text_of(sent)}"
        )
