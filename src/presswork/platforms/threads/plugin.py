"""Builds Threads from the settings, in each environment."""

from collections.abc import Callable, Sequence
from typing import Final

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.comment_webhooks import MetaCommentReader, read_threads
from presswork.platforms.graph.signed_request import SignedRequestReader
from presswork.platforms.plugin import Opening, Plugin, named_scopes
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy, ThreadSupport
from presswork.platforms.threads.connector import ThreadsConnector
from presswork.platforms.threads.description import (
    API_VERSION,
    DESCRIPTION,
    REQUESTED,
    Endpoints,
    ThreadsSettings,
)
from presswork.platforms.threads.error_mapping import THREADS
from presswork.platforms.threads.login import ThreadsLogin
from presswork.platforms.threads.rules import BOUNDS, RULES, SPLITTER, check_comment
from presswork.platforms.transport import Transport


def threads(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    extra_permissions: tuple[str, ...] = (),
    request_secrets: Callable[[], Sequence[str]] | None = None,
    verify_token: str | None = None,
) -> Platform:
    """Return Threads for one environment.

    Threads downloads all media itself. `extra_permissions` are requested in addition to those that publishing needs;
    `request_secrets` returns what signs requests of people about their data, if that is not the app's secret. The caller
    closes the transport.
    """
    graph = Graph(
        THREADS, base=endpoints.graph, api_version=API_VERSION, transport=transport, retry_policy=retry_policy
    )
    return Platform(
        **DESCRIPTION.capabilities,
        connector=ThreadsConnector(graph, retry_policy),
        login=ThreadsLogin(
            endpoints=endpoints,
            app=app,
            transport=transport,
            timeout=retry_policy.timeouts.call,
            permissions=(*REQUESTED, *extra_permissions),
        ),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        thread_support=ThreadSupport(splitter=SPLITTER, is_one_call=False),
        user_request_reader=SignedRequestReader(request_secrets or (lambda: (app.client_secret,))),
        comment_webhook_reader=MetaCommentReader(
            request_secrets or (lambda: (app.client_secret,)), verify_token=verify_token, read_change=read_threads
        ),
    )


def build(opening: Opening[ThreadsSettings]) -> Platform:
    """Return Threads for one environment."""
    return threads(
        endpoints=Endpoints(**opening.hosts),
        app=opening.app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        extra_permissions=opening.with_insights_scopes(
            DESCRIPTION, named_scopes(opening.settings.threads_extra_scopes)
        ),
        request_secrets=opening.app_secrets,
        verify_token=opening.settings.verify_token(is_live=opening.is_live),
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
