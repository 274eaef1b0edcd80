"""Instagram: pictures, reels and carousels of business and creator accounts, by Instagram Login or by Facebook Login."""

from collections.abc import Callable, Sequence
from typing import Final

from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.facebook_login import FacebookLogin
from presswork.platforms.graph.signed_request import SignedRequestReader
from presswork.platforms.graph.uploads import UploadApi, Uploads
from presswork.platforms.instagram.connector import InstagramConnector
from presswork.platforms.instagram.endpoints import Endpoints, FacebookEndpoints
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.instagram.login import LINKED_ACCOUNTS, InstagramLogin
from presswork.platforms.instagram.media_rules import BOUNDS, check_comment
from presswork.platforms.instagram.scopes import BY_FACEBOOK, BY_INSTAGRAM, Permissions
from presswork.platforms.port import AppCredentials, Login, LoginName, Mode, Platform, PlatformName, RetryPolicy
from presswork.platforms.transport import Transport

__all__ = ["Endpoints", "FacebookEndpoints", "instagram", "instagram_by_facebook"]

_UPLOADS: Final = UploadApi(folder="ig-api-upload", fields="status_code,status,video_status", phases="video_status")
Secrets = Callable[[], Sequence[str]]


def instagram(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    api_version: str,
    request_secrets: Secrets | None = None,
) -> Platform:
    """Return Instagram with its own login for one environment; `api_version` is Graph's, like v27.0.

    Instagram downloads all media itself. `request_secrets` returns what signs requests of people about their data, if that
    is not the app's secret. The caller closes the transport.
    """
    graph = Graph(
        INSTAGRAM, base=endpoints.graph, api_version=api_version, transport=transport, retry_policy=retry_policy
    )
    return _platform(
        LoginName.INSTAGRAM,
        InstagramConnector(graph, retry_policy, permissions=BY_INSTAGRAM, uploads=None),
        InstagramLogin(
            endpoints=endpoints,
            app=app,
            transport=transport,
            api_version=api_version,
            timeout=retry_policy.timeouts.call,
        ),
        BY_INSTAGRAM,
        retry_policy,
        request_secrets or (lambda: (app.client_secret,)),
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
) -> Platform:
    """Return Instagram by the Facebook Page that an account is linked to, for one environment.

    Videos are uploaded, pictures are downloaded by Instagram. `extra_permissions` are requested in addition to those
    that publishing needs; `request_secrets` as for `instagram`. The caller closes the transport.
    """
    graph = Graph(
        INSTAGRAM, base=endpoints.graph, api_version=api_version, transport=transport, retry_policy=retry_policy
    )
    uploads = Uploads(
        _UPLOADS,
        base=endpoints.upload,
        api_version=api_version,
        transport=transport,
        graph=graph,
        retry_policy=retry_policy,
    )
    return _platform(
        LoginName.FACEBOOK,
        InstagramConnector(graph, retry_policy, permissions=BY_FACEBOOK, uploads=uploads),
        FacebookLogin(
            LINKED_ACCOUNTS,
            graph=endpoints.graph,
            www=endpoints.www,
            app=app,
            transport=transport,
            api_version=api_version,
            timeout=retry_policy.timeouts.call,
            permissions=(*BY_FACEBOOK.requested, *extra_permissions),
        ),
        BY_FACEBOOK,
        retry_policy,
        request_secrets or (lambda: (app.client_secret,)),
    )


def _platform(
    name: LoginName,
    connector: InstagramConnector,
    login: Login,
    permissions: Permissions,
    retry_policy: RetryPolicy,
    request_secrets: Secrets,
) -> Platform:
    return Platform(
        name=PlatformName.INSTAGRAM,
        login_name=name,
        connector=connector,
        login=login,
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: permissions.publish},
        comment_scopes=permissions.comment,
        check_comment=check_comment,
        bounds=BOUNDS,
        drafts_by_text=True,
        user_request_reader=SignedRequestReader(request_secrets),
    )
