"""The body of a call that may bring files: parameters of any encoding, and files, which only multipart bodies carry.

Files go to the state folder while they come in, and are deleted once the call is answered.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from presswork_sandbox.wire import BODY_LIMIT_BYTES, MAX_FIELDS, BadBody, JSONValue, read_params

MAX_FILES: Final = 12  # an album of ten, and a cover
BODY_BYTES: Final = 1_100_000_000  # a video of 1 GB in one call, and its fields
_COPY_BYTES: Final = 1024 * 1024
_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one call sent."""

    params: Mapping[str, JSONValue]
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, JSONValue]:
        """The parameters as the journal and posts keep them, with the size of each file, and no token."""
        sizes = {name: f"{path.stat().st_size} bytes" for name, path in self.files.items()}
        secret = {"access_token", "appsecret_proof"}
        return {name: value for name, value in self.params.items() if name not in secret} | sizes


@asynccontextmanager
async def read_call(
    request: Request, folder: Path, *, takes_files: bool, max_bytes: int = BODY_LIMIT_BYTES
) -> AsyncIterator[Sent]:
    """Read a call. `max_bytes`: the most that a body without files may have. Raises BadBody."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "multipart/form-data" or not takes_files:
        yield Sent(params=await read_params(request, max_bytes))
        return
    try:
        form = await MultiPartParser(
            request.headers,
            _stream_limited(request),
            max_files=MAX_FILES,
            max_fields=MAX_FIELDS,
            max_part_size=BODY_LIMIT_BYTES,
        ).parse()
    except MultiPartException as broken:
        raise BadBody("The multipart body can't be read.") from broken
    except ClientDisconnect as gone:
        raise BadBody("The caller hung up before the body was complete.") from gone
    files: dict[str, Path] = {}
    params: dict[str, JSONValue] = dict(request.query_params)
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = await _store_file(value, folder / f"form-{next(_NUMBERS)}")
            else:
                params[name] = value
        yield Sent(params=params, files=files)
    finally:
        await form.close()
        for path in files.values():
            path.unlink(missing_ok=True)


async def _stream_limited(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES:
            raise BadBody("The body is too big.")
        yield part


async def _store_file(file: UploadFile, path: Path) -> Path:
    with path.open("wb") as copy:
        while part := await file.read(_COPY_BYTES):
            copy.write(part)
    return path
