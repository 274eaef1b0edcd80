"""rupload.facebook.com: the bytes of a video, at once or in pieces, or a URL to fetch them from.

The videos of Instagram's containers and the reels of Pages come here, by paths of their kind. Source: Meta, "Upload Video to
Meta Servers" (resumable uploads) and "Reels Publishing", read 2026-11. What Meta answers to a wrong offset and
to a piece that breaks off is not in that page; the types and sentences here are those of its other upload hosts.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import KNOWN_TO_PAGES
from presswork_sandbox.facebook.people import People
from presswork_sandbox.facebook.uploads import Uploads, UploadTarget
from presswork_sandbox.instagram.containers import UPLOAD_HOST
from presswork_sandbox.instagram.errors import GraphErrorFormat, GraphRefusal
from presswork_sandbox.instagram.oauth import check_token
from presswork_sandbox.instagram.validation import check_url
from presswork_sandbox.wire import JSONValue, Reply, bearer_of, json_reply, local_path, without_query

PATH: Final = re.compile(r"/+(ig-api-upload|video-upload)(?:/+v\d+\.\d+)?/+(\d{1,18})/*", re.ASCII)
OWN_CDN: Final = ".fbcdn.net"  # "fbcdn URLs are refused"; their response is not documented
UNAUTHORIZED: Final = "unauthorized user request"


def failed(message: str, *, kind: str = "ProcessingFailedError", retriable: bool = False) -> Reply:
    """Return the upload host's own envelope; of a ProcessingFailedError the message is JSON in a string."""
    if kind == "ProcessingFailedError":
        message = json.dumps({"success": False, "error": {"message": message}})
    body: JSONValue = {"debug_info": {"retriable": retriable, "type": kind, "message": message}}
    return json_reply(body, 400)


def succeeded() -> Reply:
    """Return what the upload host says when everything is there."""
    return json_reply({"success": True, "message": "Upload successful."})


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None


class UploadHost:
    """rupload.facebook.com. A token of Facebook Login opens it, and no other."""

    def __init__(self, sandbox: Sandbox, people: People, uploads: Mapping[str, Uploads]) -> None:
        """`uploads`: what is filled, by the first part of its path."""
        self._sandbox = sandbox
        self._people = people
        self._uploads = uploads
        self._locks: dict[int, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        match = PATH.fullmatch(path)
        given = bearer_of(request)
        token = self._sandbox.tokens.find("facebook", given) if given else None
        uploads = self._uploads["ig-api-upload" if match is None else match.group(1)]
        target = None if match is None else uploads.target(match.group(2))
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if target is not None:
            account = self._sandbox.accounts.by_id(target.account_id)
        headers = request.headers
        shown: dict[str, JSONValue] = {
            name: headers.get(name) for name in ("offset", "file_size", "content-length") if name in headers
        }
        if "file_url" in headers:
            shown["file_url"] = without_query(headers["file_url"])
        call = Call(
            platform="instagram" if account is None else account.platform,
            host=UPLOAD_HOST,
            path=path,
            operation="unknown" if match is None else "upload",
            request=request,
            shown=shown,
            token=token,
            account=account,
            held_by=None if target is None else target.fault_id,
        )

        async def effect() -> Reply:
            if target is None or not self._may_upload(given, target):
                return failed(UNAUTHORIZED)
            if request.method == "GET":
                return json_reply({"offset": uploads.stored_bytes(target.number)[0]})
            async with self._locks.setdefault(target.number, asyncio.Lock()):
                return await self._take_bytes(call, uploads, uploads.target(str(target.number)) or target)

        error_format = GraphErrorFormat(self._sandbox.store.trace(), own_envelope=False, known=KNOWN_TO_PAGES)
        response = await perform(self._sandbox, call, effect, error_format)
        await response(scope, receive, send)

    def _may_upload(self, given: str, target: UploadTarget) -> bool:
        # Read again, since a token_expired fault may have been applied in between.
        found = self._sandbox.tokens.find("facebook", given) if given else None
        try:
            token = check_token(found, given, self._sandbox.clock.now())
        except GraphRefusal:
            return False
        return target.account_id in {account.id for account in self._people.chosen(token)}

    async def _take_bytes(self, call: Call, uploads: Uploads, target: UploadTarget) -> Reply:
        if call.request.method != "POST":
            return failed("unsupported method")
        if not target.is_open:
            return failed("this object takes no more bytes")
        url = call.request.headers.get("file_url")
        if url is None:
            return await self._bytes(call, uploads, target)
        try:
            check_url(url)
        except GraphRefusal:
            return failed("file_url is not a URL that can be fetched")
        if (urlsplit(url).hostname or "").lower().endswith(OWN_CDN):
            return failed("file_url is a URL of Meta's own servers")
        _apply_fault(call, uploads, target)
        uploads.fill_from(target.number, url)
        return succeeded()

    async def _bytes(self, call: Call, uploads: Uploads, target: UploadTarget) -> Reply:
        headers = call.request.headers
        offset, size = _number(headers.get("offset")), _number(headers.get("file_size"))
        stored, announced = uploads.stored_bytes(target.number)
        if offset is None or not size or announced not in {None, size}:
            return failed("the headers offset and file_size are needed, and the same file_size each time")
        if size > target.limit_bytes:
            return failed("the file is too large")
        if offset != stored:
            return failed("Request starting offset is invalid", kind="OffsetInvalidError", retriable=True)
        stored = await _receive(call.request, uploads, target, stored, size)
        uploads.store_bytes(target.number, min(stored, size), size)
        if stored > size:
            return failed("more bytes than file_size says")
        if stored < size:
            message = "Partial request (did not match length of file)"
            return failed(message, kind="PartialRequestError", retriable=True)
        _apply_fault(call, uploads, target)
        uploads.fill_from(target.number, None)
        self._locks.pop(target.number, None)
        return succeeded()


async def _receive(request: Request, uploads: Uploads, target: UploadTarget, stored: int, size: int) -> int:
    """Append what comes, and keep it even if the caller hangs up in between; return how much is there."""
    path = uploads.upload_path(target.number)
    with path.open("r+b" if path.exists() else "wb") as file:
        file.seek(stored)
        try:
            async for part in request.stream():
                stored += len(part)
                if stored > size:
                    return stored
                file.write(part)
        except ClientDisconnect:
            pass
    return stored


def _apply_fault(call: Call, uploads: Uploads, target: UploadTarget) -> None:
    if call.job_fault is not None:
        uploads.hold(target.number, call.job_fault)
