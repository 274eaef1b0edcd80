"""What is done before FastAPI is asked: a call is given its context, and some routes are served without it.

FastAPI's layers, its search for the route, and its way of working out at each call what a route's function wants were
two fifths of the API's time for a publish call (docs/performance.md), so the one hot route does without. FastAPI still
has the route too: the OpenAPI document comes from there, and so does the answer to a method that does not work.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fastapi import FastAPI
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount, compile_path
from starlette.types import Receive, Scope, Send

from presswork.api.context import Context


class DirectRoute:
    """A POST route whose function gets the request and reads from it what it needs."""

    def __init__(self, path: str, serve: Callable[[Request], Awaitable[Response]]) -> None:
        """Take a path as FastAPI writes it, and the function."""
        self.path: Final = path
        self.regex: Final = compile_path(path)[0]
        self.serve: Final = serve


class DirectRoutes:
    """ASGI application: serves its own routes, refusals as FastAPI's handlers shape them; the rest is for FastAPI."""

    def __init__(
        self, app: FastAPI, routes: Sequence[DirectRoute], *, context: Context, sandbox: Mount | None = None
    ) -> None:
        """Take the application, whose handlers of exceptions are complete by now, the routes, and what they work with."""
        self.app: Final = app
        self._context: Final = context
        self._sandbox: Final = sandbox
        self._routes: Final = tuple(routes)
        # What nobody expects is for the gate: it logs it, and answers.
        handlers = {kind: handler for kind, handler in app.exception_handlers.items() if kind is not Exception}
        self._served: Final = ExceptionMiddleware(_serve, handlers=handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        scope["context"] = self._context
        if self._sandbox is not None and scope["type"] == "http":
            match, inside = self._sandbox.matches(scope)
            if match is Match.FULL:
                scope.update(inside)
                await self._sandbox.handle(scope, receive, send)
                return
        if scope["type"] == "http" and scope["method"] == "POST":
            for route in self._routes:
                if found := route.regex.match(scope["path"]):
                    # The log and idempotency find the route in the scope, as with FastAPI's.
                    scope.update(app=self.app, route=route, path_params=found.groupdict())
                    await self._served(scope, receive, send)
                    return
        await self.app(scope, receive, send)


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    response = await scope["route"].serve(Request(scope, receive, send))
    await response(scope, receive, send)
