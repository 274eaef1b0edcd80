"""A form with one file, as a stream. Source: RFC 7578."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping

from presswork.platforms.port import MediaFile


def form_with_file(
    fields: Mapping[str, str], file: MediaFile
) -> tuple[Callable[[], AsyncIterator[bytes]], Mapping[str, str]]:
    """Return a function that yields the bytes of a form whose last field is `file`, and the headers of the call."""
    boundary = secrets.token_hex(16)
    opening = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{opening}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    begin = f'{opening}"file"; filename="file"\r\nContent-Type: {file.content_type}\r\n\r\n'
    head, tail = "".join([*parts, begin]).encode(), f"\r\n--{boundary}--\r\n".encode()

    async def stream() -> AsyncIterator[bytes]:
        yield head
        async for piece in file.reader(0, file.size_bytes - 1):
            yield piece
        yield tail

    return stream, {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + file.size_bytes + len(tail)),
    }
