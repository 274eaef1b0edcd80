"""The ASGI application, composed from the routes of the domains."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

import presswork.api.accounts.routes
import presswork.api.agents.consent_routes
import presswork.api.agents.mcp_routes
import presswork.api.agents.oauth_routes
import presswork.api.agents.routes
import presswork.api.approvals.routes
import presswork.api.audit.routes
import presswork.api.callbacks.routes
import presswork.api.comments.routes
import presswork.api.connect_links.routes
import presswork.api.connect_pages.routes
import presswork.api.console.routes
import presswork.api.content.routes
import presswork.api.discussion.routes
import presswork.api.drafts.routes
import presswork.api.erasures.routes
import presswork.api.events.routes
import presswork.api.exports.routes
import presswork.api.imports.routes
import presswork.api.inbound_webhooks.routes
import presswork.api.insights.routes
import presswork.api.intents.routes
import presswork.api.keys.routes
import presswork.api.labels.routes
import presswork.api.layers.routes
import presswork.api.legal.routes
import presswork.api.manual_posts.routes
import presswork.api.media.routes
import presswork.api.metrics.routes
import presswork.api.music.routes
import presswork.api.notices.page_routes
import presswork.api.notices.routes
import presswork.api.notifications.routes
import presswork.api.operators.routes
import presswork.api.platforms.routes
import presswork.api.portal_links.routes
import presswork.api.portal_pages.routes
import presswork.api.posts.bulk_routes
import presswork.api.posts.live_routes
import presswork.api.posts.overview_routes
import presswork.api.posts.routes
import presswork.api.projects.routes
import presswork.api.queues.routes
import presswork.api.recurrences.routes
import presswork.api.review_links.routes
import presswork.api.review_pages.routes
import presswork.api.sandbox.routes
import presswork.api.scim.routes
import presswork.api.scim.token_routes
import presswork.api.search.routes
import presswork.api.sessions.routes
import presswork.api.sign_in.oidc_routes
import presswork.api.sign_in.routes
import presswork.api.snippets.routes
import presswork.api.system.routes
import presswork.api.tiktok_posting.page_routes
import presswork.api.tiktok_posting.routes
import presswork.api.users.routes
import presswork.api.webhooks.routes
from presswork import __version__
from presswork.api.console import start_page as welcome
from presswork.api.context import Context
from presswork.api.errors import routes as error_routes
from presswork.api.health import routes as health
from presswork.api.http import envelope, openapi, pages
from presswork.api.http.middleware import RequestContextMiddleware, not_found
from presswork.api.http.reference import add_reference
from presswork.api.http.request_guard import AllowedHosts, RequestGuard
from presswork.api.webhooks import event_schemas
from presswork.core.errors import PressworkError
from presswork.db.errors import TRANSIENT_ERRORS

_COMPRESSED_PATHS: Final = ("/v1/", "/openapi.json")
_COMPRESSED_FROM_BYTES: Final = 2_000
_COMPRESSION_LEVEL: Final = 5
"""Half the time of the best one, for a few per cent more bytes."""


def create_app(context: Context, *, sandbox: ASGIApp | None = None, routes: FastAPI | None = None) -> ASGIApp:
    """Return the API. With `sandbox`, the same process serves the fake platforms under /sandbox.

    `routes` is the result of `create_routes`, for a process that builds several applications from it.
    """
    app = create_routes() if routes is None else routes
    mounts = [] if sandbox is None else [Mount("/sandbox", sandbox)]
    # The last mount serves other methods of a hot route, too. It does not match a path with a line feed: the default does.
    router = Router([*mounts, *_hot_routes(app), Mount("", app)], default=app, redirect_slashes=False)
    guarded = RequestGuard(_compress_reads(router), AllowedHosts.of(context.settings, context.base_url))
    return RequestContextMiddleware(guarded, context)


def _compress_reads(app: ASGIApp) -> ASGIApp:
    """Compress what GET requests of the API return: a page of posts takes a tenth of its bytes. Event streams are left out."""
    compressed = GZipMiddleware(app, minimum_size=_COMPRESSED_FROM_BYTES, compresslevel=_COMPRESSION_LEVEL)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(_COMPRESSED_PATHS)
        await (compressed if is_read else app)(scope, receive, send)

    return serve


def _hot_routes(app: FastAPI) -> Sequence[Route]:
    """Return the routes that are served before FastAPI is asked, with its error handlers."""
    # The last-resort 500 is the middleware's, which logs the error.
    handlers = {error: handler for error, handler in app.exception_handlers.items() if error is not Exception}
    errors = Middleware(ExceptionMiddleware, handlers=handlers)
    return [
        Route(path, serve, methods=["POST"], middleware=[errors])
        for path, serve in presswork.api.posts.routes.HOT_ROUTES
    ]


def openapi_document() -> dict[str, Any]:  # Any: a JSON document
    """Return the OpenAPI document that the API serves, without starting the API."""
    return create_routes().openapi()


def create_routes() -> FastAPI:
    """Return all routes and error handlers. They hold no context: each request carries it in its ASGI scope."""
    app = FastAPI(
        title="Presswork",
        version=__version__,
        openapi_url=None,  # openapi.install serves the document
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for routes in (
        presswork.api.projects.routes,
        presswork.api.exports.routes,
        presswork.api.erasures.routes,
        presswork.api.keys.routes,
        presswork.api.operators.routes,
        presswork.api.sign_in.routes,
        presswork.api.users.routes,
        presswork.api.scim.token_routes,
        presswork.api.scim.routes,
        presswork.api.sessions.routes,
        presswork.api.sign_in.oidc_routes,
        presswork.api.agents.routes,
        presswork.api.agents.mcp_routes,
        presswork.api.agents.oauth_routes,
        presswork.api.agents.consent_routes,
        presswork.api.audit.routes,
        presswork.api.accounts.routes,
        presswork.api.connect_links.routes,
        presswork.api.connect_pages.routes,
        presswork.api.platforms.routes,
        presswork.api.layers.routes,
        presswork.api.review_links.routes,  # before the routes of /v1/content/{containerId}
        presswork.api.review_pages.routes,
        presswork.api.portal_links.routes,
        presswork.api.portal_pages.routes,
        presswork.api.content.routes,
        presswork.api.approvals.routes,
        presswork.api.discussion.routes,
        presswork.api.intents.routes,
        presswork.api.recurrences.routes,
        presswork.api.notifications.routes,
        presswork.api.manual_posts.routes,
        presswork.api.comments.routes,
        presswork.api.drafts.routes,
        presswork.api.labels.routes,
        presswork.api.snippets.routes,
        presswork.api.posts.bulk_routes,
        presswork.api.search.routes,
        presswork.api.posts.live_routes,
        presswork.api.insights.routes,
        presswork.api.posts.overview_routes,
        presswork.api.posts.routes,
        presswork.api.queues.routes,
        presswork.api.imports.routes,
        presswork.api.callbacks.routes,
        presswork.api.tiktok_posting.routes,
        presswork.api.tiktok_posting.page_routes,
        presswork.api.music.routes,
        presswork.api.media.routes,
        presswork.api.inbound_webhooks.routes,
        presswork.api.legal.routes,
        presswork.api.system.routes,
        presswork.api.sandbox.routes,
        presswork.api.metrics.routes,
        presswork.api.events.routes,
        presswork.api.notices.routes,
        presswork.api.notices.page_routes,
        presswork.api.webhooks.routes,
        presswork.api.console.routes,
        health,
        pages,
        error_routes,
        welcome,
    ):
        app.include_router(routes.router)
    app.add_exception_handler(Exception, envelope.internal_error)
    app.add_exception_handler(PressworkError, envelope.refusal_response)
    app.add_exception_handler(RequestValidationError, envelope.invalid_request)
    app.add_exception_handler(HTTPException, not_found)
    app.add_exception_handler(ClientDisconnect, envelope.client_closed_request)
    for error_type in TRANSIENT_ERRORS:
        app.add_exception_handler(error_type, envelope.database_unavailable)
    app.add_exception_handler(MemoryError, envelope.out_of_memory)
    app.add_exception_handler(asyncpg.DataError, envelope.out_of_memory)  # it had no memory for an argument
    app.add_exception_handler(RuntimeError, envelope.out_of_memory)  # it had no memory for a thread
    app.webhooks.include_router(event_schemas.described())
    openapi.install(app, messages={event.value: example for event, example in event_schemas.EXAMPLES.items()})
    add_reference(app)
    return app
