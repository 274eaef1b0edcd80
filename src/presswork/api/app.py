"""The ASGI application, composed from the routes of the domains."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

import presswork.accounts.connect_link_routes
import presswork.accounts.connect_page_routes
import presswork.accounts.layer_routes
import presswork.accounts.routes
import presswork.agents.agent_routes
import presswork.agents.consent_routes
import presswork.agents.mcp_routes
import presswork.agents.oauth_routes
import presswork.audit.routes
import presswork.console.routes
import presswork.content.approval_routes
import presswork.content.intent_routes
import presswork.content.review_link_routes
import presswork.content.review_page_routes
import presswork.content.routes
import presswork.events.routes
import presswork.inbound_webhooks.routes
import presswork.legal.routes
import presswork.media.routes
import presswork.music.routes
import presswork.notifications.manual_post_page_routes
import presswork.notifications.routes
import presswork.orgs.key_routes
import presswork.orgs.operator_routes
import presswork.orgs.routes
import presswork.people.auth_routes
import presswork.people.oidc_routes
import presswork.people.session_routes
import presswork.people.user_routes
import presswork.posts.callback_routes
import presswork.posts.import_routes
import presswork.posts.overview_routes
import presswork.posts.routes
import presswork.system.routes
import presswork.system.sandbox_routes
import presswork.telemetry.routes
import presswork.tiktok_posting.page_routes
import presswork.tiktok_posting.routes
import presswork.webhooks.routes
from presswork import __version__
from presswork.api import envelope, error_routes, health, openapi, pages, welcome
from presswork.api.context import Context
from presswork.api.middleware import RequestContextMiddleware
from presswork.api.not_found import not_found
from presswork.api.reference import add_reference
from presswork.api.request_guard import AllowedHosts, RequestGuard
from presswork.core.errors import PressworkError
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.webhooks import event_schemas


def create_app(context: Context, *, sandbox: ASGIApp | None = None, routes: FastAPI | None = None) -> ASGIApp:
    """Return the API. With `sandbox`, the same process serves the fake platforms under /sandbox.

    `routes` is the result of `create_routes`, for a process that builds several applications from it.
    """
    app = create_routes() if routes is None else routes
    mounts = [] if sandbox is None else [Mount("/sandbox", sandbox)]
    # The last mount serves other methods of a hot route, too. It does not match a path with a line feed: the default does.
    router = Router([*mounts, *_hot_routes(app), Mount("", app)], default=app, redirect_slashes=False)
    guarded = RequestGuard(router, AllowedHosts.of(context.settings, context.base_url))
    return RequestContextMiddleware(guarded, context)


def _hot_routes(app: FastAPI) -> Sequence[Route]:
    """Return the routes that are served before FastAPI is asked, with its error handlers."""
    # The last-resort 500 is the middleware's, which logs the error.
    handlers = {error: handler for error, handler in app.exception_handlers.items() if error is not Exception}
    errors = Middleware(ExceptionMiddleware, handlers=handlers)
    return [
        Route(path, serve, methods=["POST"], middleware=[errors]) for path, serve in presswork.posts.routes.HOT_ROUTES
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
        presswork.orgs.routes,
        presswork.orgs.key_routes,
        presswork.orgs.operator_routes,
        presswork.people.auth_routes,
        presswork.people.user_routes,
        presswork.people.session_routes,
        presswork.people.oidc_routes,
        presswork.agents.agent_routes,
        presswork.agents.mcp_routes,
        presswork.agents.oauth_routes,
        presswork.agents.consent_routes,
        presswork.audit.routes,
        presswork.accounts.routes,
        presswork.accounts.connect_link_routes,
        presswork.accounts.connect_page_routes,
        presswork.accounts.layer_routes,
        presswork.content.review_link_routes,  # before the routes of /v1/content/{containerId}
        presswork.content.review_page_routes,
        presswork.content.routes,
        presswork.content.approval_routes,
        presswork.content.intent_routes,
        presswork.notifications.routes,
        presswork.notifications.manual_post_page_routes,
        presswork.posts.overview_routes,
        presswork.posts.routes,
        presswork.posts.import_routes,
        presswork.posts.callback_routes,
        presswork.tiktok_posting.routes,
        presswork.tiktok_posting.page_routes,
        presswork.music.routes,
        presswork.media.routes,
        presswork.inbound_webhooks.routes,
        presswork.legal.routes,
        presswork.system.routes,
        presswork.system.sandbox_routes,
        presswork.telemetry.routes,
        presswork.events.routes,
        presswork.webhooks.routes,
        presswork.console.routes,
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
