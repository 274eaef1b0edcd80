"""Forms with files, as streams. Source: RFC 7578."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from presswork.platforms.port import MediaFile


@dataclass(slots=True, kw_only=True)
class Form:
    """A form: its fields, then its files, each by name."""

    fields: Mapping[str, str]
    files: Mapping[str, MediaFile]
    is_whole: bool = False
    """Whether the last stream was read to its end. Before that, no server can have the form and act on it."""
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the call."""
        frame = len("".join(self._write_fields()).encode()) + len(self._end)
        size = sum(len(self._open_file(name).encode()) + file.size_bytes + 2 for name, file in self.files.items())
        return {
            "Content-Type": f"multipart/form-data; boundary={self.boundary}",
            "Content-Length": str(frame + size),
        }

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the form."""
        self.is_whole = False
        yield "".join(self._write_fields()).encode()
        for name, file in self.files.items():
            yield self._open_file(name).encode()
            async for piece in file.reader(0, file.size_bytes - 1):
                yield piece
            yield b"\r\n"
        self.is_whole = True
        yield self._end

    def _write_fields(self) -> list[str]:
        return [f'{self._open_part(name)}"\r\n\r\n{value}\r\n' for name, value in self.fields.items()]

    def _open_part(self, name: str) -> str:
        return f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}'

    def _open_file(self, name: str) -> str:
        return f'{self._open_part(name)}"; filename="{name}"\r\nContent-Type: {self.files[name].content_type}\r\n\r\n'

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def form_with_file(
    fields: Mapping[str, str], file: MediaFile, *, name: str = "file"
) -> tuple[Callable[[], AsyncIterator[bytes]], Mapping[str, str]]:
    """Return a function that yields the bytes of a form whose last field, `name`, is the file, and the headers of the call."""
    form = Form(fields=fields, files={name: file})
    return form.stream, form.headers
