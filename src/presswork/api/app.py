"""The API as an ASGI application, composed from the domains' routes."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import fastapi_offline
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

import presswork.accounts.layer_routes
import presswork.accounts.routes
import presswork.audit.routes
import presswork.content.approval_routes
import presswork.content.routes
import presswork.inbound_webhooks.routes
import presswork.media.routes
import presswork.music.routes
import presswork.notifications.manual_post_page_routes
import presswork.notifications.routes
import presswork.orgs.key_routes
import presswork.orgs.operator_routes
import presswork.orgs.routes
import presswork.posts.callback_routes
import presswork.posts.routes
import presswork.telemetry.routes
import presswork.webhooks.routes
from presswork import __version__
from presswork.api import envelope, health, openapi, welcome
from presswork.api.context import Context
from presswork.api.direct import DirectRoutes
from presswork.api.middleware import RequestContextMiddleware
from presswork.api.not_found import answer_unrouted
from presswork.core.errors import PressworkError
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.webhooks import events

_STATIC: Final = Path(str(files(fastapi_offline))) / "static"


def create_app(context: Context, *, sandbox: ASGIApp | None = None) -> ASGIApp:
    """Return the API. With `sandbox`, the fake platforms are served under /sandbox by the same process."""
    mount = None if sandbox is None else Mount("/sandbox", sandbox)
    return RequestContextMiddleware(
        DirectRoutes(shared_routes(), presswork.posts.routes.direct_routes, context=context, sandbox=mount)
    )


def openapi_document() -> dict[str, Any]:  # Any: a JSON document
    """Return the OpenAPI document that the API serves, without running anything."""
    return shared_routes().openapi()


@cache
def shared_routes() -> FastAPI:
    """Return what is the same for every API of a process: FastAPI takes a while to work out what each route wants."""
    return put_together()


def put_together() -> FastAPI:
    """Return all routes, with the answers to what goes wrong. They know no context: each call brings it along."""
    app = FastAPI(
        title="Presswork",
        version=__version__,
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
        presswork.audit.routes,
        presswork.accounts.routes,
        presswork.accounts.layer_routes,
        presswork.content.routes,
        presswork.content.approval_routes,
        presswork.notifications.routes,
        presswork.notifications.manual_post_page_routes,
        presswork.posts.routes,
        presswork.posts.callback_routes,
        presswork.music.routes,
        presswork.media.routes,
        presswork.inbound_webhooks.routes,
        presswork.telemetry.routes,
        presswork.webhooks.routes,
        health,
        welcome,
    ):
        app.include_router(routes.router)
    app.add_exception_handler(Exception, envelope.answer_internal)
    app.add_exception_handler(PressworkError, envelope.answer_refusal)
    app.add_exception_handler(RequestValidationError, envelope.answer_invalid)
    app.add_exception_handler(HTTPException, answer_unrouted)
    app.add_exception_handler(ClientDisconnect, envelope.answer_hung_up)
    for error_type in TRANSIENT_ERRORS:
        app.add_exception_handler(error_type, envelope.database_unavailable)
    app.webhooks.include_router(events.described())
    openapi.install(app, messages={event.value: example for event, example in events.EXAMPLES.items()})
    _add_docs(app)
    return app


def _add_docs(app: FastAPI) -> None:
    """Serve the interactive reference from files that are part of the installation: it works offline."""
    app.mount("/docs/static", StaticFiles(directory=_STATIC), name="docs-static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Presswork API",
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="/docs/static/favicon.png",
            swagger_ui_parameters={
                "persistAuthorization": True,
                "displayRequestDuration": True,
                "tryItOutEnabled": True,
                "validatorUrl": None,  # otherwise a public server would be sent the address of this one
                "docExpansion": "list",
                "defaultModelsExpandDepth": 0,
                "syntaxHighlight": {"theme": "agate"},
            },
        )
