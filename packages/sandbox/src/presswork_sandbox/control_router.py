"""Shared by all control routes: read a request, and answer 400 with a message where it is invalid."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presswork_sandbox.accounts import BadHandle
from presswork_sandbox.control_input import BadControl, handle_of
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import OPERATIONS
from presswork_sandbox.wire import BadBody, JSONValue, decode_object, read_body

Answer = Callable[[Request], Awaitable[JSONValue]]


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


class ControlRouter:
    """Creates the routes of the control surface."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def route(self, method: str, path: str, answer: Answer) -> Route:
        """Return a route that answers JSON, or 400 with what is wrong."""

        async def endpoint(request: Request) -> Response:
            self._sandbox.resume_work()
            try:
                body = await answer(request)
            except (BadControl, BadHandle, BadBody) as bad:
                return JSONResponse({"error": {"message": str(bad)}}, 400)
            if method != "GET":
                self._sandbox.notify()  # the clock, a fault or a setting may have changed
            return JSONResponse(body)

        return Route(path, endpoint, methods=[method])
