"""Reading requests and writing responses, or refusing to: the HTTP that both fake platforms share."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

JSONValue: TypeAlias = "bool | int | float | str | Sequence[JSONValue] | Mapping[str, JSONValue] | None"

FORM: Final = "application/x-www-form-urlencoded"
BODY_LIMIT_BYTES: Final = 256 * 1024  # of anything but an upload's chunk; parsed, it takes some fifty times as much
MAX_FIELDS: Final = 1000  # of a query or a form


class _RowIdConvertor(IntegerConvertor):
    """A number in a path that can be the id of a row: SQLite's largest number has 19 digits."""

    regex = "[0-9]{1,18}"


register_url_convertor("row", _RowIdConvertor())


class BadBody(ValueError):
    """The request's body can't be read as what its content type says, or is too big."""


class BodyTooLarge(BadBody):
    """The request body is larger than the host reads."""


@dataclass(slots=True, kw_only=True)
class Reply:
    """One answer: what goes out, and `shown`, what the journal keeps of it."""

    status: int = 200
    body: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: JSONValue = None

    def response(self) -> Response:
        """Return it as Starlette writes it."""
        return Response(self.body, self.status, dict(self.headers), self.media_type)


def json_reply(body: JSONValue, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with JSON in UTF-8."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status=status, body=data, media_type="application/json", headers=headers or {}, shown=body)


def html_reply(text: str, status: int) -> Reply:
    """Answer with a page where a program expects JSON: what a failing gateway sends."""
    return Reply(status=status, body=text.encode(), media_type="text/html; charset=utf-8", shown=text)


class CutConnection(Response):
    """No response: the TCP connection is closed without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection under the server, so that it neither answers nor reuses it."""
        _ = scope
        # Both of uvicorn's HTTP protocols hand out `receive` as a method of an object that holds the transport.
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            # A middleware wrapped `receive`. No server writes a header with a line break in its name: it fails before
            # the first byte, treats the response as started, and closes the connection.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"cut\r\n", b"")]})
            return
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _object(text: str | bytes) -> dict[str, JSONValue]:
    try:
        value = json.loads(text)
        if isinstance(value, dict):
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # refuses lone surrogates and NaN
            return value
    except (ValueError, RecursionError) as wrong:
        raise BadBody("The body is not JSON that can be read.") from wrong
    raise BadBody("The body must be a JSON object.")


def decode_object(text: str | bytes) -> dict[str, JSONValue]:
    """Read a JSON object. Raises BadBody on anything else, lone surrogates, NaN and absurd nesting included."""
    return _object(text)


async def read_body(request: Request, max_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """Return the whole body. Raises BodyTooLarge when it is over the limit, and BadBody when it breaks off."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > max_bytes:
                raise BodyTooLarge("The body is too big.")
            parts.append(part)
    except ClientDisconnect as gone:
        raise BadBody("The caller hung up before the body was complete.") from gone
    return b"".join(parts)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError as many:
        raise BadBody(f"There are more than {MAX_FIELDS} fields.") from many


async def _multipart(request: Request) -> list[tuple[str, str]]:
    body = await read_body(request)

    async def parts() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, parts(), max_files=0, max_fields=MAX_FIELDS).parse()
    except MultiPartException as broken:
        raise BadBody("The multipart body can't be read.") from broken
    return [(key, value) for key, value in form.multi_items() if isinstance(value, str)]


class _FormTooLarge(MultiPartException):
    """A multipart body has too many bytes."""


@asynccontextmanager
async def receive_form(request: Request, max_bytes: int, *, max_files: int) -> AsyncIterator[FormData]:
    """Read a multipart body with files of any size, each on disk if it is long; leaving the context closes them.

    Raises BodyTooLarge when it is over the limit, and BadBody when it can't be read or breaks off.
    """

    async def parts() -> AsyncGenerator[bytes, None]:
        size = 0
        try:
            async for part in request.stream():
                size += len(part)
                if size > max_bytes:
                    raise _FormTooLarge("The body is too big.")
                yield part
        except ClientDisconnect as gone:  # the parser closes its files on its own error only
            raise MultiPartException("The caller hung up before the body was complete.") from gone

    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise BadBody("The body is not multipart/form-data.")
    try:
        form = await MultiPartParser(request.headers, parts(), max_files=max_files, max_fields=MAX_FIELDS).parse()
    except _FormTooLarge as big:
        raise BodyTooLarge(big.message) from big
    except MultiPartException as broken:
        raise BadBody(broken.message) from broken
    try:
        yield form
    finally:
        await form.close()


async def read_params(request: Request) -> dict[str, JSONValue]:
    """Merge the query with a form, multipart or JSON body, the body winning. Raises BadBody."""
    params: dict[str, JSONValue] = dict(_pairs(str(request.url.query)))
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        params.update(await _multipart(request))
        return params
    body = await read_body(request)
    if not body.strip():
        return params
    if content_type == "application/json" or (content_type != FORM and body.lstrip()[:1] == b"{"):
        params.update(_object(body))
    else:
        params.update(_pairs(body.decode("utf-8", "replace")))
    return params


async def read_form_lists(request: Request) -> dict[str, list[str]]:
    """Return a form's fields, each with all its values in order; empty for any other body. Raises BadBody."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        pairs = await _multipart(request)
    else:
        body = await read_body(request)
        pairs = _pairs(body.decode("utf-8", "replace")) if content_type == FORM else []
    fields: dict[str, list[str]] = {}
    for key, value in pairs:
        fields.setdefault(key, []).append(value)
    return fields


def without_query(url: str) -> str:
    """Return a URL for the journal: what comes after its question mark may be a signature."""
    start, mark, _ = url.partition("?")
    return start + ("?[redacted]" if mark else "")


def local_path(scope: Scope) -> str:
    """Return the path on the fake host: what follows the prefix that the host is mounted at."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def bearer_of(request: Request) -> str:
    """Return the token of an Authorization header, or ""."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def base_url(request: Request, host: str) -> str:
    """Return the absolute URL that stands for https://<host>, as the caller reaches this sandbox."""
    return f"{request.url.scheme}://{request.url.netloc}/sandbox/{host}"


def text_of(value: JSONValue) -> str:
    """Return a parameter as text: "" for a missing one, JSON for anything nested."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def flag_of(value: JSONValue) -> bool:
    """Return a parameter as yes or no: true, "true" and 1 are yes."""
    return text_of(value).lower() in {"true", "1"}
