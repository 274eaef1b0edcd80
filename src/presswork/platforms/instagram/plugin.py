"""Builds Instagram from the settings, in each environment: by its own login, and by Facebook Login."""

from collections.abc import Callable, Sequence
from typing import Final

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.comment_webhooks import MetaCommentReader, read_instagram
from presswork.platforms.graph.description import FacebookSettings
from presswork.platforms.graph.login import FacebookLogin
from presswork.platforms.graph.signed_request import SignedRequestReader
from presswork.platforms.graph.uploads import UploadApi, Uploads
from presswork.platforms.instagram.connector import InstagramConnector
from presswork.platforms.instagram.description import (
    BY_FACEBOOK,
    BY_INSTAGRAM,
    DESCRIPTION,
    DESCRIPTION_BY_FACEBOOK,
    Endpoints,
    FacebookEndpoints,
    InstagramSettings,
)
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.login import LINKED_ACCOUNTS, InstagramLogin
from presswork.platforms.instagram.rules import BOUNDS, RULES, check_comment
from presswork.platforms.plugin import Opening, Plugin, named_scopes
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport

_UPLOADS: Final = UploadApi(folder="ig-api-upload", fields="status_code,status,video_status", phases="video_status")
Secrets = Callable[[], Sequence[str]]


def instagram(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    api_version: str,
    permissions: Sequence[str] = BY_INSTAGRAM.requested,
    request_secrets: Secrets | None = None,
    verify_token: str | None = None,
    is_customers: bool = False,
) -> Platform:
    """Return Instagram with its own login for one environment; `api_version` is Graph's, like v27.0.

    Instagram downloads all media itself. `permissions` are what the login requests; logins of a customer's app always subscribe to webhooks; `request_secrets` returns what signs requests of people about their data, if that
    is not the app's secret. The caller closes the transport.
    """
    graph = Graph(
        INSTAGRAM, base=endpoints.graph, api_version=api_version, transport=transport, retry_policy=retry_policy
    )
    return Platform(
        **DESCRIPTION.capabilities,
        connector=InstagramConnector(graph, retry_policy, permissions=BY_INSTAGRAM, uploads=None),
        login=InstagramLogin(
            endpoints=endpoints,
            app=app,
            transport=transport,
            api_version=api_version,
            timeout=retry_policy.timeouts.call,
            permissions=permissions,
            has_webhooks=is_customers or bool(verify_token),
        ),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        user_request_reader=SignedRequestReader(request_secrets or (lambda: (app.client_secret,))),
        comment_webhook_reader=MetaCommentReader(
            request_secrets or (lambda: (app.client_secret,)), verify_token=verify_token, read_change=read_instagram
        ),
    )


def instagram_by_facebook(
    *,
    endpoints: FacebookEndpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    api_version: str,
    extra_permissions: tuple[str, ...] = (),
    request_secrets: Secrets | None = None,
    verify_token: str | None = None,
    is_customers: bool = False,
) -> Platform:
    """Return Instagram by the Facebook Page that an account is linked to, for one environment.

    Videos are uploaded, pictures are downloaded by Instagram. `extra_permissions` are requested in addition to those
    that publishing needs; `request_secrets` as for `instagram`. The caller closes the transport.
    """
    graph = Graph(
        INSTAGRAM, base=endpoints.graph, api_version=api_version, transport=transport, retry_policy=retry_policy
    )
    uploads = Uploads(_UPLOADS, base=endpoints.upload, graph=graph)
    return Platform(
        **DESCRIPTION_BY_FACEBOOK.capabilities,
        connector=InstagramConnector(graph, retry_policy, permissions=BY_FACEBOOK, uploads=uploads),
        login=FacebookLogin(
            LINKED_ACCOUNTS,
            graph=endpoints.graph,
            www=endpoints.www,
            app=app,
            transport=transport,
            api_version=api_version,
            timeout=retry_policy.timeouts.call,
            permissions=(*BY_FACEBOOK.requested, *extra_permissions),
            has_webhooks=is_customers or bool(verify_token),
        ),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        user_request_reader=SignedRequestReader(request_secrets or (lambda: (app.client_secret,))),
        comment_webhook_reader=MetaCommentReader(
            request_secrets or (lambda: (app.client_secret,)), verify_token=verify_token, read_change=read_instagram
        ),
    )


def build(opening: Opening[InstagramSettings]) -> Platform:
    """Return Instagram with its own login for one environment."""
    return instagram(
        endpoints=Endpoints(**opening.hosts),
        app=opening.signing_app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        api_version=opening.settings.instagram_api_version,
        permissions=opening.with_insights_scopes(DESCRIPTION, BY_INSTAGRAM.requested),
        request_secrets=opening.app_secrets,
        verify_token=opening.settings.verify_token(is_live=opening.is_live),
        is_customers=opening.is_customers,
    )


def build_by_facebook(opening: Opening[FacebookSettings]) -> Platform:
    """Return Instagram by Facebook Login for one environment."""
    return instagram_by_facebook(
        endpoints=FacebookEndpoints(**opening.hosts),
        app=opening.signing_app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        api_version=opening.settings.instagram_api_version,
        extra_permissions=opening.with_insights_scopes(
            DESCRIPTION_BY_FACEBOOK, named_scopes(opening.settings.facebook_extra_scopes)
        ),
        request_secrets=opening.app_secrets,
        verify_token=opening.settings.verify_token(is_live=opening.is_live),
        is_customers=opening.is_customers,
    )


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
FACEBOOK_PLUGIN: Final = Plugin(DESCRIPTION_BY_FACEBOOK, build_by_facebook, RULES)
