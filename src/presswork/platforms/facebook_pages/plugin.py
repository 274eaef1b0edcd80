"""Builds Facebook Pages from the settings, in each environment."""

from collections.abc import Callable, Sequence
from typing import Final

from presswork.platforms.facebook_pages.connector import FacebookConnector
from presswork.platforms.facebook_pages.description import DESCRIPTION, REQUESTED, Endpoints
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.login import PAGES
from presswork.platforms.facebook_pages.rules import BOUNDS, RULES, check_comment
from presswork.platforms.facebook_pages.videos import UPLOADS, VideoHosts
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.comment_webhooks import MetaCommentReader, read_facebook
from presswork.platforms.graph.description import FacebookSettings
from presswork.platforms.graph.login import FacebookLogin
from presswork.platforms.graph.signed_request import SignedRequestReader
from presswork.platforms.graph.uploads import Uploads
from presswork.platforms.plugin import Opening, Plugin, named_scopes
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport


def facebook_pages(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    api_version: str,
    extra_permissions: tuple[str, ...] = (),
    request_secrets: Callable[[], Sequence[str]] | None = None,
    verify_token: str | None = None,
    is_customers: bool = False,
) -> Platform:
    """Return Facebook Pages for one environment; `api_version` is Graph's, like v27.0.

    Facebook downloads pictures, and videos are uploaded. `extra_permissions` are requested in addition to those that publishing
    needs; `request_secrets` returns what signs requests of people about their data, if that is not the app's secret. The
    caller closes the transport.
    """

    def graph_at(base: str) -> Graph:
        return Graph(FACEBOOK, base=base, api_version=api_version, transport=transport, retry_policy=retry_policy)

    graph = graph_at(endpoints.graph)
    hosts = VideoHosts(
        graph=graph,
        video=graph_at(endpoints.video),
        uploads=Uploads(UPLOADS, base=endpoints.upload, graph=graph),
    )
    return Platform(
        **DESCRIPTION.capabilities,
        connector=FacebookConnector(hosts, retry_policy, www=endpoints.www),
        login=FacebookLogin(
            PAGES,
            graph=endpoints.graph,
            www=endpoints.www,
            app=app,
            transport=transport,
            api_version=api_version,
            timeout=retry_policy.timeouts.call,
            permissions=(*REQUESTED, *extra_permissions),
            has_webhooks=is_customers or bool(verify_token),
        ),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        user_request_reader=SignedRequestReader(request_secrets or (lambda: (app.client_secret,))),
        comment_webhook_reader=MetaCommentReader(
            request_secrets or (lambda: (app.client_secret,)), verify_token=verify_token, read_change=read_facebook
        ),
    )


def build(opening: Opening[FacebookSettings]) -> Platform:
    """Return Facebook Pages for one environment."""
    return facebook_pages(
        endpoints=Endpoints(**opening.hosts),
        app=opening.signing_app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        api_version=opening.settings.instagram_api_version,
        extra_permissions=opening.with_insights_scopes(
            DESCRIPTION, named_scopes(opening.settings.facebook_extra_scopes)
        ),
        request_secrets=opening.app_secrets,
        verify_token=opening.settings.verify_token(is_live=opening.is_live),
        is_customers=opening.is_customers,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
