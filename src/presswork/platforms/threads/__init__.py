"""Threads: pictures, videos and carousels of Threads profiles."""

from collections.abc import Callable, Sequence

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.signed_request import SignedRequestReader
from presswork.platforms.port import AppCredentials, LoginName, Mode, Platform, PlatformName, RetryPolicy
from presswork.platforms.threads.connector import ThreadsConnector
from presswork.platforms.threads.endpoints import API_VERSION, Endpoints
from presswork.platforms.threads.error_mapping import THREADS
from presswork.platforms.threads.login import ThreadsLogin
from presswork.platforms.threads.media_rules import BOUNDS, check_comment
from presswork.platforms.threads.scopes import REQUESTED, TO_COMMENT, TO_PUBLISH
from presswork.platforms.transport import Transport

__all__ = ["Endpoints", "threads"]


def threads(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    extra_permissions: tuple[str, ...] = (),
    request_secrets: Callable[[], Sequence[str]] | None = None,
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
        name=PlatformName.THREADS,
        login_name=LoginName.THREADS,
        connector=ThreadsConnector(graph, retry_policy),
        login=ThreadsLogin(
            endpoints=endpoints,
            app=app,
            transport=transport,
            timeout=retry_policy.timeouts.call,
            permissions=(*REQUESTED, *extra_permissions),
        ),
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: TO_PUBLISH},
        comment_scopes=TO_COMMENT,
        check_comment=check_comment,
        bounds=BOUNDS,
        drafts_by_text=True,
        user_request_reader=SignedRequestReader(request_secrets or (lambda: (app.client_secret,))),
    )
