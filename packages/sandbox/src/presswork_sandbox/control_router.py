"""Shared by all control routes: read a request, and answer 400 with a message where it is invalid."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from presswork_sandbox.accounts import BadHandle
from presswork_sandbox.control_input import BadControl, handle_of
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import OPERATIONS
from presswork_sandbox.wire import BadBody, JSONValue, decode_object, read_body

LIST_PART_BYTES: Final = 64 * 1024
MAX_NEWEST: Final = 500
DEFAULT_PAGE: Final = 50
MAX_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """The items of a list, which are read while they are sent: a list of any length takes little memory."""

    items: Iterable[JSONValue]
    more: Mapping[str, JSONValue] = field(default_factory=dict)
    """Members besides `items`: `nextCursor` of a list that has pages."""

    async def written(self) -> AsyncIterator[bytes]:
        """Return it as JSON, in parts."""
        part, between = b'{"items":[', b""
        for item in self.items:
            part += between + json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
            between = b","
            if len(part) > LIST_PART_BYTES:
                yield part
                part = b""
        more = json.dumps(self.more, ensure_ascii=False, separators=(",", ":")).encode()
        yield part + b"]" + (b"," + more[1:] if self.more else b"}")


Handler = Callable[[Request], Awaitable["JSONValue | Listing"]]


async def read_control(request: Request) -> Mapping[str, JSONValue]:
    """Return a control call's body, an object; an empty one where there is no body. Raises BadBody."""
    return decode_object(await read_body(request) or b"{}")


def read_filters(request: Request) -> tuple[str | None, str | None]:
    """Return the platform and handle filters of a list. Raises BadControl or BadHandle."""
    query = request.query_params
    platform = query.get("platform") or None
    if platform is not None and platform not in OPERATIONS:
        raise BadControl(f"platform must be one of: {', '.join(OPERATIONS)}.")
    handle = query.get("handle") or None
    return platform, None if handle is None else handle_of(handle)


def read_limit(request: Request, default: int = 100, max_count: int = MAX_NEWEST) -> int:
    """Return the `limit` of a list that has one: how many of the newest items it returns. Raises BadControl."""
    text = request.query_params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= max_count):
        raise BadControl(f"limit must be a number from 1 to {max_count}.")
    return int(text)


def read_page(request: Request) -> tuple[int, int | None]:
    """Return `limit` and `cursor` of a list that has pages; a cursor is the number of a row. Raises BadControl."""
    text = request.query_params.get("cursor")
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadControl("cursor must be the nextCursor of a page of this list. Leave it out for the first page.")
    return read_limit(request, DEFAULT_PAGE, MAX_PAGE), None if text is None else int(text)


class PlatformRules(Protocol):
    """What is set about a platform as a whole."""

    def to_json(self) -> Mapping[str, JSONValue]:
        """Return it as the control surface shows it."""
        ...

    def change(self, body: Mapping[str, JSONValue]) -> None:
        """Change what `body` names. Raises BadControl."""
        ...

    def restore(self) -> None:
        """Restore the defaults."""
        ...


class ControlRouter:
    """Creates the routes of the control surface."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def route(self, method: str, path: str, handler: Handler) -> Route:
        """Return a route that answers JSON, or 400 with what is wrong."""

        async def endpoint(request: Request) -> Response:
            self._sandbox.resume_work()
            try:
                body = await handler(request)
            except (BadControl, BadHandle, BadBody) as bad:
                return JSONResponse({"error": {"message": str(bad)}}, 400)
            if method != "GET":
                self._sandbox.notify()  # the clock, a fault or a setting may have changed
            if isinstance(body, Listing):
                return StreamingResponse(body.written(), media_type="application/json")
            return JSONResponse(body)

        return Route(path, endpoint, methods=[method])

    def rules(self, path: str, rules: PlatformRules) -> Sequence[Route]:
        """Return the routes that show, change and restore what is set about a platform."""

        async def show(request: Request) -> JSONValue:
            read_filters(request)
            return rules.to_json()

        async def change(request: Request) -> JSONValue:
            rules.change(await read_control(request))
            return rules.to_json()

        async def restore(request: Request) -> JSONValue:
            read_filters(request)
            rules.restore()
            return rules.to_json()

        handlers: Mapping[str, Handler] = {"GET": show, "POST": change, "DELETE": restore}
        return [self.route(method, path, handler) for method, handler in handlers.items()]
